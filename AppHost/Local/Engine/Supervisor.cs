namespace ProyeccionSocial.Local.Engine;

internal enum UnitState
{
    Waiting,
    Starting,
    Healthy,
    Restarting,
    Stopping,
    Stopped,
    Failed,
}

/// <summary>Keeps one unit running: after what it waits for, again when it crashes, and until it is told to stop.</summary>
internal sealed class Supervisor(Unit unit, Action<Supervisor, string?> changed)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProvenHealthy = TimeSpan.FromSeconds(60);
    private const int StartAttempts = 3;

    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Supervisor> _waitsFor = [];
    private readonly List<Supervisor> _uses = [];
    private readonly List<Supervisor> _dependents = [];

    public Unit Unit => unit;

    public UnitState State { get; private set; } = UnitState.Waiting;

    public int Restarts { get; private set; }

    public DateTimeOffset Since { get; private set; } = DateTimeOffset.Now;

    /// <summary>Completes the first time that the unit is healthy.</summary>
    public Task Healthy => _healthy.Task;

    /// <summary>Not to be started before the other is healthy.</summary>
    public void WaitFor(Supervisor other)
    {
        _waitsFor.Add(other);
        Use(other);
    }

    /// <summary>Not to be asked for its health before the other is healthy, and to be stopped before it.</summary>
    public void Use(Supervisor other)
    {
        _uses.Add(other);
        other._dependents.Add(this);
    }

    /// <summary>Runs until <paramref name="stop"/>, and returns when the unit has ended.</summary>
    /// <param name="stop">Asks for the orderly end.</param>
    /// <param name="hurry">Then, no more patience.</param>
    /// <exception cref="LocalEngineException">The unit cannot be started at all.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken hurry)
    {
        try
        {
            await Task.WhenAll(_waitsFor.Select(other => other.Healthy)).WaitAsync(stop);
            await KeepRunningAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The normal end.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Enter(UnitState.Failed);
            throw;
        }
        finally
        {
            _healthy.TrySetCanceled(CancellationToken.None);
            await Task.WhenAll(_dependents.Select(other => other._stopped.Task));
            if (State is not (UnitState.Waiting or UnitState.Failed))
                Enter(UnitState.Stopping);
            await unit.StopAsync(hurry);
            if (State == UnitState.Stopping)
                Enter(UnitState.Stopped);
            _stopped.SetResult();
        }
    }

    private async Task KeepRunningAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        for (var attempts = 1; ; attempts++)
        {
            Enter(UnitState.Starting);
            string whatHappened;
            try
            {
                await unit.StartAsync(stop);
                // Asked before, it would only look in vain for what it uses, on processors that those need to start.
                await Task.WhenAny(unit.Exited, Task.WhenAll(_uses.Select(other => other.Healthy))).WaitAsync(stop);
                await unit.WaitUntilHealthyAsync(stop);
                Enter(UnitState.Healthy);
                _healthy.TrySetResult();
                await unit.Exited.WaitAsync(stop);
                if (DateTimeOffset.Now - Since >= ProvenHealthy)
                    pause = FirstPause;
                whatHappened = "terminó sin que se le pidiera";
            }
            catch (Exception e) when (e is not OperationCanceledException && (_healthy.Task.IsCompleted || attempts < StartAttempts))
            {
                whatHappened = e.Message;
            }
            Restarts++;
            Enter(UnitState.Restarting, $"{whatHappened}; se reinicia en {pause.TotalSeconds:0.0} s");
            await Task.Delay(pause, stop);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private void Enter(UnitState state, string? message = null)
    {
        State = state;
        Since = DateTimeOffset.Now;
        changed(this, message);
    }
}
