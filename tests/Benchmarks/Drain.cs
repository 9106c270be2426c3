using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// A backlog of 50,000 rows to the broker's last confirm and its commit, against the bus publishing the same events,
/// 100 at a time, with its confirms and no outbox. Both arrive in a durable quorum queue that nobody reads.
/// </summary>
internal static class Drain
{
    private const int Backlog = 50_000;

    public static async Task<Measured> RunAsync()
    {
        var relay = new List<double>();
        var bus = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            relay.Add(await RelayAsync());
            bus.Add(await BusAsync());
        }
        var (ours, theirs) = (Bench.Median(relay), Bench.Median(bus));
        return new(ours / theirs, new Dictionary<string, double> { ["relayPerSecond"] = ours, ["busPerSecond"] = theirs, ["backlog"] = Backlog });
    }

    private static async Task<double> RelayAsync()
    {
        var home = await Bench.NewHomeAsync();
        using var host = await Bench.StartAsync(home, options => options.PollInterval = TimeSpan.FromMilliseconds(5));
        await SilenceConsumerAsync(home);
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var insert = database.CreateCommand(
            $"""
            INSERT INTO outbox (message_id, type, subject, version, body, created_at)
            SELECT m, '{EventJson.ExchangeOf(typeof(Counted))}', s, 1,
                   json_build_object('counterId', s, 'count', n, 'place', 'Caserío El Amate, Cantón Las Lomas',
                       'note', 'Reunión de coordinación, fortalecimiento y planificación', 'eventId', m, 'version', 1, 'occurredAt', now()), now()
            FROM (SELECT n, gen_random_uuid() AS m, gen_random_uuid() AS s FROM generate_series(1, {Backlog}) n) rows
            """))
        {
            await insert.ExecuteNonQueryAsync();
        }
        var started = Stopwatch.GetTimestamp();
        await using (var left = database.CreateCommand("SELECT count(*) FROM outbox"))
            await Eventually.TrueAsync(async () => (long)(await left.ExecuteScalarAsync())! == 0, 120);
        var rate = Backlog / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        await Servers.Rabbit.DeleteVirtualHostAsync(home);
        return rate;
    }

    private static async Task<double> BusAsync()
    {
        var home = await Bench.NewHomeAsync();
        using var host = await Bench.StartAsync(home);
        await SilenceConsumerAsync(home);
        var bus = host.Services.GetRequiredService<IBus>();
        var events = Enumerable.Range(0, Backlog).Select(i => new Counted
        {
            CounterId = Guid.NewGuid(),
            Count = i,
            Place = "Caserío El Amate, Cantón Las Lomas",
            Note = "Reunión de coordinación, fortalecimiento y planificación",
            Version = 1,
            OccurredAt = DateTimeOffset.UtcNow,
        }).ToArray();
        await Task.WhenAll(events.Take(100).Select(e => bus.Publish(e)));
        var started = Stopwatch.GetTimestamp();
        foreach (var hundred in events.Chunk(100))
            await Task.WhenAll(hundred.Select(e => bus.Publish(e)));
        var rate = Backlog / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await host.StopAsync();
        await Servers.Rabbit.DeleteVirtualHostAsync(home);
        return rate;
    }

    /// <summary>The events go to a queue of the same kind that nobody reads, instead of to the consumer.</summary>
    private static async Task SilenceConsumerAsync(string home)
    {
        var exchange = EventJson.ExchangeOf(typeof(Counted));
        await using var connection = await new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeUnbindAsync("bench", exchange, "");
        await channel.QueueDeclareAsync("unread", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync("unread", exchange, "");
    }
}
