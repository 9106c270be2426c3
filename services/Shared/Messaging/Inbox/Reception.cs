using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging.Inbox;

/// <summary>What this service consumes, all of it from one queue.</summary>
internal sealed record Consumers(IReadOnlyList<Type> Types);

/// <summary>
/// Keeps this service's queue connected. The bus by itself waits up to 30 s between two attempts, and some refusals of
/// a broker that is still booting make it give up for good; here the relay's connection says that the broker is back,
/// and an endpoint that is not is connected anew.
/// </summary>
internal sealed partial class Reception(
    IBusControl bus,
    IReceiveEndpointConnector connector,
    Consumers consumers,
    ServiceIdentity service,
    BrokerPublisher broker,
    IOptions<MessagingOptions> options,
    TimeProvider time,
    ILogger<Reception> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private volatile HostReceiveEndpointHandle? _endpoint;
    private volatile bool _isBound = consumers.Types.Count == 0;

    /// <summary>
    /// The queue has been there once, which it will stay: what is published reaches it. Before that, it would reach nobody.
    /// </summary>
    public bool IsBound => _isBound = _isBound || _endpoint?.Ready.IsCompletedSuccessfully == true;

    /// <summary>What is published leaves, and what is for this service arrives.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.IsConnected && (consumers.Types.Count == 0 || _endpoint is { } endpoint && IsReceiving(endpoint))
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The broker does not answer."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (consumers.Types.Count == 0)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            // A bus that is still starting would start the endpoint a second time, and never stop.
            await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
            var connected = time.GetTimestamp();
            var endpoint = _endpoint = connector.ConnectReceiveEndpoint(service.Name, Configure);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!broker.IsConnected || IsReceiving(endpoint))
                {
                    connected = time.GetTimestamp();
                }
                else if (time.GetElapsedTime(connected) > Patience)
                {
                    LogReconnecting(service.Name);
                    await StopAsync(endpoint, stoppingToken);
                    endpoint = _endpoint = connector.ConnectReceiveEndpoint(service.Name, Configure);
                    connected = time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: the bus stops its endpoints.
        }
    }

    private void Configure(IBusRegistrationContext context, IReceiveEndpointConfigurator configurator)
    {
        var endpoint = (IRabbitMqReceiveEndpointConfigurator)configurator;
        var concurrency = options.Value.ConcurrentMessages;
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
            retry.Intervals([.. options.Value.ConsumerRetries]);
        });
        endpoint.UseConsumeFilter(typeof(InboxFilter<>), context);
        foreach (var consumer in consumers.Types)
            endpoint.ConfigureConsumer(context, consumer);
    }

    private static bool IsReceiving(HostReceiveEndpointHandle endpoint) =>
        endpoint is { Ready.IsCompletedSuccessfully: true, ReceiveEndpoint: ReceiveEndpoint { HealthResult.Status: BusHealthStatus.Healthy } };

    private async Task StopAsync(HostReceiveEndpointHandle endpoint, CancellationToken cancellation)
    {
        try
        {
            await endpoint.StopAsync(cancellation).WaitAsync(StopLimit, cancellation);
        }
        catch (Exception stuck) when (!cancellation.IsCancellationRequested)
        {
            // It is out of the bus all the same; should it wake up one day, the queue has one active consumer and the
            // inbox takes each message once.
            LogStuck(service.Name, stuck);
        }
    }

    private static Guid SubjectOf(ConsumeContext context) => context.CorrelationId ?? context.MessageId ?? Guid.Empty;

    private static bool IsTransient(Exception failure) =>
        failure is NpgsqlException { IsTransient: true } or TimeoutException
        || (failure is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow })
        || (failure.InnerException is { } inner && IsTransient(inner));

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker is back: connecting the queue {Queue} anew")]
    private partial void LogReconnecting(string queue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The old endpoint of the queue {Queue} did not stop")]
    private partial void LogStuck(string queue, Exception failure);
}
