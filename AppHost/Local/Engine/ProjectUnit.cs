using System.Runtime.InteropServices;
using System.Text;
using ProyeccionSocial.Local.Processes;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Local.Engine;

/// <summary>One replica of a project, run from what its build made.</summary>
internal sealed class ProjectUnit : Unit
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan UnhealthyPause = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ProjectResource _resource;
    private readonly SystemFolder _folder;
    private readonly IReadOnlyList<Unit> _all;
    private readonly LogFile _log;
    private readonly PortLease? _lease;
    private readonly int _port;
    private ManagedProcess? _process;
    private bool _wasHealthy;

    /// <remarks><paramref name="all"/> is every unit, for the addresses of what this one refers to; complete by the first start.</remarks>
    public ProjectUnit(string name, ProjectResource resource, SystemFolder folder, IReadOnlyList<Unit> all)
        : base(name, resource)
    {
        _resource = resource;
        _folder = folder;
        _all = all;
        _log = new LogFile(folder.LogOf(name));
        if (resource.Port is { } port)
        {
            _port = port;
            return;
        }
        _lease = PortLease.Take(folder.Port(name));
        _port = _lease.Port;
        folder.KeepPort(name, _port);
    }

    public override int? ProcessId => _process is { Exited.IsCompleted: false } process ? process.Id : null;

    public override string Address => $"http://{(_resource.IsExternal ? "localhost" : "127.0.0.1")}:{_port}";

    public override Task Exited => _process?.Exited ?? Task.CompletedTask;

    private string Tag => _folder.In(Name);

    private static string DotNet =>
        // Beside the runtime that runs us: …/dotnet/shared/Microsoft.NETCore.App/10.0.0/
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    public override async Task StartAsync(CancellationToken cancellation)
    {
        await ProcessTable.EndAsync(Tag);
        var assembly = _resource.Metadata.AssemblyPath;
        if (!File.Exists(assembly))
            throw new LocalEngineException($"{Name}: falta {assembly}; compile el proyecto.");
        var launch = new ProcessLaunch(Tag, DotNet, assembly)
        {
            // The content root is the project's folder, as under «dotnet run».
            WorkingDirectory = Path.GetDirectoryName(_resource.Metadata.ProjectPath),
            Environment = Environment(),
            HiddenPrefixes = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_LAUNCH_PROFILE", "MSBUILD", "NOTIFY_SOCKET"],
        };
        _process = await ManagedProcess.StartAsync(launch, _log);
    }

    public override async Task WaitUntilHealthyAsync(CancellationToken cancellation)
    {
        // Once it has been well, it may be waiting for a server that is away for long; to end it would help nobody.
        await StartedProcess.WaitAsync(Name, _process!, _log, IsHealthyAsync, _wasHealthy ? Timeout.InfiniteTimeSpan : StartLimit, cancellation);
        _wasHealthy = true;
    }

    public override async Task StopAsync(CancellationToken hurry)
    {
        if (_process is not null)
            await _process.StopAsync(Signal.Terminate, StopLimit, hurry);
        await ProcessTable.EndAsync(Tag);
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _lease?.Dispose();
        _log.Dispose();
    }

    private Dictionary<string, string?> Environment()
    {
        var variables = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = Address,
            // OTEL_EXPORTER_OTLP_* come from the operator's environment, when set there.
            ["OTEL_SERVICE_NAME"] = _resource.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Name}",
        };
        foreach (var (name, source) in _resource.Connections)
        {
            var server = source is PostgresDatabaseResource database ? database.Parent : source;
            variables[$"ConnectionStrings__{name}"] = _all.First(unit => unit.Resource == server).ConnectionString(source);
        }
        foreach (var service in _resource.Services)
        {
            foreach (var (index, replica) in _all.Where(unit => unit.Resource == service).Index())
                variables[$"services__{service.Name}__http__{index}"] = replica.Address;
        }
        foreach (var (name, value) in _resource.Variables)
            variables[name] = value(_folder);
        return variables;
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        if (_resource.HealthPath is null)
            return true;
        var question = $"GET {_resource.HealthPath} HTTP/1.1\r\nHost: localhost:{_port}\r\nConnection: close\r\n\r\n";
        var expected = $"HTTP/1.1 {_resource.HealthStatus}";
        var answer = await Probe.AskAsync(_port, Encoding.ASCII.GetBytes(question), expected.Length, cancellation);
        if (Encoding.ASCII.GetString(answer) == expected)
            return true;
        // Up and not well: it is waiting for others, and each question makes it look for them.
        if (answer.Length > 0)
            await Task.Delay(UnhealthyPause, cancellation);
        return false;
    }
}
