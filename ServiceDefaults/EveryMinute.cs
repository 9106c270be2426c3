using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ProyeccionSocial.ServiceDefaults;

/// <summary>
/// A watch over dates that the database keeps: it looks when the service starts and each minute after that. A look that
/// fails is logged and costs nothing: what it did not see, the next one sees.
/// </summary>
public abstract partial class EveryMinute(TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>The clock by which it looks.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>Looks once, and does what the day asks for.</summary>
    public abstract Task ApplyAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), Time);
        try
        {
            do
            {
                try
                {
                    await ApplyAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogPostponed(failure);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A look at the dates failed and waits for the next minute")]
    private partial void LogPostponed(Exception failure);
}
