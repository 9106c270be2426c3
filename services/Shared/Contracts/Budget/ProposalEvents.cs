using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Budget;

/// <summary>An event of a community's proposal; its subject is the proposal.</summary>
public abstract record ProposalEvent : DomainEvent
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it would be done.</summary>
    public required PlaceRef Place { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => ProposalId;
}

/// <summary>A community presented a proposal; who did is named only when it is an association.</summary>
[PublicEvent("budget.proposal.submitted.v1")]
public sealed record ProposalSubmitted : ProposalEvent
{
    /// <summary>The cycle.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Year of the cycle.</summary>
    public required int FiscalYear { get; init; }

    /// <summary>Its zone in the cycle.</summary>
    public required int Zone { get; init; }

    /// <summary>Its number in the cycle, by which ballots name it.</summary>
    public required int Number { get; init; }

    /// <summary>Date of presentation.</summary>
    public required DateOnly SubmittedOn { get; init; }

    /// <summary>People who would benefit, as its proposers count them.</summary>
    public required int Beneficiaries { get; init; }

    /// <summary>The association that presented it; absent when residents did.</summary>
    public string? Association { get; init; }
}

/// <summary>A community's proposal was assessed; its subject is the proposal.</summary>
[PublicEvent("budget.proposal.evaluated.v1")]
public sealed record ProposalEvaluated : ProposalEvent
{
    /// <summary>Date of the assessment.</summary>
    public required DateOnly EvaluatedOn { get; init; }

    /// <summary>True when it can be done.</summary>
    public required bool Feasible { get; init; }

    /// <summary>On what grounds.</summary>
    public string? Grounds { get; init; }
}

/// <summary>A proposal went on in its way.</summary>
[PublicEvent("budget.proposal.changed.v1")]
public sealed record ProposalChanged : ProposalEvent
{
    /// <summary>
    /// <c>in-review</c>, <c>observed</c>, <c>merged</c>, <c>divided</c>, <c>withdrawn</c>, <c>prioritised</c>, <c>waiting-list</c>, <c>not-supported</c>, <c>included</c> or
    /// <c>turned-into-project</c>.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Those that it went into, when it was merged or divided.</summary>
    public IReadOnlyList<Guid> Into { get; init; } = [];
}
