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

    /// <summary>Members elected.</summary>
    public required int Members { get; init; }
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
}
