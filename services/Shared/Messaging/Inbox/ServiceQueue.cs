using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ProyeccionSocial.Messaging.Inbox;

/// <summary>The one queue of a service, and what happens to a message on its way to a consumer.</summary>
internal static class ServiceQueue
{
    public static void Configure(IRabbitMqReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, IEnumerable<Type> consumers)
    {
        var options = context.GetRequiredService<IOptions<MessagingOptions>>().Value;
        var concurrency = options.ConcurrentMessages;
        endpoint.SetQuorumQueue();
        // RabbitMQ 4 drops a message after 20 deliveries that came back, which restarts and looks into the
        // error queue add up to; when to give up is decided here, by the retries.
        endpoint.SetQueueArgument("x-delivery-limit", 1_000_000);
        // With two replicas taking turns, older events would be discarded often instead of hardly ever.
        endpoint.SingleActiveConsumer = true;
        endpoint.PrefetchCount = (ushort)(concurrency * 8);
        endpoint.ConcurrentMessageLimit = concurrency;
        endpoint.UsePartitioner(concurrency, SubjectOf);
        // A database that is away is nobody's fault: wait for it, and keep the message.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(IsTransient);
            retry.Exponential(int.MaxValue, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(200));
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<Exception>(IsTransient);
            retry.Intervals([.. options.ConsumerRetries]);
        });
        endpoint.UseConsumeFilter(typeof(InboxFilter<>), context);
        foreach (var consumer in consumers)
            endpoint.ConfigureConsumer(context, consumer);
    }

    private static Guid SubjectOf(ConsumeContext context) => context.CorrelationId ?? context.MessageId ?? Guid.Empty;

    private static bool IsTransient(Exception failure) =>
        failure is NpgsqlException { IsTransient: true } or TimeoutException
        || (failure is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow })
        || (failure.InnerException is { } inner && IsTransient(inner));
}
