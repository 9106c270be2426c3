using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>How the portal reaches the public exchange. Without it, it follows the feeds alone.</summary>
internal sealed class PublicStreamOptions
{
    /// <summary>Host and port as <c>tcp://127.0.0.1:5672</c>, with a virtual host as the path where it is not the default one.</summary>
    public Uri? Broker { get; set; }

    /// <summary>Its own: who may read its own queue and nothing else.</summary>
    public string User { get; set; } = "subscriber.portal";

    public string Password { get; set; } = "";

    /// <summary>That the operator made and bound.</summary>
    public string Queue { get; set; } = "subscriber.portal";
}

/// <summary>
/// Takes the public events from the portal's own queue, as any subscriber does, so that they are on the pages at once. Whatever
/// is missed here comes with the feed, a second later.
/// </summary>
internal sealed partial class HearEvents(KeepEvents keep, Microsoft.Extensions.Options.IOptions<PublicStreamOptions> options, ILogger<HearEvents> logger) : BackgroundService, IHealthCheck
{
    private const ushort AtOnce = 500;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private bool _hears;

    private sealed record Delivery(ulong Tag, PublicEvent? Event);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Broker is null)
            return;
        var pause = TimeSpan.FromSeconds(1);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(() => pause = TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogDeaf(failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                _hears = false;
            }
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ConsumeAsync(Action connected, CancellationToken stop)
    {
        var (broker, settings) = (options.Value.Broker!, options.Value);
        var factory = new ConnectionFactory
        {
            HostName = broker.Host, Port = broker.Port, VirtualHost = broker.AbsolutePath.Trim('/') is { Length: > 0 } path ? Uri.UnescapeDataString(path) : "/",
            UserName = settings.User, Password = settings.Password, ClientProvidedName = "transparency portal", AutomaticRecoveryEnabled = false,
        };
        await using var connection = await factory.CreateConnectionAsync(stop);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
        await channel.BasicQosAsync(0, AtOnce, global: false, stop);
        var deliveries = Channel.CreateUnbounded<Delivery>(); // No more than the prefetch.
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            deliveries.Writer.TryWrite(new(message.DeliveryTag, Read(message.Body)));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => Closed();
        channel.ChannelShutdownAsync += (_, _) => Closed();
        await channel.BasicConsumeAsync(settings.Queue, autoAck: false, consumer, stop);
        connected();
        _hears = true;
        var some = new List<Delivery>();
        while (await deliveries.Reader.WaitToReadAsync(stop))
        {
            some.Clear();
            while (some.Count < AtOnce && deliveries.Reader.TryRead(out var one))
                some.Add(one);
            foreach (var told in some.Select(d => d.Event).OfType<PublicEvent>().GroupBy(e => e.Source).Where(g => FeedClient.Sources.Contains(g.Key)))
                await keep.HearAsync(told.Key, [.. told], stop);
            await channel.BasicAckAsync(some[^1].Tag, multiple: true, stop);
        }

        Task Closed()
        {
            deliveries.Writer.TryComplete();
            return Task.CompletedTask;
        }
    }

    /// <summary>What is no event of ours is let go: the feed has what is.</summary>
    private PublicEvent? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var message = JsonDocument.Parse(body);
            return PublicEvent.Read(message.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            LogUnreadable(unreadable.Message);
            return null;
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _hears || options.Value.Broker is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The broker does not give the queue; the feeds are followed."));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The public exchange is not heard, the feeds are followed meanwhile: {Cause}")]
    private partial void LogDeaf(string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message that is no public event was let go: {Cause}")]
    private partial void LogUnreadable(string cause);
}
