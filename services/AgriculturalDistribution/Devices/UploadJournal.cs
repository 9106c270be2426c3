using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.AgriculturalDistribution.Closings;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Deliveries;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Devices;

/// <summary>
/// What a device wrote without a signal comes in: in pieces, in any order, again and again. Each entry is kept word by word in
/// the transaction of its receipt, so that it has its effect once; what contradicts what is known already is under review.
/// </summary>
internal static class UploadJournal
{
    public static void MapUploadJournal(this IEndpointRouteBuilder devices)
    {
        devices.MapPost("/{device:guid}/journal", UploadAsync).WithName("UploadJournal").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithMetadata(new RequestSizeLimitAttribute(30 * 1024 * 1024))
            .WithSummary("Subir entradas del diario de un aparato (JWS firmadas por él), en cualquier orden y las veces que haga falta")
            .WithDescription("Contesta qué pasó con cada entrada y cuáles faltan. El aparato borra una entrada cuando aparece aquí, nunca antes.");
        devices.MapGet("/{device:guid}/journal", StateAsync).WithName("GetJournal").Allow("distribution.write", Roles.Promoter, Roles.UnitHead).WithSummary("Qué ha llegado del diario de un aparato, y qué falta");
    }

    internal sealed record Piece([Count(1, 200)] IReadOnlyList<string> Entries)
    {
        public static Piece Example => new(["eyJhbGciOiJFUzI1NiJ9.eyJzZXF1ZW5jZSI6MX0.c2lnbmF0dXJl"]);
    }

    /// <param name="Sequence">Of the entry; 0 when it could not be read.</param>
    /// <param name="State">recorded, invalid, forked (another one of that number was here before), or unsigned. What has no sequence is not kept.</param>
    /// <param name="Receipt">What became of it.</param>
    /// <param name="ReceiptState">Whether it counts.</param>
    /// <param name="Review">What somebody will look at.</param>
    /// <param name="Problem">Why it is not recorded.</param>
    internal sealed record EntryView(long Sequence, string State, Guid? Receipt = null, ReceiptState? ReceiptState = null, Review? Review = null, string? Problem = null)
    {
        public static EntryView Example => new(1, "recorded", Examples.Id, Deliveries.ReceiptState.Counted);
    }

    /// <param name="Entries">In the order in which they came.</param>
    /// <param name="Until">Everything from 1 to this is here.</param>
    /// <param name="Missing">What is missing before the last that is here; 100 at most.</param>
    /// <param name="Broken">Entries that do not follow from the one before them; 100 at most.</param>
    /// <param name="Problems">Entries that are here and have no effect, so that somebody looks at what happened; 100 at most.</param>
    internal sealed record JournalView(IReadOnlyList<EntryView> Entries, long Until, IReadOnlyList<long> Missing, IReadOnlyList<long> Broken, IReadOnlyList<EntryView> Problems)
    {
        public static JournalView Example => new([EntryView.Example], 2, [], [], [new(2, "invalid", Problem: "items")]);
    }

    private sealed record Device(string Key, bool Revoked);

    private static async Task<Results<Ok<JournalView>, ProblemHttpResult>> UploadAsync(
        Guid device, Piece request, DistributionDb db, Counter counter, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var known = await db.Database.SqlQuery<Device>($"""SELECT key::text AS "Key", revoked_at IS NOT NULL AS "Revoked" FROM device WHERE id = {device}""").SingleOrDefaultAsync(cancellation);
        if (known is null)
            return Problems.NotFound();
        var key = Journal.KeyOf(known.Key)!;
        var answers = new EntryView[request.Entries.Count];
        var read = new List<(int At, bool IsSigned, JournalEntry? Entry, string Signed)>();
        foreach (var (at, signed) in request.Entries.Index())
        {
            var (isSigned, entry) = await Journal.ReadAsync<JournalEntry>(signed, key);
            read.Add((at, isSigned && (entry is null || entry.Device == device), entry, signed));
        }
        foreach (var (at, isSigned, entry, signed) in read.OrderBy(r => r.Entry?.Sequence ?? 0))
        {
            answers[at] =
                !isSigned ? new(0, "unsigned", Problem: "signature")
                : entry is null ? new(0, "invalid", Problem: "malformed")
                : entry.Sequence is < 1 or > JournalEntry.Last ? new(0, "invalid", Problem: "sequence")
                : await KeepAsync(database, counter, device, entry, signed, known.Revoked, time, cancellation);
        }
        await TellDays.ApplyAsync(db, time, cancellation);
        return TypedResults.Ok(await ViewAsync(db, device, answers, cancellation));
    }

    private static async Task<Results<Ok<JournalView>, ProblemHttpResult>> StateAsync(Guid device, DistributionDb db, CancellationToken cancellation) =>
        await db.Database.SqlQuery<Guid>($"""SELECT id AS "Value" FROM device WHERE id = {device}""").ToListAsync(cancellation) is [] ? Problems.NotFound() : TypedResults.Ok(await ViewAsync(db, device, [], cancellation));

    private static async Task<EntryView> KeepAsync(
        NpgsqlDataSource database, Counter counter, Guid device, JournalEntry entry, string signed, bool isRevoked, TimeProvider time, CancellationToken cancellation)
    {
        var digest = Journal.DigestOf(signed);
        if (await FindAsync(database, device, digest, cancellation) is { } before)
            return before;
        var (list, by) = await ListAsync(database, device, entry.List, cancellation);
        try
        {
            Rule.State(!isRevoked, "device_revoked", "El aparato se dio de baja.");
            Rule.That(list is not null, "unknown_list", "El aparato no tiene esa lista.");
            entry.Check();
            var act = new CounterAct(
                entry.Receipt, list!.Value.Campaign, list.Value.Centre, new(entry.Person, null, null), entry.Package, entry.Kind, entry.Act,
                [.. (entry.Items ?? []).Select(i => new CounterItem(0, i.Lot, i.Quantity))], entry.Evidence, entry.Deputy, entry.IsClockRight(time.GetUtcNow()) ? entry.HandedAt : time.GetUtcNow(), by!,
                entry.IsClockRight(time.GetUtcNow()) ? null : Review.Clock, entry.List);
            var kept = await counter.WriteDownAsync(act, () => Row("recorded", entry.Receipt, null), cancellation);
            Rule.That(kept is not null, "unknown_centre", "La campaña no tiene ese centro.");
            return new(entry.Sequence, "recorded", entry.Receipt, kept!.State, kept.Review);
        }
        catch (RuleViolationException invalid)
        {
            // Unless another connection has kept this very entry in the meantime.
            return await FindAsync(database, device, digest, cancellation) ?? await RefuseAsync("invalid", invalid.Code);
        }
        catch (PostgresException twice) when (twice.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The same entry came by another connection at this moment, or another entry of its number, or of its receipt, is here.
            return await FindAsync(database, device, digest, cancellation)
                ?? (twice.ConstraintName == "journal_sequence" ? await RefuseAsync("forked", "sequence_taken") : await RefuseAsync("invalid", "receipt_differs"));
        }

        catch (PostgresException no) when (no.SqlState.StartsWith("22", StringComparison.Ordinal) || no.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            return await RefuseAsync("invalid", "refused"); // One entry that no rule foresaw does not hold back those behind it.
        }

        async Task<EntryView> RefuseAsync(string state, string problem)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellation);
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Row(state, null, problem) } };
                await batch.ExecuteNonQueryAsync(cancellation);
            }
            catch (PostgresException twice) when (twice.SqlState == PostgresErrorCodes.UniqueViolation && state == "invalid" && twice.ConstraintName == "journal_sequence")
            {
                return await RefuseAsync("forked", "sequence_taken");
            }
            catch (PostgresException twice) when (twice.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // Kept by another connection.
            }
            return new(entry.Sequence, state, Problem: problem);
        }

        NpgsqlBatchCommand Row(string state, Guid? receipt, string? problem) => Counter.Command(
            "INSERT INTO journal_entry (device_id, digest, sequence, previous, list_id, entry, state, receipt_id, problem, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            Counter.P(device), Counter.P(digest), Counter.P(entry.Sequence), Counter.Nullable(PreviousOf(entry), NpgsqlDbType.Bytea), Counter.Nullable(list is null ? null : entry.List, NpgsqlDbType.Uuid),
            Counter.P(signed), Counter.P(state), Counter.Nullable(receipt, NpgsqlDbType.Uuid), Counter.Nullable(problem, NpgsqlDbType.Text), Counter.P(time.GetUtcNow()));
    }

    private static byte[]? PreviousOf(JournalEntry entry)
    {
        try
        {
            return entry.Previous is null ? null : Base64UrlEncoder.DecodeBytes(entry.Previous) is { Length: 32 } digest ? digest : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static async Task<((Guid Campaign, int Centre)? List, string? By)> ListAsync(NpgsqlDataSource database, Guid device, Guid list, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT campaign_id, centre, issued_by FROM centre_list WHERE id = $1 AND device_id = $2");
        command.Parameters.Add(Counter.P(list));
        command.Parameters.Add(Counter.P(device));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? ((reader.GetGuid(0), reader.GetInt32(1)), reader.GetString(2)) : (null, null);
    }

    private static async Task<EntryView?> FindAsync(NpgsqlDataSource database, Guid device, byte[] digest, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "SELECT j.sequence, j.state, j.receipt_id, r.state, r.review, j.problem FROM journal_entry j LEFT JOIN receipt r ON r.id = j.receipt_id WHERE j.device_id = $1 AND j.digest = $2");
        command.Parameters.Add(Counter.P(device));
        command.Parameters.Add(Counter.P(digest));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation) ? null : new(
            reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.IsDBNull(3) ? null : Choice<ReceiptState>.Parse(reader.GetString(3)),
            reader.IsDBNull(4) ? null : Choice<Review>.Parse(reader.GetString(4)), reader.IsDBNull(5) ? null : reader.GetString(5));
    }

    private static async Task<JournalView> ViewAsync(DistributionDb db, Guid device, IReadOnlyList<EntryView> entries, CancellationToken cancellation)
    {
        var last = await db.Database.SqlQuery<long>($"""SELECT coalesce(max(sequence), 0) AS "Value" FROM journal_entry WHERE device_id = {device} AND state <> 'forked'""").ToAsyncEnumerable().SingleAsync(cancellation);
        var missing = await MissingAsync(db, device, last, cancellation);
        var broken = await db.Database.SqlQuery<long>(
            $"""
            SELECT n.sequence AS "Value" FROM journal_entry n JOIN journal_entry p ON p.device_id = n.device_id AND p.sequence = n.sequence - 1 AND p.state <> 'forked'
            WHERE n.device_id = {device} AND n.state <> 'forked' AND n.previous IS DISTINCT FROM p.digest ORDER BY n.sequence LIMIT 100
            """).ToListAsync(cancellation);
        var problems = await db.Database.SqlQuery<ProblemRow>(
            $"""
            SELECT sequence AS "Sequence", state AS "State", problem AS "Problem" FROM journal_entry WHERE device_id = {device} AND state <> 'recorded' ORDER BY sequence, state LIMIT 100
            """).ToListAsync(cancellation);
        return new(entries, missing is [var first, ..] ? first - 1 : last, missing, broken, problems.ConvertAll(p => new EntryView(p.Sequence, p.State, Problem: p.Problem)));
    }

    private sealed record ProblemRow(long Sequence, string State, string Problem);

    /// <summary>What of a device's journal is not here, up to a number; 100 at most. By the gaps, however large they are.</summary>
    public static Task<List<long>> MissingAsync(DistributionDb db, Guid device, long last, CancellationToken cancellation) => db.Database.SqlQuery<long>(
        $"""
        SELECT g.n AS "Value" FROM (
            SELECT coalesce(lag(s.sequence) OVER (ORDER BY s.sequence), 0) AS before, s.sequence AS here FROM (
                SELECT sequence FROM journal_entry WHERE device_id = {device} AND state <> 'forked' AND sequence <= {last} UNION ALL SELECT {last}::bigint + 1) s) gap
        CROSS JOIN LATERAL generate_series(gap.before + 1, least(gap.here - 1, gap.before + 100)) AS g (n) ORDER BY g.n LIMIT 100
        """).ToListAsync(cancellation);
}
