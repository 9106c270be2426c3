namespace ProyeccionSocial.Organizations.Data;

/// <summary>Patterns for LIKE over the database's <c>plain</c> text: no accents, no capitals.</summary>
internal static class Search
{
    /// <summary>A text that begins so; null for none.</summary>
    public static string? PrefixPattern(string? text) => Plain(text) is { } plain ? plain + "%" : null;

    /// <summary>A text with a word that begins so, over <c>' ' || plain(…)</c>; null for none.</summary>
    public static string? WordPattern(string? text) => Plain(text) is { } plain ? $"% {plain}%" : null;

    private static string? Plain(string? text) => string.IsNullOrWhiteSpace(text)
        ? null
        : string.Concat(text.Trim().ToLowerInvariant().Select(c => c switch
        {
            'á' => "a",
            'é' => "e",
            'í' => "i",
            'ó' => "o",
            'ú' or 'ü' => "u",
            'ñ' => "n",
            '\\' or '%' or '_' => "\\" + c,
            _ => c.ToString(),
        }));
}
