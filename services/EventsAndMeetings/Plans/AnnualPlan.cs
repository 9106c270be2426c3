using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal enum PlanState
{
    Draft,
}

internal enum ObjectiveScope
{
    Plan,
    Unit,
}

/// <summary>What a plan says about when. What it does not say stays unscheduled and is never invented.</summary>
internal enum ActivitySchedule
{
    /// <summary>No word about when.</summary>
    Unscheduled,

    /// <summary>Done once, "puntual", without a date.</summary>
    OneOff,

    /// <summary>A week of a month.</summary>
    Week,

    /// <summary>Every month, the day not stated.</summary>
    Monthly,

    /// <summary>By a rule of RFC 5545.</summary>
    Recurring,
}

internal enum EvidenceFact
{
    MeetingHeld,
    CommitteeFormed,
}

/// <summary>A unit's annual operating plan (POA).</summary>
internal sealed class AnnualPlan : Aggregate
{
    private AnnualPlan()
    {
    }

    public string Unit { get; private init; } = "";
    public int Year { get; private init; }
    public PlanState State { get; private init; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<PlanObjective> Objectives { get; private init; } = [];
    public IList<PlanActivity> Activities { get; private init; } = [];

    public static AnnualPlan Import(PlanDocument document, string importedBy, DateTimeOffset now)
    {
        var plan = new AnnualPlan { Unit = document.Unit, Year = document.Year, CreatedBy = importedBy, CreatedAt = now };
        foreach (var (index, objective) in document.Objectives.Index())
            plan.Objectives.Add(new PlanObjective { PlanId = plan.Id, Number = index + 1, Scope = objective.Scope, Text = objective.Text });
        foreach (var (index, activity) in document.Activities.Index())
        {
            plan.Activities.Add(new PlanActivity
            {
                PlanId = plan.Id,
                Number = index + 1,
                Text = activity.Text,
                Schedule = activity.Schedule,
                ScheduleSource = activity.ScheduleSource,
                Month = activity.Month,
                Week = activity.Week,
                Rule = activity.Rule,
            });
        }
        plan.Raise(new PlanImported
        {
            PlanId = plan.Id,
            Year = plan.Year,
            Unit = plan.Unit,
            Activities = plan.Activities.Count,
            Unscheduled = plan.Activities.Count(a => a.Schedule == ActivitySchedule.Unscheduled),
        }, now);
        return plan;
    }

    /// <summary>What counts as evidence changed.</summary>
    public void ChangeEvidenceRules() => Touch();

    /// <summary>An activity gained a piece of evidence and has <paramref name="count"/> now.</summary>
    public void Progress(PlanActivity activity, PlanFact fact, int count, DateTimeOffset now) => Raise(new PlanActivityProgressed
    {
        PlanId = Id,
        Year = Year,
        Unit = Unit,
        ActivityNumber = activity.Number,
        Activity = activity.Text,
        Fact = Choice<EvidenceFact>.NameOf(fact.Fact),
        FactDate = fact.Date,
        EvidenceCount = count,
    }, now);
}

internal sealed class PlanObjective
{
    public Guid PlanId { get; init; }
    public int Number { get; init; }
    public ObjectiveScope Scope { get; init; }
    public required string Text { get; init; }
}

internal sealed class PlanActivity
{
    public Guid PlanId { get; init; }
    public int Number { get; init; }
    public required string Text { get; init; }
    public ActivitySchedule Schedule { get; init; }
    public string? ScheduleSource { get; init; }
    public int? Month { get; init; }
    public int? Week { get; init; }
    public string? Rule { get; init; }
}

/// <summary>Facts of this kind, about bodies of this kind, are evidence of the activity.</summary>
internal sealed class EvidenceRule
{
    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }
    public EvidenceFact Fact { get; init; }
    public required string BodyKind { get; init; }
}

internal sealed class Evidence
{
    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }
    public EvidenceFact Fact { get; init; }
    public Guid FactId { get; init; }
    public DateOnly FactDate { get; init; }
    public required string Description { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
}
