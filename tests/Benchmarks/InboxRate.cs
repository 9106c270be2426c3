using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// Messages a second through the inbox and a one-row upsert, one commit each, against pgbench running the same
/// statements with as many clients as the consumer works on messages at once.
/// </summary>
internal static class InboxRate
{
    private const int Messages = 30_000;
    private const int Clients = 16;

    public static async Task<Measured> RunAsync()
    {
        var consumed = new List<double>();
        var pgbench = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            var home = await Bench.NewHomeAsync();
            consumed.Add(await ConsumeAsync(home));
            pgbench.Add(await PgbenchAsync(home));
        }
        var (ours, theirs) = (Bench.Median(consumed), Bench.Median(pgbench));
        return new(ours / theirs, new Dictionary<string, double> { ["consumedPerSecond"] = ours, ["pgbenchPerSecond"] = theirs, ["clients"] = Clients });
    }

    private static async Task<double> ConsumeAsync(string home)
    {
        await FillQueueAsync(home);
        var warm = Messages / 6;
        using var host = await Bench.StartAsync(home, options => options.ConcurrentMessages = Clients);
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using var count = database.CreateCommand("SELECT count(*) FROM inbox");
        await Eventually.TrueAsync(async () => (long)(await count.ExecuteScalarAsync())! >= warm, 60);
        var first = (long)(await count.ExecuteScalarAsync())!;
        var started = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => (long)(await count.ExecuteScalarAsync())! >= Messages, 120);
        var rate = (Messages - first) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        return rate;
    }

    private static async Task FillQueueAsync(string home)
    {
        var exchange = EventJson.ExchangeOf(typeof(Counted));
        await using var connection = await new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, null));
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.ExchangeDeclareAsync("bench", ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("bench", durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-single-active-consumer"] = true, ["x-delivery-limit"] = 1_000_000 });
        await channel.QueueBindAsync("bench", "bench", "");
        await channel.ExchangeBindAsync("bench", exchange, "");
        foreach (var thousand in Enumerable.Range(0, Messages).Chunk(1000))
        {
            await Task.WhenAll(thousand.Select(n =>
            {
                var (id, subject) = (Guid.NewGuid(), Guid.NewGuid());
                var body = Encoding.UTF8.GetBytes(
                    $$"""{"counterId":"{{subject}}","count":{{n}},"place":"Caserío El Amate","note":"-","eventId":"{{id}}","version":1,"occurredAt":"2026-01-01T00:00:00Z"}""");
                return channel.BasicPublishAsync(exchange, "", false, new BasicProperties
                {
                    MessageId = id.ToString(),
                    CorrelationId = subject.ToString(),
                    ContentType = "application/json",
                    DeliveryMode = DeliveryModes.Persistent,
                    Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:" + exchange },
                }, body).AsTask();
            }));
        }
    }

    // The ids come from pgbench itself, so that its statements are those of the consumer and no more.
    private static Task<double> PgbenchAsync(string home) => Pgbench.RateAsync(home, Clients,
        """
        \set a random(1, 9000000000000000000)
        \set b random(1, 9000000000000000000)
        BEGIN;
        INSERT INTO inbox (consumer, message_id) VALUES ('pgbench', lpad(to_hex(:a::bigint), 32, '0')::uuid) ON CONFLICT DO NOTHING;
        INSERT INTO latest AS known (id, count, version) VALUES (lpad(to_hex(:b::bigint), 32, '0')::uuid, 1, 1)
        ON CONFLICT (id) DO UPDATE SET count = excluded.count, version = excluded.version WHERE known.version < excluded.version;
        COMMIT;
        """);
}
