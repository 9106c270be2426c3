using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// Requests a second through the gateway against the service directly: reading a person (two tables, authorised) and
/// registering one (checked, validated, two tables in a transaction).
/// </summary>
internal static class GatewayRate
{
    private const int Connections = 16;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);
    private static int _people;

    public static async Task<Measured> RunAsync()
    {
        await Servers.ReadyAsync();
        var home = Servers.UniqueName("bench");
        await Servers.Postgres.CreateDatabaseAsync(home);
        await Servers.Rabbit.CreateVirtualHostAsync(home);
        int servicePort = Hosts.FreePort(), gatewayPort = Hosts.FreePort();
        using var service = await Hosts.StartAsync(Hosts.Dll("services/Organizations"), servicePort, new Dictionary<string, string>
        {
            ["ConnectionStrings__organizationsdb"] = Servers.Postgres.ConnectionString(home),
            ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
        });
        using var gateway = await Hosts.StartAsync(Hosts.Dll("gateway", "Gateway"), gatewayPort, new Dictionary<string, string>
        {
            ["services__organizations__http__0"] = $"http://127.0.0.1:{servicePort}",
            ["RateLimits__CallerPerSecond"] = "1000000",
            ["RateLimits__CallerBurst"] = "1000000",
        });
        try
        {
            using var direct = Client(servicePort);
            using var through = Client(gatewayPort);
            var person = (await direct.PostAsJsonAsync("/v1/organizations/people", NewPerson()).JsonAsync()).Text("id");
            Func<HttpClient, Task<HttpResponseMessage>> get = client => client.GetAsync(new Uri($"/v1/organizations/people/{person}", UriKind.Relative));
            Func<HttpClient, Task<HttpResponseMessage>> post = client => client.PostAsJsonAsync("/v1/organizations/people", NewPerson());

            var rates = new Dictionary<string, List<double>> { ["getDirect"] = [], ["getGateway"] = [], ["postDirect"] = [], ["postGateway"] = [] };
            for (var round = 0; round < 4; round++)
            {
                foreach (var (name, client, act) in new[] { ("getDirect", direct, get), ("getGateway", through, get), ("postDirect", direct, post), ("postGateway", through, post) })
                {
                    var rate = await RateAsync(client, act);
                    if (round > 0) // The first one warms up.
                        rates[name].Add(rate);
                }
            }
            var parts = rates.ToDictionary(r => r.Key, r => Bench.Median(r.Value));
            var (getRatio, postRatio) = (parts["getGateway"] / parts["getDirect"], parts["postGateway"] / parts["postDirect"]);
            parts["getRatio"] = getRatio;
            parts["postRatio"] = postRatio;
            return new(Math.Min(getRatio, postRatio), parts);
        }
        finally
        {
            gateway.Kill();
            service.Kill();
        }
    }

    private static async Task<double> RateAsync(HttpClient client, Func<HttpClient, Task<HttpResponseMessage>> act)
    {
        var done = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < Round)
            {
                using var answer = await act(client);
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static HttpClient Client(int port) => new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections })
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For("promoter")) },
    };

    private static JsonObject NewPerson() => new()
    {
        ["givenNames"] = "Marta Alicia",
        ["surnames"] = "Prueba Ejemplo",
        ["birthDate"] = "1980-05-10",
        ["sex"] = "female",
        ["dui"] = NextDui(),
    };

    private static string NextDui()
    {
        var digits = (90_000_000 + Interlocked.Increment(ref _people)).ToString(CultureInfo.InvariantCulture);
        var sum = digits.Select((d, i) => (d - '0') * (9 - i)).Sum();
        return new StringBuilder(digits).Append('-').Append((10 - sum % 10) % 10).ToString();
    }
}
