using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.News;
using RabbitMQ.Client;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

/// <summary>
/// Keeps the public events of all services for the wall newspaper: from the public exchange, because it needs what they say to
/// everybody and nothing else. What was taken back is not proposed any more.
/// </summary>
internal sealed class HearNews(IServiceScopeFactory scopes, IConfiguration configuration, ILogger<HearNews> logger) : BackgroundService
{
    private const string Queue = "agenda.news";

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var broker = new ConnectionFactory { Uri = new Uri(configuration.GetConnectionString("messaging")!), ClientProvidedName = "agenda news" };
        return new PublicQueue(broker, Queue, logger).RunAsync(async channel =>
        {
            await channel.ExchangeDeclareAsync(PublicQueue.Exchange, ExchangeType.Topic, durable: true, cancellationToken: stoppingToken);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 }, cancellationToken: stoppingToken);
            await channel.QueueBindAsync(Queue, PublicQueue.Exchange, "#", cancellationToken: stoppingToken);
        }, KeepAsync, stoppingToken);
    }

    public async Task KeepAsync(IReadOnlyList<PublicEvent> events, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AgendaDb>().Database;
        await using var transaction = await database.BeginTransactionAsync(cancellation);
        // In whatever order they come, two replicas read at once: who was taken back stays so.
        foreach (var told in events.Where(e => e.Leaf is null && e.About is null).OrderBy(e => e.Id))
        {
            await database.ExecuteSqlAsync(
                $"""
                INSERT INTO public_news AS n (id, type, subject, happened_at, line) VALUES ({told.Id}, {told.Type}, {told.Subject}, {told.HappenedAt.ToUniversalTime()}, {told.Line})
                ON CONFLICT (id) DO UPDATE SET type = excluded.type, subject = excluded.subject, happened_at = excluded.happened_at, line = excluded.line WHERE n.line = '' AND NOT n.taken_back
                """, cancellation);
        }
        foreach (var note in events.Where(e => e.About is not null).OrderBy(e => e.About))
        {
            var (correction, takenBack) = (note.IsWithdrawal ? null : note.Data.Text("correction"), note.IsWithdrawal);
            await database.ExecuteSqlAsync(
                $"""
                INSERT INTO public_news AS n (id, type, subject, happened_at, line, correction, taken_back)
                VALUES ({note.About}, {note.Data.Text("publication")}, {note.Subject}, {note.HappenedAt.ToUniversalTime()}, '', {correction}, {takenBack})
                ON CONFLICT (id) DO UPDATE SET taken_back = n.taken_back OR excluded.taken_back, line = CASE WHEN excluded.taken_back THEN '' ELSE n.line END,
                    correction = coalesce(excluded.correction, n.correction)
                """, cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }
}
