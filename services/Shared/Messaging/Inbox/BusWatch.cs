using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging.Inbox;

/// <summary>
/// Ends the process, in order, when the broker has been back for long and the bus has not: some refusals of a broker
/// that is still booting make the bus give up for good, and whoever runs the process starts it anew.
/// </summary>
internal sealed partial class BusWatch(
    IBusControl bus, BrokerPublisher broker, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<BusWatch> logger) : BackgroundService
{
    // The bus waits up to 30 s between two attempts of its own.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var apartSince = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!broker.IsConnected || bus.CheckHealth().Status == BusHealthStatus.Healthy)
                    apartSince = time.GetTimestamp();
                else if (time.GetElapsedTime(apartSince) > Patience)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            return; // Stopping.
        }
        LogGivenUp();
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The broker is back and the bus is not: this process ends to be started anew")]
    private partial void LogGivenUp();
}
