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
    private readonly ConcurrentDictionary<Guid, Watch> _watchers = new();
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

    /// <summary>What is kept from now on, until it is disposed of. Who reads too slowly loses some and may ask again.</summary>
    public Watch Begin()
    {
        var watch = new Watch(this);
        _watchers[watch.Id] = watch;
        return watch;
    }

    /// <summary>Somebody who looks on.</summary>
    internal sealed class Watch(FreshNews news) : IDisposable
    {
        private readonly Channel<Told> _told = System.Threading.Channels.Channel.CreateBounded<Told>(new BoundedChannelOptions(200) { FullMode = BoundedChannelFullMode.DropOldest });

        public Guid Id { get; } = Guid.NewGuid();

        public ChannelReader<Told> News => _told.Reader;

        public void Tell(Told told) => _told.Writer.TryWrite(told);

        public void Dispose() => news._watchers.TryRemove(Id, out _);
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
        var heard = new List<Guid>();
        connection.Notification += (_, notification) =>
        {
            Interlocked.Increment(ref _edition);
            heard.AddRange(notification.Payload.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Guid.Parse));
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
            if (heard.Count == 0)
                continue;
            var ids = heard.ToArray();
            heard.Clear();
            if (_watchers.IsEmpty)
                continue;
            foreach (var told in await Told.ReadAsync(database, "e.id = ANY ($1) ORDER BY e.happened_at, e.id", [ids], stop))
            {
                foreach (var watcher in _watchers.Values)
                    watcher.Tell(told);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing is heard of new events; pages are made for each request meanwhile")]
    private partial void LogDeaf(Exception failure);
}

/// <summary>An event with what its page is called and where it is.</summary>
internal sealed record Told(PublicEvent Event, string Kind, string Title)
{
    /// <param name="database">The portal's.</param>
    /// <param name="which">A condition on <c>told e</c>, and an order.</param>
    /// <param name="parameters">Of the condition.</param>
    /// <param name="cancellation">Of the caller.</param>
    public static Task<List<Told>> ReadAsync(NpgsqlDataSource database, string which, object?[] parameters, CancellationToken cancellation) => StreamAsync(database, which, parameters, cancellation).ToListAsync(cancellation).AsTask();

    /// <inheritdoc cref="ReadAsync"/>
    public static IAsyncEnumerable<Told> StreamAsync(NpgsqlDataSource database, string which, object?[] parameters, CancellationToken cancellation) => Rows.StreamAsync(
        database, $"SELECT {Rows.Event}, s.kind, s.title FROM told e LEFT JOIN subject s ON s.id = e.subject WHERE {which}", parameters,
        r => new Told(EventIndex.Event(r), r.IsDBNull(7) ? "other" : r.GetString(7), r.IsDBNull(8) ? "" : r.GetString(8)), cancellation);
}
