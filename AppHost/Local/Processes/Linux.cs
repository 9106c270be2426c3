using System.Globalization;
using System.Runtime.InteropServices;

namespace ProyeccionSocial.Local.Processes;

internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Linux
{
    public static bool IsRoot => geteuid() == 0;

    /// <summary>Sends a signal to a process; false when it no longer exists (or is not ours).</summary>
    public static bool Send(int processId, Signal signal) => kill(processId, (int)signal) == 0;

    /// <summary>Sends a signal to a process group; false when nothing is left of it.</summary>
    public static bool SendToGroup(int groupId, Signal signal) => kill(-groupId, (int)signal) == 0;

    public static int ParentProcessId => getppid();

    public static void ChangeOwner(string path, SystemUser user)
    {
        if (chown(path, user.UserId, user.GroupId) != 0)
            throw new IOException($"No se pudo entregar {path} al usuario {user.Name}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    public static void StopIgnoring(Signal signal) => Linux.signal((int)signal, 0);

    /// <summary>Gives a signal the handler of another: .NET has one for all, and always installs it for <see cref="Signal.Continue"/>.</summary>
    public static void HandleAs(Signal signal, Signal other)
    {
        // Larger than struct sigaction on any Linux; what is in it does not matter here.
        Span<byte> action = stackalloc byte[256];
        if (sigaction((int)other, 0, ref MemoryMarshal.GetReference(action)) == 0)
            _ = sigaction((int)signal, ref MemoryMarshal.GetReference(action), 0);
    }

    /// <summary>The path without links, as /proc shows it.</summary>
    public static string RealPath(string path) => realpath(path, 0) ?? path;

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? realpath(string path, nint resolved);

    [LibraryImport("libc")]
    private static partial int getppid();

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, nint action, ref byte previous);

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, ref byte action, nint previous);

    [LibraryImport("libc")]
    private static partial nint signal(int signal, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);
}

/// <summary>A user of this machine that a server runs as.</summary>
internal sealed record SystemUser(string Name, uint UserId, uint GroupId)
{
    public static SystemUser? Find(string name) =>
        File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 3 && fields[0] == name)
            .Select(fields => new SystemUser(name, Number(fields[2]), Number(fields[3])))
            .FirstOrDefault();

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
