using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProyeccionSocial.Local.Servers;

/// <summary>
/// A port of 127.0.0.1 that is ours while this object lives: a locked file tells the other
/// processes of this user that choose ports the same way.
/// </summary>
internal sealed class PortLease : IDisposable
{
    private readonly FileStream _lock;

    private PortLease(int port, FileStream @lock)
    {
        Port = port;
        _lock = @lock;
    }

    public int Port { get; }

    /// <summary>The preferred port when it is free, otherwise any free one.</summary>
    public static PortLease Take(int preferred = 0)
    {
        if (preferred != 0 && TryTake(preferred) is { } lease)
            return lease;
        // Below the range of outgoing connections: a client that keeps trying a dead server's port
        // from that range can connect to itself and keep the server from coming back.
        var (first, end) = (20_000, FirstOutgoingPort());
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            if (TryTake(Random.Shared.Next(first, end)) is { } found)
                return found;
        }
        throw new LocalEngineException("No se encontró ningún puerto libre en 127.0.0.1.");
    }

    public static bool IsFree(int port, IPAddress? address = null)
    {
        try
        {
            using var listener = new TcpListener(address ?? IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException e)
        {
            // A machine without IPv6 has nobody on its ports.
            return e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static PortLease? TryTake(int port)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"proyeccion-social-ports-{Environment.UserName}"));
        try
        {
            var @lock = new FileStream(
                Path.Combine(folder.FullName, $"{port}"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            if (IsFree(port))
                return new PortLease(port, @lock);
            @lock.Dispose();
        }
        catch (IOException)
        {
            // Another process holds it.
        }
        return null;
    }

    private static int FirstOutgoingPort()
    {
        try
        {
            var first = int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t', ' ')[0], CultureInfo.InvariantCulture);
            return first > 21_000 ? first : 32_768;
        }
        catch (IOException)
        {
            return 32_768;
        }
    }
}
