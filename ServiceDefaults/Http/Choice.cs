using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>
/// A value of an enum in a query, written as in JSON: <c>application-filed</c>. The framework's own reading takes
/// C#'s names and any number instead.
/// </summary>
/// <param name="Value">The value.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1000", Justification = "IParsable asks for static members.")]
public readonly record struct Choice<TEnum>(TEnum Value)
    where TEnum : struct, Enum
{
    private static readonly Dictionary<string, TEnum> Values = Enum.GetValues<TEnum>()
        .ToDictionary(v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()), StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<TEnum, string> Names = Enum.GetValues<TEnum>()
        .ToDictionary(v => v, v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()));

    /// <summary>Reads a name that is one of them, as the database keeps it.</summary>
    /// <exception cref="KeyNotFoundException">It is none of them.</exception>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "It belongs beside TryParse.")]
    public static TEnum Parse(string text) => Values[text];

    /// <summary>The name of a value, as JSON and the database write it.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "It belongs beside TryParse.")]
    public static string NameOf(TEnum value) => Names[value];

    /// <summary>Reads one of the names; a request with another text is 400.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "The framework binds a parameter by this method of its type.")]
    public static bool TryParse(string? text, IFormatProvider? provider, out Choice<TEnum> choice)
    {
        var known = Values.TryGetValue(text ?? "", out var value);
        choice = new(value);
        return known;
    }
}
