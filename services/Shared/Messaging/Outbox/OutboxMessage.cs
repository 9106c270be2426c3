namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>An event that is committed and waits for the broker.</summary>
internal sealed class OutboxMessage
{
    public long Id { get; init; }
    public required Guid MessageId { get; init; }
    public required string Type { get; init; }
    public string? PublicType { get; init; }
    public required Guid Subject { get; init; }
    public required long Version { get; init; }
    public required string Body { get; init; }
    public string? Traceparent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
