using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Budget;

/// <summary>A community's proposal was assessed; its subject is the proposal.</summary>
[PublicEvent("budget.proposal.evaluated.v1")]
public sealed record ProposalEvaluated : DomainEvent
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it would be done.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>Date of the assessment.</summary>
    public required DateOnly EvaluatedOn { get; init; }

    /// <summary>True when it can be done.</summary>
    public required bool Feasible { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => ProposalId;
}
