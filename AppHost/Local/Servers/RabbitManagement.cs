using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using ProyeccionSocial.Messaging.Feed;

namespace ProyeccionSocial.Local.Servers;

/// <summary>Credentials of an outside system that reads public events.</summary>
/// <param name="Name">User name.</param>
/// <param name="Password">Made anew each time.</param>
/// <param name="AmqpUri">Address with user and password.</param>
/// <param name="Exchange">Where the public events are published.</param>
/// <param name="Queue">The only queue that these credentials may read.</param>
public sealed record Subscriber(string Name, string Password, string AmqpUri, string Exchange, string Queue);

/// <summary>The part of RabbitMQ's management HTTP API that is used here.</summary>
internal sealed class RabbitManagement : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _administrator;

    public RabbitManagement(Uri address, string user, string password)
    {
        _administrator = $"{user}:{password}";
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
        if (!Subscribers.IsName(name))
            throw new LocalEngineException($"«{name}» no sirve de nombre: use minúsculas, dígitos y guiones, hasta 60.");
        var (user, password) = (Subscribers.NameOf(name), ServerState.NewSecret(32));
        try
        {
            await Subscribers.AdmitAsync(_http.BaseAddress!, _administrator, name, password, pattern, virtualHost ?? "/", cancellation);
        }
        catch (HttpRequestException refused) when (refused.StatusCode is null && refused.HttpRequestError == HttpRequestError.Unknown)
        {
            throw new LocalEngineException(refused.Message, refused);
        }
        var path = virtualHost is null ? "" : "/" + Escape(virtualHost);
        return new Subscriber(user, password, $"amqp://{user}:{password}@127.0.0.1:{amqpPort}{path}", Subscribers.PublicExchange, user);
    }

    public void Dispose() => _http.Dispose();

    private static string Escape(string part) => Uri.EscapeDataString(part);

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
