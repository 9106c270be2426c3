using System.Diagnostics;

namespace ProyeccionSocial.Local.Processes;

/// <summary>How to start a process.</summary>
/// <param name="Tag">Path that names the resource; see <see cref="ProcessTable.Tag"/>.</param>
/// <param name="FileName">Path of the program.</param>
/// <param name="Arguments">One by one, unquoted.</param>
internal sealed record ProcessLaunch(string Tag, string FileName, params IReadOnlyList<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Added to ours; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Variables of ours that start so are not handed on.</summary>
    public IReadOnlyList<string> HiddenPrefixes { get; init; } = [];

    public SystemUser? RunAs { get; init; }

    /// <summary>What the kernel sends the process when we die without a word.</summary>
    public Signal OnParentDeath { get; init; } = Signal.Kill;
}

/// <summary>
/// A child in a session of its own (the terminal's Ctrl-C does not reach it) that does not outlive us.
/// </summary>
internal sealed class ManagedProcess
{
    private readonly Process _process;

    private ManagedProcess(Process process, LogFile log)
    {
        _process = process;
        Id = process.Id;
        // Read by hand: Process' own readers would make the wait for the exit wait for grandchildren that hold the pipe.
        _ = PumpAsync(process.StandardOutput, log);
        _ = PumpAsync(process.StandardError, log);
        Exited = ExitAsync();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    public static async Task<ManagedProcess> StartAsync(ProcessLaunch launch, LogFile log)
    {
        var start = new ProcessStartInfo(Find("setsid"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = launch.WorkingDirectory ?? "/",
        };
        // Both replace themselves by the next program, so the process id stays.
        List<string> arguments = [Find("setpriv"), "--pdeathsig", launch.OnParentDeath == Signal.Interrupt ? "INT" : "KILL"];
        if (launch.RunAs is { } user)
            arguments.AddRange(["--reuid", user.Name, "--regid", $"{user.GroupId}", "--init-groups"]);
        arguments.AddRange(["--", launch.FileName, .. launch.Arguments]);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        foreach (var name in start.Environment.Keys.Where(name => launch.HiddenPrefixes.Any(name.StartsWith)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in launch.Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }
        start.Environment[ProcessTable.Tag] = launch.Tag;

        var process = await ProcessLauncher.Shared.StartAsync(start);
        log.Begin($"{DateTimeOffset.UtcNow:u} proceso {process.Id}");
        process.StandardInput.Close();
        return new ManagedProcess(process, log);
    }

    /// <summary>Asks for an orderly end and, past the limit or when there is a hurry, kills.</summary>
    public async Task StopAsync(Signal signal, TimeSpan limit, CancellationToken hurry = default)
    {
        if (Exited.IsCompleted)
            return;
        Linux.Send(Id, signal);
        try
        {
            await Exited.WaitAsync(limit, hurry);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>SIGKILL to the process and to everything below it.</summary>
    public async Task KillAsync()
    {
        if (!Exited.IsCompleted)
        {
            // Stopped, it cannot fork while its descendants are counted.
            Linux.Send(Id, Signal.Stop);
            foreach (var descendant in ProcessTable.Descendants(Id))
                Linux.Send(descendant, Signal.Kill);
            Linux.SendToGroup(Id, Signal.Kill);
        }
        await Exited;
    }

    private static async Task PumpAsync(StreamReader reader, LogFile log)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
                log.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process ended while we were reading.
        }
    }

    private static string Find(string program) =>
        ExecutableSearch.InPath(program)
        ?? throw new LocalEngineException($"Falta el programa {program} (paquete util-linux).");

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
