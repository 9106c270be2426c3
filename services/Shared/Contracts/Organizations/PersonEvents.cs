using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Organizations;

/// <summary>An event of a person; its subject is the person. All of them are internal, because they carry a name.</summary>
public abstract record PersonEvent : DomainEvent
{
    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Full name.</summary>
    public required string PersonName { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => PersonId;
}

/// <summary>A person's data were corrected; the name may be another.</summary>
public sealed record PersonCorrected : PersonEvent;

/// <summary>
/// A person had been registered twice. What was written with <see cref="DuplicateId"/> is from now on the person's own:
/// posts and seats as they stand. Memberships of associations that become one are sent besides.
/// </summary>
public sealed record PersonMerged : PersonEvent
{
    /// <summary>The id that nobody uses any more.</summary>
    public required Guid DuplicateId { get; init; }
}
