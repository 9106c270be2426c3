using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Feed;
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
            await channel.ExchangeDeclareAsync(Subscribers.PublicExchange, ExchangeType.Topic, durable: true, cancellationToken: stoppingToken);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 }, cancellationToken: stoppingToken);
            await channel.QueueBindAsync(Queue, Subscribers.PublicExchange, "#", cancellationToken: stoppingToken);
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
        foreach (var note in events.Where(e => e.About is not null).OrderBy(e => e.Id))
        {
            if (!note.IsWithdrawal)
                await CorrectAsync(note.Id, note.About, note, note.IsCorrection ? note.Data.Text("correction") : "");
            else if (PublicLine.IsNote(note.Data.Text("publication")))
                await CorrectAsync(note.About!.Value, null, note, "");
            else
                await database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO public_news (id, type, subject, happened_at, line, taken_back) VALUES ({note.About}, {note.Data.Text("publication")}, {note.Subject}, {note.HappenedAt.ToUniversalTime()}, '', true)
                    ON CONFLICT (id) DO UPDATE SET taken_back = true, line = ''
                    """, cancellation);
        }
        await transaction.CommitAsync(cancellation);

        Task CorrectAsync(Guid id, Guid? about, PublicEvent note, string words) => database.ExecuteSqlAsync(
            $"""
            INSERT INTO news_correction (id, about, subject, happened_at, words) VALUES ({id}, {about}, {note.Subject}, {note.HappenedAt.ToUniversalTime()}, {words})
            ON CONFLICT (id) DO UPDATE SET words = '' WHERE excluded.words = ''
            """, cancellation);
    }
}
