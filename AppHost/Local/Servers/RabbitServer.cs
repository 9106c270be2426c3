using System.Security.Cryptography;
using ProyeccionSocial.Local.Processes;

namespace ProyeccionSocial.Local.Servers;

/// <summary>
/// A RabbitMQ node of the machine's own programs, private: own node name, cookie, folders and ports, all on
/// 127.0.0.1, and no port mapper (epmd). It can be stopped, killed and started again on the same ports and data, and does
/// not outlive this process.
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] PortUses = ["amqp", "management", "distribution"];

    private readonly ServerOptions _options;
    private readonly FolderLock _lock;
    private readonly ServerState _state;
    private readonly LogFile _log;
    private readonly Dictionary<string, PortLease> _ports;
    private ManagedProcess? _process;

    /// <summary>Prepares a node; <see cref="StartAsync"/> starts it.</summary>
    public RabbitServer(ServerOptions options)
    {
        Directory.CreateDirectory(options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _options = options with { Directory = Linux.RealPath(options.Directory) };
        _lock = FolderLock.Take(_options.Directory);
        _state = ServerState.Load(_options.Directory);
        _state.Password = options.Password ?? _state.Password;
        _ports = PortUses.ToDictionary(
            use => use,
            use => PortLease.Take(use == "amqp" && options.Port != 0 ? options.Port : _state.Ports.GetValueOrDefault(use)));
        foreach (var (use, lease) in _ports)
            _state.Ports[use] = lease.Port;
        _state.Save(_options.Directory);
        _log = new LogFile(options.LogFile ?? Path.Combine(_options.Directory, "server.log"));
    }

    /// <summary>The administrator's name.</summary>
    public static string User => "proyeccion";

    /// <summary>The administrator's password.</summary>
    public string Password => _state.Password;

    /// <summary>AMQP port on 127.0.0.1.</summary>
    public int Port => _ports["amqp"].Port;

    /// <summary>Base address of the management HTTP API and of its pages.</summary>
    public Uri ManagementUri => new($"http://127.0.0.1:{_ports["management"].Port}/");

    /// <summary>Process id of the node, while it runs.</summary>
    public int? ProcessId => _process is { Exited.IsCompleted: false } process ? process.Id : null;

    /// <summary>Completes when the node ends, for whatever reason.</summary>
    public Task Exited => _process?.Exited ?? Task.CompletedTask;

    internal IReadOnlyList<string> LastLines => _log.Tail;

    private string NodeName => $"proyeccion-{_state.Id}@localhost";

    /// <summary>The administrator's AMQP address, as Aspire gives it; another virtual host is its last part.</summary>
    public string AmqpUri(string? virtualHost = null) =>
        $"amqp://{User}:{Password}@127.0.0.1:{Port}{(virtualHost is null ? "" : "/" + Uri.EscapeDataString(virtualHost))}";

    /// <summary>Starts the node and returns when it takes AMQP connections.</summary>
    /// <exception cref="LocalEngineException">It did not start; the message has its last lines.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        var script = ServerPrograms.Require().RabbitServer!;
        await ProcessTable.EndAsync(_options.Directory);
        WriteConfiguration();
        var launch = new ProcessLaunch(_options.Directory, LeanHome(script) ?? script)
        {
            WorkingDirectory = _options.Directory,
            Environment = Environment(),
            HiddenPrefixes = ["RABBITMQ_", "ERL_", "NOTIFY_SOCKET"],
        };
        _process = await ManagedProcess.StartAsync(launch, _log);
        await StartedProcess.WaitAsync("RabbitMQ", _process, _log, TakesConnectionsAsync, StartLimit, cancellation);
    }

    /// <summary>Ends the node in order.</summary>
    public async Task StopAsync(CancellationToken hurry = default)
    {
        if (_process is { Exited.IsCompleted: false } process)
        {
            if (_options.Management)
                await UnhookStatisticsAsync();
            await process.StopAsync(Signal.Terminate, StopLimit, hurry);
        }
        await ProcessTable.EndAsync(_options.Directory);
    }

    /// <summary>SIGKILL to the node and its helpers, as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.KillAsync();
        await ProcessTable.EndAsync(_options.Directory);
    }

    /// <summary>Creates a virtual host on which the administrator may do everything.</summary>
    public Task CreateVirtualHostAsync(string name, CancellationToken cancellation = default) =>
        UseManagementAsync(management => management.CreateVirtualHostAsync(name, User, cancellation));

    /// <summary>Deletes a virtual host with everything in it.</summary>
    public Task DeleteVirtualHostAsync(string name, CancellationToken cancellation = default) =>
        UseManagementAsync(management => management.DeleteVirtualHostAsync(name, cancellation));

    /// <summary>
    /// Gives an outside system its queue of public events and credentials that may read that queue and nothing else.
    /// For an existing name the queue and what it holds stay, the password and the pattern are set anew.
    /// </summary>
    /// <param name="name">Lower-case letters, digits and hyphens.</param>
    /// <param name="routingPattern">Topic pattern, such as <c>organizations.#</c>.</param>
    /// <param name="virtualHost">Null is the default one.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Subscriber> AddSubscriberAsync(
        string name, string routingPattern = "#", string? virtualHost = null, CancellationToken cancellation = default)
    {
        using var management = new RabbitManagement(ManagementUri, User, Password);
        return await management.AddSubscriberAsync(name, routingPattern, virtualHost, Port, cancellation);
    }

    /// <summary>The same for a node that another process of this machine runs in that folder.</summary>
    internal static async Task<Subscriber> AddSubscriberToAsync(string directory, string name, string routingPattern, CancellationToken cancellation)
    {
        var state = ServerState.Load(directory);
        if (!state.Ports.TryGetValue("management", out var port))
            throw new LocalEngineException($"En {directory} no hay un RabbitMQ; arranque el sistema primero.");
        using var management = new RabbitManagement(new Uri($"http://127.0.0.1:{port}/"), User, state.Password);
        try
        {
            return await management.AddSubscriberAsync(name, routingPattern, null, state.Ports["amqp"], cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new LocalEngineException("RabbitMQ no responde; ¿está en marcha el sistema?", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var lease in _ports.Values)
            lease.Dispose();
        _log.Dispose();
        _lock.Dispose();
    }

    private async Task UseManagementAsync(Func<RabbitManagement, Task> use)
    {
        using var management = new RabbitManagement(ManagementUri, User, Password);
        await use(management);
    }

    private string InFolder(string name) => Path.Combine(_options.Directory, name);

    private Dictionary<string, string?> Environment() => new()
    {
        // Erlang looks for the cookie in HOME.
        ["HOME"] = _options.Directory,
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_MNESIA_BASE"] = InFolder("data"),
        ["RABBITMQ_LOG_BASE"] = InFolder("log"),
        ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
        ["RABBITMQ_CONFIG_FILES"] = InFolder("conf.d"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = InFolder("advanced.config"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("enabled_plugins"),
        ["RABBITMQ_DIST_PORT"] = $"{_ports["distribution"].Port}",
        // Without it the start script stays as a parent of the node; with it, it becomes the node.
        ["RABBITMQ_ALLOW_INPUT"] = "1",
        // A node that names itself on the command line with a fixed port needs no epmd, a daemon that would outlive it,
        // and is spared the helper node that RabbitMQ otherwise boots only to start one.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            $"-noinput -sname {NodeName} -erl_epmd_port {_ports["distribution"].Port} -kernel inet_dist_use_interface {{127,0,0,1}}",
        // For that helper too, which RabbitMQ's monitor boots again each minute: it ends at once, at a port where nobody listens.
        ["ERL_AFLAGS"] = "-start_epmd false",
        ["ERL_EPMD_PORT"] = "1",
        ["ERL_CRASH_DUMP_SECONDS"] = "0",
        ["RABBITMQ_LOG"] = "-color",
    };

    private void WriteConfiguration()
    {
        foreach (var folder in new[] { "data", "log", "conf.d" })
            Directory.CreateDirectory(InFolder(folder));
        if (!File.Exists(InFolder(".erlang.cookie")))
        {
            // Erlang's own would come from a predictable generator.
            PrivateFile.Write(InFolder(".erlang.cookie"), RandomNumberGenerator.GetHexString(40));
            File.SetUnixFileMode(InFolder(".erlang.cookie"), UnixFileMode.UserRead);
        }
        var settings = new Dictionary<string, string>
        {
            ["listeners.tcp.1"] = $"127.0.0.1:{Port}",
            ["default_user"] = User,
            ["default_pass"] = Password,
            ["loopback_users"] = "none",
            ["vm_memory_high_watermark.relative"] = "0.3",
            ["disk_free_limit.absolute"] = "100MB",
            ["log.console"] = "true",
            ["log.console.level"] = "info",
            ["log.file"] = "false",
        };
        if (_options.Management)
        {
            settings["management.tcp.ip"] = "127.0.0.1";
            settings["management.tcp.port"] = $"{ManagementUri.Port}";
        }
        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        PrivateFile.Write(InFolder("rabbitmq.conf"), string.Concat(settings.Select(setting => $"{setting.Key} = {setting.Value}\n")));
        File.WriteAllText(InFolder("advanced.config"), "[].\n");
        File.WriteAllText(InFolder("enabled_plugins"), _options.Management ? "[rabbitmq_management].\n" : "[].\n");
    }

    /// <summary>
    /// A RabbitMQ home of links that has only the plugins in use, and the start script in it; null where that cannot be.
    /// Erlang looks for each of some 1,500 modules in every plugin's folder: without the 25 that nobody enabled, a start
    /// takes a third less.
    /// </summary>
    private string? LeanHome(string script)
    {
        var sbin = new FileInfo(script).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? script;
        var home = Path.GetDirectoryName(Path.GetDirectoryName(sbin))!;
        var lean = InFolder("home");
        // The scripts do not quote their own path.
        if (lean.Any(char.IsWhiteSpace) || !Directory.Exists(Path.Combine(home, "plugins")))
            return null;
        if (Directory.Exists(lean))
            Directory.Delete(lean, recursive: true);
        Directory.CreateDirectory(Path.Combine(lean, "plugins"));
        foreach (var folder in new[] { "sbin", "escript" })
            Directory.CreateSymbolicLink(Path.Combine(lean, folder), Path.Combine(home, folder));
        foreach (var plugin in Directory.EnumerateFileSystemEntries(Path.Combine(home, "plugins")))
        {
            var name = Path.GetFileName(plugin);
            string[] used = ["rabbitmq_prelaunch", "rabbitmq_management", "rabbitmq_management_agent", "rabbitmq_web_dispatch"];
            if (!name.StartsWith("rabbitmq_", StringComparison.Ordinal) || used.Contains(name.Split('-')[0]))
                Directory.CreateSymbolicLink(Path.Combine(lean, "plugins", name), plugin);
        }
        return Path.Combine(lean, "sbin", Path.GetFileName(sbin));
    }

    /// <summary>
    /// Removes the management plugin's statistics handler before the stop: ending on SIGTERM, the handler asks a
    /// supervisor that is itself ending, and the node waits 5 s for the answer. Only speed is lost without it.
    /// </summary>
    private async Task UnhookStatisticsAsync()
    {
        if (ExecutableSearch.InPath("erl_call") is not { } program)
            return;
        var call = new ProcessLaunch(
            _options.Directory, program, "-address", $"127.0.0.1:{_ports["distribution"].Port}", "-a", "gen_event delete_handler [rabbit_event,rabbit_mgmt_db_handler,[]]")
        {
            Environment = new Dictionary<string, string?> { ["HOME"] = _options.Directory },
            HiddenPrefixes = ["ERL_"],
        };
        var process = await ManagedProcess.StartAsync(call, _log);
        await Task.WhenAny(process.Exited, Task.Delay(TimeSpan.FromSeconds(2)));
        await process.KillAsync();
    }

    private async Task<bool> TakesConnectionsAsync(CancellationToken cancellation)
    {
        // A method frame answers: connection.start.
        return await Probe.AskAsync(Port, "AMQP\0\0\u0009\u0001"u8.ToArray(), answerLength: 1, cancellation) is [1];
    }
}
