using System.ComponentModel.DataAnnotations;

namespace ProyeccionSocial.Organizations.People;

/// <summary>
/// The number of the national identity document, <c>########-#</c>. Its last digit checks the others with weights 9
/// to 2; that says it was copied rightly, not that it is somebody's.
/// </summary>
internal static class Dui
{
    /// <summary>Accepts nine digits with or without the hyphen; gives the written form with it, or null.</summary>
    public static string? Parse(string? text)
    {
        var trimmed = text?.Trim();
        var digits = trimmed is [_, _, _, _, _, _, _, _, '-', _] ? trimmed.Remove(8, 1) : trimmed;
        if (digits is not { Length: 9 } || !digits.All(char.IsAsciiDigit) || digits == "000000000")
            return null;
        var sum = 0;
        for (var i = 0; i < 8; i++)
            sum += (digits[i] - '0') * (9 - i);
        return (10 - sum % 10) % 10 == digits[8] - '0' ? $"{digits[..8]}-{digits[8]}" : null;
    }

    /// <summary>What those see who need not know it: <c>******01-7</c>.</summary>
    public static string Mask(string dui) => "******" + dui[6..];
}

/// <summary>A DUI whose check digit is right.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class DuiAttribute() : ValidationAttribute("El DUI no es válido: son ocho dígitos, guion y dígito verificador. Revise que esté bien copiado.")
{
    public override bool IsValid(object? value) => value is null || Dui.Parse(value as string) is not null;
}

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
