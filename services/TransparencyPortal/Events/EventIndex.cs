using System.Buffers;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.News;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>
/// An index over the events: what they are about, the newest word on each part of it, and how places are called. Each column is
/// what the newest event says that says anything of it, so that the order in which events come does not matter; it can be
/// made anew from the events at any time.
/// </summary>
internal sealed partial class EventIndex(NpgsqlDataSource database, ILogger<EventIndex> logger) : IHostedLifecycleService
{
    /// <summary>Higher with each change of what the index says of the same events.</summary>
    private const int Making = 2;

    private const int AtATime = 1000;
    private const long Lock = 0x50_53_49_4E_44_45_58; // "PSINDEX"

    /// <summary>What puts events into the index, to be run in the transaction that keeps them.</summary>
    /// <param name="events">Of any subjects, in any order.</param>
    public static IEnumerable<NpgsqlBatchCommand> Put(IReadOnlyCollection<PublicEvent> events)
    {
        var about = events.Where(e => e.About is null).ToList(); // A note on an earlier event is no subject.
        var said = about.Where(e => e.Leaf is null).ToList();
        if (about.Count > 0)
            yield return Subjects(about);
        if (said.Count > 0)
        {
            yield return Newest(said);
            if (Places(said) is { } places)
                yield return places;
        }
    }

    /// <summary>Makes everything anew that rests on what a service took back.</summary>
    public static async Task ForgetAsync(NpgsqlConnection connection, Guid subject, Guid withdrawn, CancellationToken cancellation)
    {
        var places = await Rows.ReadAsync(connection, "SELECT id::text FROM place WHERE told_by = $1", [withdrawn], r => r.GetString(0), cancellation);
        await using (var forget = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("DELETE FROM newest WHERE subject = $1") { Parameters = { new() { Value = subject } } },
                new("DELETE FROM subject WHERE id = $1") { Parameters = { new() { Value = subject } } },
                new("DELETE FROM place WHERE told_by = $1") { Parameters = { new() { Value = withdrawn } } },
            },
        })
            await forget.ExecuteNonQueryAsync(cancellation);
        await PutAsync(connection, await Rows.ReadAsync(connection, $"SELECT {Told} FROM told WHERE subject = $1", [subject], Event, cancellation), cancellation);
        foreach (var place in places)
        {
            var naming = await Rows.ReadAsync(connection, $"SELECT {Told} FROM told WHERE line LIKE '%' || $1 || '%'", [place], Event, cancellation);
            if (Places(naming.FindAll(e => e.Leaf is null && e.About is null)) is { } command)
                await RunAsync(connection, [command], cancellation);
        }
    }

    /// <summary>The columns of <c>told</c> and <c>event</c> that <see cref="Event"/> reads.</summary>
    public const string Told = "id, type, subject, version, happened_at, line, about";

    /// <summary>An event as it is kept.</summary>
    public static PublicEvent Event(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetGuid(2), r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5))
    {
        About = r.IsDBNull(6) ? null : r.GetGuid(6),
        Leaf = LeafIn(r.GetString(5)),
    };

    /// <summary>The hash in a line whose words were taken back; null in any other.</summary>
    public static byte[]? LeafIn(string line)
    {
        const string Mark = "\",\"withdrawn\":\"";
        // Before the data, where only the service writes.
        var data = line.IndexOf(",\"data\":", StringComparison.Ordinal);
        var at = line.AsSpan(0, data < 0 ? line.Length : data).IndexOf(Mark, StringComparison.Ordinal);
        const int Digits = 64;
        var leaf = new byte[Digits / 2];
        return at >= 0 && line.Length >= at + Mark.Length + Digits && Convert.FromHexString(line.AsSpan(at + Mark.Length, Digits), leaf, out _, out var read) == OperationStatus.Done && read == leaf.Length ? leaf : null;
    }

    /// <summary>Runs commands in one round trip of the open transaction.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        if (batch.BatchCommands.Count == 0)
            return;
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static Task PutAsync(NpgsqlConnection connection, IReadOnlyCollection<PublicEvent> events, CancellationToken cancellation) => RunAsync(connection, Put(events), cancellation);

    private static NpgsqlBatchCommand Subjects(List<PublicEvent> events)
    {
        var subjects = events.GroupBy(e => e.Subject).OrderBy(g => g.Key).Select(g =>
        {
            // What was taken back counts before everything else: its subject is there, and named by what is left.
            var newest = g.MaxBy(Rank)!;
            var occasion = g.Where(e => e.Leaf is null).OrderByDescending(e => e.Version).Select(e => (Event: e, Occasion: Occasion.Of(e))).FirstOrDefault(o => o.Occasion is not null);
            return (Id: g.Key, Newest: newest, News: SubjectNews.Of(newest), Parent: g.OrderBy(e => e.Version).Select(e => SubjectNews.Of(e).Parent).FirstOrDefault(p => p is not null),
                At: g.Max(e => e.HappenedAt), Occasion: occasion.Occasion, OccasionVersion: occasion.Occasion is null ? 0 : occasion.Event.Version);
        }).ToList();
        return new(
            """
            INSERT INTO subject AS s (id, kind, title, place, parent, version, changed_at, place_id, starts_at, ends_at, is_off, occasion_version)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (id) DO UPDATE SET parent = coalesce(s.parent, excluded.parent), changed_at = greatest(s.changed_at, excluded.changed_at), version = greatest(s.version, excluded.version),
                title = CASE WHEN excluded.version > s.version THEN excluded.title ELSE s.title END, place = CASE WHEN excluded.version > s.version THEN excluded.place ELSE s.place END,
                place_id = CASE WHEN excluded.version > s.version THEN excluded.place_id ELSE s.place_id END,
                starts_at = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.starts_at ELSE s.starts_at END,
                ends_at = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.ends_at ELSE s.ends_at END,
                is_off = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.is_off ELSE s.is_off END,
                occasion_version = greatest(s.occasion_version, excluded.occasion_version)
            """)
        {
            Parameters =
            {
                new() { Value = subjects.Select(s => s.Id).ToArray() }, new() { Value = subjects.Select(s => s.News.Kind).ToArray() }, new() { Value = subjects.Select(s => s.News.Title).ToArray() },
                new() { Value = subjects.Select(s => s.News.Place).ToArray() }, new() { Value = subjects.Select(s => s.Parent).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = subjects.Select(s => Rank(s.Newest)).ToArray() }, new() { Value = subjects.Select(s => s.At.ToUniversalTime()).ToArray() },
                new() { Value = subjects.Select(s => s.News.Place.Length > 0 ? s.Newest.Data.PlaceId : null).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = subjects.Select(s => s.Occasion?.Starts).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Timestamp },
                new() { Value = subjects.Select(s => s.Occasion?.Ends).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Timestamp },
                new() { Value = subjects.Select(s => s.Occasion?.IsOff ?? false).ToArray() }, new() { Value = subjects.Select(s => s.OccasionVersion).ToArray() },
            },
        };
    }

    private static long Rank(PublicEvent told) => told.Leaf is null ? told.Version : 0;

    private static NpgsqlBatchCommand Newest(List<PublicEvent> events)
    {
        var newest = events.GroupBy(e => (e.Subject, e.Type, Part: SubjectNews.PartOf(e))).Select(g => (g.Key, Event: g.MaxBy(e => (e.Version, e.HappenedAt, e.Id))!))
            .OrderBy(n => n.Key.Subject).ThenBy(n => n.Key.Type, StringComparer.Ordinal).ThenBy(n => n.Key.Part, StringComparer.Ordinal).ToList();
        return new(
            """
            INSERT INTO newest AS n (subject, type, part, version, happened_at, id, line) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (subject, type, part) DO UPDATE SET version = excluded.version, happened_at = excluded.happened_at, id = excluded.id, line = excluded.line
            WHERE (excluded.version, excluded.happened_at, excluded.id) > (n.version, n.happened_at, n.id)
            """)
        {
            Parameters =
            {
                new() { Value = newest.Select(n => n.Key.Subject).ToArray() }, new() { Value = newest.Select(n => n.Key.Type).ToArray() }, new() { Value = newest.Select(n => n.Key.Part).ToArray() },
                new() { Value = newest.Select(n => n.Event.Version).ToArray() }, new() { Value = newest.Select(n => n.Event.HappenedAt.ToUniversalTime()).ToArray() },
                new() { Value = newest.Select(n => n.Event.Id).ToArray() }, new() { Value = newest.Select(n => n.Event.Line).ToArray() },
            },
        };
    }

    /// <summary>How each place is called, by the newest event that names it, in whatever order the feeds were read.</summary>
    private static NpgsqlBatchCommand? Places(List<PublicEvent> events)
    {
        var named = events.Select(e => (Told: e, Id: e.Data.PlaceId, e.Data.Path)).Where(p => p.Id is not null && p.Path.Length > 0).GroupBy(p => p.Id!.Value)
            .Select(g => (Id: g.Key, Newest: g.OrderBy(p => p.Told.HappenedAt).ThenBy(p => p.Told.Id).Last())).OrderBy(p => p.Id).ToList();
        return named.Count == 0 ? null : new(
            """
            INSERT INTO place AS p (id, path, told_at, told_by) SELECT * FROM unnest($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET path = excluded.path, told_at = excluded.told_at, told_by = excluded.told_by WHERE (excluded.told_at, excluded.told_by) > (p.told_at, p.told_by)
            """)
        {
            Parameters =
            {
                new() { Value = named.Select(p => p.Id).ToArray() }, new() { Value = named.Select(p => p.Newest.Path).ToArray() },
                new() { Value = named.Select(p => p.Newest.Told.HappenedAt.ToUniversalTime()).ToArray() }, new() { Value = named.Select(p => p.Newest.Told.Id).ToArray() },
            },
        };
    }

    /// <summary>Before the first request: an index that an older portal made is made anew, by one replica.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Rows.ReadAsync(connection, "SELECT pg_advisory_xact_lock($1)::text", [Lock], r => r.GetString(0), cancellationToken);
        if (await Rows.ReadAsync(connection, "SELECT making FROM index_making", [], r => r.GetInt32(0), cancellationToken) is [>= Making])
            return;
        LogMaking();
        await RunAsync(connection, [new("TRUNCATE subject, newest, place"), new("UPDATE index_making SET making = $1") { Parameters = { new() { Value = Making } } }], cancellationToken);
        var (source, number) = ("", 0L);
        while (true)
        {
            var some = await Rows.ReadAsync(
                connection, $"SELECT {Told}, source, number FROM event WHERE (source, number) > ($1, $2) ORDER BY source, number LIMIT {AtATime}", [source, number],
                r => (Event: Event(r), Source: r.GetString(7), Number: r.GetInt64(8)), cancellationToken);
            if (some.Count == 0)
                break;
            await PutAsync(connection, some.ConvertAll(s => s.Event), cancellationToken);
            (source, number) = (some[^1].Source, some[^1].Number);
        }
        await PutAsync(connection, await Rows.ReadAsync(connection, $"SELECT {Told} FROM heard", [], Event, cancellationToken), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Making the index over the events anew")]
    private partial void LogMaking();
}
