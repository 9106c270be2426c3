using System.Buffers.Binary;
using System.Text;
using Npgsql;
using ProyeccionSocial.Local.Processes;

namespace ProyeccionSocial.Local.Servers;

/// <summary>
/// A PostgreSQL of the machine's own programs, on a private folder and port of 127.0.0.1. It can be stopped,
/// killed and started again on the same port and data, and does not outlive this process.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ServerOptions _options;
    private readonly FolderLock _lock;
    private readonly ServerState _state;
    private readonly LogFile _log;
    private readonly PortLease _port;
    private readonly SystemUser? _runAs;
    private ManagedProcess? _process;

    /// <summary>Prepares a server; <see cref="StartAsync"/> starts it.</summary>
    /// <exception cref="LocalEngineException">No user to run as, or the folder cannot be made.</exception>
    public PostgresServer(ServerOptions options)
    {
        // PostgreSQL refuses to run as root.
        _runAs = !Linux.IsRoot ? null
            : SystemUser.Find("postgres") ?? throw new LocalEngineException("Falta el usuario postgres; PostgreSQL no corre como root.");
        CreateFolder(options.Directory);
        _options = options with { Directory = Linux.RealPath(options.Directory) };
        _lock = FolderLock.Take(_options.Directory);
        _state = ServerState.Load(_options.Directory);
        _state.Password = options.Password ?? _state.Password;
        _port = PortLease.Take(options.Port != 0 ? options.Port : _state.Ports.GetValueOrDefault("postgres"));
        _state.Ports["postgres"] = _port.Port;
        _state.Save(_options.Directory);
        _log = new LogFile(options.LogFile ?? Path.Combine(_options.Directory, "server.log"));
    }

    /// <summary>The administrator's name.</summary>
    public static string User => "postgres";

    /// <summary>The administrator's password.</summary>
    public string Password => _state.Password;

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port => _port.Port;

    /// <summary>Process id of the postmaster, while it runs.</summary>
    public int? ProcessId => _process is { Exited.IsCompleted: false } process ? process.Id : null;

    /// <summary>Completes when the server ends, for whatever reason.</summary>
    public Task Exited => _process?.Exited ?? Task.CompletedTask;

    internal IReadOnlyList<string> LastLines => _log.Tail;

    private string DataDirectory => Path.Combine(_options.Directory, "data");

    /// <summary>Npgsql's connection string of a database.</summary>
    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port};Username={User};Password={Password};Database={database}";

    /// <summary>Starts the server, making its data folder the first time, and returns when it takes connections.</summary>
    /// <exception cref="LocalEngineException">It did not start; the message has its last lines.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        var programs = ServerPrograms.Require();
        // A killed postmaster leaves backends behind, and they keep the next one from starting.
        await ProcessTable.EndAsync(_options.Directory);
        var versionFile = Path.Combine(DataDirectory, "PG_VERSION");
        var version = File.Exists(versionFile) ? File.ReadAllText(versionFile).Trim() : null;
        var bin = programs.PostgresBin(version)
            ?? throw new LocalEngineException($"Los datos de {DataDirectory} son de PostgreSQL {version}, que no está instalado.");
        if (version is null)
            await InitializeAsync(bin);
        // No process of this folder is left, so the file is stale; its number may now be another program's.
        File.Delete(Path.Combine(DataDirectory, "postmaster.pid"));

        _process = await ManagedProcess.StartAsync(Launch(Path.Combine(bin, "postgres"), ["-D", DataDirectory, .. Settings()]), _log);
        await StartedProcess.WaitAsync("PostgreSQL", _process, _log, TakesConnectionsAsync, StartLimit, cancellation);
    }

    /// <summary>Ends the server in order: sessions are cut, nothing is lost.</summary>
    public async Task StopAsync(CancellationToken hurry = default)
    {
        // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        if (_process is not null)
            await _process.StopAsync(Signal.Interrupt, StopLimit, hurry);
        await ProcessTable.EndAsync(_options.Directory);
    }

    /// <summary>SIGKILL to the postmaster and every backend, as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.KillAsync();
        await ProcessTable.EndAsync(_options.Directory);
    }

    /// <summary>Creates a database unless it exists.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellation = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellation) is not null)
            return;
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"")}\"", connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _port.Dispose();
        _log.Dispose();
        _lock.Dispose();
    }

    private IEnumerable<string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = $"{Port}",
            ["unix_socket_directories"] = "",
            ["max_connections"] = "200",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
        };
        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        return settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });
    }

    private ProcessLaunch Launch(string program, IReadOnlyList<string> arguments) =>
        new(_options.Directory, program, arguments)
        {
            RunAs = _runAs,
            HiddenPrefixes = ["PG", "NOTIFY_SOCKET"],
            OnParentDeath = Signal.Interrupt,
        };

    /// <summary>Makes the data folder beside its final place, so that half a one is never taken for whole.</summary>
    private async Task InitializeAsync(string bin)
    {
        var unfinished = DataDirectory + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var passwordFile = Path.Combine(_options.Directory, "password.new");
        PrivateFile.Write(passwordFile, Password);
        if (_runAs is not null)
        {
            Linux.ChangeOwner(unfinished, _runAs);
            Linux.ChangeOwner(passwordFile, _runAs);
        }
        try
        {
            var initdb = await ManagedProcess.StartAsync(
                Launch(
                    Path.Combine(bin, "initdb"),
                    ["-D", unfinished, "-U", User, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]),
                _log);
            if (await initdb.Exited != 0)
                throw StartedProcess.Failed("PostgreSQL (initdb)", _log, _runAs is null ? null : $"¿Puede el usuario {_runAs.Name} entrar en {_options.Directory}?");
        }
        finally
        {
            File.Delete(passwordFile);
        }
        Directory.Move(unfinished, DataDirectory);
    }

    private void CreateFolder(string folder) =>
        Directory.CreateDirectory(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            // Enough for the postgres user to reach its data, and no more.
            | (_runAs is null ? 0 : UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));

    /// <summary>Asks for a session as a client does; a server that is still recovering answers with an error.</summary>
    private async Task<bool> TakesConnectionsAsync(CancellationToken cancellation)
    {
        var parameters = Encoding.ASCII.GetBytes($"user\0{User}\0database\0postgres\0\0");
        var request = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(request, request.Length);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), 3 << 16);
        parameters.CopyTo(request, 8);
        return await Probe.AskAsync(Port, request, answerLength: 1, cancellation) is [(byte)'R'];
    }
}
