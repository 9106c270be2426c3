using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Budget;

/// <summary>An event of an investment project; its subject is the project.</summary>
public abstract record ProjectEvent : DomainEvent
{
    /// <summary>The project.</summary>
    public required Guid ProjectId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where its works are.</summary>
    public required PlaceRef Place { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => ProjectId;
}

/// <summary>
/// The council approved a project's dossier. Before works start, its community forms one executing and one oversight
/// committee.
/// </summary>
[PublicEvent("budget.project.approved.v1")]
public sealed record ProjectApproved : ProjectEvent
{
    /// <summary>Date of the agreement.</summary>
    public required DateOnly ApprovedOn { get; init; }
}
