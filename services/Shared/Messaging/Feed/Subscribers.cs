using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ProyeccionSocial.Messaging.Feed;

/// <summary>
/// Lets an outside system read the public events: a queue of its own, bound to the public exchange, and a user who may read it and
/// nothing else. Over RabbitMQ's management API, because users are made there alone.
/// </summary>
#pragma warning disable IDE0040 // Public in this library by its other part; in the local engine, which compiles this file for itself, it is not.
static partial class Subscribers
#pragma warning restore IDE0040
{
    /// <summary>Where the public events are published: durable, of type topic, the routing key is the event's type.</summary>
    public const string PublicExchange = "proyeccion-social.public";

    private const long MaxQueueBytes = 256 * 1024 * 1024;

    /// <summary>User and queue of a subscriber. The prefix keeps it from taking the name, and with it the password, of a user of the system.</summary>
    /// <param name="name">Lower case letters, digits and hyphens, 60 at most.</param>
    public static string NameOf(string name) => $"subscriber.{name}";

    /// <summary>Whether a subscriber can be called so.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Makes what is not there yet, and sets password and pattern.</summary>
    /// <param name="management">Base address of the management API.</param>
    /// <param name="administrator">User and password of the broker's administrator, as in an AMQP address: <c>user:password</c>.</param>
    /// <param name="name">See <see cref="NameOf"/>.</param>
    /// <param name="password">The subscriber's.</param>
    /// <param name="pattern">What reaches its queue: <c>#</c> everything, <c>agenda.meeting.*.v1</c> one aggregate.</param>
    /// <param name="virtualHost">The default one is <c>/</c>.</param>
    /// <param name="cancellation">Of the caller.</param>
    /// <exception cref="HttpRequestException">The broker refused, or did not answer.</exception>
    public static async Task AdmitAsync(Uri management, string administrator, string name, string password, string pattern = "#", string virtualHost = "/", CancellationToken cancellation = default)
    {
        using var http = Client(management, administrator);
        await AnswersAsync(http, cancellation);
        var (vhost, own) = (Escape(virtualHost), NameOf(name));
        await PutAsync(http, $"api/exchanges/{vhost}/{PublicExchange}", new { type = "topic", durable = true }, cancellation);
        await PutAsync(
            http, $"api/queues/{vhost}/{own}",
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
        await BindOnlyAsync(http, $"api/bindings/{vhost}/e/{PublicExchange}/q/{own}", pattern, cancellation);
        await PutAsync(http, $"api/users/{own}", new { password, tags = "" }, cancellation);
        await PutAsync(http, $"api/permissions/{vhost}/{own}", new { configure = "^$", write = "^$", read = $"^{Regex.Escape(own)}$" }, cancellation);
    }

    /// <summary>Whether its queue is there; it is not where the broker lost its data.</summary>
    /// <inheritdoc cref="AdmitAsync"/>
    public static async Task<bool> IsAdmittedAsync(Uri management, string administrator, string name, string virtualHost = "/", CancellationToken cancellation = default)
    {
        using var http = Client(management, administrator);
        using var answer = await http.GetAsync(new Uri($"api/queues/{Escape(virtualHost)}/{NameOf(name)}", UriKind.Relative), cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return false;
        await CheckAsync(answer, cancellation);
        return true;
    }

    private static HttpClient Client(Uri management, string administrator)
    {
        var http = new HttpClient { BaseAddress = management };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(administrator))));
        return http;
    }

    /// <summary>The broker takes messages a moment before its management API answers, and a start that fails here would take others with it.</summary>
    private static async Task AnswersAsync(HttpClient http, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("api/overview", UriKind.Relative), cancellation);
                return;
            }
            catch (HttpRequestException) when (attempt < 60)
            {
                await Task.Delay(500, cancellation);
            }
        }
    }

    private static async Task BindOnlyAsync(HttpClient http, string bindings, string pattern, CancellationToken cancellation)
    {
        using (var answer = await http.PostAsJsonAsync(bindings, new { routing_key = pattern }, cancellation))
            await CheckAsync(answer, cancellation);
        var all = await http.GetFromJsonAsync<JsonElement>(bindings, cancellation);
        foreach (var binding in all.EnumerateArray().Where(binding => binding.GetProperty("routing_key").GetString() != pattern))
        {
            using var answer = await http.DeleteAsync($"{bindings}/{Escape(binding.GetProperty("properties_key").GetString()!)}", cancellation);
            await CheckAsync(answer, cancellation);
        }
    }

    private static async Task PutAsync(HttpClient http, string path, object body, CancellationToken cancellation)
    {
        using var answer = await http.PutAsJsonAsync(path, body, cancellation);
        await CheckAsync(answer, cancellation);
    }

    private static async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"RabbitMQ respondió {(int)answer.StatusCode} a {answer.RequestMessage?.RequestUri?.AbsolutePath}: {await answer.Content.ReadAsStringAsync(cancellation)}");
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,59}$")]
    private static partial Regex Name();
}
