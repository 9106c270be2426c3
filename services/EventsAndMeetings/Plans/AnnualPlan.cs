using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal enum PlanState
{
    Draft,
    Submitted,
    Observed,
    Approved,
    InExecution,
    Closed,
}

/// <summary>A unit's annual operating plan (POA).</summary>
internal sealed class AnnualPlan : Aggregate
{
    private AnnualPlan()
    {
    }

    public string Unit { get; private init; } = "";
    public int Year { get; private init; }
    public PlanState State { get; private set; }
    public PlanWeeks Weeks { get; private init; }
    public string? Observations { get; private set; }
    public int? CouncilMinutes { get; private set; }
    public int? CouncilAgreement { get; private set; }
    public DateOnly? CouncilDate { get; private set; }
    public DateOnly? StartedOn { get; private set; }
    public DateOnly? ClosedOn { get; private set; }
    public Guid? CopiedFrom { get; private init; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<PlanObjective> Objectives { get; private init; } = [];
    public IList<PlanActivity> Activities { get; private init; } = [];

    /// <summary>The number of the last modification; 0 is the baseline. Null until the council approves it.</summary>
    public int? LastEdition { get; private set; }

    public CouncilReference? Agreement => CouncilDate is { } date ? new(CouncilMinutes!.Value, CouncilAgreement!.Value, date) : null;

    /// <summary>The activities that still stand, in their order.</summary>
    public IEnumerable<PlanActivity> Standing => Activities.Where(a => !a.Withdrawn).OrderBy(a => a.Number);

    public static AnnualPlan Draft(string unit, int year, PlanWeeks weeks, PlanContent content, Guid? copiedFrom, string createdBy, DateTimeOffset now)
    {
        Rule.That(year is >= 1990 and <= 2100, "plan_year", "El año del plan va de 1990 a 2100.", "/year");
        var plan = new AnnualPlan { Unit = unit, Year = year, Weeks = weeks, CopiedFrom = copiedFrom, CreatedBy = createdBy, CreatedAt = now };
        plan.SetObjectives(content.Objectives);
        RequireSize(content.Activities.Count);
        foreach (var (index, activity) in content.Activities.Index())
            plan.Add(activity, $"/activities/{index}");
        plan.Raise(new PlanImported
        {
            PlanId = plan.Id,
            Year = year,
            Unit = unit,
            Activities = plan.Activities.Count,
            Unscheduled = plan.Activities.Count(a => a.Schedule == ActivitySchedule.Unscheduled),
        }, now);
        return plan;
    }

    /// <summary>What stands, to be kept or taken over.</summary>
    public PlanContent ToContent() => new(
        [.. Objectives.OrderBy(o => o.Number).Select(o => o.ToContent())], [.. Standing.Select(a => a.ToContent())]);

    public void Submit(DateTimeOffset now)
    {
        Rule.State(State is PlanState.Draft or PlanState.Observed, "plan_not_draft", "Solo se presenta un plan en borrador u observado.");
        Rule.State(Standing.Any(), "plan_empty", "El plan no tiene actividades.");
        (State, Observations) = (PlanState.Submitted, null);
        Raise(new PlanSubmitted { PlanId = Id, Year = Year, Unit = Unit }, now);
    }

    public void Observe(string observations, DateTimeOffset now)
    {
        RequireSubmitted();
        (State, Observations) = (PlanState.Observed, observations);
        Raise(new PlanObserved { PlanId = Id, Year = Year, Unit = Unit }, now);
    }

    /// <summary>The council approves it: what it says that day is the baseline.</summary>
    public PlanEdition Approve(CouncilReference agreement, string by, DateTimeOffset now)
    {
        RequireSubmitted();
        (State, CouncilMinutes, CouncilAgreement, CouncilDate) = (PlanState.Approved, agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        Raise(new PlanApproved { PlanId = Id, Year = Year, Unit = Unit, CouncilReference = agreement, Lines = Lines }, now);
        return Edition(null, null, by, now);
    }

    private IReadOnlyList<PlanLine> Lines =>
        [.. Standing.OrderBy(a => a.Number).Select(a => new PlanLine(a.Number, a.Text, a.Target, a.UnitOfMeasure, [.. a.Programme.Select(q => q.Month).Distinct().Order()]))];

    public void Start(DateOnly startedOn, DateTimeOffset now)
    {
        Rule.State(State == PlanState.Approved, "plan_not_approved", "Solo comienza un plan que el concejo aprobó.");
        Rule.That(startedOn >= CouncilDate, "started_before_approval", $"El concejo lo aprobó el {CouncilDate!.Value.Day()}: no puede comenzar antes.", "/startedOn");
        (State, StartedOn) = (PlanState.InExecution, startedOn);
        Raise(new PlanStarted { PlanId = Id, Year = Year, Unit = Unit, StartedOn = startedOn }, now);
    }

    /// <summary>Its year is over and the council was told so. Nothing of it changes any more.</summary>
    /// <param name="closedOn">The day.</param>
    /// <param name="reports">When the report of each quarter was presented.</param>
    /// <param name="now">When this is written.</param>
    public void Close(DateOnly closedOn, IReadOnlyDictionary<int, DateOnly> reports, DateTimeOffset now)
    {
        Rule.State(State == PlanState.InExecution, "plan_not_in_execution", "Solo se cierra un plan en ejecución.");
        var first = StartedOn!.Value.Year < Year ? 1 : StartedOn.Value.Year > Year ? 4 : (StartedOn.Value.Month + 2) / 3;
        var missing = Enumerable.Range(first, 5 - first).Where(q => !reports.ContainsKey(q)).ToArray();
        Rule.State(missing.Length == 0, "quarter_not_reported", $"Antes de cerrar el plan se presentan al concejo sus informes. Falta el trimestre {string.Join(", ", missing)}.");
        var last = reports.Values.Max();
        Rule.That(closedOn >= last, "closed_too_early", $"El último informe se presentó el {last.Day()}: el plan se cierra ese día o después.", "/closedOn");
        (State, ClosedOn) = (PlanState.Closed, closedOn);
        Raise(new PlanClosed { PlanId = Id, Year = Year, Unit = Unit, ClosedOn = closedOn }, now);
    }

    /// <summary>
    /// Before approval the draft changes; after it, a change is a numbered modification with its reason, and the
    /// editions before it are kept.
    /// </summary>
    /// <returns>The edition that it makes; null for a draft.</returns>
    public PlanEdition? Change(PlanChange change, string by, DateTimeOffset now)
    {
        RequireOpen();
        Rule.State(State != PlanState.Submitted, "plan_submitted", "El plan está presentado: espere el acuerdo o las observaciones del concejo.");
        var approved = State is PlanState.Approved or PlanState.InExecution;
        Rule.That(!approved || !string.IsNullOrWhiteSpace(change.Reason), "reason_missing", "Un plan aprobado se modifica con su motivo.", "/reason");
        Rule.That(approved || change.Agreement is null, "agreement_of_draft", "Un borrador se cambia sin acuerdo del concejo.", "/agreement");
        if (change.Objectives is { } objectives)
        {
            Rule.That(objectives.Count >= Objectives.Count, "objective_removed", "Los objetivos se agregan o se corrigen; no se quitan.", "/objectives");
            SetObjectives(objectives);
        }
        RequireSize(Activities.Count + (change.Activities ?? []).Count(a => a.Number is null));
        foreach (var (index, one) in (change.Activities ?? []).Index())
            Apply(one, $"/activities/{index}");
        Rule.State(Standing.Any(), "plan_empty", "El plan no puede quedarse sin actividades.");
        if (!approved)
        {
            Touch();
            return null;
        }
        var edition = Edition(change.Reason!.Trim(), change.Agreement, by, now);
        Raise(new PlanModified { PlanId = Id, Year = Year, Unit = Unit, Number = edition.Number, Activities = Standing.Count(), Lines = Lines }, now);
        return edition;
    }

    /// <summary>What counts as evidence changed; the activity has <paramref name="pieces"/> now.</summary>
    public void Recount(PlanActivity activity, int pieces, decimal executed, DateTimeOffset now)
    {
        RequireOpen();
        Raise(new PlanActivityRecounted
        {
            PlanId = Id, Year = Year, Unit = Unit, ActivityNumber = activity.Number, Activity = activity.Text, EvidenceCount = pieces, Executed = executed,
        }, now);
    }

    /// <summary>An activity gained a piece of evidence and has <paramref name="pieces"/> now.</summary>
    public void Progress(PlanActivity activity, EvidenceFact fact, DateOnly date, int pieces, decimal executed, DateTimeOffset now) => Raise(new PlanActivityProgressed
    {
        PlanId = Id,
        Year = Year,
        Unit = Unit,
        ActivityNumber = activity.Number,
        Activity = activity.Text,
        Fact = Choice<EvidenceFact>.NameOf(fact),
        FactDate = date,
        EvidenceCount = pieces,
        Executed = executed,
    }, now);

    /// <summary>The council was given the report of a quarter.</summary>
    public void Present(int quarter, DateOnly on, decimal? percent, DateTimeOffset now)
    {
        Rule.State(State == PlanState.InExecution, "plan_not_in_execution", "Se informa de un plan en ejecución.");
        Raise(new PlanQuarterReported { PlanId = Id, Year = Year, Unit = Unit, Quarter = quarter, PresentedOn = on, Percent = percent }, now);
    }

    public void RequireOpen() => Rule.State(State != PlanState.Closed, "plan_closed", "El plan está cerrado y ya no cambia.");

    /// <summary>What somebody says of a quarter changed.</summary>
    public void Note()
    {
        RequireOpen();
        Touch();
    }

    private void RequireSubmitted() => Rule.State(State == PlanState.Submitted, "plan_not_submitted", "El plan no está presentado al concejo.");

    private PlanEdition Edition(string? reason, CouncilAgreement? agreement, string by, DateTimeOffset now)
    {
        LastEdition = LastEdition + 1 ?? 0;
        return new()
        {
            PlanId = Id, Number = LastEdition.Value, Reason = reason, CouncilMinutes = agreement?.MinutesNumber, CouncilAgreement = agreement?.AgreementNumber,
            CouncilDate = agreement?.Date, MadeBy = by, MadeAt = now,
            Content = new([.. Objectives.OrderBy(o => o.Number).Select(o => o.ToContent())], [.. Standing.Select(a => new EditionActivity(a.Number, a.ToContent()))]),
        };
    }

    // What was withdrawn keeps its number and counts: a year does not change that often.
    private static void RequireSize(int activities) =>
        Rule.That(activities <= PlanContent.MostActivities, "plan_too_long", $"Un plan lleva hasta {PlanContent.MostActivities} actividades.", "/activities");

    private void SetObjectives(IReadOnlyList<ObjectiveContent> objectives)
    {
        Rule.That(objectives.Count <= PlanContent.MostObjectives, "too_many_objectives", $"Un plan lleva hasta {PlanContent.MostObjectives} objetivos.", "/objectives");
        foreach (var (index, written) in objectives.Index())
        {
            var objective = Objectives.SingleOrDefault(o => o.Number == index + 1);
            if (objective is null)
                Objectives.Add(objective = new() { PlanId = Id, Number = index + 1 });
            (objective.Scope, objective.Text) = (written.Scope, written.Text.Trim());
        }
    }

    private void Apply(ActivityChange change, string at)
    {
        if (change.Number is not { } number)
        {
            Rule.That(change.Content is not null, "activity_empty", "Indique la actividad nueva, o el número de la que cambia.", at);
            Add(change.Content!, at + "/content");
            return;
        }
        var activity = Activities.SingleOrDefault(a => a.Number == number && !a.Withdrawn);
        Rule.That(activity is not null, "activity_unknown", "El plan no tiene una actividad con ese número.", at + "/number");
        if (change.Content is null)
            activity!.Withdrawn = true; // Its number stays its own: evidence and old editions name it.
        else
            activity!.Write(change.Content.Completed(Year, Weeks, Objectives.Count, at + "/content"));
    }

    private void Add(ActivityContent content, string at)
    {
        var activity = new PlanActivity { PlanId = Id, Number = Activities.Select(a => a.Number).DefaultIfEmpty().Max() + 1 };
        activity.Write(content.Completed(Year, Weeks, Objectives.Count, at));
        Activities.Add(activity);
    }
}

/// <summary>A change of a plan: activities added, written anew or withdrawn, and objectives.</summary>
internal sealed record PlanChange(
    [Text(500)] string? Reason = null, CouncilAgreement? Agreement = null, [Count(0, PlanContent.MostActivities)] IReadOnlyList<ActivityChange>? Activities = null,
    [Count(0, PlanContent.MostObjectives)] IReadOnlyList<ObjectiveContent>? Objectives = null)
{
    public static PlanChange Example => new("El concejo amplió la meta por la segunda cosecha.", CouncilAgreement.Example, [ActivityChange.Example]);
}

/// <summary>Without a number an activity is added; without content the one of that number is withdrawn.</summary>
internal sealed record ActivityChange(int? Number = null, ActivityContent? Content = null)
{
    public static ActivityChange Example => new(9, ActivityContent.Example);
}

internal sealed class PlanObjective
{
    public Guid PlanId { get; init; }
    public int Number { get; init; }
    public ObjectiveScope Scope { get; set; }
    public string Text { get; set; } = "";

    public ObjectiveContent ToContent() => new(Scope, Text);
}

internal sealed class PlanActivity
{
    public Guid PlanId { get; init; }
    public int Number { get; init; }
    public string Text { get; private set; } = "";
    public ActivitySchedule Schedule { get; private set; }
    public string? ScheduleSource { get; private set; }
    public string? Rule { get; private set; }
    public int? ObjectiveNumber { get; private set; }
    public decimal? Target { get; private set; }
    public string? UnitOfMeasure { get; private set; }
    public string? Responsible { get; private set; }
    public decimal? Budget { get; private set; }
    public string? Indicator { get; private set; }
    public string? MeansOfVerification { get; private set; }
    public string? Remarks { get; private set; }
    public bool Withdrawn { get; set; }
    public IList<ScheduledQuantity> Programme { get; private init; } = [];

    /// <param name="content">Completed.</param>
    public void Write(ActivityContent content)
    {
        (Text, Schedule, ScheduleSource, Rule, ObjectiveNumber) = (content.Text, content.Schedule, content.ScheduleSource, content.Rule, content.Objective);
        (Target, UnitOfMeasure, Responsible, Budget) = (content.Target, content.UnitOfMeasure, content.Responsible, content.Budget);
        (Indicator, MeansOfVerification, Remarks) = (content.Indicator, content.MeansOfVerification, content.Remarks);
        foreach (var gone in Programme.Where(q => !content.Programme!.Any(c => (c.Month, c.Week ?? 0) == (q.Month, q.Week))).ToArray())
            Programme.Remove(gone);
        foreach (var cell in content.Programme!)
        {
            var known = Programme.SingleOrDefault(q => (q.Month, q.Week) == (cell.Month, cell.Week ?? 0));
            if (known is null)
                Programme.Add(known = new() { PlanId = PlanId, ActivityNumber = Number, Month = cell.Month, Week = cell.Week ?? 0 });
            known.Quantity = cell.Quantity;
        }
    }

    public ActivityContent ToContent() => new(
        Text, Schedule, ScheduleSource, Rule, [.. Programme.OrderBy(q => q.Month).ThenBy(q => q.Week).Select(q => q.ToCell())], ObjectiveNumber, Target, UnitOfMeasure,
        Responsible, Budget, Indicator, MeansOfVerification, Remarks);
}

/// <summary>What is programmed in a month; week 0 when the week is not stated.</summary>
internal sealed class ScheduledQuantity
{
    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }
    public int Month { get; init; }
    public int Week { get; init; }
    public decimal Quantity { get; set; }

    public ProgrammeCell ToCell() => new(Month, Quantity, Week == 0 ? null : Week);
}

/// <summary>What a plan said; its activities under the numbers that evidence and reports know them by.</summary>
internal sealed record EditionContent(IReadOnlyList<ObjectiveContent> Objectives, IReadOnlyList<EditionActivity> Activities);

internal sealed record EditionActivity(int Number, ActivityContent Content)
{
    /// <summary>Whether it says the same, cell by cell.</summary>
    public bool IsSameAs(EditionActivity other) =>
        Content with { Programme = null } == other.Content with { Programme = null } && Content.Programme!.SequenceEqual(other.Content.Programme!);
}

/// <summary>The plan as it stood after its approval (0, the baseline) or a modification.</summary>
internal sealed class PlanEdition
{
    public required Guid PlanId { get; init; }
    public required int Number { get; init; }
    public string? Reason { get; init; }
    public int? CouncilMinutes { get; init; }
    public int? CouncilAgreement { get; init; }
    public DateOnly? CouncilDate { get; init; }
    public required EditionContent Content { get; init; }
    public required string MadeBy { get; init; }
    public required DateTimeOffset MadeAt { get; init; }
}
