using System.Collections.Concurrent;
using System.Diagnostics;

namespace ProyeccionSocial.Local.Processes;

/// <summary>
/// Starts processes from one thread that lives as long as we do: the kernel sends a child its
/// parent-death signal when the <em>thread</em> that forked it ends, and pool threads come and go.
/// </summary>
internal sealed class ProcessLauncher
{
    private readonly BlockingCollection<Action> _work = [];

    private ProcessLauncher() =>
        new Thread(Work) { IsBackground = true, Name = "process launcher" }.Start();

    public static ProcessLauncher Shared { get; } = new();

    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
            action();
    }
}
