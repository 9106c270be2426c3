using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ProyeccionSocial.Benchmarks;

/// <summary>A portal of its own on a database of its own, with a hundred thousand events that a service gives it.</summary>
internal sealed class ServedPortal : IAsyncDisposable
{
    public const int Events = 100_000;

    /// <summary>The project that has half of them.</summary>
    public static readonly Guid Project = new("00000000-0000-7000-8000-000000000001");

    private readonly List<Process> _processes = [];

    public required string Database { get; init; }

    public HttpClient Client { get; private init; } = null!;

    public static async Task<ServedPortal> StartAsync(string source, int sourcePort, IReadOnlyDictionary<string, string>? more = null)
    {
        var (home, port) = (await Bench.NewHomeAsync(), Hosts.FreePort());
        var process = await Hosts.StartAsync(Hosts.Dll("services/TransparencyPortal"), port, new Dictionary<string, string>(more ?? new Dictionary<string, string>())
        {
            ["ConnectionStrings__transparencydb"] = Servers.Postgres.ConnectionString(home), [$"services__{source}__http__0"] = $"http://127.0.0.1:{sourcePort}",
        });
        return new() { Database = home, Client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") }, _processes = { process } };
    }

    /// <summary>Rows of the feed as the relay leaves them: half of them of one project, the rest of two thousand.</summary>
    public static async Task FillAsync(string database, int from, int until)
    {
        await using var connection = new NpgsqlConnection(Servers.Postgres.ConnectionString(database));
        await connection.OpenAsync();
        await using var fill = new NpgsqlCommand(
            """
            INSERT INTO published_event (message_id, type, public_type, subject, version, body, created_at)
            SELECT id, 'ProyeccionSocial.Contracts.Budget:ProjectMoneyChanged', 'budget.project.money-changed.v1', subject, n, json_build_object(
                'projectId', subject, 'name', 'Obra ' || subject, 'place', json_build_object('id', place, 'kind', 'hamlet', 'name', 'Caserío ' || place, 'path', 'Caserío ' || place || ', Cantón Las Lomas, San Ensayo, La Prueba'),
                'approved', 23000, 'committed', 21000, 'paid', n, 'contributed', 1500, 'eventId', id, 'version', n, 'occurredAt', at), at
            FROM (SELECT n, ('0193' || lpad(to_hex(n), 4, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, timestamptz '2027-01-01' + n * interval '3 minutes' AS at,
                     CASE WHEN n % 2 = 0 THEN $3 ELSE ('00000000-0000-7000-8000-' || lpad(to_hex(2 + n % 2000), 12, '0'))::uuid END AS subject,
                     ('00000000-0000-7000-8001-' || lpad(to_hex(n % 200), 12, '0'))::uuid AS place
                  FROM generate_series($1, $2) n) e ORDER BY n
            """, connection) { Parameters = { new() { Value = from }, new() { Value = until - 1 }, new() { Value = Project } }, CommandTimeout = 300 };
        await fill.ExecuteNonQueryAsync();
    }

    public async Task<long> KeptAsync()
    {
        await using var source = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(Database));
        await using var command = source.CreateCommand("SELECT coalesce(sum(number), 0)::bigint FROM feed");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public Task CaughtUpAsync(long events) => Eventually.TrueAsync(async () => await KeptAsync() == events, 300, "The portal");

    /// <summary>All that it has, row by row, in one hash.</summary>
    public async Task<string> HashAsync()
    {
        await using var source = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(Database));
        await using var command = source.CreateCommand(string.Join(" UNION ALL ", new[] { "event", "block", "subject", "newest", "place", "feed", "heard" }.Select(t => $"SELECT '{t} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\")), '') FROM {t} t")) + " ORDER BY 1");
        command.CommandTimeout = 300;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return string.Join('\n', rows);
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// A hundred thousand events from the catch-up feed of a running service into an empty portal, against pgbench applying the same
/// statements one event a transaction. What comes out is what a portal has that followed live.
/// </summary>
internal static class PortalRebuild
{
    public static async Task<Measured> RunAsync()
    {
        var (home, port) = (await Bench.NewHomeAsync(), Hosts.FreePort());
        using var service = await StartServiceAsync(home, port);
        try
        {
            await using var live = await ServedPortal.StartAsync("budget", port);
            for (var i = 0; i < 20; i++)
            {
                await ServedPortal.FillAsync(home, i * ServedPortal.Events / 20, (i + 1) * ServedPortal.Events / 20);
                await Task.Delay(150);
            }
            await live.CaughtUpAsync(ServedPortal.Events);
            var rates = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                await using var anew = await ServedPortal.StartAsync("budget", port);
                long first;
                while ((first = await anew.KeptAsync()) == 0)
                    await Task.Delay(10);
                var started = Stopwatch.GetTimestamp();
                await anew.CaughtUpAsync(ServedPortal.Events);
                rates.Add((ServedPortal.Events - first) / Stopwatch.GetElapsedTime(started).TotalSeconds);
                if (await anew.HashAsync() is var rebuilt && rebuilt != await live.HashAsync())
                    throw new InvalidOperationException($"The rebuilt portal differs from the live one:\n{rebuilt}\n{await live.HashAsync()}");
            }
            await using var yard = await ServedPortal.StartAsync("budget", Hosts.FreePort()); // Its tables alone.
            await yard.Client.GetAsync(new Uri("/alive", UriKind.Relative));
            var yardstick = await Pgbench.RateAsync(yard.Database, 1, Script, isPipelined: true);
            var ours = Bench.Median(rates);
            return new(ours / yardstick, new Dictionary<string, double> { ["eventsPerSecond"] = ours, ["pgbenchPerSecond"] = yardstick });
        }
        finally
        {
            service.Kill();
        }
    }

    public static Task<Process> StartServiceAsync(string home, int port) => Hosts.StartAsync(Hosts.Dll("services/ParticipatoryBudget"), port, new Dictionary<string, string>
    {
        ["ConnectionStrings__budgetdb"] = Servers.Postgres.ConnectionString(home), ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
    });

    // What the portal does with one event: KeepEvents and EventIndex, without the seals.
    private const string Script =
        """
        \set n random(1, 1000000000)
        \set s random(1, 2000)
        \set p random(1, 200)
        BEGIN;
        INSERT INTO feed (source) VALUES ('budget') ON CONFLICT (source) DO UPDATE SET source = excluded.source RETURNING position, number, block, block_day, in_block;
        SELECT id FROM event WHERE source = 'budget' AND id = ANY (ARRAY[('00000000-0000-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid]);
        SELECT id FROM heard WHERE id = ANY (ARRAY[('00000000-0000-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid]);
        INSERT INTO event (source, number, block, id, type, subject, version, happened_at, line)
        SELECT 'budget', f.number + 1, 1, gen_random_uuid(), 'budget.project.money-changed.v1', ('00000000-0000-7000-8000-' || lpad(to_hex(:s::int), 12, '0'))::uuid, :n, now(),
            '{"specversion":"1.0","id":"00000000-0000-7000-8000-000000000001","source":"/v1/budget","type":"budget.project.money-changed.v1","subject":"00000000-0000-7000-8000-000000000001","time":"2027-01-01T00:00:00Z","data":{"projectId":"00000000-0000-7000-8000-000000000001","name":"Obra 00000000-0000-7000-8000-000000000001","place":{"id":"00000000-0000-7000-8000-000000000001","kind":"hamlet","name":"Caserío","path":"Caserío, Cantón Las Lomas, San Ensayo, La Prueba"},"approved":23000,"committed":21000,"paid":9000,"contributed":1500,"version":1}}'
        FROM feed f WHERE source = 'budget';
        INSERT INTO subject AS s (id, kind, title, place, parent, version, changed_at, place_id, starts_at, ends_at, is_off, occasion_version)
        VALUES (('00000000-0000-7000-8000-' || lpad(to_hex(:s::int), 12, '0'))::uuid, 'project', 'Obra de prueba', 'Caserío, Cantón Las Lomas, San Ensayo, La Prueba', NULL, :n, now(), ('00000000-0000-7000-8001-' || lpad(to_hex(:p::int), 12, '0'))::uuid, NULL, NULL, false, 0)
        ON CONFLICT (id) DO UPDATE SET parent = coalesce(s.parent, excluded.parent), changed_at = greatest(s.changed_at, excluded.changed_at), version = greatest(s.version, excluded.version),
            title = CASE WHEN excluded.version > s.version THEN excluded.title ELSE s.title END, place = CASE WHEN excluded.version > s.version THEN excluded.place ELSE s.place END,
            place_id = CASE WHEN excluded.version > s.version THEN excluded.place_id ELSE s.place_id END,
            starts_at = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.starts_at ELSE s.starts_at END,
            ends_at = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.ends_at ELSE s.ends_at END,
            is_off = CASE WHEN excluded.occasion_version > s.occasion_version THEN excluded.is_off ELSE s.is_off END, occasion_version = greatest(s.occasion_version, excluded.occasion_version);
        INSERT INTO newest AS n (subject, type, part, version, happened_at, id, line)
        SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(:s::int), 12, '0'))::uuid, 'budget.project.money-changed.v1', '', :n, now(), gen_random_uuid(),
            '{"specversion":"1.0","id":"00000000-0000-7000-8000-000000000001","source":"/v1/budget","type":"budget.project.money-changed.v1","subject":"00000000-0000-7000-8000-000000000001","time":"2027-01-01T00:00:00Z","data":{"projectId":"00000000-0000-7000-8000-000000000001","name":"Obra 00000000-0000-7000-8000-000000000001","place":{"id":"00000000-0000-7000-8000-000000000001","kind":"hamlet","name":"Caserío","path":"Caserío, Cantón Las Lomas, San Ensayo, La Prueba"},"approved":23000,"committed":21000,"paid":9000,"contributed":1500,"version":1}}'
        ON CONFLICT (subject, type, part) DO UPDATE SET version = excluded.version, happened_at = excluded.happened_at, id = excluded.id, line = excluded.line
        WHERE (excluded.version, excluded.happened_at, excluded.id) > (n.version, n.happened_at, n.id);
        INSERT INTO place AS p (id, path, told_at, told_by) VALUES (('00000000-0000-7000-8001-' || lpad(to_hex(:p::int), 12, '0'))::uuid, 'Caserío, Cantón Las Lomas, San Ensayo, La Prueba', now(), gen_random_uuid())
        ON CONFLICT (id) DO UPDATE SET path = excluded.path, told_at = excluded.told_at, told_by = excluded.told_by WHERE (excluded.told_at, excluded.told_by) > (p.told_at, p.told_by);
        DELETE FROM heard WHERE id = ANY (ARRAY[('00000000-0000-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid]);
        UPDATE feed SET position = :n, number = number + 1, block = 1, block_day = now()::date, in_block = 1 WHERE source = 'budget';
        SELECT pg_notify('told', '');
        COMMIT;
        """;
}

/// <summary>
/// The start page and a project's page with a hundred thousand events behind them, while something new is published each second,
/// against an empty ASP.NET Core page of the same size in a process of its own: 95th percentile of requests that come at once.
/// </summary>
internal static class PortalPage
{
    private const int Clients = 4;
    private const int Requests = 6000;

    public static async Task<Measured> RunAsync()
    {
        var (home, port) = (await Bench.NewHomeAsync(), Hosts.FreePort());
        using var service = await PortalRebuild.StartServiceAsync(home, port);
        try
        {
            await ServedPortal.FillAsync(home, 0, ServedPortal.Events);
            await using var portal = await ServedPortal.StartAsync("budget", port);
            await portal.CaughtUpAsync(ServedPortal.Events);
            var parts = new Dictionary<string, double>();
            using var stop = new CancellationTokenSource();
            var published = ServedPortal.Events;
            var publishing = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await ServedPortal.FillAsync(home, published, ++published);
                    await Task.Delay(1000, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            });
            var worst = 0d;
            foreach (var (name, path) in new[] { ("start", "/"), ("project", $"/portal/obras/{ServedPortal.Project}") })
            {
                var size = (await portal.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative))).Length;
                var emptyPort = Hosts.FreePort();
                using var empty = await Hosts.StartAsync(typeof(PortalPage).Assembly.Location, emptyPort, new Dictionary<string, string> { ["EMPTY_PAGE"] = size.ToString(CultureInfo.InvariantCulture) });
                using var emptyClient = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{emptyPort}") };
                var ratios = new List<(double Ours, double Empty)>();
                for (var round = 0; round < 4; round++)
                {
                    var (ours, bare) = (await P95Async(portal.Client, _ => path), await P95Async(emptyClient, _ => "/page"));
                    if (round > 0)
                        ratios.Add((ours, bare));
                }
                empty.Kill();
                parts[$"{name}.bytes"] = size;
                parts[$"{name}.p95Ms"] = Bench.Median(ratios.Select(r => r.Ours));
                parts[$"{name}.emptyP95Ms"] = Bench.Median(ratios.Select(r => r.Empty));
                parts[$"{name}.ratio"] = Bench.Median(ratios.Select(r => r.Ours / r.Empty));
                // What the first reader after some news waits for.
                parts[$"{name}.madeAnewP95Ms"] = await P95Async(portal.Client, i => $"{path}?otra={i}", 1000, 1);
                worst = Math.Max(worst, parts[$"{name}.ratio"]);
            }
            await stop.CancelAsync();
            await publishing;
            return new(worst, parts);
        }
        finally
        {
            service.Kill();
        }
    }

    /// <summary>A page of so many bytes that nothing is computed for.</summary>
    public static async Task ServeEmptyAsync(int bytes)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var page = new string('a', bytes);
        app.MapGet("/alive", () => "alive");
        app.MapGet("/page", () => TypedResults.Text(page, "text/html; charset=utf-8"));
        await app.RunAsync();
    }

    private static async Task<double> P95Async(HttpClient client, Func<int, string> path, int requests = Requests, int clients = Clients)
    {
        var times = new double[requests];
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = clients }, async (i, _) =>
        {
            var started = Stopwatch.GetTimestamp();
            await client.GetByteArrayAsync(new Uri(path(i), UriKind.Relative), CancellationToken.None);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        });
        return Bench.Percentile(times, 0.95);
    }
}

/// <summary>
/// From the commit of a resident's question in its service to the start page that shows it, against the bare client's publish to its
/// consumer's receipt at the same pace, and one request.
/// </summary>
internal static class PortalLatency
{
    private const int WarmUp = 300;
    private const int Samples = 400;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    public static async Task<Measured> RunAsync()
    {
        var (home, port) = (await Bench.NewHomeAsync(), Hosts.FreePort());
        using var service = await Hosts.StartAsync(Hosts.Dll("services/EventsAndMeetings"), port, new Dictionary<string, string>
        {
            ["ConnectionStrings__agendadb"] = Servers.Postgres.ConnectionString(home), ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
        });
        try
        {
            var subscriber = await Servers.Rabbit.AddSubscriberAsync(home.Replace('_', '-'), "#", home);
            var broker = new Uri(Servers.Rabbit.AmqpUri(home));
            await using var portal = await ServedPortal.StartAsync("agenda", port, new Dictionary<string, string>
            {
                ["PublicStream__Broker"] = $"tcp://{broker.Host}:{broker.Port}{broker.AbsolutePath}", ["PublicStream__User"] = subscriber.Name, ["PublicStream__Queue"] = subscriber.Name, ["PublicStream__Password"] = subscriber.Password,
            });
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri("/health", UriKind.Relative))).IsSuccessStatusCode, 60);
            var (bare, ours, requests) = (await BareAsync(home), new List<double>(), new List<double>());
            for (var i = 0; i < WarmUp + Samples; i++)
            {
                using var answer = await client.PostAsJsonAsync("/v1/agenda/public/information-requests", new { question = $"Pregunta {i}" });
                var committed = Stopwatch.GetTimestamp();
                var number = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["number"]!.GetValue<string>();
                while (!(await portal.Client.GetStringAsync(new Uri("/portal/preguntas", UriKind.Relative))).Contains($"{number}<", StringComparison.Ordinal))
                {
                    if (Stopwatch.GetElapsedTime(committed) > TimeSpan.FromSeconds(10))
                        throw new TimeoutException($"{number} was not shown.");
                    await Task.Delay(1); // To ask without pause would take the processors from those who carry the news.
                }
                if (i >= WarmUp)
                    ours.Add(Stopwatch.GetElapsedTime(committed).TotalMilliseconds);
                var asked = Stopwatch.GetTimestamp();
                await portal.Client.GetStringAsync(new Uri($"/portal/preguntas?otra={i}", UriKind.Relative)); // One that has to be made.
                if (i >= WarmUp)
                    requests.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                await Task.Delay(Pace);
            }
            var (p95, bareP95, requestP95) = (Bench.Percentile(ours, 0.95), Bench.Percentile(bare, 0.95), Bench.Percentile(requests, 0.95));
            return new((p95 - requestP95) / bareP95, new Dictionary<string, double>
            {
                ["p50Ms"] = Bench.Percentile(ours, 0.5), ["p95Ms"] = p95, ["bareP50Ms"] = Bench.Percentile(bare, 0.5), ["bareP95Ms"] = bareP95, ["requestP95Ms"] = requestP95,
            });
        }
        finally
        {
            service.Kill();
        }
    }

    private static async Task<List<double>> BareAsync(string home)
    {
        var factory = new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) };
        await using var sending = await factory.CreateConnectionAsync();
        await using var receiving = await factory.CreateConnectionAsync();
        await using var publisher = await sending.CreateChannelAsync(new CreateChannelOptions(true, true));
        await using var consumer = await receiving.CreateChannelAsync();
        await consumer.ExchangeDeclareAsync("bare", ExchangeType.Fanout, durable: true);
        await consumer.QueueDeclareAsync("bare", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await consumer.QueueBindAsync("bare", "bare", "");
        var received = new SemaphoreSlim(0);
        var at = 0L;
        var reader = new AsyncEventingBasicConsumer(consumer);
        reader.ReceivedAsync += async (_, message) =>
        {
            at = Stopwatch.GetTimestamp();
            received.Release();
            await consumer.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await consumer.BasicConsumeAsync("bare", autoAck: false, reader);
        var (body, times) = (new byte[600], new List<double>());
        for (var i = 0; i < WarmUp + Samples; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            await publisher.BasicPublishAsync("bare", "", false, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, body);
            await received.WaitAsync();
            if (i >= WarmUp)
                times.Add(Stopwatch.GetElapsedTime(sent, at).TotalMilliseconds);
            await Task.Delay(Pace);
        }
        return times;
    }
}
