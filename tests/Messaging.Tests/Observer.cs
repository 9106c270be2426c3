using System.Collections.Concurrent;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>
/// Hears the deposits as the broker has them, one after the other. It survives the broker's restarts, and remembers
/// of each event only its first coming: a relay that crashed may say it again.
/// </summary>
internal sealed class Observer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte> _seen = new();
    private readonly ConcurrentQueue<(Guid Subject, long Version)> _heard = new();
    private readonly string _broker;
    private readonly string _queue = Servers.UniqueName("observer");
    private IConnection _connection = null!;

    private Observer(string broker) => _broker = broker;

    public static Task<Observer> StartAsync(string home) => StartAtAsync(Servers.Rabbit.AmqpUri(home));

    public static async Task<Observer> StartAtAsync(string broker)
    {
        var observer = new Observer(broker);
        await observer.ConnectAsync();
        return observer;
    }

    public static async Task<bool> QueueExistsAsync(string home, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    private async Task ConnectAsync()
    {
        var factory = new ConnectionFactory { Uri = new Uri(_broker), NetworkRecoveryInterval = TimeSpan.FromSeconds(1) };
        _connection = await factory.CreateConnectionAsync();
        var channel = await _connection.CreateChannelAsync();
        var exchange = EventJson.ExchangeOf(typeof(Deposited));
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync(_queue, exchange, "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            if (_seen.TryAdd(message.BasicProperties.MessageId!, 0))
            {
                using var body = System.Text.Json.JsonDocument.Parse(message.Body);
                _heard.Enqueue((body.RootElement.GetProperty("accountId").GetGuid(), body.RootElement.GetProperty("version").GetInt64()));
            }
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer);
    }

    /// <summary>The versions of each subject in the order in which they first came.</summary>
    public async Task<Dictionary<Guid, List<long>>> VersionsAsync(int count, int seconds = 20)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_heard.Count >= count), seconds, $"{count} events at the observer");
        return _heard.GroupBy(h => h.Subject).ToDictionary(g => g.Key, g => g.Select(h => h.Version).ToList());
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
