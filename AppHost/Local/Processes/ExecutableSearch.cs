namespace ProyeccionSocial.Local.Processes;

internal static class ExecutableSearch
{
    /// <summary>The program's path, or null. The administrators' folders count even when PATH lacks them.</summary>
    public static string? InPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
