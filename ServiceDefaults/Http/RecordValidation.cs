#pragma warning disable ASP0029 // The framework's own source generator skips types that are not public, and ours are internal.

using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Validation;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>Applies the validation attributes on the parameters of a request's record, and of the records in it.</summary>
internal sealed class RecordValidation : IValidatableInfoResolver
{
    private static readonly ConcurrentDictionary<Type, IValidatableInfo?> Known = new();

    public bool TryGetValidatableTypeInfo(Type type, [NotNullWhen(true)] out IValidatableInfo? validatableInfo)
    {
        validatableInfo = Known.GetOrAdd(type, static t => IsRecord(t) ? new Validator(t) : null);
        return validatableInfo is not null;
    }

    public bool TryGetValidatableParameterInfo(ParameterInfo parameterInfo, [NotNullWhen(true)] out IValidatableInfo? validatableInfo)
    {
        validatableInfo = null;
        return false;
    }

    private static bool IsRecord(Type type) => type.IsClass && type.GetMethod("<Clone>$") is not null;

    private sealed class Validator(Type type) : IValidatableInfo
    {
        private readonly (PropertyInfo Property, ValidationAttribute[] Rules)[] _members =
        [
            .. from parameter in type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters()
               let property = type.GetProperty(parameter.Name!)
               where property is not null
               select (property, parameter.GetCustomAttributes<ValidationAttribute>().ToArray()),
        ];

        public Task ValidateAsync(object? value, ValidateContext context, CancellationToken cancellationToken)
        {
            if (value is not null)
                Validate(value, "", context);
            return Task.CompletedTask;
        }

        private void Validate(object record, string path, ValidateContext context)
        {
            foreach (var (property, rules) in _members)
            {
                var value = property.GetValue(record);
                var place = path + property.Name;
                var errors = rules.Select(r => r.GetValidationResult(value, new ValidationContext(record) { MemberName = property.Name }))
                    .Where(r => r != ValidationResult.Success).Select(r => r!.ErrorMessage!).ToArray();
                if (errors.Length > 0)
                    (context.ValidationErrors ??= [])[place] = errors;
                else if (value is IEnumerable elements and not string)
                    ValidateElements(elements, place, context);
                else if (value is not null && Known.GetOrAdd(value.GetType(), static t => IsRecord(t) ? new Validator(t) : null) is Validator below)
                    below.Validate(value, place + ".", context);
            }
        }

        private static void ValidateElements(IEnumerable elements, string place, ValidateContext context)
        {
            foreach (var (index, element) in elements.Cast<object?>().Index())
            {
                if (element is not null && Known.GetOrAdd(element.GetType(), static t => IsRecord(t) ? new Validator(t) : null) is Validator below)
                    below.Validate(element, $"{place}[{index}].", context);
            }
        }
    }
}
