using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ProyeccionSocial.News;

/// <summary>
/// Takes public events from a queue of the public exchange and gives them on in lots, at least once; a lot is acknowledged when
/// it was taken in. The connection is made anew, with longer and longer pauses, for as long as it takes.
/// </summary>
/// <param name="broker">Where and as whom.</param>
/// <param name="queue">Its name.</param>
/// <param name="logger">Says what goes wrong.</param>
public sealed partial class PublicQueue(ConnectionFactory broker, string queue, ILogger logger)
{
    private const ushort AtOnce = 500;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2); // A broker that is not there costs nothing to ask; whoever starts before it waits for no longer than this.

    private sealed record Delivery(ulong Tag, PublicEvent? Event);

    /// <summary>Whether events arrive at this moment.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="prepare">Done on each new channel before reading, as declaring the queue; nothing where somebody else did.</param>
    /// <param name="take">Takes a lot in; when it throws, the lot comes again.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<IChannel, Task>? prepare, Func<IReadOnlyList<PublicEvent>, CancellationToken, Task> take, CancellationToken stop)
    {
        broker.AutomaticRecoveryEnabled = false;
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(prepare, take, () => pause = FirstPause, stop);
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                LogClosed(queue, failure.Message);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                IsOpen = false;
            }
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ReadAsync(Func<IChannel, Task>? prepare, Func<IReadOnlyList<PublicEvent>, CancellationToken, Task> take, Action opened, CancellationToken stop)
    {
        await using var connection = await broker.CreateConnectionAsync(stop);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
        if (prepare is not null)
            await prepare(channel);
        await channel.BasicQosAsync(0, AtOnce, global: false, stop);
        var deliveries = Channel.CreateUnbounded<Delivery>(); // No more than the prefetch.
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            deliveries.Writer.TryWrite(new(message.DeliveryTag, Parse(message.Body)));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => CloseAsync();
        channel.ChannelShutdownAsync += (_, _) => CloseAsync();
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stop);
        opened();
        IsOpen = true;
        var lot = new List<Delivery>();
        while (await deliveries.Reader.WaitToReadAsync(stop))
        {
            lot.Clear();
            while (lot.Count < AtOnce && deliveries.Reader.TryRead(out var one))
                lot.Add(one);
            await take([.. lot.Select(d => d.Event).OfType<PublicEvent>()], stop);
            await channel.BasicAckAsync(lot[^1].Tag, multiple: true, stop);
        }

        Task CloseAsync()
        {
            deliveries.Writer.TryComplete();
            return Task.CompletedTask;
        }
    }

    /// <summary>What is no event of ours is let go: the feed has what is.</summary>
    private PublicEvent? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var message = JsonDocument.Parse(body);
            return PublicEvent.Read(message.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            LogUnreadable(queue, unreadable.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Queue} is not read; it is tried again: {Cause}")]
    private partial void LogClosed(string queue, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message in {Queue} that is no public event was let go: {Cause}")]
    private partial void LogUnreadable(string queue, string cause);
}
