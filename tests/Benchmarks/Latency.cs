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
    private const int PerSecond = 200;
    private const int Seconds = 10;
    private const int WarmUp = PerSecond * 2;

    public static async Task<Measured> RunAsync()
    {
        var bare = new List<double>();
        var ours = new List<double>();
        for (var round = 0; round < 2; round++)
        {
            bare.AddRange(await BareAsync());
            ours.AddRange(await CommitToCommitAsync());
        }
        double p50 = Bench.Percentile(ours, 0.50), p95 = Bench.Percentile(ours, 0.95);
        double bare50 = Bench.Percentile(bare, 0.50), bare95 = Bench.Percentile(bare, 0.95);
        return new(p50 / bare50, new Dictionary<string, double>
        {
            ["ratioP50"] = p50 / bare50, ["ratioP95"] = p95 / bare95, ["p50Ms"] = p50, ["p95Ms"] = p95, ["bareP50Ms"] = bare50, ["bareP95Ms"] = bare95,
        });
    }

    private static async Task<List<double>> CommitToCommitAsync()
    {
        var home = await Bench.NewHomeAsync();
        using var host = await Bench.StartAsync(home);
        var committed = new ConcurrentDictionary<Guid, long>();
        var received = new ConcurrentDictionary<Guid, long>();
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
        return [.. committed.OrderBy(c => c.Value).Skip(WarmUp).Select(c => Stopwatch.GetElapsedTime(c.Value, received[c.Key]).TotalMilliseconds)];
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

    /// <summary>Starts one act every five milliseconds, whether or not the former ones have ended.</summary>
    private static async Task AtRateAsync(Func<Task> act)
    {
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

    private sealed class Receipts(ConcurrentDictionary<Guid, long> received) : IReceiveObserver
    {
        public Task PostReceive(ReceiveContext context)
        {
            received.TryAdd(context.GetMessageId()!.Value, Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        }

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;
        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;
        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;
        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}
