using System.Net;
using System.Net.Sockets;

namespace ProyeccionSocial.Local.Processes;

/// <summary>
/// Asks a port of 127.0.0.1 one question. It is asked many times while a process starts, mostly in vain, on processors
/// that the process itself needs: so neither exceptions nor a whole HTTP client.
/// </summary>
internal static class Probe
{
    /// <returns>The first bytes of the answer; none when nobody answered.</returns>
    public static async Task<byte[]> AskAsync(int port, ReadOnlyMemory<byte> question, int answerLength, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (!await ConnectsAsync(socket, port))
            return [];
        await socket.SendAsync(question, cancellation);
        var answer = new byte[answerLength];
        var length = 0;
        while (length < answerLength && await socket.ReceiveAsync(answer.AsMemory(length), cancellation) is > 0 and var more)
            length += more;
        return answer[..length];
    }

    private static async Task<bool> ConnectsAsync(Socket socket, int port)
    {
        using var connect = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connect.Completed += (_, _) => ended.SetResult();
        if (socket.ConnectAsync(connect))
            await ended.Task;
        return connect.SocketError == SocketError.Success;
    }
}
