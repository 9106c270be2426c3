using ProyeccionSocial.Contracts;

namespace ProyeccionSocial.Messaging;

/// <summary>
/// The unit of change: its rows and the events it raises are saved in one transaction. <see cref="Version"/> is the
/// optimistic concurrency token, the ETag over HTTP, and the version that the last raised event carries.
/// </summary>
public abstract class Aggregate
{
    private readonly List<DomainEvent> _events = [];

    /// <summary>UUID version 7, so that new rows land at the end of their index.</summary>
    public Guid Id { get; protected init; } = Guid.CreateVersion7();

    /// <summary>Grows by one with each event.</summary>
    public long Version { get; private set; }

    /// <summary>Records that something happened, at <paramref name="at"/> (UTC).</summary>
    /// <returns>The event as it will be sent, with its version.</returns>
    protected void Raise(DomainEvent happened, DateTimeOffset at) =>
        _events.Add(happened with { Version = ++Version, OccurredAt = at });

    /// <summary>Records a change that nobody outside needs to hear of: a caller who has not seen it is stale.</summary>
    protected void Touch() => Version++;

    internal IReadOnlyList<DomainEvent> TakeEvents()
    {
        if (_events.Count == 0)
            return [];
        var taken = _events.ToArray();
        _events.Clear();
        return taken;
    }
}
