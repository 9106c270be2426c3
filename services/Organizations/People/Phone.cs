using System.ComponentModel.DataAnnotations;

namespace ProyeccionSocial.Organizations.People;

/// <summary>A Salvadoran number (eight digits beginning with 2, 6 or 7), or a foreign one with its country code.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class PhoneAttribute() : ValidationAttribute("El teléfono no es válido: escriba ocho dígitos (2, 6 o 7 al inicio) o el número extranjero con + y su código de país.")
{
    public override bool IsValid(object? value) => value is null || (value is string text && Parse(text) is not null);

    /// <summary>The number as <c>+50370000000</c>; null when it is none.</summary>
    public static string? Parse(string text)
    {
        var bare = new string([.. text.Where(c => c is not (' ' or '-' or '(' or ')'))]);
        if (bare.Length == 8 && bare[0] is ('2' or '6' or '7'))
            bare = "+503" + bare;
        if (bare is not ['+', >= '1' and <= '9', ..] || bare.Length is < 9 or > 16 || !bare.Skip(1).All(char.IsAsciiDigit))
            return null;
        return bare.StartsWith("+503", StringComparison.Ordinal) && (bare.Length != 12 || bare[4] is not ('2' or '6' or '7')) ? null : bare;
    }
}
