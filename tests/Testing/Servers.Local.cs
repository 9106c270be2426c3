#if !CONTAINERS
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Testing;

public static partial class Servers
{
    /// <summary>The PostgreSQL of this test process.</summary>
    public static PostgresServer Postgres { get; private set; } = null!;

    /// <summary>The RabbitMQ of this test process.</summary>
    public static RabbitServer Rabbit { get; private set; } = null!;

    private static async Task StartAsync()
    {
        await ServerPrograms.EnsureAsync(install: true);
        var folder = Path.Combine("/tmp", UniqueName("proyeccion-social-tests"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(folder);
        Postgres = new PostgresServer(new ServerOptions(Path.Combine(folder, "postgres")));
        Rabbit = new RabbitServer(new ServerOptions(Path.Combine(folder, "rabbit"))
        {
            // A limit that a test can cross, to see a message that the broker refuses.
            Settings = new Dictionary<string, string> { ["max_message_size"] = "2097152" },
        });
        await Task.WhenAll(Postgres.StartAsync(), Rabbit.StartAsync());
    }

    // The servers are being ended at this moment, and may write a last file into a folder that is being deleted.
    private static void Delete(string folder)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(100);
            }
        }
    }
}
#endif
