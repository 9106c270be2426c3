using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Associations;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

internal enum ProposalState
{
    Draft,
    Received,
    InReview,
    Observed,
    Feasible,
    NotFeasible,
    Prioritised,
    WaitingList,

    /// <summary>On the ballot it had fewer points than the rules ask for.</summary>
    NotSupported,
    Included,
    TurnedIntoProject,
    Merged,
    Divided,
    Withdrawn,
}

/// <summary>Why a proposal cannot go on.</summary>
internal enum RejectionCause
{
    LandNotLegalised,
    OutsideMunicipalCompetence,
    NotCorrected,
    Technical,
    Environmental,
    Social,
    Legal,
    Other,
}

/// <summary>What a community asks of a cycle.</summary>
internal sealed class Proposal : Aggregate
{
    private Proposal()
    {
    }

    public Guid CycleId { get; private init; }

    /// <summary>In its cycle, from its presentation on; ballots name it by this.</summary>
    public int? Number { get; private set; }
    public int Zone { get; private set; }
    public string Title { get; private set; } = "";
    public ProposalContent Content { get; private set; } = null!;
    public Guid? AssociationId { get; private set; }
    public ProposalState State { get; private set; }
    public DateOnly? SubmittedOn { get; private set; }
    public string? Observation { get; private set; }
    public DateOnly? CorrectBy { get; private set; }
    public RejectionCause? Cause { get; private set; }
    public string? Reason { get; private set; }

    /// <summary>Points of 100 by the cycle's weights.</summary>
    public decimal? Score { get; private set; }

    /// <summary>What it costs, as the technicians see it.</summary>
    public decimal? Cost { get; private set; }
    public DateOnly? EvaluatedOn { get; private set; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Those whose proposal it is: who wrote it, or who wrote those that it was made of.</summary>
    public IList<ProposalAuthor> Authors { get; private init; } = [];
    public IList<ProposalFile> Files { get; private init; } = [];
    public IList<ProposalStep> Steps { get; private init; } = [];
    public IList<AssignedEvaluator> Evaluators { get; private init; } = [];
    public IList<CriterionScore> Scores { get; private init; } = [];

    public bool IsBy(string caller) => Authors.Any(a => a.Subject == caller);

    public static Proposal Draft(Cycle cycle, ProposalContent content, string by, DateTimeOffset now)
    {
        Rule.State(
            cycle.State == CycleState.Open && now.LocalDate() <= cycle.PhaseOf(CyclePhase.Proposals).LastDay, "proposals_closed", "El ciclo ya no recibe propuestas, o todavía no se abre.");
        var proposal = new Proposal { CycleId = cycle.Id, CreatedBy = by, CreatedAt = now };
        proposal.Authors.Add(new() { ProposalId = proposal.Id, Subject = by });
        proposal.Write(cycle, content, by, now);
        return proposal;
    }

    /// <summary>Until it is presented it is whatever was written last; what was observed is corrected by writing anew.</summary>
    public void Write(Cycle cycle, ProposalContent content, string by, DateTimeOffset now)
    {
        Rule.State(State is ProposalState.Draft or ProposalState.Observed, "proposal_submitted", "La propuesta ya se presentó: se corrige solo lo que la unidad observe.");
        Rule.That(content.EstimatedCost is null || Money.IsMoney(content.EstimatedCost.Value), "amount", "El costo no es negativo y lleva dos decimales a lo más.", "/estimatedCost");
        cycle.Zone(content.Zone, "/zone");
        foreach (var (index, number) in (content.Confirmed ?? []).Index())
            Rule.That(number >= 1 && number <= cycle.Assessment.Checklist.Count, "unknown_item", "La lista del ciclo no tiene una pregunta con ese número.", $"/confirmed/{index}");
        foreach (var (index, attachment) in (content.Attachments ?? []).Index())
            Rule.That(attachment.Item is null || attachment.Item <= cycle.Assessment.Checklist.Count, "unknown_item", "La lista del ciclo no tiene una pregunta con ese número.", $"/attachments/{index}/item");
        Rule.That(State == ProposalState.Draft || (content.Zone == Zone && content.AssociationId == AssociationId), "proposer_changed", "Al corregir no cambian la zona ni quién la presenta.", "/zone");
        (Zone, Title, Content, AssociationId) = (content.Zone, content.Title.Trim(), content, content.AssociationId);
        Files.Clear();
        foreach (var file in (content.Attachments ?? []).Select(a => a.FileId).Distinct())
            Files.Add(new() { ProposalId = Id, FileId = file });
        if (State == ProposalState.Draft)
            Touch();
        else
            Correct(cycle, by, now);
    }

    /// <summary>What is still missing before it can be presented, in words that whoever proposes can act on.</summary>
    public IEnumerable<string> Missing(AssessmentRules rules, Association? association, int signatures)
    {
        if (AssociationId is not null && association is not { Standing: true })
            yield return "La asociación no está reconocida o su junta directiva no está vigente: preséntela con firmas de apoyo, o espere a que lo esté.";
        if (AssociationId is null && signatures < rules.MinimumSignatures)
            yield return $"Reúna {rules.MinimumSignatures} firmas de apoyo: hay {signatures}.";
        foreach (var missing in MissingItems(rules))
            yield return missing;
    }

    private IEnumerable<string> MissingItems(AssessmentRules rules)
    {
        foreach (var (index, item) in rules.Checklist.Index())
        {
            if (item.Required && !(Content.Confirmed ?? []).Contains(index + 1))
                yield return $"Confirme el punto {index + 1} de la lista: «{item.Text}».";
            if (item is { Required: true, Paper: true } && !(Content.Attachments ?? []).Any(a => a.Item == index + 1))
                yield return $"Adjunte lo que prueba el punto {index + 1} de la lista: «{item.Text}».";
        }
    }

    public void Submit(Cycle cycle, int number, Association? association, int signatures, string by, DateTimeOffset now)
    {
        Rule.State(State == ProposalState.Draft, "proposal_submitted", "La propuesta ya se presentó.");
        cycle.RequirePhase(CyclePhase.Proposals, now.LocalDate());
        var missing = Missing(cycle.Assessment, association, signatures).ToArray();
        Rule.That(missing.Length == 0, "proposal_incomplete", string.Join(" ", missing));
        (Number, SubmittedOn) = (number, now.LocalDate());
        Enter(ProposalState.Received, null, by, now);
        RaiseSubmitted(cycle, association, now);
    }

    private void RaiseSubmitted(Cycle cycle, Association? association, DateTimeOffset now) => Raise(new ProposalSubmitted
    {
        ProposalId = Id, Name = Title, Place = Content.Place.Ref, CycleId = CycleId, FiscalYear = cycle.FiscalYear, Zone = Zone, Number = Number!.Value, SubmittedOn = SubmittedOn!.Value,
        Beneficiaries = Content.Beneficiaries, Association = association?.Name,
    }, now);

    public void Admit(string by, DateTimeOffset now)
    {
        Rule.State(State == ProposalState.Received, "proposal_not_received", "Solo se admite una propuesta recién presentada.");
        Go(ProposalState.InReview, null, by, now);
    }

    /// <summary>Something is missing or unclear; its proposers have some days to correct it.</summary>
    public void Observe(Cycle cycle, string observation, string by, DateTimeOffset now)
    {
        RequireOpen();
        (Observation, CorrectBy) = (observation, now.LocalDate().AddDays(cycle.Assessment.CorrectionDays));
        Go(ProposalState.Observed, observation, by, now);
    }

    private void Correct(Cycle cycle, string by, DateTimeOffset now)
    {
        Rule.State(now.LocalDate() <= CorrectBy, "correction_late", $"El plazo para corregir venció el {CorrectBy?.Day()}.");
        var missing = MissingItems(cycle.Assessment).ToArray();
        Rule.That(missing.Length == 0, "proposal_incomplete", string.Join(" ", missing));
        Scores.Clear(); // They were given to what it said before.
        Go(ProposalState.InReview, "Corregida", by, now);
    }

    public void Reject(RejectionCause cause, string reason, string by, DateTimeOffset now)
    {
        Rule.State(State is ProposalState.Received or ProposalState.InReview or ProposalState.Observed, "proposal_not_in_review", "La propuesta no está en revisión.");
        Rule.State(cause != RejectionCause.NotCorrected || (State == ProposalState.Observed && now.LocalDate() > CorrectBy), "correction_open", "El plazo para corregir todavía corre, o no se observó nada.");
        (Cause, Reason, EvaluatedOn) = (cause, reason, now.LocalDate());
        Enter(ProposalState.NotFeasible, reason, by, now);
        RaiseEvaluated(false, now);
    }

    public void Assign(Aspect aspect, string evaluator, string by, DateTimeOffset now)
    {
        Rule.State(State is ProposalState.Received or ProposalState.InReview or ProposalState.Observed, "proposal_not_in_review", "La propuesta no está en revisión.");
        Rule.That(!IsBy(evaluator), "own_proposal", "Quien escribió la propuesta no la valora.", "/evaluator");
        Evaluators.Remove(Evaluators.SingleOrDefault(e => e.Aspect == aspect)!);
        Evaluators.Add(new() { ProposalId = Id, Aspect = aspect, Evaluator = evaluator, AssignedBy = by, AssignedAt = now });
        Touch();
    }

    public void Give(Cycle cycle, int criterion, int points, string reason, string by, DateTimeOffset now)
    {
        Rule.State(State == ProposalState.InReview, "proposal_not_in_review", "La propuesta no está en revisión.");
        Rule.That(criterion >= 1 && criterion <= cycle.Assessment.Criteria.Count, "unknown_criterion", "El ciclo no tiene un criterio con ese número.");
        var aspect = cycle.Assessment.Criteria[criterion - 1].Aspect;
        if (!Evaluators.Any(e => e.Aspect == aspect && e.Evaluator == by))
            throw new RuleViolationException(403, "not_assigned", "Ese criterio lo valora otra persona: pida a la jefatura que se lo asigne.");
        Scores.Remove(Scores.SingleOrDefault(s => s.Criterion == criterion)!);
        Scores.Add(new() { ProposalId = Id, Criterion = criterion, Points = points, Reason = reason, GivenBy = by, GivenAt = now });
        Touch();
    }

    /// <summary>What the evaluators gave, by the cycle's weights; above the cycle's least it can be done at this cost.</summary>
    public void Conclude(Cycle cycle, bool feasible, decimal? cost, RejectionCause? cause, string reason, string by, DateTimeOffset now)
    {
        Rule.State(State == ProposalState.InReview, "proposal_not_in_review", "La propuesta no está en revisión.");
        RequireBallotOpen(cycle, now);
        var unscored = cycle.Assessment.Criteria.Index().Where(c => Scores.All(s => s.Criterion != c.Index + 1)).Select(c => c.Item.Name).ToArray();
        Rule.State(unscored.Length == 0, "assessment_incomplete", $"Falta valorar: {string.Join(", ", unscored)}.");
        Score = Scores.Sum(s => s.Points * (decimal)cycle.Assessment.Criteria[s.Criterion - 1].Weight) / 100;
        EvaluatedOn = now.LocalDate();
        if (feasible)
        {
            Rule.That(Score >= cycle.Assessment.PassingScore, "score_too_low", $"Tiene {Score:0.##} puntos y el ciclo pide {cycle.Assessment.PassingScore}: no es viable.");
            Rule.That(cost is { } amount && Money.IsMoney(amount) && amount > 0, "amount", "El costo es mayor que cero, con dos decimales a lo más.", "/cost");
            var money = cycle.Zone(Zone, "").Amount;
            Rule.That(cost <= money, "cost_over_heading", $"La zona tiene {money:N2}: divida la propuesta en partes que alcancen.", "/cost");
            (Cost, Reason) = (cost, reason);
        }
        else
        {
            Rule.That(cause is not null and not RejectionCause.NotCorrected, "cause_missing", "Diga por qué no es viable.", "/cause");
            (Cause, Reason) = (cause, reason);
        }
        Enter(feasible ? ProposalState.Feasible : ProposalState.NotFeasible, reason, by, now);
        RaiseEvaluated(feasible, now);
    }

    public void Withdraw(Cycle cycle, string reason, string by, DateTimeOffset now)
    {
        Rule.State(
            State is ProposalState.Draft or ProposalState.Received or ProposalState.InReview or ProposalState.Observed or ProposalState.Feasible, "proposal_decided", "La propuesta ya se decidió.");
        RequireBallotOpen(cycle, now);
        if (State == ProposalState.Draft)
            Enter(ProposalState.Withdrawn, reason, by, now);
        else
            Go(ProposalState.Withdrawn, reason, by, now);
        Touch();
    }

    /// <summary>Its content goes on in others, which remember where they come from.</summary>
    public void GoInto(IReadOnlyList<Proposal> others, string reason, string by, DateTimeOffset now)
    {
        RequireOpen();
        Go(others.Count == 1 ? ProposalState.Merged : ProposalState.Divided, reason, by, now, [.. others.Select(o => o.Id)]);
    }

    /// <summary>One that the unit makes out of others; it is in review from the start.</summary>
    public static Proposal From(IReadOnlyList<Proposal> sources, Cycle cycle, ProposalContent content, Association? association, int number, string reason, string by, DateTimeOffset now)
    {
        var proposal = new Proposal { CycleId = cycle.Id, CreatedBy = by, CreatedAt = now };
        foreach (var author in sources.SelectMany(s => s.Authors).Select(a => a.Subject).Distinct())
            proposal.Authors.Add(new() { ProposalId = proposal.Id, Subject = author });
        proposal.Write(cycle, content, by, now);
        (proposal.Number, proposal.SubmittedOn) = (number, sources.Min(s => s.SubmittedOn) ?? now.LocalDate());
        proposal.RaiseSubmitted(cycle, association, now);
        proposal.Go(ProposalState.InReview, reason, by, now);
        return proposal;
    }

    /// <summary>What the ballots, and then the council, made of it.</summary>
    public void Decide(ProposalState state, string? note, string by, DateTimeOffset now)
    {
        var from = state switch
        {
            ProposalState.Prioritised or ProposalState.WaitingList or ProposalState.NotSupported =>
                State is ProposalState.Feasible or ProposalState.Prioritised or ProposalState.WaitingList or ProposalState.NotSupported,
            ProposalState.Included => State is ProposalState.Prioritised or ProposalState.WaitingList,
            ProposalState.TurnedIntoProject => State == ProposalState.Included,
            _ => false,
        };
        Rule.State(from, "proposal_not_there", "La propuesta no está en el estado que eso pide.");
        if (State != state)
            Go(state, note, by, now);
    }

    private void RequireOpen() =>
        Rule.State(State is ProposalState.Received or ProposalState.InReview, "proposal_not_in_review", "La propuesta no está en revisión.");

    private static void RequireBallotOpen(Cycle cycle, DateTimeOffset now)
    {
        Rule.State(cycle.BallotPublishedAt is null, "ballot_published", "La papeleta ya se publicó: lo que está en ella, y lo que no, ya no cambia.");
        var last = cycle.PhaseOf(CyclePhase.Voting).LastDay;
        Rule.State(now.LocalDate() <= last, "wrong_phase", $"La votación terminó el {last.Day()}: ya nada entra en la papeleta ni sale de ella.");
    }

    private void RaiseEvaluated(bool feasible, DateTimeOffset now) => Raise(new ProposalEvaluated
    {
        ProposalId = Id, Name = Title, Place = Content.Place.Ref, EvaluatedOn = EvaluatedOn!.Value, Feasible = feasible, Grounds = Reason,
    }, now);

    private void Go(ProposalState state, string? note, string by, DateTimeOffset now, IReadOnlyList<Guid>? into = null)
    {
        Enter(state, note, by, now);
        Raise(new ProposalChanged { ProposalId = Id, Name = Title, Place = Content.Place.Ref, State = Choice<ProposalState>.NameOf(state), Into = into ?? [] }, now);
    }

    private void Enter(ProposalState state, string? note, string by, DateTimeOffset now)
    {
        State = state;
        if (state != ProposalState.Observed)
            (Observation, CorrectBy) = (null, null);
        Steps.Add(new() { ProposalId = Id, Number = Steps.Count + 1, State = state, Note = note, By = by, At = now });
    }
}

/// <summary>A step of its way, for whoever proposed it and whoever asks later.</summary>
internal sealed class ProposalStep
{
    public required Guid ProposalId { get; init; }
    public required int Number { get; init; }
    public required ProposalState State { get; init; }
    public string? Note { get; init; }
    public required string By { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Whose proposal it is, by the subject of their token.</summary>
internal sealed class ProposalAuthor
{
    public required Guid ProposalId { get; init; }
    public required string Subject { get; init; }
}

/// <summary>A file that an attachment names.</summary>
internal sealed class ProposalFile
{
    public required Guid ProposalId { get; init; }
    public required Guid FileId { get; init; }
}

internal sealed class AssignedEvaluator
{
    public required Guid ProposalId { get; init; }
    public required Aspect Aspect { get; init; }
    public required string Evaluator { get; init; }
    public required string AssignedBy { get; init; }
    public required DateTimeOffset AssignedAt { get; init; }
}

internal sealed class CriterionScore
{
    public required Guid ProposalId { get; init; }
    public required int Criterion { get; init; }
    public required int Points { get; init; }
    public required string Reason { get; init; }
    public required string GivenBy { get; init; }
    public required DateTimeOffset GivenAt { get; init; }
}

/// <summary>That a proposal went on in another.</summary>
internal sealed class ProposalTrace
{
    public required Guid FromId { get; init; }
    public required Guid IntoId { get; init; }
}

/// <summary>Somebody's support, once for each person, without their name.</summary>
internal sealed class SupportingSignature
{
    public required Guid ProposalId { get; init; }
    public required byte[] PersonKey { get; init; }
    public required DateTimeOffset SignedAt { get; init; }
}
