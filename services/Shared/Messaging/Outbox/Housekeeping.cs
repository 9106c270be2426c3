using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>
/// Looks at the outbox for the metrics every five seconds, and every minute deletes what is too old: in small
/// batches of rows that nobody else holds, so that it can neither block nor deadlock.
/// </summary>
internal sealed partial class Housekeeping(
    NpgsqlDataSource database, MessagingMetrics metrics, IOptions<MessagingOptions> options, TimeProvider time, ILogger<Housekeeping> logger)
    : BackgroundService
{
    private const int DeleteAtOnce = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        var round = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ObserveAsync(stoppingToken);
                    if (round++ % 12 == 0)
                        await DeleteOldAsync(stoppingToken);
                }
                catch (NpgsqlException unreachable)
                {
                    LogUnreachable(unreachable.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task ObserveAsync(CancellationToken cancellation)
    {
        await using var query = database.CreateCommand(
            """
            SELECT (SELECT count(*) FROM outbox),
                   (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox),
                   (SELECT count(*) FROM outbox_dead)
            """);
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        metrics.Observe(new(reader.GetInt64(0), Math.Max(0, reader.GetDouble(1)), reader.GetInt64(2)));
    }

    private async Task DeleteOldAsync(CancellationToken cancellation)
    {
        await DeleteAsync("inbox", "received_at", "true", options.Value.KeepInbox);
        await DeleteAsync("published_event", "published_at", "public_type IS NULL", options.Value.KeepInternalEvents);
        await DeleteAsync("idempotency", "created_at", "true", options.Value.KeepIdempotencyKeys);

        async Task DeleteAsync(string table, string column, string condition, TimeSpan keep)
        {
            await using var delete = database.CreateCommand(
                $"""
                DELETE FROM {table} WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM {table} WHERE {column} < now() - $1 AND {condition}
                    LIMIT {DeleteAtOnce} FOR UPDATE SKIP LOCKED))
                """);
            delete.Parameters.Add(new() { Value = keep });
            while (await delete.ExecuteNonQueryAsync(cancellation) == DeleteAtOnce)
            {
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be looked at: {Reason}")]
    private partial void LogUnreachable(string reason);
}
