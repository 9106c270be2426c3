using System.Runtime.InteropServices;
using Microsoft.Build.Framework;
using ProyeccionSocial.Local.Processes;

namespace ProyeccionSocial.Local;

/// <summary>
/// Makes «dotnet run» pass SIGINT on to the program that it runs. On its own it ignores the signal, since a
/// terminal sends Ctrl-C to both; a script's <c>kill -INT</c> reaches «dotnet run» alone, and nothing would stop.
/// MSBuild calls this inside the process of «dotnet run», just before it starts the program.
/// </summary>
public sealed class PassOnInterrupt : ITask
{
    // Held, or the registration would end when it is collected. It lives as long as «dotnet run» does.
    private static PosixSignalRegistration? _registration;

    /// <inheritdoc/>
    public IBuildEngine? BuildEngine { get; set; }

    /// <inheritdoc/>
    public ITaskHost? HostObject { get; set; }

    /// <summary>Path of the program.</summary>
    [Required]
    public string Program { get; set; } = "";

    /// <inheritdoc/>
    public bool Execute()
    {
        var program = Linux.RealPath(Program);
        _registration ??= PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            foreach (var child in ProcessTable.Descendants(Environment.ProcessId).Where(child => ProcessTable.ProgramOf(child) == program))
                Linux.Send(child, Signal.Interrupt);
        });
        // As a script's background command «dotnet run» starts with the signal ignored, and .NET has left it so by now.
        Linux.HandleAs(Signal.Interrupt, Signal.Continue);
        return true;
    }
}
