using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Contracts;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>The outbox for changes that are made in sets, without a DbContext.</summary>
public static class BulkOutbox
{
    /// <summary>
    /// Writes events in the open transaction of <paramref name="connection"/>. Each carries its version, to which the
    /// caller has brought its aggregate's row; the relay sees them at its next look, within a second.
    /// </summary>
    public static async Task WriteAsync(NpgsqlConnection connection, IEnumerable<DomainEvent> events, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY outbox (message_id, type, public_type, subject, version, body, traceparent, created_at) FROM STDIN (FORMAT binary)", cancellation);
        foreach (var happened in events)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(happened.EventId, cancellation);
            await copy.WriteAsync(EventJson.ExchangeOf(happened.GetType()), cancellation);
            await copy.WriteAsync(EventJson.PublicTypeOf(happened.GetType()), cancellation);
            await copy.WriteAsync(happened.SubjectId, cancellation);
            await copy.WriteAsync(happened.Version, cancellation);
            await copy.WriteAsync(EventJson.Write(happened), NpgsqlDbType.Json, cancellation);
            await copy.WriteAsync(Activity.Current?.Id, cancellation);
            await copy.WriteAsync(happened.OccurredAt, NpgsqlDbType.TimestampTz, cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }
}
