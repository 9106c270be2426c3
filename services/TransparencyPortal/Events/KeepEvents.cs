using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.News;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.History;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>
/// A page of a feed becomes lines, an index of what they are about, and sealed blocks, in one transaction. What comes out
/// depends on the feed alone: followed live, a day later or from nothing, it is the same, row by row. What the broker
/// brings first is shown meanwhile.
/// </summary>
internal sealed class KeepEvents(NpgsqlDataSource database)
{
    /// <summary>Events of a block at most; it also ends with its day.</summary>
    public const int MostInBlock = 256;

    private const string LockFeed = "INSERT INTO feed (source) VALUES ($1) ON CONFLICT (source) DO UPDATE SET source = excluded.source RETURNING position, number, block, block_day, in_block";

    public async Task<long> PositionAsync(string source, CancellationToken cancellation) =>
        (await Rows.ReadAsync(database, "SELECT position FROM feed WHERE source = $1", [source], r => r.GetInt64(0), cancellation)).FirstOrDefault();

    /// <returns>Whether it was the next page: another replica may have been quicker.</returns>
    public async Task<bool> KeepAsync(string source, long after, FeedPage page, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (feed, known, heard) = await LockAsync(connection, source, [.. page.Items.Select(e => e.Id)], cancellation);
        if (feed.Position != after)
            return false;
        var fresh = page.Items.Where(e => known.Add(e.Id)).ToList(); // The same occurrence once, whatever the feed does.
        var (blocks, days) = (new int[fresh.Count], new SortedDictionary<int, DateOnly>());
        var began = feed;
        foreach (var (index, told) in fresh.Index())
        {
            // What was sent again later stands under the day that the feed has reached: a quarter that is over stays as it is.
            var day = feed.BlockDay is { } reached && reached > told.HappenedAt.LocalDate() ? reached : told.HappenedAt.LocalDate();
            if (feed.InBlock == MostInBlock || (feed.InBlock > 0 && feed.BlockDay != day))
            {
                days[feed.Block] = feed.BlockDay!.Value;
                feed = feed with { Block = feed.Block + 1, InBlock = 0 };
            }
            blocks[index] = feed.Block;
            feed = feed with { BlockDay = day, InBlock = feed.InBlock + 1 };
        }
        await EventIndex.RunAsync(connection, [
            Lines(source, began.Number, blocks, fresh), .. EventIndex.Put(fresh),
            new("DELETE FROM heard WHERE id = ANY ($1)") { Parameters = { new() { Value = page.Items.Select(e => e.Id).ToArray() } } },
            new("UPDATE feed SET position = $2, number = $3, block = $4, block_day = $5, in_block = $6 WHERE source = $1")
            {
                Parameters =
                {
                    new() { Value = source }, new() { Value = page.Next }, new() { Value = feed.Number + fresh.Count }, new() { Value = feed.Block },
                    new() { Value = (object?)feed.BlockDay ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date }, new() { Value = feed.InBlock },
                },
            },
            FreshNews.Tell(fresh.FindAll(e => !heard.Contains(e.Id))),
        ], cancellation);
        foreach (var withdrawal in fresh.Where(e => e.IsWithdrawal))
            await EmptyAsync(connection, source, withdrawal.Subject, withdrawal.About!.Value, cancellation);
        // The broker had brought its words, and the feed gives it without them already.
        foreach (var emptied in fresh.Where(e => e.Leaf is not null && heard.Contains(e.Id)))
            await EventIndex.ForgetAsync(connection, emptied.Subject, emptied.Id, cancellation);
        foreach (var (full, day) in days)
            await Seal.BlockAsync(connection, source, full, day, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>What the broker brought, shown until the feed has it. The second round trip is a transaction of its own.</summary>
    public async Task HearAsync(string source, IReadOnlyCollection<PublicEvent> events, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // What the feed has brought already may have been taken back since: its words do not come in again.
        var known = await IdsAsync(connection, "SELECT id FROM event WHERE source = $1 AND id = ANY ($2)", source, events, cancellation);
        var fresh = events.DistinctBy(e => e.Id).Where(e => !known.Contains(e.Id)).ToList();
        if (fresh.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in (NpgsqlBatchCommand[])[
            // Nobody waits for the disk here: what a power cut takes, the feed brings again.
            new("SELECT set_config('synchronous_commit', 'off', true)"),
            new(LockFeed) { Parameters = { new() { Value = source } } },
            Command(
                """
                INSERT INTO heard (id, source, type, subject, version, happened_at, line, about) SELECT id, $1, type, subject, version, happened_at, line, about
                FROM unnest($2, $3, $4, $5, $6, $7, $8) AS e (id, type, subject, version, happened_at, line, about)
                WHERE NOT EXISTS (SELECT 1 FROM event k WHERE k.source = $1 AND k.id = e.id) ON CONFLICT DO NOTHING
                """, [new() { Value = source }, .. Columns(fresh)]),
            // What is heard twice changes nothing here: the newest word is the newest word.
            .. EventIndex.Put(fresh), FreshNews.Tell(fresh),
        ])
            batch.BatchCommands.Add(command);
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
        // The feed was quicker by a moment, and took it back.
        foreach (var withdrawn in await IdsAsync(connection, "SELECT id FROM event WHERE source = $1 AND id = ANY ($2) AND leaf IS NOT NULL", source, fresh, cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await EventIndex.ForgetAsync(connection, fresh.Find(e => e.Id == withdrawn)!.Subject, withdrawn, cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    private static async Task<HashSet<Guid>> IdsAsync(NpgsqlConnection connection, string sql, string source, IReadOnlyCollection<PublicEvent> events, CancellationToken cancellation) =>
        [.. await Rows.ReadAsync(connection, sql, [source, events.Select(e => e.Id).ToArray()], r => r.GetGuid(0), cancellation)];

    private sealed record Feed(long Position, long Number, int Block, DateOnly? BlockDay, int InBlock);

    /// <summary>The feed's row, locked: whoever reads the feed and whoever hears the broker take turns. With what of some events is there already.</summary>
    private static async Task<(Feed Feed, HashSet<Guid> Known, HashSet<Guid> Heard)> LockAsync(NpgsqlConnection connection, string source, Guid[] ids, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(LockFeed) { Parameters = { new() { Value = source } } },
                new("SELECT id FROM event WHERE source = $1 AND id = ANY ($2)") { Parameters = { new() { Value = source }, new() { Value = ids } } },
                new("SELECT id FROM heard WHERE id = ANY ($1)") { Parameters = { new() { Value = ids } } },
            },
        };
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var feed = new Feed(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateOnly>(3), reader.GetInt32(4));
        return (feed, await IdsAsync(), await IdsAsync());

        async Task<HashSet<Guid>> IdsAsync()
        {
            await reader.NextResultAsync(cancellation);
            var found = new HashSet<Guid>();
            while (await reader.ReadAsync(cancellation))
                found.Add(reader.GetGuid(0));
            return found;
        }
    }

    private static NpgsqlBatchCommand Lines(string source, long number, int[] blocks, List<PublicEvent> fresh) => Command(
        """
        INSERT INTO event (source, number, block, id, type, subject, version, happened_at, line, about, leaf)
        SELECT $1, $2 + e.place, e.block, e.id, e.type, e.subject, e.version, e.happened_at, e.line, e.about, e.leaf
        FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY AS e (block, id, type, subject, version, happened_at, line, about, leaf, place)
        """, [
            new() { Value = source }, new() { Value = number }, new() { Value = blocks }, .. Columns(fresh),
            new() { Value = fresh.Select(e => e.Leaf).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        ]);

    private static NpgsqlBatchCommand Command(string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter[] Columns(List<PublicEvent> fresh) =>
    [
        new() { Value = fresh.Select(e => e.Id).ToArray() }, new() { Value = fresh.Select(e => e.Type).ToArray() }, new() { Value = fresh.Select(e => e.Subject).ToArray() },
        new() { Value = fresh.Select(e => e.Version).ToArray() }, new() { Value = fresh.Select(e => e.HappenedAt.ToUniversalTime()).ToArray() }, new() { Value = fresh.Select(e => e.Line).ToArray() },
        new() { Value = fresh.Select(e => e.About).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
    ];

    /// <summary>Takes the words out of an event that its service took back, and out of everything that was made of them.</summary>
    private static async Task EmptyAsync(NpgsqlConnection connection, string source, Guid subject, Guid withdrawn, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT line FROM event WHERE source = $1 AND id = $2 AND leaf IS NULL", connection) { Parameters = { new() { Value = source }, new() { Value = withdrawn } } };
        if (await query.ExecuteScalarAsync(cancellation) is not string line)
            return; // The feed gave it without its words already.
        using var was = JsonDocument.Parse(line);
        var leaf = PublicLine.LeafOf(line);
        await EventIndex.RunAsync(connection, [new("UPDATE event SET line = $3, leaf = $4 WHERE source = $1 AND id = $2")
        {
            Parameters = { new() { Value = source }, new() { Value = withdrawn }, new() { Value = PublicLine.Emptied(was.RootElement, leaf) }, new() { Value = leaf } },
        }], cancellation);
        await EventIndex.ForgetAsync(connection, subject, withdrawn, cancellation);
    }
}
