using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>Reads a file of places as spreadsheets save it: UTF-8 or Latin-1, comma, semicolon or tab.</summary>
internal static class PlaceFile
{
    private static readonly string[] Columns = ["code", "kind", "name", "parent_code", "valid_from"];

    private static readonly Dictionary<string, PlaceKind> Kinds = Enum.GetValues<PlaceKind>()
        .ToDictionary(k => JsonNamingPolicy.KebabCaseLower.ConvertName(k.ToString()), StringComparer.OrdinalIgnoreCase);

    internal sealed record Row(int Line, string Code, PlaceKind Kind, string Name, string? ParentCode, DateOnly ValidFrom, DateOnly? ValidTo);

    internal sealed record Rejected(int Line, string Reason, string Text);

    /// <exception cref="FormatException">The header lacks a column; the message says which, in Spanish.</exception>
    public static (List<Row> Rows, List<Rejected> Rejections) Read(byte[] content)
    {
        var rows = new List<Row>();
        var rejections = new List<Rejected>();
        using var csv = CsvReader.Create(content, CsvReaderOptions.Default with
        {
            Encoding = EncodingOf(content),
            TrimWhitespace = true,
            TrackLineNumbers = true,
            AllowLineBreaksInQuotes = false, // One bad quote must not swallow the rest of the file.
            MaxRecordSize = 64 * 1024,
        });
        csv.ReadHeader();
        var missing = Columns.Where(c => !csv.TryGetFieldIndex(c, out _)).ToArray();
        if (missing.Length > 0)
            throw new FormatException($"Faltan columnas en el encabezado: {string.Join(", ", missing)}.");

        var codes = new HashSet<string>(StringComparer.Ordinal);
        while (csv.Read())
        {
            var line = (int)csv.LineNumber;
            var text = new Texts(
                Field(csv, "code"), Field(csv, "kind"), Field(csv, "name"), Field(csv, "parent_code"), Field(csv, "valid_from"), Field(csv, "valid_to"));
            if (WhyNot(text, codes) is { } reason)
            {
                rejections.Add(new(line, reason, Encoding.UTF8.GetString(csv.RawRecord)));
                continue;
            }
            codes.Add(text.Code);
            rows.Add(new Row(
                line, text.Code, Kinds[text.Kind], text.Name, text.ParentCode.Length == 0 ? null : text.ParentCode,
                Date(text.ValidFrom)!.Value, Date(text.ValidTo)));
        }
        return (rows, rejections);
    }

    /// <summary>Why a row is not taken, in words for the person who prepared the file; null when it is.</summary>
    private static string? WhyNot(Texts row, HashSet<string> codes)
    {
        if (row.Code.Length is 0 or > 40 || row.Code.Any(char.IsControl))
            return "Falta el código, o tiene más de 40 caracteres.";
        if (codes.Contains(row.Code))
            return "El código ya apareció antes en el archivo.";
        if (!Kinds.TryGetValue(row.Kind, out var kind))
            return $"El tipo no es ninguno de estos: {string.Join(", ", Kinds.Keys)}.";
        if (row.Name.Length is 0 or > 120 || row.Name.Any(char.IsControl))
            return "Falta el nombre, o tiene más de 120 caracteres.";
        if ((kind == PlaceKind.Department) != (row.ParentCode.Length == 0))
            return "Un departamento no lleva parent_code; todo otro lugar sí.";
        if (Date(row.ValidFrom) is not { } from)
            return "valid_from no es una fecha (AAAA-MM-DD).";
        if (row.ValidTo.Length > 0 && (Date(row.ValidTo) is not { } to || to < from))
            return "valid_to no es una fecha (AAAA-MM-DD) igual o posterior a valid_from.";
        return null;
    }

    private static string Field(CsvReader csv, string column) =>
        csv.TryGetFieldIndex(column, out var index) && index < csv.FieldCount ? csv.GetString(index).Trim() : "";

    private static DateOnly? Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static Encoding EncodingOf(byte[] content)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(content);
            return Encoding.UTF8;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1;
        }
    }

    private sealed record Texts(string Code, string Kind, string Name, string ParentCode, string ValidFrom, string ValidTo);
}
