using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>
/// Takes in the owner's roster of a campaign. Rows are checked one by one as they pass by, and written in sets. The first
/// file is taken at once; a later one shows what it would change and is taken when somebody confirms that.
/// </summary>
internal sealed class ImportRoster : IFileImport
{
    public const string RosterKind = "roster";
    private const int MostRejections = 100_000;
    private const int MostYears = 125;

    /// <summary>Columns, each with the names that owners give it.</summary>
    public static readonly string[] Names =
    [
        "dui|documento|numero de documento|no. dui", "given_names|nombres|nombre", "surnames|apellidos|apellido", "birth_date|fecha de nacimiento|nacimiento", "sex|sexo|genero",
        "district|distrito|municipio", "canton", "hamlet|caserio", "packages|paquetes|paquete", "phone|telefono", "household|hogar|grupo familiar", "pregnant|embarazada", "disabled|discapacidad",
    ];

    private static readonly string[] Optional = Names[9..];

    public string Kind => RosterKind;

    public async Task<ImportResult> RunAsync(NpgsqlConnection connection, ImportFile file, DateTimeOffset now, CancellationToken cancellation)
    {
        var campaign = file.Subject!.Value;
        var before = await ReadCampaignAsync(connection, campaign, "", cancellation);
        var (total, rejected) = await StageAsync(connection, file, before.Packages, now.LocalDate(), cancellation);
        // From here on nobody else changes the campaign; while the file was read, the centres went on working.
        var (roster, isApproved, packages) = await ReadCampaignAsync(connection, campaign, " FOR NO KEY UPDATE OF c", cancellation);
        if (!packages.OrderBy(p => p.Key, StringComparer.Ordinal).SequenceEqual(before.Packages.OrderBy(p => p.Key, StringComparer.Ordinal)))
            throw new FormatException("Los paquetes de la campaña cambiaron mientras se leía el archivo. Impórtelo otra vez.");
        await connection.ExecuteAsync(
            """
            INSERT INTO hamlet (district, canton, name) SELECT district, canton, name FROM staged_place ON CONFLICT DO NOTHING;
            ALTER TABLE staged_place ADD COLUMN hamlet_id int;
            UPDATE staged_place s SET hamlet_id = h.id FROM hamlet h WHERE place_key(h.district) = place_key(s.district) AND place_key(h.canton) = place_key(s.canton) AND place_key(h.name) = place_key(s.name);
            ANALYZE staged_row, staged_place;
            """, cancellation);
        var difference = await CompareAsync(connection, campaign, cancellation);
        var report = new Dictionary<string, int> { ["added"] = difference.Added, ["changed"] = difference.Changed, ["removed"] = difference.Removed };
        if (difference is { Added: 0, Changed: 0, Removed: 0 })
            return new(total, rejected, report);
        if (roster > 0 && !(file.IsConfirmed && await WasSeenAsync(connection, file.Id, roster, cancellation)))
        {
            await ShowDifferenceAsync(connection, file.Id, campaign, roster, cancellation);
            return new(total, rejected, report, AwaitsConfirmation: true);
        }
        await WriteAsync(connection, campaign, isApproved, cancellation);
        return new(total, rejected, report);
    }

    public string? Explain(string? constraint) => null;

    // Reading: what a row says by itself, and whether another one said it before.

    private static async Task<(int Roster, bool IsApproved, Dictionary<string, short> Packages)> ReadCampaignAsync(NpgsqlConnection connection, Guid campaign, string locked, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand($"SELECT c.roster, c.state, p.code, p.number FROM campaign c JOIN package_kind p ON p.campaign_id = c.id WHERE c.id = $1{locked}", connection)
        {
            Parameters = { new() { Value = campaign } },
        };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        var (roster, isApproved, packages) = (0, false, new Dictionary<string, short>());
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetString(1) is not ("draft" or "approved"))
                throw new FormatException("La campaña ya terminó: su padrón no cambia.");
            (roster, isApproved) = (reader.GetInt32(0), reader.GetString(1) == "approved");
            packages[Plain(reader.GetString(2))] = (short)reader.GetInt32(3);
        }
        return (roster, isApproved, packages);
    }

    private static async Task<(int Total, List<RejectedRow> Rejected)> StageAsync(
        NpgsqlConnection connection, ImportFile file, Dictionary<string, short> packages, DateOnly today, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(
            """
            CREATE TEMP TABLE staged_row (line int, id uuid, dui text, given_names text, surnames text, sex text, birth_date date, phone text, place int, household text, pregnant boolean, disabled boolean,
                packages smallint[]) ON COMMIT DROP;
            CREATE TEMP TABLE staged_place (number int, district text, canton text, name text) ON COMMIT DROP;
            -- Who is named by a row that is no good: what is known of them stays, because the owner did not leave them out.
            CREATE TEMP TABLE staged_unread (dui text) ON COMMIT DROP
            """, cancellation);
        var rejected = new List<RejectedRow>();
        var reading = new Reading(packages, today);
        var total = 0;
        using var csv = await CsvRows.OpenAsync(file.OpenRead, Names, Optional, cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync("COPY staged_row FROM STDIN (FORMAT binary)", cancellation))
        {
            while (await csv.ReadAsync(cancellation))
            {
                await file.ReportAsync(++total, cancellation);
                if (reading.WhyNot(csv) is { } reason)
                {
                    if (Dui.Parse(csv[0]) is { } named)
                        reading.Unread.Add(named);
                    rejected.Add(csv.Reject(reason));
                    if (rejected.Count == MostRejections)
                        throw new FormatException($"De las primeras {total} filas no sirven {MostRejections}: revise que las columnas sean las de un padrón. No se importó nada.");
                    continue;
                }
                await reading.WriteAsync(copy, csv.Line, cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        if (total == rejected.Count)
            throw new FormatException(total == 0 ? "El archivo no tiene filas." : $"Ninguna de las {total} filas sirve. La primera, en la línea {rejected[0].Line}: {rejected[0].Reason} No se importó nada.");
        await using (var copy = await connection.BeginBinaryImportAsync("COPY staged_unread FROM STDIN (FORMAT binary)", cancellation))
        {
            foreach (var dui in reading.Unread)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(dui, cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        await using (var copy = await connection.BeginBinaryImportAsync("COPY staged_place FROM STDIN (FORMAT binary)", cancellation))
        {
            foreach (var ((district, canton, name), number) in reading.Places)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(number, cancellation);
                await copy.WriteAsync(district, cancellation);
                await copy.WriteAsync(canton, cancellation);
                await copy.WriteAsync(name, cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        return (total, rejected);
    }

    /// <summary>One pass over a file: the row that is looked at, and what those before it leave behind.</summary>
    private sealed class Reading(Dictionary<string, short> packages, DateOnly today)
    {
        // By its eight digits, which are a number below a hundred million: half a million of them take some megabytes.
        private readonly Dictionary<int, int> _lines = [];
        private readonly Dictionary<string, short[]?> _packages = new(StringComparer.Ordinal);
        private string _dui = "", _given = "", _surnames = "", _sex = "";
        private string? _phone, _household;
        private DateOnly _birth;
        private int _place;
        private bool _pregnant, _disabled;
        private short[] _gets = [];

        public Dictionary<(string District, string Canton, string Name), int> Places { get; } = [];

        public HashSet<string> Unread { get; } = [];

        public string? WhyNot(CsvRows csv)
        {
            if (Dui.Parse(csv[0]) is not { } dui)
                return "El DUI no es válido. Revise que esté bien copiado.";
            (_dui, _given, _surnames) = (dui, csv[1], csv[2]);
            if (!IsText(_given, 80) || !IsText(_surnames, 80))
                return "Faltan los nombres o los apellidos, o tienen más de 80 caracteres.";
            if (CsvRows.Date(csv[3]) is not { } birth || birth > today || birth <= today.AddYears(-MostYears))
                return "La fecha de nacimiento no es una fecha (AAAA-MM-DD o DD/MM/AAAA), es futura o demasiado antigua.";
            _birth = birth;
            if (SexOf(csv[4]) is not { } sex)
                return "El sexo no es F ni M.";
            _sex = sex;
            var place = (csv[5], csv[6], csv[7]);
            if (!IsText(place.Item1, 120) || !IsText(place.Item2, 120) || !IsText(place.Item3, 120))
                return "Falta el distrito, el cantón o el caserío.";
            if (PackagesOf(csv[8]) is not { } gets)
                return $"Los paquetes no son de esta campaña: use {string.Join(", ", packages.Keys)}, separados por una barra.";
            _gets = gets;
            (_phone, _household) = (csv[9].Length == 0 ? null : csv[9], csv[10].Length == 0 ? null : csv[10]);
            if (_phone is { Length: > 20 } || _household is { Length: > 60 } || _phone?.Any(char.IsControl) == true || _household?.Any(char.IsControl) == true)
                return "El teléfono pasa de 20 caracteres, o el hogar de 60.";
            if (IsYes(csv[11]) is not { } pregnant || IsYes(csv[12]) is not { } disabled)
                return "Embarazada y discapacidad se contestan con sí o no.";
            (_pregnant, _disabled) = (pregnant, disabled);
            if (!_lines.TryAdd(int.Parse(dui.AsSpan(0, 8), CultureInfo.InvariantCulture), csv.Line))
                return $"El DUI ya apareció en la línea {_lines[int.Parse(dui.AsSpan(0, 8), CultureInfo.InvariantCulture)]}.";
            if (!Places.TryGetValue(place, out _place))
                Places.Add(place, _place = Places.Count + 1);
            return null;
        }

        public async Task WriteAsync(NpgsqlBinaryImporter copy, int line, CancellationToken cancellation)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(line, cancellation);
            await copy.WriteAsync(Guid.CreateVersion7(), cancellation);
            await copy.WriteAsync(_dui, cancellation);
            await copy.WriteAsync(_given, cancellation);
            await copy.WriteAsync(_surnames, cancellation);
            await copy.WriteAsync(_sex, cancellation);
            await copy.WriteAsync(_birth, NpgsqlDbType.Date, cancellation);
            await WriteAsync(copy, _phone, cancellation);
            await copy.WriteAsync(_place, cancellation);
            await WriteAsync(copy, _household, cancellation);
            await copy.WriteAsync(_pregnant, cancellation);
            await copy.WriteAsync(_disabled, cancellation);
            await copy.WriteAsync(_gets, NpgsqlDbType.Array | NpgsqlDbType.Smallint, cancellation);
        }

        private static Task WriteAsync(NpgsqlBinaryImporter copy, string? text, CancellationToken cancellation) =>
            text is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(text, cancellation);

        private static bool IsText(string text, int most) => text.Length > 0 && text.Length <= most && !text.Any(char.IsControl);

        // Few different texts stand in a whole roster.
        private short[]? PackagesOf(string text)
        {
            if (_packages.TryGetValue(text, out var known))
                return known;
            var codes = text.Split(['/', '+', '|', ',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Plain).Distinct().ToArray();
            known = codes.Length > 0 && codes.All(packages.ContainsKey) ? [.. codes.Select(c => packages[c]).Order()] : null;
            return _packages[text] = known;
        }

        private static string? SexOf(string text) => text switch
        {
            "F" or "f" => "female",
            "M" or "m" => "male",
            _ => Plain(text) switch { "female" or "mujer" or "femenino" => "female", "male" or "hombre" or "masculino" => "male", _ => null },
        };

        private static bool? IsYes(string text) => text.Length == 0 ? false : Plain(text) switch
        {
            "si" or "s" or "x" or "1" or "true" => true,
            "no" or "n" or "0" or "false" => false,
            _ => null,
        };
    }

    private static string Plain(string text) => string.Concat(text.Trim().ToLowerInvariant().Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark));

    // Comparing and writing: sets, whatever their size.

    private sealed record Difference(int Added, int Changed, int Removed);

    private const string Changed =
        "(b.given_names, b.surnames, b.sex, b.birth_date, b.phone, b.hamlet_id, b.household, b.pregnant, b.disabled, b.packages, b.listed) IS DISTINCT FROM (s.given_names, s.surnames, s.sex, s.birth_date, s.phone, p.hamlet_id, s.household, s.pregnant, s.disabled, s.packages, true)";

    private static async Task<Difference> CompareAsync(NpgsqlConnection connection, Guid campaign, CancellationToken cancellation)
    {
        await using var query = Command(connection, campaign,
            $"""
            WITH known AS (SELECT count(*) AS listed FROM beneficiary WHERE campaign_id = $1 AND listed),
            met AS (SELECT count(*) AS both_have, count(*) FILTER (WHERE b.listed) AS still, count(*) FILTER (WHERE {Changed}) AS changed
                FROM staged_row s JOIN staged_place p ON p.number = s.place JOIN beneficiary b ON b.campaign_id = $1 AND b.dui = s.dui)
            SELECT ((SELECT count(*) FROM staged_row) - met.both_have)::int, met.changed::int, (known.listed - met.still - (SELECT count(*) FROM beneficiary b JOIN staged_unread u ON u.dui = b.dui
                WHERE b.campaign_id = $1 AND b.listed AND NOT EXISTS (SELECT 1 FROM staged_row s WHERE s.dui = u.dui)))::int FROM known, met
            """);
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    private static async Task<bool> WasSeenAsync(NpgsqlConnection connection, Guid job, int roster, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM roster_import WHERE job_id = $1 AND roster = $2)", connection) { Parameters = { new() { Value = job }, new() { Value = roster } } };
        return await query.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task ShowDifferenceAsync(NpgsqlConnection connection, Guid job, Guid campaign, int roster, CancellationToken cancellation)
    {
        await using (var before = new NpgsqlCommand("DELETE FROM roster_difference WHERE job_id = $1", connection) { Parameters = { new() { Value = job } } })
            await before.ExecuteNonQueryAsync(cancellation);
        await using var show = Command(connection, campaign,
            $"""
            WITH seen AS (INSERT INTO roster_import (job_id, roster) VALUES ($2, $3) ON CONFLICT (job_id) DO UPDATE SET roster = excluded.roster)
            INSERT INTO roster_difference (job_id, change, dui, line, name, what)
            SELECT $2, CASE WHEN b.id IS NULL THEN 'added' ELSE 'changed' END, s.dui, s.line, s.given_names || ' ' || s.surnames, concat_ws(', ',
                CASE WHEN b.given_names <> s.given_names OR b.surnames <> s.surnames THEN 'nombre: ' || b.given_names || ' ' || b.surnames END,
                CASE WHEN b.sex <> s.sex THEN 'sexo' END, CASE WHEN b.birth_date <> s.birth_date THEN 'nacimiento: ' || b.birth_date END,
                CASE WHEN b.hamlet_id <> p.hamlet_id THEN 'lugar' END, CASE WHEN b.packages <> s.packages THEN 'paquetes' END, CASE WHEN b.phone IS DISTINCT FROM s.phone AND b.id IS NOT NULL THEN 'teléfono' END,
                CASE WHEN b.household IS DISTINCT FROM s.household AND b.id IS NOT NULL THEN 'hogar' END, CASE WHEN b.pregnant <> s.pregnant OR b.disabled <> s.disabled THEN 'prioridad' END,
                CASE WHEN NOT b.listed THEN 'vuelve al padrón' END)
            FROM staged_row s JOIN staged_place p ON p.number = s.place LEFT JOIN beneficiary b ON b.campaign_id = $1 AND b.dui = s.dui WHERE b.id IS NULL OR {Changed}
            UNION ALL
            SELECT $2, 'removed', b.dui, NULL, b.given_names || ' ' || b.surnames, '' FROM beneficiary b
            WHERE b.campaign_id = $1 AND b.listed AND NOT EXISTS (SELECT 1 FROM staged_row s WHERE s.dui = b.dui) AND NOT EXISTS (SELECT 1 FROM staged_unread u WHERE u.dui = b.dui)
            """);
        show.Parameters.Add(new() { Value = job });
        show.Parameters.Add(new() { Value = roster });
        await show.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, Guid campaign, bool isApproved, CancellationToken cancellation)
    {
        await connection.ExecuteAsync("SET LOCAL distribution.importing = 'on'", cancellation);
        foreach (var sql in new[]
        {
            "UPDATE beneficiary b SET listed = false WHERE campaign_id = $1 AND listed AND NOT EXISTS (SELECT 1 FROM staged_row s WHERE s.dui = b.dui) AND NOT EXISTS (SELECT 1 FROM staged_unread u WHERE u.dui = b.dui)",
            $"""
            UPDATE beneficiary b SET given_names = s.given_names, surnames = s.surnames, sex = s.sex, birth_date = s.birth_date, phone = s.phone, hamlet_id = p.hamlet_id, household = s.household,
                pregnant = s.pregnant, disabled = s.disabled, packages = s.packages, line = s.line, listed = true
            FROM staged_row s JOIN staged_place p ON p.number = s.place WHERE b.campaign_id = $1 AND b.dui = s.dui AND {Changed}
            """,
            """
            INSERT INTO beneficiary (id, campaign_id, dui, given_names, surnames, sex, birth_date, phone, hamlet_id, household, pregnant, disabled, packages, line)
            SELECT s.id, $1, s.dui, s.given_names, s.surnames, s.sex, s.birth_date, s.phone, p.hamlet_id, s.household, s.pregnant, s.disabled, s.packages, s.line
            FROM staged_row s JOIN staged_place p ON p.number = s.place WHERE NOT EXISTS (SELECT 1 FROM beneficiary b WHERE b.campaign_id = $1 AND b.dui = s.dui)
            """,
            "UPDATE campaign SET roster = roster + 1, version = version + 1 WHERE id = $1",
        })
        {
            await using var write = Command(connection, campaign, sql);
            await write.ExecuteNonQueryAsync(cancellation);
        }
        await connection.ExecuteAsync("SET LOCAL distribution.importing = 'off'", cancellation);
        if (!isApproved)
            return;
        // Whoever is not listed any more receives nothing from this moment on; who is new waits for the head's next look.
        await using var withdraw = Command(connection, campaign, "SELECT withdraw($1)");
        await withdraw.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, Guid campaign, string sql) =>
        new(sql, connection) { CommandTimeout = ImportWorker.Seconds, Parameters = { new() { Value = campaign } } };
}
