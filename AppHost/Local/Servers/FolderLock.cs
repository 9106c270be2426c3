namespace ProyeccionSocial.Local.Servers;

/// <summary>Keeps two processes from working on one folder; the kernel frees it with its process.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="LocalEngineException">Another process has it.</exception>
    public static FolderLock Take(string folder) =>
        TryTake(folder) ?? throw new LocalEngineException($"Otro proceso está usando {folder}.");

    public static FolderLock? TryTake(string folder)
    {
        try
        {
            return new FolderLock(new FileStream(PathIn(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    public void Dispose() => _file.Dispose();
}
