using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>A service on a database of its own behind the gateway.</summary>
internal sealed class ServedSystem(string database, Func<Task<Process>> start, Process gateway, int port) : IAsyncDisposable
{
    private Process? _service;

    public string Database => database;

    /// <summary>Ends the service as a power cut does, and starts it again.</summary>
    public async Task KillServiceAsync()
    {
        _service!.Kill();
        await _service.WaitForExitAsync();
        _service.Dispose();
        _service = await start();
    }

    /// <param name="project">Folder of the service.</param>
    /// <param name="name">Its resource, as <c>budget</c>.</param>
    public static async Task<ServedSystem> StartAsync(string project, string name)
    {
        var home = await Bench.NewHomeAsync();
        int servicePort = Hosts.FreePort(), gatewayPort = Hosts.FreePort();
        Task<Process> StartServiceAsync() => Hosts.StartAsync(Hosts.Dll(project), servicePort, new Dictionary<string, string>
        {
            [$"ConnectionStrings__{name}db"] = Servers.Postgres.ConnectionString(home),
            ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
        });
        var service = await StartServiceAsync();
        var gateway = await Hosts.StartAsync(Hosts.Dll("gateway", "Gateway"), gatewayPort, new Dictionary<string, string>
        {
            [$"services__{name}__http__0"] = $"http://127.0.0.1:{servicePort}",
            ["RateLimits__CallerPerSecond"] = "1000000",
            ["RateLimits__CallerBurst"] = "1000000",
        });
        return new(home, StartServiceAsync, gateway, gatewayPort) { _service = service };
    }

    public HttpClient Client(string role, int connections) => new(new SocketsHttpHandler { MaxConnectionsPerServer = connections })
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For(role)) },
    };

    public ValueTask DisposeAsync()
    {
        foreach (var process in new[] { gateway, _service! })
        {
            process.Kill();
            process.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
