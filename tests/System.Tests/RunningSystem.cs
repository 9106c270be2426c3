using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ProyeccionSocial.Testing;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // Two whole systems at once are too much for a small machine.

namespace ProyeccionSocial.SystemTests;

/// <summary>The whole system, started by its one command on a data folder of its own, as its users start it.</summary>
public sealed partial class RunningSystem : IAsyncLifetime
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly ConcurrentDictionary<string, int> _pids = new();
    private readonly ConcurrentQueue<string> _said = new();
    private Process _process = null!;

    /// <summary>Where its state is.</summary>
    public string Data { get; } = Path.Combine("/tmp", Servers.UniqueName("proyeccion-social-system"));

    /// <summary>The gateway.</summary>
    public Uri Gateway { get; private set; } = null!;

    /// <summary>What it has printed so far.</summary>
    public IEnumerable<string> Said => _said;

    public async ValueTask InitializeAsync()
    {
        await Local.Servers.ServerPrograms.EnsureAsync(install: true);
        await StartAsync();
    }

    public async Task StartAsync(params string[] more)
    {
        Gateway = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort()}"));
        var ready = new TaskCompletionSource();
        _process = Start(["--data", Data, "--port", Gateway.Port.ToString(CultureInfo.InvariantCulture), .. more]);
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
            {
                ready.TrySetException(new InvalidOperationException($"It ended before it was ready:\n{string.Join('\n', _said)}"));
                return;
            }
            _said.Enqueue(text);
            if (RunningLine().Match(text) is { Success: true } running)
                _pids[running.Groups["name"].Value] = int.Parse(running.Groups["pid"].Value, CultureInfo.InvariantCulture);
            if (text == $"ready {Gateway.GetLeftPart(UriPartial.Authority)}")
                ready.TrySetResult();
        };
        _process.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(180));
    }

    /// <summary>Stops it as an operator does; gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Signal(_process.Id, "TERM");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Process id of a resource, as <c>organizations-1</c>.</summary>
    public int PidOf(string resource) => _pids[resource];

    /// <summary>Connection string of a service's database, as <c>budget</c>, for what only a look or a push at it can do.</summary>
    public async Task<string> DatabaseOfAsync(string service)
    {
        var environment = (await File.ReadAllTextAsync($"/proc/{PidOf(service + "-1")}/environ")).Split('\0');
        return environment.Single(v => v.StartsWith($"ConnectionStrings__{service}db=", StringComparison.Ordinal)).Split('=', 2)[1];
    }

    /// <summary>Every process that works on the data folder or was started by this system.</summary>
    public IReadOnlyCollection<int> Pids => [.. _pids.Values, _process.Id];

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>A client of the gateway with a token that the system itself printed.</summary>
    public async Task<HttpClient> AsAsync(string? role, string subject = "test", string? claim = null)
    {
        var client = new HttpClient { BaseAddress = Gateway };
        if (role is null)
            return client;
        if (!_tokens.TryGetValue(role + subject + claim, out var token))
            _tokens[role + subject + claim] = token = await VerbAsync(["token", "--role", role, "--subject", subject, .. claim is null ? Array.Empty<string>() : ["--claim", claim]]);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Runs a verb beside the running system; gives what it printed.</summary>
    public async Task<string> VerbAsync(params string[] arguments)
    {
        using var verb = Start([.. arguments, "--data", Data]);
        var errors = verb.StandardError.ReadToEndAsync();
        var output = await verb.StandardOutput.ReadToEndAsync();
        await verb.WaitForExitAsync();
        return verb.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{string.Join(' ', arguments)}: {output}{await errors}");
    }

    private static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(Repository.Root, "AppHost", "bin", Configuration, "net10.0", "AppHost.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await StopAsync();
        _process.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    [GeneratedRegex(@"(?<name>[\w-]+): en marcha \(pid (?<pid>\d+)")]
    private static partial Regex RunningLine();
}

/// <summary>One running system for all the tests that do not stop it.</summary>
[CollectionDefinition("system")]
public sealed class SystemCollection : ICollectionFixture<RunningSystem>;
