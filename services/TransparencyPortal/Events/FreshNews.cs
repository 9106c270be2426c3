using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;
using ProyeccionSocial.News;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>
/// Tells every replica that something new was kept, whichever of them kept it: pages that were made before are made anew, and
/// whoever watches a page sees it. The database carries the word (NOTIFY): few transactions write here, so its lock costs nothing.
/// </summary>
internal sealed partial class FreshNews(NpgsqlDataSource database, ILogger<FreshNews> logger) : BackgroundService
{
    private const string Channel = "told";

    /// <summary>Of news at once: a page of a feed that is read from its beginning is no news.</summary>
    private const int Most = 100;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Guid, ChannelWriter<PublicEvent>> _watchers = new();
    private long _edition;
    private volatile bool _hears;

    /// <summary>Grows with everything that is kept; null while nothing would be heard of it, and no page may be kept.</summary>
    public long? Edition => _hears ? Interlocked.Read(ref _edition) : null;

    /// <summary>How many watch.</summary>
    public int Watchers => _watchers.Count;

    /// <summary>Says, when the transaction commits, what it kept.</summary>
    public static NpgsqlBatchCommand Tell(IReadOnlyList<PublicEvent> fresh) => new("SELECT pg_notify($1, $2)")
    {
        Parameters = { new() { Value = Channel }, new() { Value = fresh.Count > Most ? "" : string.Join(' ', fresh.Select(e => e.Id.ToString("N"))) } },
    };

    /// <summary>What is kept from now on, until <paramref name="cancellation"/>. Who reads too slowly loses some and may ask again.</summary>
    public IAsyncEnumerable<PublicEvent> WatchAsync(CancellationToken cancellation)
    {
        var (id, channel) = (Guid.NewGuid(), System.Threading.Channels.Channel.CreateBounded<PublicEvent>(new BoundedChannelOptions(200) { FullMode = BoundedChannelFullMode.DropOldest }));
        _watchers[id] = channel.Writer;
        cancellation.Register(() =>
        {
            _watchers.TryRemove(id, out _);
            channel.Writer.TryComplete();
        });
        return channel.Reader.ReadAllAsync(CancellationToken.None);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                _hears = false;
                LogDeaf(failure);
                await Task.Delay(AfterFailure, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await database.OpenConnectionAsync(stop);
        var told = new List<Guid>();
        connection.Notification += (_, notification) =>
        {
            Interlocked.Increment(ref _edition);
            told.AddRange(notification.Payload.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Guid.Parse));
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
            await listen.ExecuteNonQueryAsync(stop);
        Interlocked.Increment(ref _edition); // What happened before was not heard of.
        _hears = true;
        while (true)
        {
            // Woken now and then, so that a connection that died in silence is found out.
            if (!await connection.WaitAsync(TimeSpan.FromSeconds(15), stop))
            {
                await using var alive = new NpgsqlCommand("SELECT 1", connection);
                await alive.ExecuteNonQueryAsync(stop);
            }
            if (told.Count == 0)
                continue;
            var ids = told.ToArray();
            told.Clear();
            if (_watchers.IsEmpty)
                continue;
            await using var query = database.CreateCommand($"SELECT {EventIndex.Told} FROM told WHERE id = ANY ($1) ORDER BY happened_at, id");
            query.Parameters.Add(new() { Value = ids });
            await using var reader = await query.ExecuteReaderAsync(stop);
            while (await reader.ReadAsync(stop))
            {
                var news = EventIndex.Event(reader);
                foreach (var watcher in _watchers.Values)
                    watcher.TryWrite(news);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing is heard of new events; pages are made for each request meanwhile")]
    private partial void LogDeaf(Exception failure);
}
