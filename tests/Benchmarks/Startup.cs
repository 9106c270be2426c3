using System.Diagnostics;
using System.Globalization;
using ProyeccionSocial.Local.Servers;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// The built system from its command to <c>ready</c>, with data of an earlier start, against the time that PostgreSQL
/// and RabbitMQ take to start alone, one after the other.
/// </summary>
internal static class Startup
{
    public static async Task<Measured> RunAsync()
    {
        await ServerPrograms.EnsureAsync(install: true);
        var folder = Path.Combine("/tmp", Servers.UniqueName("proyeccion-social-startup"));
        try
        {
            var first = await SystemAsync(folder);
            var system = new List<double>();
            var postgres = new List<double>();
            var rabbit = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                system.Add(await SystemAsync(folder));
                postgres.Add(await TimeAsync(new PostgresServer(new ServerOptions(Path.Combine(folder, "alone", "postgres"))), s => s.StartAsync(), s => s.StopAsync()));
                rabbit.Add(await TimeAsync(new RabbitServer(new ServerOptions(Path.Combine(folder, "alone", "rabbit"))), s => s.StartAsync(), s => s.StopAsync()));
            }
            var alone = Bench.Median(postgres) + Bench.Median(rabbit);
            return new(Bench.Median(system) / alone, new Dictionary<string, double>
            {
                ["systemSeconds"] = Bench.Median(system),
                ["postgresSeconds"] = Bench.Median(postgres),
                ["rabbitSeconds"] = Bench.Median(rabbit),
                ["firstStartSeconds"] = first,
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> SystemAsync(string folder)
    {
        var port = Hosts.FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("dotnet", [Hosts.Dll("AppHost"), "--data", Path.Combine(folder, "system"), "--port", port, "--no-install"])
        {
            RedirectStandardOutput = true,
        };
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
                break;
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using (var interrupt = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await interrupt.WaitForExitAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? seconds : throw new InvalidOperationException($"The system ended with {process.ExitCode}.");
    }

    private static async Task<double> TimeAsync<TServer>(TServer server, Func<TServer, Task> start, Func<TServer, Task> stop)
        where TServer : IAsyncDisposable
    {
        await using (server)
        {
            await start(server); // The first start makes the data folder.
            await stop(server);
            var started = Stopwatch.GetTimestamp();
            await start(server);
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }
}
