using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>PostgreSQL's own measure: a script, again and again, as fast as the server and so many clients can.</summary>
internal static partial class Pgbench
{
    /// <param name="database">Where it runs.</param>
    /// <param name="clients">At once.</param>
    /// <param name="script">Of pgbench.</param>
    /// <param name="isPipelined">The transaction goes over in one piece, as a driver's batches do: without it the yardstick would wait for the network at each statement.</param>
    /// <returns>Runs of the script a second, over six seconds.</returns>
    public static async Task<double> RateAsync(string database, int clients, string script, bool isPipelined = false)
    {
        var file = Path.Combine(Path.GetTempPath(), database + ".sql");
        await File.WriteAllTextAsync(file, isPipelined ? script.Replace("BEGIN;", "\\startpipeline\nBEGIN;", StringComparison.Ordinal) + "\n\\endpipeline\n" : script);
        var connection = new NpgsqlConnectionStringBuilder(Servers.Postgres.ConnectionString(database));
        var start = new ProcessStartInfo(Program())
        {
            ArgumentList =
            {
                "-n", "-M", "prepared", "-f", file, "-c", clients.ToString(CultureInfo.InvariantCulture), "-j", "2", "-T", "6",
                "-h", connection.Host!, "-p", connection.Port.ToString(CultureInfo.InvariantCulture), "-U", connection.Username!, database,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PGPASSWORD"] = connection.Password },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        File.Delete(file);
        var tps = Tps().Match(output);
        return tps.Success
            ? double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench: {output} {await errors}");
    }

    private static string Program() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin", "pgbench")).First(File.Exists)
            : "pgbench";

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Tps();
}
