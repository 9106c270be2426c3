using System.Net.Sockets;

namespace ProyeccionSocial.Local.Processes;

/// <summary>Waits for a process that was just started.</summary>
internal static class StartedProcess
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan OneQuestion = TimeSpan.FromSeconds(5);

    /// <summary>Returns when <paramref name="isReady"/> says so; the process is killed when it takes too long.</summary>
    public static async Task WaitAsync(
        string name, ManagedProcess process, LogFile log, Func<CancellationToken, Task<bool>> isReady, TimeSpan limit, CancellationToken cancellation)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timed.CancelAfter(limit);
        try
        {
            while (!await AsksAsync(isReady, timed.Token))
            {
                await Task.WhenAny(process.Exited, Task.Delay(Pause, timed.Token));
                if (process.Exited.IsCompleted)
                    throw Failed(name, log);
            }
        }
        catch (OperationCanceledException)
        {
            await process.KillAsync();
            cancellation.ThrowIfCancellationRequested();
            throw Failed(name, log, $"No respondió en {limit.TotalSeconds:0} s.");
        }
    }

    public static LocalEngineException Failed(string name, LogFile log, string? hint = null) =>
        new(string.Join('\n', [$"{name} no arrancó. {hint}".TrimEnd(), .. log.Tail.Select(line => "  " + line), $"  ({log.Path})"]));

    private static async Task<bool> AsksAsync(Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellation)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timed.CancelAfter(OneQuestion);
        try
        {
            return await isReady(timed.Token);
        }
        catch (Exception e) when (e is SocketException or IOException
            // One question that took too long, not the whole wait.
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }
}
