namespace ProyeccionSocial.Papers;

/// <summary>A bar of a chart; without a value it has no bar and only says so.</summary>
/// <param name="Name">What it measures.</param>
/// <param name="Value">How long it is, of the chart's most.</param>
/// <param name="Label">Beside it, with its number.</param>
public sealed record Bar(string Name, decimal? Value, string Label)
{
    /// <summary>A text that fits into so many characters.</summary>
    /// <param name="text">Of any length.</param>
    /// <param name="length">At most.</param>
    public static string Short(string text, int length) => text.Length <= length ? text : text[..(length - 1)].TrimEnd() + "…";
}
