using Yarp.ReverseProxy.Configuration;

namespace ProyeccionSocial.Gateway;

/// <summary>
/// Gives each cluster the addresses of its replicas, which the host injects as <c>services:{name}:http:{n}</c>, and
/// one way of watching and balancing them. A replica that does not answer is left out until it does.
/// </summary>
internal sealed class ServiceClusters(IConfiguration configuration) : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => ValueTask.FromResult(cluster with
    {
        Destinations = Replicas(configuration, cluster.ClusterId).ToDictionary(r => r.Name, r => new DestinationConfig { Address = r.Address }),
        LoadBalancingPolicy = "PowerOfTwoChoices",
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/alive",
                Interval = TimeSpan.FromSeconds(2),
                Timeout = TimeSpan.FromSeconds(2),
                Policy = "ConsecutiveFailures",
            },
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(5) },
            // With all of them out, try all of them: they may be back before the next look.
            AvailableDestinationsPolicy = "HealthyOrPanic",
        },
        HttpRequest = new Yarp.ReverseProxy.Forwarder.ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(310) },
    });

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
        ValueTask.FromResult(route);

    /// <summary>The replicas of a service, numbered as they were injected.</summary>
    public static IEnumerable<(string Name, string Address)> Replicas(IConfiguration configuration, string service) =>
        configuration.GetSection($"services:{service}:http").GetChildren()
            .Where(address => address.Value is not null)
            .Select(address => ($"{service}-{address.Key}", address.Value!));
}
