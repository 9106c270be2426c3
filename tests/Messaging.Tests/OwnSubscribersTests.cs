using System.Text;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>Subscribers that belong to the system, as the portal.</summary>
public sealed class OwnSubscribersTests
{
    [Fact]
    public async Task A_subscriber_of_the_system_is_admitted_reads_its_queue_alone_and_comes_back_after_the_broker_lost_it()
    {
        var home = await LedgerService.NewHomeAsync();
        var (name, password) = (Servers.UniqueName("own"), Guid.NewGuid().ToString("N"));
        var queue = Subscribers.NameOf(name);
        await using var ledger = await LedgerService.StartAsync(Servers.Postgres.ConnectionString(home), Servers.Rabbit.AmqpUri(home), settings: new Dictionary<string, string?>
        {
            ["Subscribers:Management"] = Servers.Rabbit.ManagementUri.AbsoluteUri, [$"Subscribers:Passwords:{name}"] = password, ["Subscribers:Interval"] = "00:00:00.2",
        });
        var broker = new Uri(Servers.Rabbit.AmqpUri(home));
        var own = new ConnectionFactory { HostName = broker.Host, Port = broker.Port, VirtualHost = home, UserName = queue, Password = password };
        await Eventually.TrueAsync(() => ReadsAsync(own, queue));

        await using (var administrator = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(TestContext.Current.CancellationToken))
        await using (var channel = await administrator.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            await channel.BasicPublishAsync(Subscribers.PublicExchange, "ledger.account.changed.v1", mandatory: true, Encoding.UTF8.GetBytes("{}"), TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(async () => await channel.MessageCountAsync(queue, TestContext.Current.CancellationToken) == 1);
            await channel.QueueDeleteAsync(queue, cancellationToken: TestContext.Current.CancellationToken);
        }
        await Eventually.TrueAsync(() => ReadsAsync(own, queue));
        // It may not as much as declare another.
        await using var connection = await own.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var other = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<OperationInterruptedException>(() => other.QueueDeclareAsync("other", cancellationToken: TestContext.Current.CancellationToken));
    }

    private static async Task<bool> ReadsAsync(ConnectionFactory own, string queue)
    {
        try
        {
            await using var connection = await own.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            await channel.BasicConsumeAsync(queue, autoAck: false, new AsyncEventingBasicConsumer(channel));
            return true;
        }
        catch (Exception refused) when (refused is BrokerUnreachableException or OperationInterruptedException)
        {
            return false;
        }
    }
}
