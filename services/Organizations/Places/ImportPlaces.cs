using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Organizations.Imports;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>
/// Takes in a CSV of places, one row for each version of one. A code and a first day that exist are updated, so the
/// same file twice changes nothing.
/// </summary>
internal sealed class ImportPlaces : IFileImport, IDescribesColumns
{
    private static readonly string[] Names = ["code", "kind", "name", "parent_code", "valid_from", "valid_to"];

    private static readonly Dictionary<string, PlaceKind> Kinds = Enum.GetValues<PlaceKind>()
        .ToDictionary(k => JsonNamingPolicy.KebabCaseLower.ConvertName(k.ToString()), StringComparer.OrdinalIgnoreCase);

    public string Kind => "places";

    public string Columns => string.Join(", ", Names) + "; un lugar que cambia de nombre, de tipo o de lugar superior lleva una fila por cada período";

    public async Task<ImportResult> RunAsync(NpgsqlConnection connection, ImportFile file, DateTimeOffset now, CancellationToken cancellation)
    {
        var content = await file.ReadAsync(cancellation);
        var (rows, rejected) = Read(content);
        var total = rows.Count + rejected.Count;
        await StageAsync(connection, rows, cancellation);
        rejected.AddRange(await RejectOrphansAsync(connection, rows, cancellation));
        await connection.ExecuteAsync(Merge, cancellation);
        await using var rootless = new NpgsqlCommand(Rootless, connection);
        if (await rootless.ExecuteScalarAsync(cancellation) is string code)
            throw new FormatException($"El lugar con código {code} quedaría por debajo de sí mismo. No se importó nada.");
        await connection.ExecuteAsync(Show, cancellation);
        return new(total, rejected);
    }

    public string? Explain(string? constraint) => constraint switch
    {
        "place_name_under_parent" => "Dos lugares tienen el mismo nombre y tipo bajo el mismo lugar superior en las mismas fechas. No se importó nada.",
        "place_one_version_at_a_time" => "Las fechas de dos filas de un mismo código chocan, en el archivo o con lo ya registrado. Exporte los lugares, corrija valid_to y vuelva a importar. No se importó nada.",
        _ => null,
    };

    private sealed record Row(int Line, string Code, PlaceKind Kind, string Name, string? ParentCode, DateOnly ValidFrom, DateOnly? ValidTo, RejectedRow AsRejected);

    private static (List<Row> Rows, List<RejectedRow> Rejected) Read(byte[] content)
    {
        var rows = new List<Row>();
        var rejected = new List<RejectedRow>();
        var seen = new HashSet<(string, DateOnly)>();
        using var csv = CsvRows.Open(content, Names, "valid_to");
        while (csv.Read())
        {
            if (WhyNot(csv, seen) is { } reason)
                rejected.Add(csv.Reject(reason));
            else
                rows.Add(new(csv.Line, csv[0], Kinds[csv[1]], csv[2], csv[3].Length == 0 ? null : csv[3], CsvRows.Date(csv[4])!.Value, CsvRows.Date(csv[5]), csv.Reject("")));
        }
        return (rows, rejected);
    }

    private static string? WhyNot(CsvRows row, HashSet<(string, DateOnly)> seen)
    {
        var (code, name, parent) = (row[0], row[2], row[3]);
        if (code.Length is 0 or > 40 || code.Any(char.IsControl))
            return "Falta el código, o tiene más de 40 caracteres.";
        if (!Kinds.TryGetValue(row[1], out var kind))
            return $"El tipo no es ninguno de estos: {string.Join(", ", Kinds.Keys)}.";
        if (name.Length is 0 or > 120 || name.Any(char.IsControl))
            return "Falta el nombre, o tiene más de 120 caracteres.";
        if ((kind == PlaceKind.Department) != (parent.Length == 0))
            return "Un departamento no lleva parent_code; todo otro lugar sí.";
        if (parent == code)
            return "Un lugar no puede ser su propio lugar superior.";
        if (CsvRows.Date(row[4]) is not { } from)
            return "valid_from no es una fecha (AAAA-MM-DD).";
        if (row[5].Length > 0 && (CsvRows.Date(row[5]) is not { } to || to < from))
            return "valid_to no es una fecha (AAAA-MM-DD) igual o posterior a valid_from.";
        return seen.Add((code, from)) ? null : "El código ya apareció antes en el archivo con la misma fecha.";
    }

    private static async Task StageAsync(NpgsqlConnection connection, List<Row> rows, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(
            """
            CREATE TEMP TABLE staged_place (line int, id uuid, code text, kind text, name text, parent_code text, valid_from date, valid_to date)
            ON COMMIT DROP
            """, cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY staged_place (line, id, code, kind, name, parent_code, valid_from, valid_to) FROM STDIN (FORMAT binary)", cancellation))
        {
            foreach (var row in rows)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(row.Line, cancellation);
                await copy.WriteAsync(Guid.CreateVersion7(), cancellation);
                await copy.WriteAsync(row.Code, cancellation);
                await copy.WriteAsync(Choice<PlaceKind>.NameOf(row.Kind), cancellation);
                await copy.WriteAsync(row.Name, cancellation);
                await copy.WriteAsync(row.ParentCode, cancellation);
                await copy.WriteAsync(row.ValidFrom, NpgsqlDbType.Date, cancellation);
                if (row.ValidTo is { } to)
                    await copy.WriteAsync(to, NpgsqlDbType.Date, cancellation);
                else
                    await copy.WriteNullAsync(cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        await connection.ExecuteAsync("ANALYZE staged_place", cancellation);
    }

    /// <summary>A row whose parent is nowhere is not taken, nor is what lies below it.</summary>
    private static async Task<List<RejectedRow>> RejectOrphansAsync(NpgsqlConnection connection, List<Row> rows, CancellationToken cancellation)
    {
        var byLine = new Lazy<Dictionary<int, Row>>(() => rows.ToDictionary(r => r.Line));
        var orphans = new List<RejectedRow>();
        int found;
        do
        {
            found = 0;
            await using var delete = new NpgsqlCommand(
                """
                DELETE FROM staged_place s
                WHERE s.parent_code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM place p WHERE p.code = s.parent_code)
                    AND NOT EXISTS (SELECT 1 FROM staged_place o WHERE o.code = s.parent_code)
                RETURNING line
                """, connection);
            await using var reader = await delete.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var row = byLine.Value[reader.GetInt32(0)];
                orphans.Add(row.AsRejected with { Reason = $"No existe el lugar superior con código {row.ParentCode}." });
                found++;
            }
        }
        while (found > 0);
        return orphans;
    }

    private const string Merge =
        """
        INSERT INTO place (id, code, kind, name, path, valid_from)
        SELECT DISTINCT ON (code) id, code, kind, name, name, valid_from FROM staged_place ORDER BY code, valid_from
        ON CONFLICT (code) DO NOTHING;

        INSERT INTO place_version AS known (place_id, kind, name, parent_id, valid_from, valid_to)
        SELECT p.id, s.kind, s.name, parent.id, s.valid_from, s.valid_to
        FROM staged_place s JOIN place p ON p.code = s.code LEFT JOIN place parent ON parent.code = s.parent_code
        ON CONFLICT (place_id, valid_from) DO UPDATE
            SET kind = excluded.kind, name = excluded.name, parent_id = excluded.parent_id, valid_to = excluded.valid_to
            WHERE (known.kind, known.name, known.parent_id, known.valid_to) IS DISTINCT FROM (excluded.kind, excluded.name, excluded.parent_id, excluded.valid_to)
        """;

    private const string Rootless =
        """
        WITH RECURSIVE rooted AS (
            SELECT place_id, valid_from FROM place_version WHERE parent_id IS NULL
            UNION
            SELECT v.place_id, v.valid_from FROM place_version v JOIN rooted r ON v.parent_id = r.place_id)
        SELECT p.code FROM place_version v JOIN place p ON p.id = v.place_id
        WHERE NOT EXISTS (SELECT 1 FROM rooted r WHERE r.place_id = v.place_id AND r.valid_from = v.valid_from) LIMIT 1
        """;

    // A place shows its last version. A new name is part of the path of all that lie below it, in the file or not.
    private const string Show =
        """
        WITH last AS (
            SELECT DISTINCT ON (place_id) place_id, kind, name, parent_id, valid_to, min(valid_from) OVER (PARTITION BY place_id) AS since
            FROM place_version ORDER BY place_id, place_version.valid_from DESC)
        UPDATE place p SET kind = l.kind, name = l.name, parent_id = l.parent_id, valid_from = l.since, valid_to = l.valid_to
        FROM last l WHERE l.place_id = p.id
            AND (p.kind, p.name, p.parent_id, p.valid_from, p.valid_to) IS DISTINCT FROM (l.kind, l.name, l.parent_id, l.since, l.valid_to);

        WITH RECURSIVE spelt AS (
            SELECT id, name AS path FROM place WHERE parent_id IS NULL
            UNION ALL
            SELECT p.id, concat_ws(', ', p.name, s.path) FROM place p JOIN spelt s ON p.parent_id = s.id)
        UPDATE place p SET path = s.path FROM spelt s WHERE p.id = s.id AND p.path <> s.path
        """;
}
