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
}
