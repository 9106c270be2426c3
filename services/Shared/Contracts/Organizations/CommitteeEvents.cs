using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Organizations;

/// <summary>An event of a committee; its subject is the committee.</summary>
public abstract record CommitteeEvent : DomainEvent
{
    /// <summary>The committee.</summary>
    public required Guid CommitteeId { get; init; }

    /// <summary>Kind of committee, as <c>youth</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it works.</summary>
    public required PlaceRef Place { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => CommitteeId;
}

/// <summary>A committee was formed in assembly.</summary>
[PublicEvent("organizations.committee.formed.v1")]
public sealed record CommitteeFormed : CommitteeEvent
{
    /// <summary>Date of the assembly.</summary>
    public required DateOnly FormedOn { get; init; }

    /// <summary>Seats that were filled.</summary>
    public required int Members { get; init; }

    /// <summary>The project that it executes or watches; absent for other kinds.</summary>
    public Guid? ProjectId { get; init; }
}

/// <summary>A committee ended: its project is closed, or its assembly dissolved it.</summary>
[PublicEvent("organizations.committee.dissolved.v1")]
public sealed record CommitteeDissolved : CommitteeEvent
{
    /// <summary>Its last day.</summary>
    public required DateOnly DissolvedOn { get; init; }

    /// <summary>The project that it executed or watched; absent for other kinds.</summary>
    public Guid? ProjectId { get; init; }
}

/// <summary>
/// A person's membership of a committee, whole. Internal, because it carries a name. Members of a youth committee
/// may be minors: a reader never publishes it.
/// </summary>
public sealed record CommitteeMembershipChanged : CommitteeEvent
{
    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Full name.</summary>
    public required string PersonName { get; init; }

    /// <summary>Post in the committee.</summary>
    public required string Post { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly JoinedOn { get; init; }

    /// <summary>Last day; absent while no end is known.</summary>
    public DateOnly? LeftOn { get; init; }

    /// <summary>The institution whose seat it is; absent when the seat is the person's own.</summary>
    public string? Institution { get; init; }

    /// <summary>Whether the person stands in for the institution's delegate.</summary>
    public bool Alternate { get; init; }
}
