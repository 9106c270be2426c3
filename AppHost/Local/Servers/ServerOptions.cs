namespace ProyeccionSocial.Local.Servers;

/// <summary>Where and how a server runs.</summary>
/// <param name="Directory">
/// Folder of this server alone: its data, its password, its ports. Made when absent; what it holds is kept.
/// </param>
public sealed record ServerOptions(string Directory)
{
    /// <summary>Port on 127.0.0.1; 0 takes the last one used here or, when that is taken, a free one.</summary>
    public int Port { get; init; }

    /// <summary>Password of the administrator; null keeps the one of <see cref="Directory"/>, made on its first start.</summary>
    public string? Password { get; init; }

    /// <summary>Where the server's output goes; null is <c>server.log</c> in <see cref="Directory"/>.</summary>
    public string? LogFile { get; init; }

    /// <summary>Further settings: <c>-c</c> options of PostgreSQL, lines of <c>rabbitmq.conf</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>RabbitMQ's management plugin: needed for virtual hosts and subscribers, costs about 0.3 s of the start.</summary>
    public bool Management { get; init; } = true;
}
