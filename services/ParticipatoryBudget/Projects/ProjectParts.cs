namespace ProyeccionSocial.ParticipatoryBudget.Projects;

/// <summary>What may be spent on one thing; the sums are kept by the database.</summary>
internal sealed class BudgetLine
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public required decimal Approved { get; init; }
    public decimal Committed { get; private init; }
    public decimal Paid { get; private init; }
}

internal sealed class Milestone
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }

    /// <summary>Percent of the works.</summary>
    public required int Weight { get; init; }
    public required DateOnly DueOn { get; init; }
    public DateOnly? ReachedOn { get; set; }
    public string? Place { get; set; }
    public Guid? PhotoId { get; set; }
}

internal enum ContributionKind
{
    Cash,
    Labour,
    Materials,
    Land,
}

/// <summary>What the community gives.</summary>
internal sealed class Contribution
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required ContributionKind Kind { get; init; }
    public required string Description { get; init; }
    public required decimal Value { get; init; }
    public required DateOnly ReceivedOn { get; init; }
    public required string RecordedBy { get; init; }
}

/// <summary>What the community said it would give, once for each kind.</summary>
internal sealed class AgreedContribution
{
    public required Guid ProjectId { get; init; }
    public required ContributionKind Kind { get; init; }
    public required string Description { get; init; }
    public required decimal Value { get; init; }
}

internal sealed class ProjectStep
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required ProjectState State { get; init; }
    public required DateOnly HappenedOn { get; init; }
    public string? Reason { get; init; }
    public required string By { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Money that is owed for something.</summary>
internal sealed class Commitment
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required int Line { get; init; }
    public required decimal Amount { get; init; }

    /// <summary>What will not be paid after all: its releases' sum.</summary>
    public decimal Released { get; private init; }
    public decimal Paid { get; private init; }
    public required string Reference { get; init; }
    public required DateOnly MadeOn { get; init; }
    public required string RecordedBy { get; init; }
}

/// <summary>What of a commitment will not be paid after all.</summary>
internal sealed class CommitmentRelease
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required int Commitment { get; init; }
    public required decimal Amount { get; init; }
    public required string Reason { get; init; }
    public required DateOnly ReleasedOn { get; init; }
    public required string RecordedBy { get; init; }
}

/// <summary>Money that left; a reversal is negative.</summary>
internal sealed class Payment
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required int Commitment { get; init; }
    public required decimal Amount { get; init; }
    public required string Reference { get; init; }
    public string? Reason { get; init; }
    public required DateOnly PaidOn { get; init; }
    public required string RecordedBy { get; init; }
}

internal enum DocumentKind
{
    Profile,
    Dossier,
    Contract,
    Act,
    Other,
}

/// <summary>A paper of the dossier.</summary>
internal sealed class ProjectDocument
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required DocumentKind Kind { get; init; }
    public required string Name { get; init; }
    public required Guid FileId { get; init; }
    public required string AddedBy { get; init; }
    public required DateTimeOffset AddedAt { get; init; }
}
