using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.TransparencyPortal.History;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>
/// A page of a feed becomes lines, an index of what they are about, and sealed blocks, in one transaction. What comes out
/// depends on the feed alone: followed live, a day later or from nothing, it is the same, row by row.
/// </summary>
internal sealed class KeepEvents(NpgsqlDataSource database)
{
    /// <summary>Events of a block at most; it also ends with its day.</summary>
    public const int MostInBlock = 256;

    public async Task<long> PositionAsync(string source, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("INSERT INTO feed (source) VALUES ($1) ON CONFLICT (source) DO UPDATE SET source = excluded.source RETURNING position");
        command.Parameters.Add(new() { Value = source });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <returns>Whether it was the next page: another replica may have been quicker.</returns>
    public async Task<bool> KeepAsync(string source, long after, FeedPage page, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var feed = await LockAsync(connection, source, cancellation);
        if (feed.Position != after)
            return false;
        var known = await KnownAsync(connection, source, page, cancellation);
        var fresh = page.Items.Where(e => known.Add(e.Id)).ToList(); // The same occurrence once, whatever the feed does.
        var (blocks, full) = (new int[fresh.Count], new List<int>());
        foreach (var (index, told) in fresh.Index())
        {
            if (feed.InBlock == MostInBlock || (feed.InBlock > 0 && feed.BlockDay != told.Day))
            {
                full.Add(feed.Block);
                feed = feed with { Block = feed.Block + 1, InBlock = 0 };
            }
            blocks[index] = feed.Block;
            feed = feed with { BlockDay = told.Day, InBlock = feed.InBlock + 1 };
        }
        await using (var insert = new NpgsqlCommand(
            """
            INSERT INTO event (source, number, block, id, type, subject, version, happened_at, line)
            SELECT $1, $2 + e.place, e.block, e.id, e.type, e.subject, e.version, e.happened_at, e.line
            FROM unnest($3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY AS e (block, id, type, subject, version, happened_at, line, place)
            """, connection)
        {
            Parameters =
            {
                new() { Value = source }, new() { Value = feed.Number }, new() { Value = blocks }, new() { Value = fresh.Select(e => e.Id).ToArray() }, new() { Value = fresh.Select(e => e.Type).ToArray() },
                new() { Value = fresh.Select(e => e.Subject).ToArray() }, new() { Value = fresh.Select(e => e.Version).ToArray() },
                new() { Value = fresh.Select(e => e.HappenedAt.ToUniversalTime()).ToArray() }, new() { Value = fresh.Select(e => e.Line).ToArray() },
            },
        })
            await insert.ExecuteNonQueryAsync(cancellation);
        await IndexAsync(connection, fresh, cancellation);
        foreach (var block in full)
            await Seal.BlockAsync(connection, source, block, cancellation);
        await using (var advance = new NpgsqlCommand("UPDATE feed SET position = $2, number = $3, block = $4, block_day = $5, in_block = $6 WHERE source = $1", connection)
        {
            Parameters =
            {
                new() { Value = source }, new() { Value = page.Next }, new() { Value = feed.Number + fresh.Count }, new() { Value = feed.Block },
                new() { Value = (object?)feed.BlockDay ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date }, new() { Value = feed.InBlock },
            },
        })
            await advance.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private sealed record Feed(long Position, long Number, int Block, DateOnly? BlockDay, int InBlock);

    private static async Task<Feed> LockAsync(NpgsqlConnection connection, string source, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT position, number, block, block_day, in_block FROM feed WHERE source = $1 FOR UPDATE", connection) { Parameters = { new() { Value = source } } };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateOnly>(3), reader.GetInt32(4));
    }

    private static async Task<HashSet<Guid>> KnownAsync(NpgsqlConnection connection, string source, FeedPage page, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT id FROM event WHERE source = $1 AND id = ANY ($2)", connection) { Parameters = { new() { Value = source }, new() { Value = page.Items.Select(e => e.Id).ToArray() } } };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        var known = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation))
            known.Add(reader.GetGuid(0));
        return known;
    }

    /// <summary>The newest word on each subject; an older one that comes later changes nothing. What a subject belongs to is said once and stays.</summary>
    private static async Task IndexAsync(NpgsqlConnection connection, List<PublicEvent> fresh, CancellationToken cancellation)
    {
        var newest = fresh.GroupBy(e => e.Subject).Select(g => (Told: g.MaxBy(e => e.Version)!, Parent: g.Select(e => SubjectNews.Of(e).Parent).FirstOrDefault(p => p is not null), At: g.Max(e => e.HappenedAt)))
            .Select(n => (n.Told, News: SubjectNews.Of(n.Told) with { Parent = n.Parent }, n.At)).OrderBy(n => n.Told.Subject).ToList();
        await KeepPlacesAsync(connection, fresh, cancellation);
        await using var upsert = new NpgsqlCommand(
            """
            INSERT INTO subject AS s (id, kind, title, place, parent, version, changed_at, place_id)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET parent = coalesce(s.parent, excluded.parent), changed_at = greatest(s.changed_at, excluded.changed_at), version = greatest(s.version, excluded.version),
                title = CASE WHEN excluded.version > s.version THEN excluded.title ELSE s.title END, place = CASE WHEN excluded.version > s.version THEN excluded.place ELSE s.place END,
                place_id = CASE WHEN excluded.version > s.version THEN excluded.place_id ELSE s.place_id END
            """, connection)
        {
            Parameters =
            {
                new() { Value = newest.Select(n => n.Told.Subject).ToArray() }, new() { Value = newest.Select(n => n.News.Kind).ToArray() }, new() { Value = newest.Select(n => n.News.Title).ToArray() },
                new() { Value = newest.Select(n => n.News.Place).ToArray() }, new() { Value = newest.Select(n => n.News.Parent).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = newest.Select(n => n.Told.Version).ToArray() }, new() { Value = newest.Select(n => n.At.ToUniversalTime()).ToArray() },
                new() { Value = newest.Select(n => n.Told.Data.PlaceId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            },
        };
        await upsert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>How each place is called, by the newest event that names it, in whatever order the feeds were read.</summary>
    private static async Task KeepPlacesAsync(NpgsqlConnection connection, List<PublicEvent> fresh, CancellationToken cancellation)
    {
        var named = fresh.Select(e => (Told: e, Id: e.Data.PlaceId, e.Data.Path)).Where(p => p.Id is not null && p.Path.Length > 0).GroupBy(p => p.Id!.Value)
            .Select(g => (Id: g.Key, Newest: g.OrderBy(p => p.Told.HappenedAt).ThenBy(p => p.Told.Id).Last())).OrderBy(p => p.Id).ToList();
        await using var upsert = new NpgsqlCommand(
            """
            INSERT INTO place AS p (id, path, told_at, told_by) SELECT * FROM unnest($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET path = excluded.path, told_at = excluded.told_at, told_by = excluded.told_by WHERE (excluded.told_at, excluded.told_by) > (p.told_at, p.told_by)
            """, connection)
        {
            Parameters =
            {
                new() { Value = named.Select(p => p.Id).ToArray() }, new() { Value = named.Select(p => p.Newest.Path).ToArray() },
                new() { Value = named.Select(p => p.Newest.Told.HappenedAt.ToUniversalTime()).ToArray() }, new() { Value = named.Select(p => p.Newest.Told.Id).ToArray() },
            },
        };
        await upsert.ExecuteNonQueryAsync(cancellation);
    }
}
