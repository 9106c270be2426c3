using Spectre.Console;

namespace ProyeccionSocial.Local.Demo;

/// <summary>Loads a made-up municipality through the gateway, as another municipal system would.</summary>
internal static class Demo
{
    /// <param name="gateway">Base address of the gateway.</param>
    /// <param name="token">Bearer token with the roles and scopes that the loading needs.</param>
    /// <param name="console">Where the progress is shown.</param>
    /// <param name="cancellation">The operator stops the system.</param>
    public static Task RunAsync(Uri gateway, string token, IAnsiConsole console, CancellationToken cancellation)
    {
        console.WriteLine("La demostración aún no está escrita.");
        return Task.CompletedTask;
    }
}
