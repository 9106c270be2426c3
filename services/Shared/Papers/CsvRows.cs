using System.Globalization;
using System.Text;
using CsvHelper;

namespace ProyeccionSocial.Papers;

/// <summary>A row that was not taken, and why, in words for the person who prepared the file.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Reason">Why, in Spanish.</param>
/// <param name="Row">The row as it stood.</param>
public sealed record RejectedRow(int Line, string Reason, string Row);

/// <summary>Reads CSV files as spreadsheets save them: UTF-8 or Latin-1, comma, semicolon or tab.</summary>
public sealed class CsvRows : IDisposable
{
    private readonly CsvReader _csv;
    private readonly int[] _fields;

    private CsvRows(CsvReader csv, int[] fields) => (_csv, _fields) = (csv, fields);

    /// <summary>Reads the header and finds the columns.</summary>
    /// <param name="content">The file.</param>
    /// <param name="columns">
    /// The columns to read, in the order by which <see cref="this[int]"/> gives them, each with its other names after a
    /// bar; capitals, accents and spaces make no difference.
    /// </param>
    /// <param name="optional">Those of them that the file may lack.</param>
    /// <exception cref="FormatException">The header lacks a column; the message says which, in Spanish.</exception>
    public static CsvRows Open(byte[] content, IReadOnlyList<string> columns, params string[] optional) => Open(content, columns, false, optional);

    /// <summary>The same for a file whose cells may have several lines, as sheets for people have.</summary>
    public static CsvRows OpenSheet(byte[] content, IReadOnlyList<string> columns, params string[] optional) => Open(content, columns, true, optional);

    /// <summary>
    /// The same for a file that nobody holds whole. It is read twice: once for its encoding, then <see cref="ReadAsync"/> row
    /// by row.
    /// </summary>
    /// <param name="open">Opens the file at its beginning.</param>
    /// <param name="columns">As above.</param>
    /// <param name="optional">As above.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    public static async Task<CsvRows> OpenAsync(Func<Stream> open, IReadOnlyList<string> columns, string[] optional, CancellationToken cancellation)
    {
        var encoding = Encoding.UTF8;
        await using (var content = open())
        {
            var decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
            var (bytes, text) = (new byte[64 * 1024], new char[64 * 1024 + 1]);
            try
            {
                while (await content.ReadAsync(bytes, cancellation) is > 0 and var length)
                    decoder.GetChars(bytes.AsSpan(0, length), text, flush: false);
            }
            catch (DecoderFallbackException)
            {
                encoding = Windows;
            }
        }
        var csv = CsvReader.Create(open(), Options(encoding, linesInCells: false));
        await csv.ReadHeaderAsync(cancellation);
        return Find(csv, columns, optional);
    }

    private static CsvRows Open(byte[] content, IReadOnlyList<string> columns, bool linesInCells, string[] optional)
    {
        var csv = CsvReader.Create(content, Options(EncodingOf(content), linesInCells));
        csv.ReadHeader();
        return Find(csv, columns, optional);
    }

    private static CsvReaderOptions Options(Encoding encoding, bool linesInCells) => CsvReaderOptions.Default with
    {
        Encoding = encoding,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        AllowLineBreaksInQuotes = linesInCells, // Elsewhere one bad quote must not swallow the rest of the file.
        MaxRecordSize = 64 * 1024,
    };

    private static CsvRows Find(CsvReader csv, IReadOnlyList<string> columns, string[] optional)
    {
        var headers = csv.Headers.Select(Plain).ToList();
        var fields = columns.Select(c => c.Split('|').Select(name => headers.IndexOf(Plain(name))).FirstOrDefault(i => i >= 0, -1)).ToArray();
        var missing = columns.Where((c, i) => fields[i] < 0 && !optional.Contains(c)).ToArray();
        if (missing.Length == 0)
            return new(csv, fields);
        csv.Dispose();
        throw new FormatException($"Faltan columnas en el encabezado: {string.Join(", ", missing.Select(m => m.Split('|')[0]))}.");
    }

    /// <summary>A field of the row by the number of its column; empty where the row or the file lacks it.</summary>
    public string this[int column] => _fields[column] is >= 0 and var field && field < _csv.FieldCount ? Unescaped(_csv.GetString(field).Trim()) : "";

    /// <summary>Line of the row in the file, from 1.</summary>
    public int Line => (int)_csv.LineNumber;

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Read() => _csv.Read();

    /// <summary>Goes to the next row of a file that is read part by part; false after the last.</summary>
    public ValueTask<bool> ReadAsync(CancellationToken cancellation) => _csv.ReadAsync(cancellation);

    /// <summary>This row, not taken for this reason.</summary>
    public RejectedRow Reject(string reason) => new(Line, reason, Encoding.UTF8.GetString(_csv.RawRecord).Replace('\0', ' '));

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    // Our own files write a text that begins like a formula with an apostrophe before it.
    private static string Unescaped(string text) => text is ['\'', '=' or '+' or '-' or '@', ..] ? text[1..] : text;

    /// <summary>A day as <c>2026-12-31</c> or <c>31/12/2026</c>; null for anything else.</summary>
    public static DateOnly? Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : DateOnly.TryParseExact(text, "dd/MM/yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out date) ? date : null;

    private static string Plain(string text) => string.Join(' ', string.Concat(text.Normalize(NormalizationForm.FormD)
        .Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)).ToLowerInvariant().Split([' ', '_', '\u00a0', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    // Latin-1, with the quotation marks and dashes that Windows adds.
    private static Encoding Windows => CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    private static Encoding EncodingOf(byte[] content)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(content);
            return Encoding.UTF8;
        }
        catch (DecoderFallbackException)
        {
            return Windows;
        }
    }
}
