using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ProyeccionSocial.Messaging.Operations;

/// <summary>
/// The service's error queue as operators see it. A look takes the messages without acknowledging them and closes
/// the channel, upon which the broker puts them back where they were.
/// </summary>
internal sealed class ErrorQueue(Uri broker, ServiceIdentity service)
{
    private readonly string _queue = service.Name + "_error";

    /// <summary>At most <paramref name="limit"/> messages, oldest first.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(int limit, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        var letters = new List<DeadLetter>();
        while (letters.Count < limit && await GetAsync(channel, cancellation) is { } message)
            letters.Add(Describe(message));
        return letters;
    }

    /// <summary>
    /// Sends a message to the service's queue again. A crash between the two steps leaves it in both; the inbox makes
    /// it take effect once.
    /// </summary>
    /// <returns>False when it is not among the first <paramref name="limit"/> messages.</returns>
    public async Task<bool> ReplayAsync(Guid messageId, int limit, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellation);
        for (var i = 0; i < limit && await GetAsync(channel, cancellation) is { } message; i++)
        {
            if (!Guid.TryParse(message.BasicProperties.MessageId, out var id) || id != messageId)
                continue;
            var properties = new BasicProperties(message.BasicProperties)
            {
                Headers = message.BasicProperties.Headers?
                    .Where(h => !h.Key.StartsWith("MT-Fault", StringComparison.Ordinal) && h.Key != "MT-Reason")
                    .ToDictionary(h => h.Key, h => h.Value),
            };
            await channel.BasicPublishAsync("", service.Name, mandatory: true, properties, message.Body, cancellation);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellation);
            return true;
        }
        return false;
    }

    private async Task<BasicGetResult?> GetAsync(IChannel channel, CancellationToken cancellation)
    {
        try
        {
            return await channel.BasicGetAsync(_queue, autoAck: false, cancellation);
        }
        catch (OperationInterruptedException closed) when (closed.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null; // The bus makes the queue with the first error.
        }
    }

    // A connection for each request: operators ask rarely, and it must not outlive the broker's restart.
    private Task<IConnection> ConnectAsync(CancellationToken cancellation) =>
        new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = service.Name + " operations",
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        }.CreateConnectionAsync(cancellation);

    private static DeadLetter Describe(BasicGetResult message)
    {
        var headers = message.BasicProperties.Headers;
        return new DeadLetter(
            DeadLetterSource.Consumer,
            Guid.TryParse(message.BasicProperties.MessageId, out var id) ? id : Guid.Empty,
            Guid.TryParse(message.BasicProperties.CorrelationId, out var subject) ? subject : null,
            Text(headers, "MT-Fault-MessageType")?.Replace("urn:message:", "", StringComparison.Ordinal) ?? message.Exchange,
            Text(headers, "MT-Fault-Message") ?? "",
            DateTimeOffset.TryParse(Text(headers, "MT-Fault-Timestamp"), System.Globalization.CultureInfo.InvariantCulture, out var at) ? at : null);
    }

    private static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true ? value as string ?? (value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null) : null;
}
