using System.Security.Cryptography;

namespace ProyeccionSocial.Testing;

/// <summary>
/// The real PostgreSQL and RabbitMQ of a test run: one of each for a test process, started with the first test that
/// needs them, gone with the process. A test class takes a database and a virtual host of its own.
/// </summary>
public static partial class Servers
{
    private static readonly Lazy<Task> Started = new(StartAsync);

    /// <summary>Waits until both answer.</summary>
    public static Task ReadyAsync() => Started.Value;

    /// <summary>A name that no other test class has.</summary>
    public static string UniqueName(string prefix) => $"{prefix}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
}
