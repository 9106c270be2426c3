using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ProyeccionSocial.Local.Demo;

/// <summary>The few things another system does with the gateway: ask, create once, change what it has seen.</summary>
internal sealed class GatewayClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly CancellationToken _cancellation;

    public GatewayClient(Uri gateway, string token, CancellationToken cancellation)
    {
        _http = new HttpClient { BaseAddress = gateway, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        _cancellation = cancellation;
    }

    public async Task<JsonNode> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path)).Body!;

    /// <summary>Creates, under a key that makes a repeated request harmless.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonObject body) => await PostAsync(path, JsonContent.Create(body));

    public async Task<JsonNode> PostAsync(string path, HttpContent content) =>
        (await SendAsync(HttpMethod.Post, path, content, request => request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString()))).Body!;

    /// <summary>Says something of a resource of which nothing was said before.</summary>
    public async Task PutAsync(string path, JsonObject body) => await SendAsync(HttpMethod.Put, path, JsonContent.Create(body));

    /// <summary>Changes the version of <paramref name="resource"/> that is current now; when it changed meanwhile, the next one.</summary>
    public async Task ChangeAsync(HttpMethod method, string path, string resource, JsonObject body)
    {
        JsonNode? changed = null;
        while (changed is null) // The system itself may change it meanwhile, as when a board's term is found to be over.
        {
            var (_, etag) = await SendAsync(HttpMethod.Get, resource);
            (changed, _) = await SendAsync(
                method, path, JsonContent.Create(body), request => request.Headers.TryAddWithoutValidation("If-Match", etag), nothingOn: HttpStatusCode.PreconditionFailed);
        }
    }

    /// <summary>Waits for what comes by event or by a job.</summary>
    public async Task UntilAsync(string path, Func<JsonNode, bool> done)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var (body, _) = await SendAsync(HttpMethod.Get, path, nothingOn: HttpStatusCode.NotFound);
            if (body is not null && done(body))
                return;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<(JsonNode? Body, string? ETag)> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestMessage>? prepare = null, HttpStatusCode? nothingOn = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        prepare?.Invoke(request);
        using var answer = await _http.SendAsync(request, _cancellation);
        var text = await answer.Content.ReadAsStringAsync(_cancellation);
        if (answer.StatusCode == nothingOn)
            return (null, null);
        if (!answer.IsSuccessStatusCode)
            throw new LocalEngineException($"{method} {path} respondió {(int)answer.StatusCode}: {text}");
        return (text.Length == 0 ? new JsonObject() : JsonNode.Parse(text), answer.Headers.ETag?.ToString());
    }

    public void Dispose() => _http.Dispose();
}
