using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>
/// A text that people write: not blank, at most <paramref name="maximumLength"/> characters, no control characters
/// but line breaks and tabs.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public class TextAttribute(int maximumLength) : StringLengthAttribute(maximumLength)
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || (value is string text && IsText(text, MaximumLength));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"Escriba un texto de 1 a {MaximumLength.ToString(CultureInfo.InvariantCulture)} caracteres.";

    /// <summary>The same rule for what no attribute reaches: an element of a list, a cell of a file.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="maximumLength">In characters.</param>
    public static bool IsText(string text, int maximumLength) =>
        text.Length <= maximumLength && !string.IsNullOrWhiteSpace(text) && !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
}

/// <summary>
/// A text that will be public: like <see cref="TextAttribute"/>, and refused when it seems to carry a DUI or a
/// telephone number, because published events and pages carry no personal data.
/// </summary>
public sealed partial class PublicTextAttribute(int maximumLength) : TextAttribute(maximumLength)
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is string text && HasPersonalNumber(text)
            ? new ValidationResult("Quite el número de DUI o de teléfono: este texto será público.", [validationContext.MemberName ?? ""])
            : base.IsValid(value, validationContext);

    /// <summary>Whether a text seems to carry a DUI or a telephone number.</summary>
    public static bool HasPersonalNumber(string text) => PersonalNumber().IsMatch(text);

    // "2017-2018" and "2017-0001" are years and receipts, not telephone numbers.
    [GeneratedRegex(@"(?<!\d)(\d{8}-?\d|(?!20\d\d-)[267]\d{3}[- ]?\d{4})(?!\d)")]
    private static partial Regex PersonalNumber();
}

/// <summary>A list with a least and a greatest number of elements, none of them null.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CountAttribute(int minimum, int maximum) : LengthAttribute(minimum, maximum)
{
    // The JSON reader refuses null for a member, not for an element.
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        base.IsValid(value) && (value is not IEnumerable elements || elements.Cast<object?>().All(e => e is not null));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"Envíe de {MinimumLength} a {MaximumLength} elementos.");
}

/// <summary>A whole number between two limits, both included.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class BetweenAttribute(int minimum, int maximum) : RangeAttribute(minimum, maximum)
{
    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"Escriba un número de {Minimum} a {Maximum}.");
}
