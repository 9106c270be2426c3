using System.Globalization;

namespace ProyeccionSocial.Local.Processes;

/// <summary>What /proc says about the processes of this machine.</summary>
internal static class ProcessTable
{
    /// <summary>
    /// Every process that we start carries this variable with the path of its resource, and its own children
    /// inherit it. It finds what a crashed run left behind, and only that: a path is not reused as a process id is.
    /// </summary>
    public const string Tag = "PROYECCION_SOCIAL_RESOURCE";

    public static string? NameOf(int processId) => Read(processId)?.Name;

    /// <summary>Path of the program that the process runs.</summary>
    public static string? ProgramOf(int processId) => LinkTarget($"/proc/{processId}/exe");

    public static List<int> Descendants(int processId)
    {
        var children = All().ToLookup(process => process.ParentId, process => process.Id);
        var found = new List<int>();
        var pending = new Stack<int>([processId]);
        while (pending.TryPop(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child);
                pending.Push(child);
            }
        }
        return found;
    }

    /// <summary>Kills what is left of the resource in that folder, or of those below it, and waits until it is gone.</summary>
    public static async Task EndAsync(string folder)
    {
        for (var left = Of(folder); left.Count > 0; left = Of(folder))
        {
            foreach (var processId in left)
                Linux.Send(processId, Signal.Kill);
            await Task.Delay(20);
        }
    }

    // PostgreSQL overwrites its environment with its title; but all its processes work in the data folder.
    private static List<int> Of(string folder) =>
        [.. All().Where(process => process.State is not ('Z' or 'X')
                && process.Id != Environment.ProcessId
                && (Carries(process.Id, folder) || (process.Name == "postgres" && WorksIn(process.Id, folder))))
            .Select(process => process.Id)];

    private static IEnumerable<ProcessStat> All() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? Read(id) : null)
            .OfType<ProcessStat>();

    private static ProcessStat? Read(int processId)
    {
        try
        {
            // "pid (name) state ppid …": the name may hold spaces and parentheses.
            var text = File.ReadAllText($"/proc/{processId}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var name = text[(text.IndexOf('(') + 1)..text.LastIndexOf(')')];
            return new ProcessStat(processId, name, fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Carries(int processId, string folder)
    {
        try
        {
            var variable = File.ReadAllText($"/proc/{processId}/environ").Split('\0').FirstOrDefault(line => line.StartsWith(Tag + "=", StringComparison.Ordinal));
            return variable is not null && IsOrIsBelow(variable[(Tag.Length + 1)..], folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool WorksIn(int processId, string folder) =>
        LinkTarget($"/proc/{processId}/cwd") is { } directory && IsOrIsBelow(directory, folder);

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsOrIsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private sealed record ProcessStat(int Id, string Name, char State, int ParentId);
}
