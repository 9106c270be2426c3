using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using ProyeccionSocial.Messaging.Outbox;
using RabbitMQ.Client.Exceptions;

namespace ProyeccionSocial.Messaging.Operations;

/// <summary>Where a message got stuck.</summary>
internal enum DeadLetterSource
{
    /// <summary>On the way out: the broker refused it.</summary>
    Outbox,

    /// <summary>On the way in: the consumer threw each time.</summary>
    Consumer,
}

/// <summary>A message that waits for an operator. It shows what failed and never the body, which may carry names.</summary>
internal sealed record DeadLetter(
    DeadLetterSource Source, Guid MessageId, Guid? Subject, string Type, string Error, DateTimeOffset? FailedAt);

/// <summary>What operators do about messages that went nowhere: see them, and send them again once the cause is gone.</summary>
internal static class DeadLetters
{
    private const int AtMost = 200;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/dead-letters").RequireAuthorization("operator").WithTags("operations");
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters")
            .WithSummary("Mensajes que no pudieron salir o que no se pudieron procesar");
        letters.MapPost("/{messageId:guid}/replay", ReplayAsync).WithName("ReplayDeadLetter")
            .WithSummary("Enviar de nuevo un mensaje detenido");
    }

    private static async Task<Ok<DeadLetterPage>> ListAsync(
        NpgsqlDataSource database, ErrorQueue errors, CancellationToken cancellation)
    {
        var items = new List<DeadLetter>();
        await using var query = database.CreateCommand(
            "SELECT message_id, subject, type, coalesce(last_error, ''), died_at FROM outbox_dead ORDER BY id LIMIT $1");
        query.Parameters.Add(new() { Value = AtMost });
        await using (var reader = await query.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                items.Add(new DeadLetter(
                    DeadLetterSource.Outbox, reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3),
                    reader.GetFieldValue<DateTimeOffset>(4)));
            }
        }
        try
        {
            items.AddRange(await errors.ListAsync(AtMost, cancellation));
        }
        catch (Exception down) when (IsBrokerDown(down))
        {
            return TypedResults.Ok(new DeadLetterPage(items, ErrorQueueRead: false));
        }
        return TypedResults.Ok(new DeadLetterPage(items, ErrorQueueRead: true));
    }

    private static async Task<Results<Accepted, NotFound, ProblemHttpResult>> ReplayAsync(
        Guid messageId, NpgsqlDataSource database, ErrorQueue errors, RelaySignal signal, CancellationToken cancellation)
    {
        await using var revive = database.CreateCommand(
            """
            WITH revived AS (DELETE FROM outbox_dead WHERE message_id = $1 RETURNING *)
            INSERT INTO outbox (message_id, type, public_type, subject, version, body, traceparent, created_at)
            SELECT message_id, type, public_type, subject, version, body, traceparent, created_at FROM revived
            """);
        revive.Parameters.Add(new() { Value = messageId });
        if (await revive.ExecuteNonQueryAsync(cancellation) == 1)
        {
            signal.Set();
            return TypedResults.Accepted((string?)null);
        }
        try
        {
            return await errors.ReplayAsync(messageId, AtMost, cancellation)
                ? TypedResults.Accepted((string?)null)
                : TypedResults.NotFound();
        }
        catch (Exception down) when (IsBrokerDown(down))
        {
            return TypedResults.Problem(
                statusCode: 503, title: "El servidor de mensajes no responde",
                detail: "Intente de nuevo cuando el estado de «messaging» en /health sea Healthy.",
                extensions: new Dictionary<string, object?> { ["code"] = "broker_down" });
        }
    }

    private static bool IsBrokerDown(Exception failure) =>
        failure is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException;

    /// <param name="Items">At most 200 from each side, oldest first.</param>
    /// <param name="ErrorQueueRead">False while the broker is down and only the outbox could be looked into.</param>
    internal sealed record DeadLetterPage(IReadOnlyList<DeadLetter> Items, bool ErrorQueueRead)
{
    /// <summary>For the documentation.</summary>
    public static DeadLetterPage Example => new(
        [new(DeadLetterSource.Consumer, new("01936d0a-7c00-7000-8000-000000000001"), null, "ProyeccionSocial.Contracts.Organizations:AssociationFormed",
            "The consumer threw InvalidOperationException.", new(2026, 3, 2, 15, 30, 0, TimeSpan.Zero))], true);
}
}
