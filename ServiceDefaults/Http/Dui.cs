using System.ComponentModel.DataAnnotations;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>
/// The number of the national identity document, <c>########-#</c>. Its last digit checks the others with weights 9
/// to 2; that says it was copied rightly, not that it is somebody's.
/// </summary>
public static class Dui
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
public sealed class DuiAttribute() : ValidationAttribute("El DUI no es válido: son ocho dígitos, guion y dígito verificador. Revise que esté bien copiado.")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || Dui.Parse(value as string) is not null;
}
