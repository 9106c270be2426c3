using System.Security.Cryptography;
using System.Text.Json;
using ProyeccionSocial.Local.Processes;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Local.Engine;

/// <summary>The folder in which a system lives: its servers' data, logs, ports and secrets.</summary>
internal sealed class SystemFolder : IDisposable
{
    private const string Marker = ".proyeccion-social";

    private readonly FolderLock? _lock;
    private readonly FolderState _state;

    private SystemFolder(string path, FolderLock? @lock)
    {
        Path = path;
        _lock = @lock;
        _state = File.Exists(StatePath) ? JsonSerializer.Deserialize<FolderState>(File.ReadAllText(StatePath))! : new FolderState();
    }

    public static string Default =>
        Linux.IsRoot ? "/var/lib/proyeccion-social"
        // The user's data folder: $XDG_DATA_HOME or ~/.local/share.
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "proyeccion-social");

    public string Path { get; }

    private string StatePath => System.IO.Path.Combine(Path, "state.json");

    /// <summary>Takes the folder for this process, makes it when absent, and ends what a crashed run left in it.</summary>
    /// <exception cref="LocalEngineException">It is in use, or is not one of ours.</exception>
    public static async Task<SystemFolder> OpenAsync(string path, bool reset)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                // As root, PostgreSQL runs as another user that must reach its own folder.
                | (Linux.IsRoot ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0));
            path = Linux.RealPath(path);
            var marker = System.IO.Path.Combine(path, Marker);
            if (!File.Exists(marker) && Directory.EnumerateFileSystemEntries(path).Any(entry => entry != FolderLock.PathIn(path)))
                throw new LocalEngineException($"{path} no está vacía y no es de este sistema; no se toca. Indique otra carpeta con --data.");
            var @lock = FolderLock.TryTake(path)
                ?? throw new LocalEngineException($"El sistema ya está en marcha sobre {path}. Deténgalo, o indique otra carpeta con --data.");
            await ProcessTable.EndAsync(path);
            if (reset)
                Wipe(path);
            await File.WriteAllTextAsync(marker, "Carpeta del motor local de Proyección Social. «--reset» la borra.\n");
            return new SystemFolder(path, @lock);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LocalEngineException($"No se puede usar la carpeta {path}: {e.Message}", e);
        }
    }

    /// <summary>Whether a system has lived there.</summary>
    public static bool Exists(string path) => File.Exists(System.IO.Path.Combine(path, "state.json"));

    /// <summary>Looks into the folder beside the process that may be running on it.</summary>
    public static SystemFolder Peek(string path) => new(path, null);

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public string LogOf(string name) => System.IO.Path.Combine(Path, "logs", name + ".log");

    public int Port(string name) => _state.Ports.GetValueOrDefault(name);

    public void KeepPort(string name, int port)
    {
        if (_state.Ports.GetValueOrDefault(name) == port)
            return;
        _state.Ports[name] = port;
        Save();
    }

    public bool HasDatabase(string name) => _state.Databases.Contains(name);

    public void KeepDatabase(string name)
    {
        _state.Databases.Add(name);
        Save();
    }

    /// <summary>The value of a generated parameter, made when first asked for.</summary>
    public string Secret(ParameterResource parameter)
    {
        if (!_state.Secrets.TryGetValue(parameter.Name, out var secret))
        {
            if (_lock is null)
                throw new LocalEngineException($"El sistema de {Path} aún no ha arrancado nunca; arránquelo primero.");
            secret = Generate(parameter.Generated);
            _state.Secrets[parameter.Name] = secret;
            Save();
        }
        return secret;
    }

    public void Dispose() => _lock?.Dispose();

    private static string Generate(GenerateParameterDefault rule) =>
        RandomNumberGenerator.GetString(
            (rule.Lower ? "abcdefghjkmnpqrstuvwxyz" : "") + (rule.Upper ? "ABCDEFGHJKMNPQRSTUVWXYZ" : "")
            + (rule.Numeric ? "0123456789" : "") + (rule.Special ? "-_.{}~()*+!" : ""),
            rule.MinLength);

    private static void Wipe(string path)
    {
        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos().Where(entry => entry.FullName != FolderLock.PathIn(path)))
        {
            if (entry is DirectoryInfo { LinkTarget: null } directory)
                directory.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    private void Save() => PrivateFile.Write(StatePath, JsonSerializer.Serialize(_state));

    private sealed class FolderState
    {
        public Dictionary<string, int> Ports { get; set; } = [];

        public Dictionary<string, string> Secrets { get; set; } = [];

        public HashSet<string> Databases { get; set; } = [];
    }
}
