using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ProyeccionSocial.News;
using RabbitMQ.Client;

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
internal sealed class HearEvents(KeepEvents keep, IOptions<PublicStreamOptions> options, ILogger<HearEvents> logger) : BackgroundService, IHealthCheck
{
    private PublicQueue? _queue;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value is not { Broker: { } broker } settings)
            return Task.CompletedTask;
        _queue = new(new ConnectionFactory
        {
            HostName = broker.Host, Port = broker.Port, VirtualHost = broker.AbsolutePath.Trim('/') is { Length: > 0 } path ? Uri.UnescapeDataString(path) : "/",
            UserName = settings.User, Password = settings.Password, ClientProvidedName = "transparency portal",
        }, settings.Queue, logger);
        return _queue.RunAsync(null, async (events, stop) =>
        {
            foreach (var told in events.GroupBy(e => e.Source).Where(g => FeedClient.Sources.Contains(g.Key)))
                await keep.HearAsync(told.Key, [.. told], stop);
        }, stoppingToken);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        options.Value.Broker is null || _queue is { IsOpen: true } ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The broker does not give the queue; the feeds are followed."));
}
