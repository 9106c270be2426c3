using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ProyeccionSocial.Messaging.Inbox;

/// <summary>
/// Makes a message take effect once: the row that says "seen" is written in the transaction of the effect and of the
/// events it raises. It stands inside the retry, so each attempt has a fresh DbContext and a fresh transaction.
/// </summary>
internal sealed class InboxFilter<TMessage>(MessagingDbContext database, ServiceIdentity service, MessagingMetrics metrics)
    : IFilter<ConsumeContext<TMessage>>
    where TMessage : class
{
    public async Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next)
    {
        var started = Stopwatch.GetTimestamp();
        await using var transaction = await database.Database.BeginTransactionAsync(context.CancellationToken);
        var consumer = service.Name;
        var messageId = context.MessageId ?? throw new InvalidOperationException("The message has no id.");
        // A bare command: it runs for every message, and the driver need not look for parameters in positional ones.
        await using var remember = new NpgsqlCommand(
            "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", (NpgsqlConnection)database.Database.GetDbConnection())
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = consumer }, new NpgsqlParameter<Guid> { TypedValue = messageId } },
        };
        await remember.PrepareAsync(context.CancellationToken);
        var first = await remember.ExecuteNonQueryAsync(context.CancellationToken);
        if (first == 0)
        {
            metrics.Duplicate();
            // Seen is as good as consumed; otherwise the bus would put it away as a message that nobody wants.
            await context.NotifyConsumed(Stopwatch.GetElapsedTime(started), consumer);
            return;
        }
        await next.Send(context);
        await database.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        metrics.Consumed(Stopwatch.GetElapsedTime(started), typeof(TMessage).Name);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox");
}
