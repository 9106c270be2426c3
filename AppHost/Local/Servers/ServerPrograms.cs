using System.Diagnostics;
using ProyeccionSocial.Local.Processes;

namespace ProyeccionSocial.Local.Servers;

/// <summary>The server programs of this machine: PostgreSQL and RabbitMQ.</summary>
public sealed class ServerPrograms
{
    private const string Packages = "postgresql rabbitmq-server";
    private readonly IReadOnlyList<string> _postgresBins;

    private ServerPrograms(IReadOnlyList<string> postgresBins, string? rabbitServer)
    {
        _postgresBins = postgresBins;
        RabbitServer = rabbitServer;
    }

    internal string? RabbitServer { get; }

    private IEnumerable<string> Missing
    {
        get
        {
            if (_postgresBins.Count == 0)
                yield return "PostgreSQL";
            if (RabbitServer is null)
                yield return "RabbitMQ";
        }
    }

    /// <summary>
    /// Finds the programs and, where they are missing, installs the distribution's packages if it may: Debian or
    /// Ubuntu, as root or with a sudo that asks no password. Several processes may call it at once.
    /// </summary>
    /// <param name="install">False: only look.</param>
    /// <param name="say">Hears what is being done, in Spanish.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LocalEngineException">They are missing; the message says what to install.</exception>
    public static async Task EnsureAsync(bool install = true, Action<string>? say = null, CancellationToken cancellation = default)
    {
        var found = Find();
        if (!found.Missing.Any())
            return;
        if (!install)
            throw NotInstalled(found);
        using (await InstallLockAsync(cancellation))
        {
            // Another process may have installed them while this one waited.
            found = Find();
            if (found.Missing.Any())
                await InstallAsync(string.Join(" y ", found.Missing), Packages, NotInstalled(found), say, cancellation);
        }
        found = Find();
        if (found.Missing.Any())
            throw NotInstalled(found);
    }

    /// <summary>Makes sure that another program is in PATH, in the same way.</summary>
    /// <param name="program">As <c>node</c>.</param>
    /// <param name="packages">The distribution's packages that bring it, separated by spaces.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LocalEngineException">It is missing; the message says what to install.</exception>
    public static async Task EnsureProgramAsync(string program, string packages, CancellationToken cancellation = default)
    {
        if (ExecutableSearch.InPath(program) is not null)
            return;
        var missing = new LocalEngineException($"Falta {program}. Instale de su distribución: {packages}");
        using (await InstallLockAsync(cancellation))
        {
            if (ExecutableSearch.InPath(program) is null)
                await InstallAsync(program, packages, missing, null, cancellation);
        }
        if (ExecutableSearch.InPath(program) is null)
            throw missing;
    }

    internal static ServerPrograms Require()
    {
        var found = Find();
        return found.Missing.Any() ? throw NotInstalled(found) : found;
    }

    /// <summary>The folder with PostgreSQL's programs: of that major version, or the newest.</summary>
    internal string? PostgresBin(string? majorVersion) =>
        majorVersion is null || _postgresBins.Count == 1
            ? _postgresBins[0]
            : _postgresBins.FirstOrDefault(bin => bin.Split('/', '-').Contains(majorVersion));

    private static ServerPrograms Find()
    {
        // Debian keeps initdb and postgres out of PATH, a folder per version.
        var bins = Folders("/usr/lib/postgresql", "*").Select(folder => Path.Combine(folder, "bin"))
            .Concat(Folders("/usr", "pgsql-*").Select(folder => Path.Combine(folder, "bin")))
            .OrderByDescending(bin => bin, StringComparer.Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering))
            .Append(Path.GetDirectoryName(ExecutableSearch.InPath("initdb")) ?? "")
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")))
            .Distinct();
        // Not Debian's /usr/sbin/rabbitmq-server: that one changes the user.
        var rabbit = Folders("/usr/lib/rabbitmq/lib", "*").Select(folder => Path.Combine(folder, "sbin/rabbitmq-server"))
            .Append(ExecutableSearch.InPath("rabbitmq-server"))
            .FirstOrDefault(File.Exists);
        return new ServerPrograms([.. bins], rabbit);
    }

    private static IEnumerable<string> Folders(string parent, string pattern) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern) : [];

    private static LocalEngineException NotInstalled(ServerPrograms found) =>
        new($"Falta {string.Join(" y ", found.Missing)}. Instale los paquetes de su distribución; en Debian o Ubuntu: sudo apt-get install {Packages}");

    private static async Task<FileStream> InstallLockAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(Path.GetTempPath(), $"proyeccion-social-install-{Environment.UserName}.lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(500, cancellation);
            }
        }
    }

    private static async Task InstallAsync(
        string missing, string packages, LocalEngineException notInstalled, Action<string>? say, CancellationToken cancellation)
    {
        if (ExecutableSearch.InPath("apt-get") is not { } aptGet)
            throw notInstalled;
        var output = Path.Combine(Path.GetTempPath(), $"proyeccion-social-install-{Environment.UserName}.log");
        List<string> asRoot = Linux.IsRoot ? [] : ["sudo", "-n"];
        if (!Linux.IsRoot && (ExecutableSearch.InPath("sudo") is null || await RunAsync([.. asRoot, "true"], output) != 0))
            throw notInstalled;

        say?.Invoke($"Falta {missing}: se instala con apt-get (salida en {output}).");
        // RUNLEVEL=1 asks the packages not to start servers of their own, where the init system lets them choose.
        asRoot.AddRange(["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", aptGet, "-o", "DPkg::Lock::Timeout=300"]);
        say?.Invoke("apt-get update…");
        // A repository that does not answer is no reason to stop: the one with the packages may have answered.
        await RunAsync([.. asRoot, "update"], output);
        cancellation.ThrowIfCancellationRequested();
        say?.Invoke($"apt-get install {packages}…");
        if (await RunAsync([.. asRoot, "install", "-y", "--no-install-recommends", .. packages.Split(' ')], output) != 0)
            throw new LocalEngineException($"apt-get no pudo instalar {packages}; vea {output}.");
    }

    /// <remarks>Not to be cancelled: an apt-get that is cut off leaves the machine's packages half installed.</remarks>
    private static async Task<int> RunAsync(IReadOnlyList<string> command, string outputFile)
    {
        using var log = new LogFile(outputFile);
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        process.OutputDataReceived += (_, line) => log.WriteLine(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
