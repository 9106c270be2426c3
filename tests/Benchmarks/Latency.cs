using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// From the commit of a change to the commit of its effect at 200 changes a second, against the bare client's
/// publish to its consumer's receipt of the same bytes through the same kind of queue.
/// </summary>
internal static class Latency
{
    private const int Rounds = 3;
    private const int PerSecond = 200;
    private const int Seconds = 10;

    // A service runs for months: what is still being compiled in its first seconds is not measured.
    private const int WarmUp = 5_000;
    private static readonly TimeSpan CompilersRest = TimeSpan.FromSeconds(3);

    public static async Task<Measured> RunAsync()
    {
        var rounds = new List<Dictionary<string, double>>();
        for (var round = 0; round < Rounds; round++)
        {
            var bare = await BareAsync();
            var ours = await CommitToCommitAsync();
            rounds.Add(new()
            {
                ["p50Ms"] = Bench.Percentile(ours.Select(o => o.Committed), 0.50), ["p95Ms"] = Bench.Percentile(ours.Select(o => o.Committed), 0.95),
                ["bareP50Ms"] = Bench.Percentile(bare, 0.50), ["bareP95Ms"] = Bench.Percentile(bare, 0.95),
                ["arrivedP50Ms"] = Bench.Percentile(ours.Select(o => o.Arrived), 0.50), ["arrivedP95Ms"] = Bench.Percentile(ours.Select(o => o.Arrived), 0.95),
            });
        }
        var ratioP50 = Bench.Median(rounds.Select(r => r["p50Ms"] / r["bareP50Ms"]));
        var parts = new Dictionary<string, double> { ["ratioP50"] = ratioP50, ["ratioP95"] = Bench.Median(rounds.Select(r => r["p95Ms"] / r["bareP95Ms"])) };
        foreach (var name in rounds[0].Keys)
            parts[name] = Bench.Median(rounds.Select(r => r[name]));
        return new(ratioP50, parts);
    }

    private static async Task<List<(double Arrived, double Committed)>> CommitToCommitAsync()
    {
        var home = await Bench.NewHomeAsync();
        using var host = await Bench.StartAsync(home);
        var committed = new ConcurrentDictionary<Guid, long>();
        var received = new ConcurrentDictionary<Guid, (long Arrived, long Committed)>();
        host.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(new Receipts(received));
        await AtRateAsync(async () =>
        {
            await using var scope = host.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BenchDb>();
            var counter = new Counter();
            var id = counter.Add(DateTimeOffset.UtcNow);
            db.Add(counter);
            await db.SaveChangesAsync();
            committed[id] = Stopwatch.GetTimestamp();
        });
        await Eventually.TrueAsync(() => Task.FromResult(received.Count >= committed.Count), 30);
        await host.StopAsync();
        await Servers.Rabbit.DeleteVirtualHostAsync(home);
        return [.. committed.OrderBy(c => c.Value).Skip(WarmUp)
            .Select(c => (Stopwatch.GetElapsedTime(c.Value, received[c.Key].Arrived).TotalMilliseconds, Stopwatch.GetElapsedTime(c.Value, received[c.Key].Committed).TotalMilliseconds))];
    }

    private static async Task<List<double>> BareAsync()
    {
        var home = await Bench.NewHomeAsync();
        var factory = new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) };
        await using var sending = await factory.CreateConnectionAsync();
        await using var receiving = await factory.CreateConnectionAsync();
        await using var publisher = await sending.CreateChannelAsync(new CreateChannelOptions(true, true));
        await using var consumer = await receiving.CreateChannelAsync();
        await consumer.ExchangeDeclareAsync("bare", ExchangeType.Fanout, durable: true);
        await consumer.QueueDeclareAsync("bare", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await consumer.QueueBindAsync("bare", "bare", "");
        var sent = new ConcurrentDictionary<Guid, long>();
        var received = new ConcurrentDictionary<Guid, long>();
        var reader = new AsyncEventingBasicConsumer(consumer);
        reader.ReceivedAsync += async (_, message) =>
        {
            received[Guid.Parse(message.BasicProperties.MessageId!)] = Stopwatch.GetTimestamp();
            await consumer.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await consumer.BasicConsumeAsync("bare", autoAck: false, reader);
        var body = new byte[300];
        await AtRateAsync(async () =>
        {
            var id = Guid.NewGuid();
            sent[id] = Stopwatch.GetTimestamp();
            await publisher.BasicPublishAsync("bare", "", false, new BasicProperties { MessageId = id.ToString(), DeliveryMode = DeliveryModes.Persistent }, body);
        });
        await Eventually.TrueAsync(() => Task.FromResult(received.Count >= sent.Count), 30);
        await Servers.Rabbit.DeleteVirtualHostAsync(home);
        return [.. sent.OrderBy(s => s.Value).Skip(WarmUp).Select(s => Stopwatch.GetElapsedTime(s.Value, received[s.Key]).TotalMilliseconds)];
    }

    /// <summary>After the warm-up, starts one act every five milliseconds, whether or not the former ones have ended.</summary>
    private static async Task AtRateAsync(Func<Task> act)
    {
        await Parallel.ForAsync(0, WarmUp, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await act());
        await Task.Delay(CompilersRest);
        var running = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var n = 0; n < PerSecond * Seconds;)
        {
            var due = Math.Min(PerSecond * Seconds, (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * PerSecond));
            for (; n < due; n++)
                running.Add(act());
            await timer.WaitForNextTickAsync();
        }
        await Task.WhenAll(running);
    }

    private sealed class Receipts(ConcurrentDictionary<Guid, (long Arrived, long Committed)> received) : IReceiveObserver
    {
        private readonly ConcurrentDictionary<Guid, long> _arrived = new();

        public Task PreReceive(ReceiveContext context)
        {
            _arrived[context.GetMessageId()!.Value] = Stopwatch.GetTimestamp();
            return Task.CompletedTask;
        }

        public Task PostReceive(ReceiveContext context)
        {
            var id = context.GetMessageId()!.Value;
            received.TryAdd(id, (_arrived[id], Stopwatch.GetTimestamp()));
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;
        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;
        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}
