using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ProyeccionSocial.Messaging.Feed;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>What became of one message.</summary>
internal enum PublishOutcome
{
    /// <summary>The broker has it, on disk.</summary>
    Confirmed,

    /// <summary>The broker answered and will not take it: an attempt of this message.</summary>
    Refused,

    /// <summary>Nobody answered, or the channel closed under it: no attempt, send it again.</summary>
    Unanswered,

    /// <summary>The broker has it, but an unconfirmed one of its subject comes first: send it again behind that one.</summary>
    HeldBack,
}

/// <summary>What the broker said of one message; <paramref name="Error"/> are its words.</summary>
internal readonly record struct Answer(PublishOutcome Outcome, string? Error = null);

internal readonly record struct Publication(string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body);

/// <summary>
/// The relay's own connection, on the bare client: the bus costs three times as much for each message and hides the
/// confirms, which are what the relay is about.
/// </summary>
internal sealed class BrokerPublisher(Uri address, string name) : IAsyncDisposable
{
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly ConnectionFactory _factory = new()
    {
        Uri = address,
        ClientProvidedName = name,
        AutomaticRecoveryEnabled = false, // The relay reconnects by itself, and must know when it has to send again.
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
    };

    private readonly HashSet<string> _declared = [];
    private IConnection? _connection;
    private IChannel? _channel;

    /// <exception cref="BrokerUnreachableException">The broker is down.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        if (IsReady)
            return;
        if (_connection is not { IsOpen: true })
        {
            await CloseAsync();
            // A broker that is killed or still booting may take a connection and never answer on it.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(OpenLimit);
            _connection = await _factory.CreateConnectionAsync(limit.Token).WaitAsync(OpenLimit, cancellation);
        }
        // Outstanding confirms are bounded by the batch; a limiter of the channel's own would only be a second bound.
        _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(true, true, outstandingPublisherConfirmationsRateLimiter: null), cancellation).WaitAsync(OpenLimit, cancellation);
        if (_declared.Add(Subscribers.PublicExchange))
            await _channel.ExchangeDeclareAsync(Subscribers.PublicExchange, ExchangeType.Topic, durable: true, cancellationToken: cancellation).WaitAsync(OpenLimit, cancellation);
    }

    /// <summary>Declares the exchange of an event type once a process, as the consumers of the bus do.</summary>
    public async Task DeclareAsync(string exchange, CancellationToken cancellation)
    {
        if (!_declared.Add(exchange))
            return;
        try
        {
            await _channel!.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        }
        catch (OperationInterruptedException) when (ChannelWasClosedByBroker)
        {
            // It exists with other properties: somebody's decision, and publishing to it may still work.
            await OpenAsync(cancellation);
        }
    }

    /// <summary>Sends one message and waits for the broker's confirm.</summary>
    public async Task<Answer> PublishAsync(Publication publication)
    {
        try
        {
            await _channel!.BasicPublishAsync(
                publication.Exchange, publication.RoutingKey, mandatory: false, publication.Properties, publication.Body);
            return new(PublishOutcome.Confirmed);
        }
        catch (PublishException refused)
        {
            return new(PublishOutcome.Refused, refused.Message);
        }
        catch (OperationInterruptedException closed)
        {
            return new(PublishOutcome.Unanswered, closed.ShutdownReason?.ReplyText ?? closed.Message);
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException or OperationCanceledException or TimeoutException)
        {
            return new(PublishOutcome.Unanswered, lost.Message);
        }
    }

    /// <summary>Open for the next message.</summary>
    public bool IsReady => _channel is { IsOpen: true };

    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>The broker closed the channel, not the connection: one of the messages on it is at fault.</summary>
    public bool ChannelWasClosedByBroker =>
        _connection is { IsOpen: true } && _channel is { IsOpen: false, CloseReason.Initiator: ShutdownInitiator.Peer };

    /// <summary>Drops the connection, after which <see cref="OpenAsync"/> begins anew.</summary>
    public async Task CloseAsync()
    {
        var connection = _connection;
        _connection = null;
        _channel = null;
        _declared.Clear();
        if (connection is not null)
        {
            // Closing a connection whose other end is gone may wait for an answer that never comes.
            await Task.WhenAny(AbortAsync(connection), Task.Delay(CloseLimit));
        }
    }

    private static async Task AbortAsync(IConnection connection)
    {
        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "closing", CloseLimit, abort: true);
            await connection.DisposeAsync();
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException or OperationCanceledException or TimeoutException or RabbitMQClientException)
        {
            // It is gone, which is what was wanted.
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
