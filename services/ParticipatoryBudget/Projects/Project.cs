using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Committees;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

internal enum ProjectState
{
    Idea,
    Profile,
    DossierInPreparation,
    DossierApproved,
    InProcurement,
    DirectAdministration,
    Awarded,
    StartOrdered,
    InExecution,
    Suspended,
    ProvisionalReception,
    FinalReception,
    Settled,
    Closed,
    Void,
    Cancelled,
}

/// <summary>An investment project: what becomes of a proposal that the council included.</summary>
internal sealed class Project : Aggregate
{
    private Project()
    {
    }

    /// <summary>As much of either as a project can have: its page shows them all.</summary>
    public const int MostContributions = 1000;
    public const int MostFindings = 500;

    public Guid CycleId { get; private init; }
    public int Zone { get; private init; }
    public Guid ProposalId { get; private init; }
    public string Name { get; private init; } = "";
    public PlaceContent Place { get; private init; } = null!;

    /// <summary>What the cycle gives it: its proposal's cost.</summary>
    public decimal Granted { get; private init; }

    /// <summary>Days between the two receptions at most, as the cycle had it when the project began.</summary>
    public int FinalReceptionDays { get; private init; }
    public ProjectState State { get; private set; }
    public int? CouncilMinutes { get; private set; }
    public int? CouncilAgreement { get; private set; }
    public DateOnly? CouncilDate { get; private set; }
    public string? Contractor { get; private set; }
    public string? Contract { get; private set; }
    public decimal? ContractAmount { get; private set; }

    /// <summary>Who directs the works where the municipality does them itself.</summary>
    public string? Responsible { get; private set; }
    public DateOnly? StartsOn { get; private set; }

    /// <summary>By plan; a suspension moves it by its days.</summary>
    public DateOnly? EndsOn { get; private set; }
    public DateOnly? ProvisionalOn { get; private set; }
    public DateOnly? FinalOn { get; private set; }

    /// <summary>Why the final reception came after its term.</summary>
    public string? FinalLateReason { get; private set; }
    public DateOnly? SettledOn { get; private set; }
    public DateOnly? EndedOn { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<BudgetLine> Lines { get; private init; } = [];
    public IList<Milestone> Milestones { get; private init; } = [];
    public IList<Contribution> Contributions { get; private init; } = [];

    /// <summary>What the community said it would give, by the dossier.</summary>
    public IList<AgreedContribution> AgreedContributions { get; private init; } = [];
    public IList<ProjectStep> Steps { get; private init; } = [];
    public IList<Finding> Findings { get; private init; } = [];

    public CouncilReference? Agreement => CouncilDate is { } date ? new(CouncilMinutes!.Value, CouncilAgreement!.Value, date) : null;

    private ProjectStep LastStep => Steps.MaxBy(s => s.Number)!;

    /// <summary>What the council approved; of what does not go on, what was paid.</summary>
    public decimal Approved => ApprovedOf(State, CouncilDate, Lines.Sum(l => l.Approved), Paid);

    public static decimal ApprovedOf(ProjectState state, DateOnly? agreedOn, decimal lines, decimal paid) =>
        agreedOn is null ? 0 : state is ProjectState.Void or ProjectState.Cancelled ? paid : lines;
    public decimal Committed => Lines.Sum(l => l.Committed);
    public decimal Paid => Lines.Sum(l => l.Paid);

    /// <summary>How much of the works is done, in percent.</summary>
    public int Progress => Milestones.Where(m => m.ReachedOn is not null).Sum(m => m.Weight);

    public bool HasEnded => State is ProjectState.Closed or ProjectState.Void or ProjectState.Cancelled;

    /// <summary>Days behind the plan: until it was received, or until today; while the works stand still, until they stopped.</summary>
    public int DaysLate(DateOnly today) => DaysLate(State, EndsOn, ProvisionalOn, LastStep.HappenedOn, today);

    public static int DaysLate(ProjectState state, DateOnly? endsOn, DateOnly? provisionalOn, DateOnly lastStepOn, DateOnly today)
    {
        if (endsOn is not { } end || (state == ProjectState.Cancelled && provisionalOn is null))
            return 0;
        return Math.Max(0, (provisionalOn ?? (state == ProjectState.Suspended ? lastStepOn : today)).DayNumber - end.DayNumber);
    }

    /// <summary>Until when the final reception is due: some days after the provisional one.</summary>
    public DateOnly? FinalReceptionDue => ProvisionalOn?.AddDays(FinalReceptionDays);

    /// <summary>Days by which the final reception came after its term, or by which it is missing today.</summary>
    public int ReceptionDaysLate(DateOnly today) => ReceptionDaysLate(FinalReceptionDue, FinalOn ?? EndedOn, today);

    public static int ReceptionDaysLate(DateOnly? due, DateOnly? receivedOn, DateOnly today) => due is null ? 0 : Math.Max(0, (receivedOn ?? today).DayNumber - due.Value.DayNumber);

    public static Project Of(Proposal proposal, ExecutionRules rules, string by, DateTimeOffset now)
    {
        var project = new Project
        {
            CycleId = proposal.CycleId, Zone = proposal.Zone, ProposalId = proposal.Id, Name = proposal.Title, Place = proposal.Content.Place, Granted = proposal.Cost!.Value,
            FinalReceptionDays = rules.FinalReceptionDays, CreatedAt = now,
        };
        project.Note(ProjectState.Idea, now.LocalDate(), null, by, now);
        project.Raise(new ProjectCreated
        {
            ProjectId = project.Id, Name = project.Name, Place = project.Place.Ref, CycleId = project.CycleId, Zone = project.Zone, ProposalId = project.ProposalId, Granted = project.Granted,
        }, now);
        return project;
    }

    public void Prepare(ProjectState to, DateOnly on, string by, DateTimeOffset now)
    {
        Require(to == ProjectState.Profile ? State == ProjectState.Idea : State == ProjectState.Profile);
        RequireOrder(LastStep.HappenedOn, on);
        Go(to, on, null, by, now);
    }

    /// <summary>The dossier: what is spent on what, by which steps the works are done, and what the community puts in.</summary>
    public void WriteDossier(
        IReadOnlyList<(string Name, decimal Amount)> lines, IReadOnlyList<(string Name, int Weight, DateOnly DueOn)> milestones,
        IReadOnlyList<(ContributionKind Kind, string Description, decimal Value)> contributions)
    {
        Require(State == ProjectState.DossierInPreparation);
        foreach (var (index, (_, amount)) in lines.Index())
            Money.Require(amount, $"/lines/{index}/amount");
        Rule.That(lines.Sum(l => l.Amount) <= Granted, "over_granted", $"Las partidas suman {lines.Sum(l => l.Amount):0.00} y el ciclo le da {Granted:0.00}.", "/lines");
        Rule.That(milestones.Sum(m => m.Weight) == 100, "weights_not_100", "Los pesos de los hitos suman 100.", "/milestones");
        foreach (var (index, (kind, _, value)) in contributions.Index())
        {
            Money.Require(value, $"/contributions/{index}/value");
            Rule.That(contributions.Count(c => c.Kind == kind) == 1, "contribution_twice", "De cada clase de aporte se escribe uno: súmelos.", $"/contributions/{index}/kind");
        }
        foreach (var (index, (name, amount)) in lines.Index())
            Lines.Add(new() { ProjectId = Id, Number = index + 1, Name = name, Approved = amount });
        foreach (var (index, (name, weight, due)) in milestones.Index())
            Milestones.Add(new() { ProjectId = Id, Number = index + 1, Name = name, Weight = weight, DueOn = due });
        foreach (var (kind, description, value) in contributions)
            AgreedContributions.Add(new() { ProjectId = Id, Kind = kind, Description = description, Value = value });
        Touch();
    }

    public void Approve(CouncilAgreement agreement, bool hasDossier, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.DossierInPreparation);
        Rule.State(Lines.Count > 0 && Milestones.Count > 0 && hasDossier, "dossier_incomplete", "La carpeta lleva sus partidas, sus hitos y el documento (kind dossier).");
        RequireOrder(LastStep.HappenedOn, agreement.Date, "/agreement/date");
        (CouncilMinutes, CouncilAgreement, CouncilDate) = (agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        Note(ProjectState.DossierApproved, agreement.Date, null, by, now);
        Raise(new ProjectApproved { ProjectId = Id, Name = Name, Place = Place.Ref, ApprovedOn = agreement.Date }, now);
        TellMoney(now);
    }

    public void Choose(bool direct, string? responsible, DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.DossierApproved);
        RequireOrder(CouncilDate, on);
        Rule.That(!direct || responsible is not null, "responsible_missing", "Diga quién dirige la obra.", "/responsible");
        Responsible = direct ? responsible : null;
        Go(direct ? ProjectState.DirectAdministration : ProjectState.InProcurement, on, null, by, now);
    }

    public void Award(string contractor, string contract, decimal amount, CouncilAgreement agreement, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.InProcurement);
        RequireOrder(LastStep.HappenedOn, agreement.Date, "/agreement/date");
        Money.Require(amount, "/amount");
        Rule.That(amount <= Approved, "over_approved", $"El contrato es de {amount:0.00} y la carpeta aprobó {Approved:0.00}.", "/amount");
        (Contractor, Contract, ContractAmount) = (contractor, contract, amount);
        Go(ProjectState.Awarded, agreement.Date, agreement.ToString(), by, now);
    }

    /// <summary>Works may begin: one committee executes, another one watches, and both exist.</summary>
    public void OrderStart(DateOnly on, DateOnly startsOn, DateOnly endsOn, IReadOnlyCollection<ProjectCommittee> committees, string by, DateTimeOffset now)
    {
        Require(State is ProjectState.Awarded or ProjectState.DirectAdministration);
        RequireOrder(LastStep.HappenedOn, startsOn, "/startsOn");
        Rule.That(startsOn <= on.AddYears(1), "start_too_far", "Las obras comienzan dentro de un año a lo más.", "/startsOn");
        Rule.That(endsOn.Year <= 2110, "end_too_far", "Esa fecha está demasiado lejos.", "/endsOn");
        Rule.That(endsOn > startsOn, "end_before_start", "Las obras terminan después de comenzar.", "/endsOn");
        foreach (var (kind, name) in new[] { (ProjectCommittee.Executing, "ejecutor"), (ProjectCommittee.Oversight, "contralor") })
        {
            var standing = committees.Any(c => c.Kind == kind && c.FormedOn <= startsOn && c.DissolvedOn is null);
            Rule.State(standing, "committee_missing", $"Falta el comité {name} de la obra: la comunidad lo forma en asamblea antes de la orden de inicio.");
        }
        (StartsOn, EndsOn) = (startsOn, endsOn);
        Go(ProjectState.StartOrdered, startsOn < on ? startsOn : on, null, by, now);
    }

    public void Begin(DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.StartOrdered);
        RequireOrder(StartsOn, on);
        Go(ProjectState.InExecution, on, null, by, now);
    }

    public void Suspend(DateOnly on, string reason, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.InExecution);
        RequireOrder(LastStep.HappenedOn, on);
        Go(ProjectState.Suspended, on, reason, by, now);
    }

    /// <summary>Works go on; the plan ends later by as many days as they stood still.</summary>
    public void Resume(DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.Suspended);
        var since = LastStep.HappenedOn;
        RequireOrder(since, on);
        EndsOn = EndsOn!.Value.AddDays(on.DayNumber - since.DayNumber);
        Go(ProjectState.InExecution, on, "Se reanuda", by, now);
    }

    public void Reach(int number, DateOnly on, string place, Guid photo, DateTimeOffset now)
    {
        Require(State == ProjectState.InExecution);
        Rule.That(WorkedOn(on), "no_works_then", "Ese día las obras no se ejecutaban: no habían comenzado o estaban suspendidas.", "/on");
        var milestone = Milestones.SingleOrDefault(m => m.Number == number) ?? throw new RuleViolationException(404, "not_found", "La obra no tiene un hito con ese número.");
        Rule.State(milestone.ReachedOn is null, "milestone_reached", "Ese hito ya se alcanzó.");
        (milestone.ReachedOn, milestone.Place, milestone.PhotoId) = (on, place, photo);
        Raise(new MilestoneReached { ProjectId = Id, Name = Name, Place = Place.Ref, Number = number, Milestone = milestone.Name, On = on, Progress = Progress, PhotoId = photo }, now);
    }

    /// <summary>Whether works went on on a day: from when they began or were resumed to the next step, that day included.</summary>
    private bool WorkedOn(DateOnly on)
    {
        var steps = Steps.OrderBy(s => s.Number).ToArray();
        return steps.Index().Any(s => s.Item.State == ProjectState.InExecution && s.Item.HappenedOn <= on && (s.Index == steps.Length - 1 || on <= steps[s.Index + 1].HappenedOn));
    }

    public void ReceiveProvisionally(DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.InExecution);
        RequireOrder(LastStep.HappenedOn, on);
        Rule.State(Milestones.All(m => m.ReachedOn <= on), "milestones_missing", "Faltan hitos por alcanzar.");
        ProvisionalOn = on;
        Go(ProjectState.ProvisionalReception, on, null, by, now);
    }

    /// <summary>In its term, or later with the reason, which everybody reads.</summary>
    public void ReceiveFinally(DateOnly on, string? reason, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.ProvisionalReception);
        RequireOrder(ProvisionalOn, on);
        var isLate = on > FinalReceptionDue;
        Rule.That(!isLate || reason is not null, "final_reception_late", $"La recepción definitiva era a más tardar el {FinalReceptionDue!.Value.Day()}: diga por qué fue después.", "/reason");
        (FinalOn, FinalLateReason) = (on, isLate ? reason : null);
        Go(ProjectState.FinalReception, on, FinalLateReason, by, now);
    }

    /// <summary>Nothing is owed any more: everything committed was paid or released.</summary>
    public void Settle(DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.FinalReception);
        RequireOrder(FinalOn, on);
        Rule.State(Committed == Paid, "commitments_open", $"Hay {Committed - Paid:0.00} comprometidos sin pagar: páguelos o libérelos.");
        SettledOn = on;
        Go(ProjectState.Settled, on, null, by, now);
    }

    public void Close(DateOnly on, string by, DateTimeOffset now)
    {
        Require(State == ProjectState.Settled);
        RequireOrder(SettledOn, on);
        RequireNoFinding();
        EndedOn = on;
        Go(ProjectState.Closed, on, null, by, now);
    }

    /// <summary>It never began (void), or does not go on (cancelled); nothing may be owed.</summary>
    public void End(ProjectState to, DateOnly on, string reason, string by, DateTimeOffset now)
    {
        Rule.State(
            to == ProjectState.Void ? State < ProjectState.StartOrdered : State is >= ProjectState.StartOrdered and < ProjectState.Settled, "project_not_there",
            to == ProjectState.Void ? "Se anula lo que todavía no tiene orden de inicio; después se cancela." : "Se cancela lo que ya tenía orden de inicio y todavía no se liquida.");
        RequireOrder(LastStep.HappenedOn, on);
        RequireNoFinding();
        Rule.State(Committed == Paid, "commitments_open", $"Hay {Committed - Paid:0.00} comprometidos sin pagar: páguelos o libérelos.");
        EndedOn = on;
        Go(to, on, reason, by, now);
    }

    private void RequireNoFinding()
    {
        var open = Findings.Where(f => f.State != FindingState.Resolved).Select(f => f.Number).ToArray();
        Rule.State(open.Length == 0, "findings_open", $"El comité contralor tiene hallazgos sin resolver: {string.Join(", ", open)}. Se responden y se resuelven antes de terminar la obra.");
    }

    public void RequireSpending() =>
        Rule.State(State is >= ProjectState.DossierApproved and < ProjectState.Settled, "project_not_spending", "Se compromete y se paga desde que la carpeta se aprueba y hasta que la obra se liquida.");

    public void Contribute(ContributionKind kind, string description, decimal value, DateOnly on, string by, DateTimeOffset now)
    {
        Rule.State(State is >= ProjectState.DossierApproved and < ProjectState.Settled, "project_not_spending", "La contrapartida se anota desde que la carpeta se aprueba y hasta que la obra se liquida.");
        Money.Require(value, "/value");
        Rule.That(on >= CreatedAt.LocalDate(), "before_project", $"La obra es del {CreatedAt.LocalDate().Day()}.", "/on");
        Rule.State(Contributions.Count < MostContributions, "too_many", $"De una obra se anotan {MostContributions} aportes a lo más.");
        Contributions.Add(new() { ProjectId = Id, Number = Contributions.Count + 1, Kind = kind, Description = description, Value = value, ReceivedOn = on, RecordedBy = by });
        TellMoney(now);
    }

    public void TellMoney(DateTimeOffset now) => Raise(new ProjectMoneyChanged
    {
        ProjectId = Id, Name = Name, Place = Place.Ref, Approved = Approved, Committed = Committed, Paid = Paid, Contributed = Contributions.Sum(c => c.Value),
    }, now);

    public void Tell(Finding finding, DateTimeOffset now) => Raise(new FindingChanged
    {
        ProjectId = Id, Name = Name, Place = Place.Ref, Number = finding.Number, Finding = finding.Description, State = Choice<FindingState>.NameOf(finding.State), AnswerDue = finding.AnswerDue,
        Answer = finding.Decision ?? finding.Answer,
    }, now);

    public void Tell(OversightVisit visit, DateTimeOffset now) =>
        Raise(new ProjectVisited { ProjectId = Id, Name = Name, Place = Place.Ref, Number = visit.Number, On = visit.VisitedOn, Report = visit.Report, PhotoId = visit.PhotoId }, now);

    public void Keep() => Touch();

    private static void Require(bool holds) => Rule.State(holds, "project_not_there", "La obra no está en el estado que eso pide.");

    private static void RequireOrder(DateOnly? before, DateOnly on, string at = "/on") => Rule.That(before is null || on >= before, "before_last_step", $"El paso anterior fue el {before?.Day()}.", at);

    private void Go(ProjectState state, DateOnly on, string? reason, string by, DateTimeOffset now)
    {
        Note(state, on, reason, by, now);
        Raise(new ProjectChanged
        {
            ProjectId = Id, Name = Name, Place = Place.Ref, State = Choice<ProjectState>.NameOf(state), On = on, Cause = reason, Contractor = Contractor, EndsOn = EndsOn,
        }, now);
    }

    private void Note(ProjectState state, DateOnly on, string? reason, string by, DateTimeOffset now)
    {
        State = state;
        Steps.Add(new() { ProjectId = Id, Number = Steps.Count + 1, State = state, HappenedOn = on, Reason = reason, By = by, At = now });
    }
}
