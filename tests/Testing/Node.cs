using System.Diagnostics;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Testing;

/// <summary>Node.js, with the packages that a folder's lock file names.</summary>
public static class Node
{
    private static readonly SemaphoreSlim Installing = new(1);

    /// <summary>Runs a script of a folder of this repository and gives what it printed.</summary>
    /// <param name="folder">Below the repository, as <c>tests/System.Tests/subscriber</c>.</param>
    /// <param name="script">The script's file, then its arguments.</param>
    /// <param name="input">What it reads from its standard input.</param>
    public static async Task<string> RunAsync(string folder, string[] script, string? input = null)
    {
        var path = await InstalledAsync(folder);
        return await RunAsync("node", script, path, input);
    }

    /// <summary>Starts a script that runs on; the caller ends it.</summary>
    public static async Task<Process> StartAsync(string folder, params string[] script) => Start("node", script, await InstalledAsync(folder));

    /// <summary>Installs a folder's packages and gives its path.</summary>
    public static async Task<string> InstalledAsync(string folder)
    {
        var path = Path.Combine(Repository.Root, folder);
        await Installing.WaitAsync();
        try
        {
            await ServerPrograms.EnsureProgramAsync("npm", "nodejs npm");
            if (!File.Exists(Path.Combine(path, "node_modules", ".package-lock.json")))
                await RunAsync("npm", ["ci", "--no-audit", "--no-fund"], path, null);
        }
        finally
        {
            Installing.Release();
        }
        return path;
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string folder, string? input)
    {
        using var process = Start(program, arguments, folder);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program}: {await output}{await errors}");
    }

    private static Process Start(string program, string[] arguments, string folder) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    })!;
}
