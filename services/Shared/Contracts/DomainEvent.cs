using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts;

/// <summary>
/// Something that happened to one aggregate. Contracts are additive-only: a released property is never
/// renamed, retyped or removed, and an event never moves to another namespace, because its namespace and
/// name are its exchange on the broker.
/// </summary>
/// <remarks>
/// An event carries the state of what it speaks of, not a difference: a subscriber that keeps the latest state of a
/// thing compares <see cref="Version"/> and discards the older one. No event carries a DUI, a telephone number or an address of a person.
/// </remarks>
public abstract record DomainEvent
{
    /// <summary>Identity of this occurrence; the same in every redelivery, replay and feed. UUID version 7.</summary>
    public Guid EventId { get; init; } = Guid.CreateVersion7();

    /// <summary>
    /// The aggregate it happened to; not on the wire under this name (each kind of event names its aggregate). Events of one subject arrive in order of <see cref="Version"/>.
    /// </summary>
    [JsonIgnore]
    public abstract Guid SubjectId { get; }

    /// <summary>The aggregate's version after this event; grows with each event, internal ones and changes without an event included.</summary>
    public long Version { get; init; }

    /// <summary>When it was recorded (UTC). When it happened in the domain is a date of its own in the event.</summary>
    public DateTimeOffset OccurredAt { get; init; }
}

/// <summary>
/// Marks an event that anyone may read: it carries no personal data, and is sent to the public exchange and
/// listed in the catch-up feed as a CloudEvent of this type.
/// </summary>
/// <param name="type">CloudEvents type and routing key: <c>service.aggregate.event.v1</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PublicEventAttribute(string type) : Attribute
{
    /// <summary>CloudEvents type and routing key: <c>service.aggregate.event.v1</c>.</summary>
    public string Type { get; } = type;
}

/// <summary>A place as an event names it, so that a reader needs no look-up.</summary>
/// <param name="Id">The place's id in Organizations.</param>
/// <param name="Kind"><c>hamlet</c>, <c>canton</c>, <c>district</c>, <c>municipality</c>, <c>department</c>, <c>barrio</c> or <c>colonia</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">The name under its parents, smallest first: "Caserío El Amate, Cantón Las Lomas, …".</param>
public sealed record PlaceRef(Guid Id, string Kind, string Name, string Path);

/// <summary>A resolution of the municipal council: "Acuerdo No. 15 del Acta No. 16, 24-05-2006".</summary>
/// <param name="MinutesNumber">Number of the council's minutes (<em>acta</em>).</param>
/// <param name="AgreementNumber">Number of the agreement (<em>acuerdo</em>) in those minutes.</param>
/// <param name="Date">Date of the session.</param>
public sealed record CouncilReference(int MinutesNumber, int AgreementNumber, DateOnly Date);
