using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging.Feed;

/// <summary>
/// The catch-up feed: the public events of this service in the order in which they were sent, for a subscriber that
/// was away. Reading it to the end and then taking the queue misses nothing; what comes twice has the same id.
/// </summary>
internal static class PublishedFeed
{
    public static void MapPublishedFeed(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/published", ReadAsync)
            .AllowAnonymous()
            .WithName("ReadPublished")
            .WithTags("published")
            .WithSummary("Eventos públicos ya enviados, en orden, como CloudEvents 1.0")
            .WithDescription("Repita con after = next hasta que items venga vacío. De lo que se retiró queda su huella (withdrawn) en lugar de sus palabras.");

    private static async Task<Results<Ok<PublishedPage>, ProblemHttpResult>> ReadAsync(
        NpgsqlDataSource database, ServiceIdentity service, long after = 0, int limit = 100, CancellationToken cancellation = default)
    {
        if (limit is < 1 or > 1000)
        {
            return TypedResults.Problem(
                statusCode: 400, title: "El límite no es válido", detail: "Pida entre 1 y 1000 eventos por página.",
                extensions: new Dictionary<string, object?> { ["code"] = "limit_out_of_range" });
        }
        await using var query = database.CreateCommand(
            """
            SELECT position, message_id, public_type, subject, created_at, traceparent, body, leaf FROM published_event
            WHERE public_type IS NOT NULL AND position > $1 ORDER BY position LIMIT $2
            """);
        query.Parameters.Add(new() { Value = after });
        query.Parameters.Add(new() { Value = limit });
        var items = new List<JsonNode>();
        var next = after;
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            next = reader.GetInt64(0);
            var item = JsonNode.Parse(CloudEvent.Write(
                service.Name, reader.GetGuid(1), reader.GetString(2), reader.GetGuid(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetFieldValue<byte[]>(6)).Span)!;
            if (!reader.IsDBNull(7))
                item[PublicLine.Withdrawn] = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(7));
            items.Add(item);
        }
        return TypedResults.Ok(new PublishedPage(items, next));
    }

    /// <param name="Items">CloudEvents 1.0 in JSON, oldest first.</param>
    /// <param name="Next">Position to ask after next; the same as asked when there is nothing new.</param>
    internal sealed record PublishedPage(IReadOnlyList<JsonNode> Items, long Next)
    {
        /// <summary>For the documentation.</summary>
        public static PublishedPage Example => new(
            [JsonNode.Parse(
                """
                {
                  "specversion": "1.0", "id": "01936d0a-7c00-7000-8000-000000000001", "source": "/v1/organizations", "type": "organizations.association.formed.v1",
                  "subject": "01936d0a-7c00-7000-8000-000000000002", "time": "2026-03-02T15:30:00Z", "datacontenttype": "application/json",
                  "data": { "eventId": "01936d0a-7c00-7000-8000-000000000001", "version": 1, "occurredAt": "2026-03-02T15:30:00+00:00" }
                }
                """)!], 17);
    }
}
