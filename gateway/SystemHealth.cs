using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ProyeccionSocial.Gateway;

/// <summary>The state of every part as the outside sees it: each replica, and what each replica says of its own parts.</summary>
internal static class SystemHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static void MapSystemHealth(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/health", CheckAsync).AllowAnonymous().DisableRateLimiting();

    internal sealed record Report(string Status, IReadOnlyDictionary<string, PartState> Parts);

    internal sealed record PartState(string Status, JsonNode? Parts);

    private static async Task<Results<Ok<Report>, JsonHttpResult<Report>>> CheckAsync(
        IConfiguration configuration, IHttpClientFactory clients, CancellationToken cancellation)
    {
        var replicas = configuration.GetSection("services").GetChildren()
            .SelectMany(service => ServiceClusters.Replicas(configuration, service.Key)).ToArray();
        var states = await Task.WhenAll(replicas.Select(r => AskAsync(clients.CreateClient(), r.Address, cancellation)));
        var parts = new Dictionary<string, PartState> { ["gateway"] = new("Healthy", null) };
        foreach (var ((name, _), state) in replicas.Zip(states))
            parts[name] = state;
        var report = new Report(parts.Values.All(p => p.Status == "Healthy") ? "Healthy" : "Unhealthy", parts);
        return report.Status == "Healthy" ? TypedResults.Ok(report) : TypedResults.Json(report, statusCode: 503);
    }

    private static async Task<PartState> AskAsync(HttpClient client, string address, CancellationToken cancellation)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            using var answer = await client.GetAsync(new Uri(new Uri(address), "/health"), patience.Token);
            var report = await answer.Content.ReadFromJsonAsync<JsonObject>(patience.Token);
            return new(report?["status"]?.GetValue<string>() ?? "Unhealthy", report?["parts"]?.DeepClone());
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            return new("Unreachable", null);
        }
    }
}
