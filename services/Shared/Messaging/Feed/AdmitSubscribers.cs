using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ProyeccionSocial.Messaging.Feed;

public static partial class Subscribers;

/// <summary>Subscribers that belong to the system, as the portal; whoever else subscribes is admitted by the operator.</summary>
public sealed class SubscribersOptions
{
    /// <summary>Base address of the broker's management API; without it nobody is admitted here.</summary>
    public Uri? Management { get; set; }

    /// <summary>Their passwords by their names: see <see cref="Subscribers.NameOf"/>.</summary>
    public Dictionary<string, string> Passwords { get; } = [];

    /// <summary>How often it is looked whether they still are.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>Admits the system's own subscribers at the start, and again where the broker lost its data. Several replicas may: it is the same done twice.</summary>
/// <param name="broker">AMQP address, as its administrator.</param>
/// <param name="options">Who.</param>
/// <param name="logger">Says what goes wrong.</param>
internal sealed partial class AdmitSubscribers(Uri broker, SubscribersOptions options, ILogger<AdmitSubscribers> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var virtualHost = broker.AbsolutePath.Trim('/') is { Length: > 0 } path ? Uri.UnescapeDataString(path) : "/";
        var admitted = new HashSet<string>(); // By this process: the password may be another than last time.
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var (name, password) in options.Passwords)
                {
                    if (admitted.Contains(name) && await Subscribers.IsAdmittedAsync(options.Management!, broker.UserInfo, name, virtualHost, stoppingToken))
                        continue;
                    await Subscribers.AdmitAsync(options.Management!, broker.UserInfo, name, password, virtualHost: virtualHost, cancellation: stoppingToken);
                    admitted.Add(name);
                }
            }
            catch (Exception refused) when (refused is HttpRequestException or TaskCanceledException && !stoppingToken.IsCancellationRequested)
            {
                LogRefused(refused.Message);
            }
            await Task.Delay(options.Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The system's own subscribers could not be admitted; it is tried again: {Cause}")]
    private partial void LogRefused(string cause);
}
