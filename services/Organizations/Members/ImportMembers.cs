using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging.Outbox;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Imports;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Members;

/// <summary>
/// Takes in the rolls of any number of associations: people who are not registered yet are, and all become members.
/// Rows are checked one by one and written in sets. The same file twice changes nothing.
/// </summary>
internal sealed class ImportMembers : IFileImport, IDescribesColumns
{
    private const int MembersPerEvent = 500;

    private static readonly string[] Names =
        ["place_code", "association", "dui", "given_names", "surnames", "birth_date", "sex", "phone", "joined_on", "left_on"];

    public string Kind => "members";

    public string Columns => string.Join(", ", Names) + "; una fila por membresía, sex es female o male, las fechas AAAA-MM-DD o DD/MM/AAAA";

    public async Task<ImportResult> RunAsync(NpgsqlConnection connection, ImportFile file, DateTimeOffset now, CancellationToken cancellation)
    {
        var content = await file.ReadAsync(cancellation);
        var today = now.LocalDate();
        var (rows, rejected) = Read(content, today);
        var total = rows.Count + rejected.Count;
        var associations = await LockAssociationsAsync(connection, rows, cancellation);
        var late = new Dictionary<int, string>();
        rows.RemoveAll(row => WhyNot(row, associations) is { } reason && late.TryAdd(row.Line, reason));
        await StageAsync(connection, rows, associations, cancellation);
        await RejectKnownAsync(connection, late, cancellation);
        await WriteAsync(connection, now, cancellation);
        await SayAsync(connection, associations.Values, now, cancellation);
        rejected.AddRange(Reread(content, late));
        rejected.Sort((a, b) => a.Line.CompareTo(b.Line));
        return new(total, rejected);
    }

    public string? Explain(string? constraint) => constraint switch
    {
        "person_identity_dui_key" or "member_once_at_a_time" => "Alguien registró a una de estas personas mientras se importaba. No se importó nada: impórtelo de nuevo.",
        _ => null,
    };

    private sealed record Row(
        int Line, (string PlaceCode, string Name) Association, Guid PersonId, string Dui, string GivenNames, string Surnames, DateOnly BirthDate, Sex Sex, string? Phone,
        DateOnly JoinedOn, DateOnly? LeftOn)
    {
        /// <summary>The row before it with the same person and association.</summary>
        public Row? Earlier { get; init; }

        public bool Overlaps(DateOnly from, DateOnly? until) => !(LeftOn < from) && !(until < JoinedOn);
    }

    private sealed record Target(Guid Id, string Name, PlaceRef Place, string State, DateOnly FormedOn, int MinimumAge, long Version);

    // Reading: what a row says by itself, and against the rows before it.

    private static (List<Row> Rows, List<RejectedRow> Rejected) Read(byte[] content, DateOnly today)
    {
        var rows = new List<Row>();
        var rejected = new List<RejectedRow>();
        var people = new Dictionary<string, Row>(StringComparer.Ordinal);
        var memberships = new Dictionary<(string, string, string), Row>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var plain = new Dictionary<string, string>(StringComparer.Ordinal);
        using var csv = CsvRows.Open(content, Names, "phone", "left_on");
        while (csv.Read())
        {
            if (Read(csv, today, people, memberships, names, plain) is var (row, reason) && row is not null)
                rows.Add(row);
            else
                rejected.Add(csv.Reject(reason!));
        }
        return (rows, rejected);
    }

    private static (Row? Row, string? Reason) Read(
        CsvRows csv, DateOnly today, Dictionary<string, Row> people, Dictionary<(string, string, string), Row> memberships, Dictionary<string, string> names,
        Dictionary<string, string> plainNames)
    {
        var association = csv[1];
        if (association.Length is 0 or > 150)
            return (null, "Falta el nombre de la asociación.");
        if (Dui.Parse(csv[2]) is not { } dui)
            return (null, "El DUI no es válido. Revise que esté bien copiado.");
        var (given, surnames) = (csv[3], csv[4]);
        if (given.Length is 0 or > 80 || surnames.Length is 0 or > 80 || given.Any(char.IsControl) || surnames.Any(char.IsControl))
            return (null, "Faltan los nombres o los apellidos, o tienen más de 80 caracteres.");
        if (CsvRows.Date(csv[5]) is not { } birth || birth > today || birth <= today.AddYears(-125))
            return (null, "La fecha de nacimiento no es una fecha, es futura o demasiado antigua.");
        if (SexOf(csv[6]) is not { } sex)
            return (null, "sex no es female ni male.");
        var phone = csv[7].Length == 0 ? null : PhoneAttribute.Parse(csv[7]);
        if (csv[7].Length > 0 && phone is null)
            return (null, "El teléfono no es válido.");
        if (CsvRows.Date(csv[8]) is not { } joined || joined > today)
            return (null, "La fecha de ingreso no es una fecha, o todavía no ha llegado.");
        DateOnly? left = csv[9].Length == 0 ? null : CsvRows.Date(csv[9]);
        if (csv[9].Length > 0 && (left is null || left < joined))
            return (null, "La fecha de salida no es una fecha igual o posterior a la de ingreso.");
        // A file names the same few associations and places over and over.
        ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(names, association, out var known);
        name = known ? name : association;
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(names, csv[0], out known);
        code = known ? code : csv[0];
        ref var plain = ref CollectionsMarshal.GetValueRefOrAddDefault(plainNames, name!, out known);
        plain = known ? plain : Search.Plain(name!); // As the register compares names.
        var isKnown = people.TryGetValue(dui, out var before);
        if (isKnown && (before!.BirthDate != birth || Search.Plain(before.Surnames) != Search.Plain(surnames)))
            return (null, $"El DUI ya apareció en la línea {before.Line} con otro nombre o fecha de nacimiento.");
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(memberships, (code!, plain!, dui), out _);
        for (var earlier = last; earlier is not null; earlier = earlier.Earlier)
        {
            if (earlier.Overlaps(joined, left))
                return (null, $"El archivo ya pone a esa persona en la asociación en esas fechas, en la línea {earlier.Line}.");
        }
        var row = new Row(csv.Line, (code!, name!), before?.PersonId ?? Guid.CreateVersion7(), dui, given, surnames, birth, sex, phone, joined, left) { Earlier = last };
        last = row;
        if (!isKnown)
            people.Add(dui, row);
        return (row, null);
    }

    private static Sex? SexOf(string text) => text.ToLowerInvariant() switch
    {
        "female" or "f" or "mujer" or "femenino" => Sex.Female,
        "male" or "m" or "hombre" or "masculino" => Sex.Male,
        _ => null,
    };

    private static string? WhyNot(Row row, Dictionary<(string, string), Target> associations)
    {
        if (!associations.TryGetValue(row.Association, out var target))
            return "No hay una asociación con ese nombre en el lugar con ese código.";
        if (row.JoinedOn < target.FormedOn)
            return $"La fecha de ingreso es anterior a la formación de la asociación ({target.FormedOn:dd/MM/yyyy}).";
        return Person.AgeOn(row.BirthDate, row.JoinedOn) < target.MinimumAge ? $"No tenía {target.MinimumAge} años en la fecha de ingreso." : null;
    }

    private static IEnumerable<RejectedRow> Reread(byte[] content, Dictionary<int, string> late)
    {
        if (late.Count == 0)
            yield break;
        using var csv = CsvRows.Open(content, Names, "phone", "left_on");
        while (csv.Read())
        {
            if (late.TryGetValue(csv.Line, out var reason))
                yield return csv.Reject(reason);
        }
    }

    // Writing.

    /// <summary>The associations that the file names, locked, so that each version is followed by the next.</summary>
    private static async Task<Dictionary<(string, string), Target>> LockAssociationsAsync(NpgsqlConnection connection, List<Row> rows, CancellationToken cancellation)
    {
        var named = rows.Select(r => r.Association).Distinct().ToArray();
        await using var query = new NpgsqlCommand(
            """
            SELECT n.code, n.name, a.id, a.name, p.id, p.kind, p.name, p.path, a.state, a.formed_on, r.minimum_age, a.version
            FROM unnest($1::text[], $2::text[]) n (code, name)
            JOIN place p ON p.code = n.code JOIN association a ON a.place_id = p.id AND plain(a.name) = plain(n.name)
            JOIN association_ruleset r ON r.code = a.ruleset
            WHERE a.state NOT IN ('archived', 'dissolved', 'cancelled')
            ORDER BY a.id FOR UPDATE OF a
            """, connection)
        {
            Parameters = { new() { Value = named.Select(n => n.PlaceCode).ToArray() }, new() { Value = named.Select(n => n.Name).ToArray() } },
        };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        var found = new Dictionary<(string, string), Target>();
        while (await reader.ReadAsync(cancellation))
        {
            var place = new PlaceRef(reader.GetGuid(4), reader.GetString(5), reader.GetString(6), reader.GetString(7));
            found.Add((reader.GetString(0), reader.GetString(1)), new Target(
                reader.GetGuid(2), reader.GetString(3), place, reader.GetString(8), reader.GetFieldValue<DateOnly>(9), reader.GetInt32(10), reader.GetInt64(11)));
        }
        return found;
    }

    private static async Task StageAsync(
        NpgsqlConnection connection, List<Row> rows, Dictionary<(string, string), Target> associations, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(
            """
            CREATE TEMP TABLE staged_member (line int, association_id uuid, person_id uuid, dui text, given_names text, surnames text, birth_date date,
                sex text, phone text, place_id uuid, joined_on date, left_on date) ON COMMIT DROP
            """, cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync("COPY staged_member FROM STDIN (FORMAT binary)", cancellation))
        {
            foreach (var row in rows)
            {
                var target = associations[row.Association];
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(row.Line, cancellation);
                await copy.WriteAsync(target.Id, cancellation);
                await copy.WriteAsync(row.PersonId, cancellation);
                await copy.WriteAsync(row.Dui, cancellation);
                await copy.WriteAsync(row.GivenNames, cancellation);
                await copy.WriteAsync(row.Surnames, cancellation);
                await copy.WriteAsync(row.BirthDate, NpgsqlDbType.Date, cancellation);
                await copy.WriteAsync(row.Sex == Sex.Female ? "female" : "male", cancellation);
                await copy.WriteAsync(row.Phone, cancellation);
                await copy.WriteAsync(target.Place.Id, cancellation);
                await copy.WriteAsync(row.JoinedOn, NpgsqlDbType.Date, cancellation);
                if (row.LeftOn is { } left)
                    await copy.WriteAsync(left, NpgsqlDbType.Date, cancellation);
                else
                    await copy.WriteNullAsync(cancellation);
            }
            await copy.CompleteAsync(cancellation);
        }
        await connection.ExecuteAsync("ANALYZE staged_member", cancellation);
    }

    /// <summary>Takes out what contradicts the register, with the reason, and what is in it already, without one.</summary>
    private static async Task RejectKnownAsync(NpgsqlConnection connection, Dictionary<int, string> late, CancellationToken cancellation)
    {
        await connection.ExecuteAsync("UPDATE staged_member s SET person_id = i.person_id FROM person_identity i WHERE i.dui = s.dui", cancellation);
        await RejectAsync(connection, late, "El DUI ya está registrado con otro nombre o fecha de nacimiento. Revise cuál es el correcto.",
            """
            DELETE FROM staged_member s USING person p
            WHERE p.id = s.person_id AND (p.birth_date <> s.birth_date OR plain(p.surnames) <> plain(s.surnames)) RETURNING s.line
            """, cancellation);
        await connection.ExecuteAsync(
            """
            DELETE FROM staged_member s USING association_member m
            WHERE m.association_id = s.association_id AND m.person_id = s.person_id AND m.joined_on = s.joined_on AND m.left_on IS NOT DISTINCT FROM s.left_on
            """, cancellation);
        await RejectAsync(connection, late, "Esa persona ya está en la nómina de la asociación en esas fechas.",
            """
            DELETE FROM staged_member s USING association_member m
            WHERE m.association_id = s.association_id AND m.person_id = s.person_id
                AND daterange(m.joined_on, m.left_on, '[]') && daterange(s.joined_on, s.left_on, '[]') RETURNING s.line
            """, cancellation);
    }

    private static async Task RejectAsync(NpgsqlConnection connection, Dictionary<int, string> late, string reason, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            late.Add(reader.GetInt32(0), reason);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var insert = new NpgsqlCommand(
            """
            WITH stranger AS (
                SELECT DISTINCT ON (s.person_id) s.* FROM staged_member s
                WHERE NOT EXISTS (SELECT 1 FROM person_identity i WHERE i.dui = s.dui) ORDER BY s.person_id, s.line),
            registered AS (
                INSERT INTO person (id, version, given_names, surnames, birth_date, sex, place_id, created_at)
                SELECT person_id, 0, given_names, surnames, birth_date, sex, place_id, $1 FROM stranger)
            INSERT INTO person_identity (person_id, dui, phone) SELECT person_id, dui, phone FROM stranger
            """, connection) { CommandTimeout = ImportWorker.Seconds, Parameters = { new() { Value = now } } };
        await insert.ExecuteNonQueryAsync(cancellation);
        await connection.ExecuteAsync(
            "INSERT INTO association_member (association_id, person_id, joined_on, left_on) SELECT association_id, person_id, joined_on, left_on FROM staged_member", cancellation);
    }

    private static async Task SayAsync(NpgsqlConnection connection, IEnumerable<Target> associations, DateTimeOffset now, CancellationToken cancellation)
    {
        var targets = associations.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
        var events = new List<MembersJoined>();
        await using (var query = new NpgsqlCommand(
            "SELECT association_id, person_id, given_names || ' ' || surnames, joined_on, left_on FROM staged_member ORDER BY association_id, line", connection))
        await using (var reader = await query.ExecuteReaderAsync(cancellation))
        {
            var members = new List<JoinedMember>();
            Target? of = null;
            var said = 0L;
            while (await reader.ReadAsync(cancellation))
            {
                var id = reader.GetGuid(0);
                if (of is not null && (of.Id != id || members.Count == MembersPerEvent))
                {
                    events.Add(Joined(of, ++said, members, now));
                    members = [];
                }
                if (of?.Id != id)
                    (of, said) = (targets[id], 0);
                members.Add(new(reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateOnly>(3), reader.IsDBNull(4) ? null : reader.GetFieldValue<DateOnly>(4)));
            }
            if (of is not null)
                events.Add(Joined(of, ++said, members, now));
        }
        await BulkOutbox.WriteAsync(connection, events, cancellation);
        var last = events.GroupBy(e => e.AssociationId).Select(g => g.Last()).ToArray();
        await using var raise = new NpgsqlCommand(
            "UPDATE association a SET version = v.version FROM unnest($1::uuid[], $2::bigint[]) v (id, version) WHERE a.id = v.id", connection)
        {
            Parameters = { new() { Value = last.Select(e => e.AssociationId).ToArray() }, new() { Value = last.Select(e => e.Version).ToArray() } },
        };
        await raise.ExecuteNonQueryAsync(cancellation);
    }

    private static MembersJoined Joined(Target association, long said, List<JoinedMember> members, DateTimeOffset now) => new()
    {
        AssociationId = association.Id, Name = association.Name, Place = association.Place, Members = members, Version = association.Version + said, OccurredAt = now,
    };
}
