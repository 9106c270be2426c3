using System.Net;
using System.Text.Json;
using ProyeccionSocial.News;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>Reads the services' catch-up feeds, as anybody may: over HTTP and without a token.</summary>
internal sealed class FeedClient(HttpClient http, IConfiguration configuration)
{
    public const int PageSize = 1000;

    /// <summary>Services whose feeds are followed.</summary>
    public static readonly string[] Sources = ["organizations", "agenda", "budget", "distribution"];

    /// <summary>What was published behind a position; null while no replica of the service answers.</summary>
    public async Task<FeedPage?> ReadAsync(string source, long after, CancellationToken cancellation)
    {
        foreach (var replica in configuration.GetSection($"services:{source}:http").GetChildren().Select(c => c.Value).OfType<string>())
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(http.Timeout); // To the last byte: a replica that hangs is left for the next one.
            try
            {
                using var answer = await http.GetAsync(new Uri($"{replica.TrimEnd('/')}/v1/{source}/published?after={after}&limit={PageSize}"), HttpCompletionOption.ResponseHeadersRead, patience.Token);
                if (answer.StatusCode != HttpStatusCode.OK)
                    continue;
                using var page = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(patience.Token), cancellationToken: patience.Token);
                var items = page.RootElement.GetProperty("items").EnumerateArray().Select(PublicEvent.Read).ToList();
                return new(items, page.RootElement.GetProperty("next").GetInt64());
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // The next replica, or the next time.
            }
        }
        return null;
    }
}

/// <param name="Items">In the feed's order.</param>
/// <param name="Next">Position to ask after next.</param>
internal sealed record FeedPage(IReadOnlyList<PublicEvent> Items, long Next);
