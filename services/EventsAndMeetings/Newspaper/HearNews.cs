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
        foreach (var told in events.Where(e => e.Leaf is null && e.About is null))
        {
            await database.ExecuteSqlAsync(
                $"""
                INSERT INTO public_news (id, type, subject, happened_at, line) VALUES ({told.Id}, {told.Type}, {told.Subject}, {told.HappenedAt.ToUniversalTime()}, {told.Line}) ON CONFLICT DO NOTHING
                """, cancellation);
        }
        foreach (var withdrawn in events.Where(e => e.IsWithdrawal))
            await database.ExecuteSqlAsync($"DELETE FROM public_news WHERE id = {withdrawn.About}", cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
