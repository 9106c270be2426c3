using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>An event of the calendar's cultural, artistic, sports or community events; its subject is the event.</summary>
public abstract record CommunityEventEvent : DomainEvent
{
    /// <summary>The event.</summary>
    public required Guid CommunityEventId { get; init; }

    /// <summary><c>cultural</c>, <c>artistic</c>, <c>sports</c>, <c>community</c> or <c>training</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is.</summary>
    public required string Title { get; init; }

    /// <summary>Text of its promotion.</summary>
    public required string Promotion { get; init; }

    /// <summary>Local date and hour (UTC−6) at which it begins.</summary>
    public required DateTime StartsAt { get; init; }

    /// <summary>Local date and hour at which it ends.</summary>
    public required DateTime EndsAt { get; init; }

    /// <summary>Venue.</summary>
    public required string Venue { get; init; }

    /// <summary>The place in which it lies, with those that contain it; absent where it is not stated.</summary>
    public string? PlacePath { get; init; }

    /// <summary>Who organises it.</summary>
    public required string Organiser { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => CommunityEventId;
}

/// <summary>The event was announced, or something of it changed after that.</summary>
[PublicEvent("agenda.event.announced.v1")]
public sealed record CommunityEventAnnounced : CommunityEventEvent
{
    /// <summary>Seats; null when it is open to all.</summary>
    public required int? Capacity { get; init; }

    /// <summary>Who takes part.</summary>
    public required IReadOnlyList<string> Partners { get; init; }
}

/// <summary>The event will not take place. The reason stays with the unit: people write names into it.</summary>
[PublicEvent("agenda.event.cancelled.v1")]
public sealed record CommunityEventCancelled : CommunityEventEvent;

/// <summary>The event took place.</summary>
[PublicEvent("agenda.event.held.v1")]
public sealed record CommunityEventHeld : CommunityEventEvent
{
    /// <summary>People who came.</summary>
    public required int Attendance { get; init; }

    /// <summary>What came of it.</summary>
    public required string Results { get; init; }
}
