using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ProyeccionSocial.Local.Servers;

/// <summary>Credentials of an outside system that reads public events.</summary>
/// <param name="Name">User name.</param>
/// <param name="Password">Made anew each time.</param>
/// <param name="AmqpUri">Address with user and password.</param>
/// <param name="Exchange">Where the public events are published.</param>
/// <param name="Queue">The only queue that these credentials may read.</param>
public sealed record Subscriber(string Name, string Password, string AmqpUri, string Exchange, string Queue);

/// <summary>The part of RabbitMQ's management HTTP API that is used here.</summary>
internal sealed partial class RabbitManagement : IDisposable
{
    private const string PublicExchange = "proyeccion-social.public";
    private const long MaxQueueBytes = 256 * 1024 * 1024;

    private readonly HttpClient _http;

    public RabbitManagement(Uri address, string user, string password)
    {
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public async Task CreateVirtualHostAsync(string name, string user, CancellationToken cancellation)
    {
        await PutAsync($"api/vhosts/{Escape(name)}", new { }, cancellation);
        await PutAsync($"api/permissions/{Escape(name)}/{Escape(user)}", new { configure = ".*", write = ".*", read = ".*" }, cancellation);
    }

    public async Task DeleteVirtualHostAsync(string name, CancellationToken cancellation)
    {
        using var answer = await _http.DeleteAsync(new Uri($"api/vhosts/{Escape(name)}", UriKind.Relative), cancellation);
        if (answer.StatusCode != HttpStatusCode.NotFound)
            await CheckAsync(answer, cancellation);
    }

    public async Task<Subscriber> AddSubscriberAsync(string name, string pattern, string? virtualHost, int amqpPort, CancellationToken cancellation)
    {
        if (!NamePattern().IsMatch(name))
            throw new LocalEngineException($"«{name}» no sirve de nombre: use minúsculas, dígitos y guiones, hasta 60.");
        var vhost = Escape(virtualHost ?? "/");
        var queue = $"subscriber.{name}";
        var password = ServerState.NewSecret(32);

        await PutAsync($"api/exchanges/{vhost}/{PublicExchange}", new { type = "topic", durable = true }, cancellation);
        await PutAsync(
            $"api/queues/{vhost}/{queue}",
            new
            {
                durable = true,
                arguments = new Dictionary<string, object>
                {
                    ["x-queue-type"] = "quorum",
                    // A subscriber that is away for long loses the oldest here and catches up over HTTP.
                    ["x-max-length-bytes"] = MaxQueueBytes,
                    ["x-overflow"] = "drop-head",
                    // RabbitMQ 4 would drop a message after 20 deliveries that came back, as restarts of a subscriber are.
                    ["x-delivery-limit"] = 1_000_000,
                },
            },
            cancellation);
        await BindOnlyAsync(vhost, queue, pattern, cancellation);
        // The prefix keeps a subscriber from taking the name, and with it the password, of a user of the system.
        var user = $"subscriber.{name}";
        await PutAsync($"api/users/{user}", new { password, tags = "" }, cancellation);
        await PutAsync(
            $"api/permissions/{vhost}/{user}",
            new { configure = "^$", write = "^$", read = $"^subscriber\\.{name}$" },
            cancellation);

        var path = virtualHost is null ? "" : "/" + vhost;
        return new Subscriber(user, password, $"amqp://{user}:{password}@127.0.0.1:{amqpPort}{path}", PublicExchange, queue);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,59}$")]
    private static partial Regex NamePattern();

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private async Task BindOnlyAsync(string vhost, string queue, string pattern, CancellationToken cancellation)
    {
        var bindings = $"api/bindings/{vhost}/e/{PublicExchange}/q/{queue}";
        using (var answer = await _http.PostAsJsonAsync(bindings, new { routing_key = pattern }, cancellation))
            await CheckAsync(answer, cancellation);
        var all = await _http.GetFromJsonAsync<JsonElement>(bindings, cancellation);
        foreach (var binding in all.EnumerateArray().Where(binding => binding.GetProperty("routing_key").GetString() != pattern))
        {
            using var answer = await _http.DeleteAsync($"{bindings}/{Escape(binding.GetProperty("properties_key").GetString()!)}", cancellation);
            await CheckAsync(answer, cancellation);
        }
    }

    private async Task PutAsync(string path, object body, CancellationToken cancellation)
    {
        using var answer = await _http.PutAsJsonAsync(path, body, cancellation);
        await CheckAsync(answer, cancellation);
    }

    private static async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new LocalEngineException(
                $"RabbitMQ respondió {(int)answer.StatusCode} a {answer.RequestMessage?.RequestUri?.AbsolutePath}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }
}
