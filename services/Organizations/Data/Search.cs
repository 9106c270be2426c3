namespace ProyeccionSocial.Organizations.Data;

/// <summary>Patterns for LIKE over the database's <c>plain</c> text: no accents, no capitals.</summary>
internal static class Search
{
    /// <summary>A text that begins so; null for none.</summary>
    public static string? PrefixPattern(string? text) => Escaped(text) is { } plain ? plain + "%" : null;

    /// <summary>A text with a word that begins so, over <c>' ' || plain(…)</c>; null for none.</summary>
    public static string? WordPattern(string? text) => Escaped(text) is { } plain ? $"% {plain}%" : null;

    /// <summary>What the database's <c>plain</c> makes of a text.</summary>
    public static string Plain(string text) => string.Create(text.Length, text, static (plain, text) =>
    {
        for (var i = 0; i < plain.Length; i++)
        {
            plain[i] = char.ToLowerInvariant(text[i]) switch
            {
                'á' => 'a',
                'é' => 'e',
                'í' => 'i',
                'ó' => 'o',
                'ú' or 'ü' => 'u',
                'ñ' => 'n',
                var other => other,
            };
        }
    });

    private static string? Escaped(string? text) => string.IsNullOrWhiteSpace(text)
        ? null
        : Plain(text.Trim()).Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
