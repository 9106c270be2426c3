using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

/// <summary>
/// A proposal as whoever asks may see it: what it costs, for everybody only from the voting phase on; what comes next, and
/// until or from which day; and what it still lacks before it can be presented.
/// </summary>
internal sealed record ProposalView(
    Guid Id, long Version, Guid CycleId, int? Number, ProposalState State, ProposalContent Content, DateOnly? SubmittedOn, string? Observation, DateOnly? CorrectBy, RejectionCause? Cause,
    string? Reason, decimal? Score, decimal? Cost, DateOnly? EvaluatedOn, string Next, DateOnly? NextBy, IReadOnlyList<string> Missing, int Signatures,
    IReadOnlyList<ProposalView.StepView> Steps, IReadOnlyList<ProposalView.ScoreView> Scores, IReadOnlyList<ProposalView.EvaluatorView> Evaluators, IReadOnlyList<Guid> From, IReadOnlyList<Guid> Into,
    Guid? ProjectId)
{
    internal sealed record StepView(ProposalState State, DateTimeOffset At, string? Note);

    internal sealed record ScoreView(int Criterion, string Name, int Weight, int Points, string Reason);

    internal sealed record EvaluatorView(Aspect Aspect, string Evaluator);

    public static ProposalView Example => new(
        Examples.Id, 7, Examples.OtherId, 12, ProposalState.Feasible, ProposalContent.Example, new(2026, 8, 20), null, null, null, "El pozo es factible a 60 metros.", 82.5m, 23_500,
        new(2026, 9, 25), "Va en la papeleta: la votación comienza ese día.", new(2026, 10, 1), [], 34, [new(ProposalState.Received, Examples.Instant, null)],
        [new(1, "Factibilidad técnica", 30, 85, "Hay agua a 60 metros.")], [new(Aspect.Technical, "ing.inventado")], [], [], null);

    /// <param name="proposal">With all that belongs to it.</param>
    /// <param name="cycle">Its cycle.</param>
    /// <param name="more">What stands elsewhere.</param>
    /// <param name="today">In El Salvador.</param>
    /// <param name="own">Whether the unit's staff or the proposer asks.</param>
    public static ProposalView Of(Proposal proposal, Cycle cycle, Surroundings more, DateOnly today, bool own)
    {
        var (next, by) = WhatComesNext(proposal, cycle, today);
        return new(
            proposal.Id, proposal.Version, proposal.CycleId, proposal.Number, proposal.State,
            own ? proposal.Content : proposal.Content with { EstimatedCost = null, Attachments = null }, proposal.SubmittedOn, proposal.Observation, proposal.CorrectBy, proposal.Cause, proposal.Reason,
            proposal.Score, own || cycle.ShowsCosts(today) ? proposal.Cost : null, proposal.EvaluatedOn, next, by,
            proposal.State == ProposalState.Draft ? [.. proposal.Missing(cycle.Assessment, more.Association, more.Signatures)] : [], more.Signatures,
            [.. proposal.Steps.OrderBy(s => s.Number).Select(s => new StepView(s.State, s.At, s.Note))],
            [.. proposal.Scores.OrderBy(s => s.Criterion).Select(s => new ScoreView(s.Criterion, cycle.Assessment.Criteria[s.Criterion - 1].Name, cycle.Assessment.Criteria[s.Criterion - 1].Weight, s.Points, s.Reason))],
            own ? [.. proposal.Evaluators.OrderBy(e => e.Aspect).Select(e => new EvaluatorView(e.Aspect, e.Evaluator))] : [], more.From, more.Into, more.Project);
    }

    /// <summary>What is done next, and the day until which or from which; a day that has passed is said to have passed.</summary>
    private static (string Next, DateOnly? By) WhatComesNext(Proposal proposal, Cycle cycle, DateOnly today)
    {
        (string Next, DateOnly? By) Until(string next, DateOnly? by, string passed) => (today <= by ? $"{next} a más tardar ese día." : passed, by);
        (string Next, DateOnly? By) From(string next, string coming, string come, DateOnly day) => ($"{next} {(today < day ? coming : come)} ese día.", day);
        var voting = cycle.PhaseOf(CyclePhase.Voting);
        if (cycle.FinishedOn is { } finished && proposal.State is ProposalState.Draft or ProposalState.Feasible or ProposalState.WaitingList)
            return ("El ciclo terminó ese día y no llegó a entrar. Puede presentarse en otro.", finished);
        return proposal.State switch
        {
            ProposalState.Draft => Until("Complétela y preséntela", cycle.PhaseOf(CyclePhase.Proposals).LastDay, "El plazo para presentarla terminó ese día. Puede presentarse en otro ciclo."),
            ProposalState.Received => Until("La unidad revisa si se admite,", cycle.PhaseOf(CyclePhase.Assessment).LastDay, "La unidad debía decir ese día si se admite: pregunte en la unidad."),
            ProposalState.InReview => Until("Los técnicos la valoran,", cycle.PhaseOf(CyclePhase.Assessment).LastDay, "Los técnicos debían valorarla hasta ese día: pregunte en la unidad."),
            ProposalState.Observed => Until("Corrija lo observado", proposal.CorrectBy, "El plazo para corregir terminó ese día: la unidad decide."),
            ProposalState.Feasible when today < voting.FirstDay => ("Va en la papeleta: la votación comienza ese día.", voting.FirstDay),
            ProposalState.Feasible when cycle.BallotPublishedAt is null => Until("Va en la papeleta, que todavía se publica: se vota", voting.LastDay, "La votación terminó ese día y la papeleta no se publicó: pregunte en la unidad."),
            ProposalState.Feasible => Until("Está en la papeleta: se vota", voting.LastDay, "La votación terminó ese día; sigue el conteo, que se publica."),
            ProposalState.NotFeasible => ("No sigue en este ciclo; los motivos quedan a la vista. Puede presentarse corregida en otro.", null),
            ProposalState.Prioritised => Until("El concejo la aprueba", cycle.PhaseOf(CyclePhase.Approval).LastDay, "El concejo debía aprobarla hasta ese día: pregunte en la unidad."),
            ProposalState.WaitingList => From("Entra si otra se cae y alcanza el dinero; el concejo", "aprueba hasta", "aprobaba hasta", cycle.PhaseOf(CyclePhase.Approval).LastDay),
            ProposalState.NotSupported => ("No llegó al mínimo de votos en este ciclo. Puede presentarse en otro.", null),
            ProposalState.Included => From("Se vuelve proyecto: la ejecución", "comienza", "comenzó", cycle.PhaseOf(CyclePhase.Execution).FirstDay),
            ProposalState.TurnedIntoProject => ("Ya es un proyecto (projectId): siga la obra en su página pública.", null),
            ProposalState.Merged or ProposalState.Divided => ("Sigue en las propuestas que se indican (into).", null),
            _ => ("Se retiró.", null),
        };
    }
}

/// <summary>What stands around a proposal.</summary>
internal sealed record Surroundings(Associations.Association? Association, int Signatures, IReadOnlyList<Guid> From, IReadOnlyList<Guid> Into, Guid? Project);
