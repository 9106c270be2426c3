using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>
/// A replica of the ledger as a process, for killing: it relays, consumes, and writes deposits to accounts of its own
/// until it dies. What is committed stands in the account's version: it is the number of its events.
/// </summary>
internal static class LedgerProcess
{
    private const int Writers = 4;

    public static Process Start(string database, string broker)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(LedgerProcess).Assembly.Location, "ledger", database, broker])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    public static async Task<int> RunAsync(string database, string broker)
    {
        await using var ledger = await LedgerService.StartAsync(database, broker);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(ledger)));
        return 0;
    }

    private static async Task WriteAsync(LedgerService ledger)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        Guid? account = null;
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                account = await ledger.WriteAsync(1, (a, _) => a.Deposit(1), account);
            }
            catch (Exception down) when (down is DbUpdateException or Npgsql.NpgsqlException or InvalidOperationException or TimeoutException)
            {
                account = null; // Nobody knows whether it was committed; go on with another.
            }
            if (Random.Shared.Next(50) == 0)
                account = null;
        }
    }
}
