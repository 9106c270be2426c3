using System.Runtime.InteropServices;
using ProyeccionSocial.Local.Processes;

namespace ProyeccionSocial.Local.Engine;

/// <summary>
/// The first signal asks for an orderly stop, a later one for no more patience. The end of the «dotnet run»
/// that started us counts as a signal too: it takes its terminal with it.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    // «dotnet run» passes SIGTERM on, so that one sent to the group arrives twice.
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private readonly Timer? _parentWatch;
    private readonly Lock _gate = new();
    private DateTimeOffset? _first;

    public StopSignals(CancellationToken cancellation)
    {
        // A shell without job control starts background commands with SIGINT ignored, and .NET respects that.
        Linux.StopIgnoring(Signal.Interrupt);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _registrations = new List<PosixSignal> { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .ConvertAll(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Received();
            }));
        var parent = Linux.ParentProcessId;
        if (ProcessTable.NameOf(parent) == "dotnet")
        {
            _parentWatch = new Timer(
                _ =>
                {
                    if (Linux.ParentProcessId != parent)
                        _stop.Cancel();
                },
                null,
                TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(1));
        }
    }

    public CancellationToken Stop => _stop.Token;

    public CancellationToken Hurry => _hurry.Token;

    public void Dispose()
    {
        _parentWatch?.Dispose();
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
        _hurry.Dispose();
    }

    private void Received()
    {
        lock (_gate)
        {
            _first ??= DateTimeOffset.Now;
            if (DateTimeOffset.Now - _first < SameSignal)
                _stop.Cancel();
            else
                _hurry.Cancel();
        }
    }
}
