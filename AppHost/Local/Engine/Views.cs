using Spectre.Console;

namespace ProyeccionSocial.Local.Engine;

/// <summary>Shows the operator what happens.</summary>
internal abstract class View
{
    private static readonly Dictionary<UnitState, string> StateNames = new()
    {
        [UnitState.Waiting] = "esperando",
        [UnitState.Starting] = "arrancando",
        [UnitState.Healthy] = "en marcha",
        [UnitState.Restarting] = "reiniciando",
        [UnitState.Stopping] = "deteniendo",
        [UnitState.Stopped] = "detenido",
        [UnitState.Failed] = "falló",
    };

    /// <summary>A live table in a terminal, plain lines elsewhere.</summary>
    public static View Create(IAnsiConsole console) =>
        Console.IsOutputRedirected || !console.Profile.Capabilities.Ansi ? new PlainView() : new TableView(console);

    public abstract void Changed(Supervisor unit, string? message);

    public abstract void Say(string message);

    /// <summary>Shows the units until cancelled; what else is written to the console waits for its end.</summary>
    /// <param name="units">In the order of the table.</param>
    /// <param name="keep">Whether the last state stays on the screen.</param>
    /// <param name="until">Ends the table.</param>
    public abstract Task ShowAsync(IReadOnlyList<Supervisor> units, bool keep, CancellationToken until);

    protected static string NameOf(UnitState state) => StateNames[state];
}

internal sealed class PlainView : View
{
    public override void Changed(Supervisor unit, string? message)
    {
        var process = unit is { State: UnitState.Healthy, Unit.ProcessId: { } id } ? $" (pid {id}, {unit.Unit.Address})" : "";
        Say($"{unit.Unit.Name}: {(message is null ? NameOf(unit.State) : message)}{process}");
    }

    public override void Say(string message) => Console.WriteLine($"{DateTimeOffset.Now:HH:mm:ss.fff} {message}");

    public override Task ShowAsync(IReadOnlyList<Supervisor> units, bool keep, CancellationToken until) =>
        Task.Delay(Timeout.Infinite, until).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}

internal sealed class TableView(IAnsiConsole console) : View
{
    private const int ShownMessages = 5;

    private readonly Lock _gate = new();
    private readonly Queue<string> _messages = new();

    public override void Changed(Supervisor unit, string? message)
    {
        if (message is not null)
            Say($"{unit.Unit.Name}: {message}");
    }

    public override void Say(string message)
    {
        lock (_gate)
        {
            if (_messages.Count == ShownMessages)
                _messages.Dequeue();
            _messages.Enqueue($"{DateTimeOffset.Now:HH:mm:ss} {message}");
        }
    }

    public override Task ShowAsync(IReadOnlyList<Supervisor> units, bool keep, CancellationToken until) =>
        console.Live(Picture(units)).AutoClear(!keep).StartAsync(async live =>
        {
            while (!until.IsCancellationRequested)
            {
                await Task.WhenAny(Task.Delay(250, until));
                live.UpdateTarget(Picture(units));
            }
        });

    private static string ColorOf(UnitState state) => state switch
    {
        UnitState.Healthy => "green",
        UnitState.Failed => "red",
        UnitState.Restarting => "yellow",
        _ => "grey",
    };

    private Rows Picture(IReadOnlyList<Supervisor> units)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Recurso", "Estado", "Dirección", "Proceso", "Reinicios", "Desde");
        foreach (var unit in units)
        {
            table.AddRow(
                Markup.Escape(unit.Unit.Name),
                $"[{ColorOf(unit.State)}]{NameOf(unit.State)}[/]",
                Markup.Escape(unit.Unit.Address),
                $"{unit.Unit.ProcessId}",
                $"{unit.Restarts}",
                $"{unit.Since:HH:mm:ss}");
        }
        lock (_gate)
            return new Rows([table, .. _messages.Select(message => new Text(message))]);
    }
}
