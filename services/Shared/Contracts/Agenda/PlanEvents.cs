using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>An event of an annual operating plan; its subject is the plan.</summary>
public abstract record PlanEvent : DomainEvent
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Fiscal year.</summary>
    public required int Year { get; init; }

    /// <summary>Unit whose plan it is.</summary>
    public required string Unit { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => PlanId;
}

/// <summary>A plan was imported from its source document.</summary>
[PublicEvent("agenda.plan.imported.v1")]
public sealed record PlanImported : PlanEvent
{
    /// <summary>Number of activities.</summary>
    public required int Activities { get; init; }

    /// <summary>Activities whose schedule the document does not state.</summary>
    public required int Unscheduled { get; init; }
}

/// <summary>An activity gained a piece of evidence.</summary>
[PublicEvent("agenda.plan.activity-progressed.v1")]
public sealed record PlanActivityProgressed : PlanEvent
{
    /// <summary>Number of the activity in the plan.</summary>
    public required int ActivityNumber { get; init; }

    /// <summary>Text of the activity.</summary>
    public required string Activity { get; init; }

    /// <summary>What happened, as <c>meeting-held</c> or <c>committee-formed</c>.</summary>
    public required string Fact { get; init; }

    /// <summary>When it happened.</summary>
    public required DateOnly FactDate { get; init; }

    /// <summary>Pieces of evidence that the activity has with this one.</summary>
    public required int EvidenceCount { get; init; }

    /// <summary>What the activity has done with it, in its unit of measure.</summary>
    public decimal Executed { get; init; }
}

/// <summary>What counts as evidence of an activity changed, and all that was told before was counted anew.</summary>
[PublicEvent("agenda.plan.activity-recounted.v1")]
public sealed record PlanActivityRecounted : PlanEvent
{
    /// <summary>Number of the activity in the plan.</summary>
    public required int ActivityNumber { get; init; }

    /// <summary>Text of the activity.</summary>
    public required string Activity { get; init; }

    /// <summary>Pieces of evidence that the activity has now.</summary>
    public required int EvidenceCount { get; init; }

    /// <summary>What the activity has done, in its unit of measure.</summary>
    public required decimal Executed { get; init; }
}

/// <summary>The plan was presented to the council.</summary>
[PublicEvent("agenda.plan.submitted.v1")]
public sealed record PlanSubmitted : PlanEvent;

/// <summary>The council returned the plan with observations.</summary>
[PublicEvent("agenda.plan.observed.v1")]
public sealed record PlanObserved : PlanEvent;

/// <summary>The council approved the plan; what it says that day is its baseline.</summary>
[PublicEvent("agenda.plan.approved.v1")]
public sealed record PlanApproved : PlanEvent
{
    /// <summary>The agreement.</summary>
    public required CouncilReference CouncilReference { get; init; }

    /// <summary>What it sets out to do.</summary>
    public IReadOnlyList<PlanLine>? Lines { get; init; }
}

/// <summary>An activity of a plan.</summary>
/// <param name="Number">In the plan.</param>
/// <param name="Text">The unit's own words.</param>
/// <param name="Target">How much of it is set out for the year; absent where the plan does not say.</param>
/// <param name="UnitOfMeasure">Of the target.</param>
/// <param name="Months">In which something of it is scheduled, 1 to 12; empty where the plan does not say.</param>
public sealed record PlanLine(int Number, string Text, decimal? Target, string? UnitOfMeasure, IReadOnlyList<int> Months);

/// <summary>An approved plan was modified; the baseline is kept.</summary>
[PublicEvent("agenda.plan.modified.v1")]
public sealed record PlanModified : PlanEvent
{
    /// <summary>Number of the modification, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Activities that the plan has with it.</summary>
    public required int Activities { get; init; }

    /// <summary>What it sets out to do now.</summary>
    public IReadOnlyList<PlanLine>? Lines { get; init; }
}

/// <summary>The plan's execution began.</summary>
[PublicEvent("agenda.plan.started.v1")]
public sealed record PlanStarted : PlanEvent
{
    /// <summary>First day.</summary>
    public required DateOnly StartedOn { get; init; }
}

/// <summary>The council was given the report of a quarter; it stays as it was given.</summary>
[PublicEvent("agenda.plan.quarter-reported.v1")]
public sealed record PlanQuarterReported : PlanEvent
{
    /// <summary>1 to 4.</summary>
    public required int Quarter { get; init; }

    /// <summary>When it was presented.</summary>
    public required DateOnly PresentedOn { get; init; }

    /// <summary>Fulfilment of the quarter in percent, 0 to 100; null when nothing was programmed.</summary>
    public required decimal? Percent { get; init; }
}

/// <summary>The plan's year is over and nothing of it changes any more.</summary>
[PublicEvent("agenda.plan.closed.v1")]
public sealed record PlanClosed : PlanEvent
{
    /// <summary>Last day.</summary>
    public required DateOnly ClosedOn { get; init; }
}
