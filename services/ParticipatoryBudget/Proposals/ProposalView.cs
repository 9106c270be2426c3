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
    IReadOnlyList<ProposalView.StepView> Steps, IReadOnlyList<ProposalView.ScoreView> Scores, IReadOnlyList<ProposalView.EvaluatorView> Evaluators, IReadOnlyList<Guid> From, IReadOnlyList<Guid> Into)
{
    internal sealed record StepView(ProposalState State, DateTimeOffset At, string? Note);

    internal sealed record ScoreView(int Criterion, string Name, int Weight, int Points, string Reason);

    internal sealed record EvaluatorView(Aspect Aspect, string Evaluator);

    public static ProposalView Example => new(
        Examples.Id, 7, Examples.OtherId, 12, ProposalState.Feasible, ProposalContent.Example, new(2026, 8, 20), null, null, null, "El pozo es factible a 60 metros.", 82.5m, 23_500,
        new(2026, 9, 25), "Va en la papeleta: la votación comienza ese día.", new(2026, 10, 1), [], 34, [new(ProposalState.Received, Examples.Instant, null)],
        [new(1, "Factibilidad técnica", 30, 85, "Hay agua a 60 metros.")], [new(Aspect.Technical, "ing.inventado")], [], []);

    /// <param name="proposal">With all that belongs to it.</param>
    /// <param name="cycle">Its cycle.</param>
    /// <param name="more">What stands elsewhere.</param>
    /// <param name="today">In El Salvador.</param>
    /// <param name="own">Whether the unit's staff or the proposer asks.</param>
    public static ProposalView Of(Proposal proposal, Cycle cycle, Surroundings more, DateOnly today, bool own)
    {
        var (next, by) = WhatComesNext(proposal, cycle);
        return new(
            proposal.Id, proposal.Version, proposal.CycleId, proposal.Number, proposal.State,
            own ? proposal.Content : proposal.Content with { EstimatedCost = null, Attachments = null }, proposal.SubmittedOn, proposal.Observation, proposal.CorrectBy, proposal.Cause, proposal.Reason,
            proposal.Score, own || cycle.ShowsCosts(today) ? proposal.Cost : null, proposal.EvaluatedOn, next, by,
            proposal.State == ProposalState.Draft ? [.. proposal.Missing(cycle.Assessment, more.Association, more.Signatures)] : [], more.Signatures,
            [.. proposal.Steps.OrderBy(s => s.Number).Select(s => new StepView(s.State, s.At, s.Note))],
            [.. proposal.Scores.OrderBy(s => s.Criterion).Select(s => new ScoreView(s.Criterion, cycle.Assessment.Criteria[s.Criterion - 1].Name, cycle.Assessment.Criteria[s.Criterion - 1].Weight, s.Points, s.Reason))],
            own ? [.. proposal.Evaluators.OrderBy(e => e.Aspect).Select(e => new EvaluatorView(e.Aspect, e.Evaluator))] : [], more.From, more.Into);
    }

    private static (string Next, DateOnly? By) WhatComesNext(Proposal proposal, Cycle cycle) => proposal.State switch
    {
        ProposalState.Draft => ("Complétela y preséntela a más tardar ese día.", cycle.PhaseOf(CyclePhase.Proposals).LastDay),
        ProposalState.Received => ("La unidad revisa si se admite, a más tardar ese día.", cycle.PhaseOf(CyclePhase.Assessment).LastDay),
        ProposalState.InReview => ("Los técnicos la valoran, a más tardar ese día.", cycle.PhaseOf(CyclePhase.Assessment).LastDay),
        ProposalState.Observed => ("Corrija lo observado a más tardar ese día.", proposal.CorrectBy),
        ProposalState.Feasible => ("Va en la papeleta: la votación comienza ese día.", cycle.PhaseOf(CyclePhase.Voting).FirstDay),
        ProposalState.NotFeasible => ("No sigue en este ciclo; los motivos quedan a la vista. Puede presentarse corregida en otro.", null),
        ProposalState.Prioritised => ("El concejo la aprueba a más tardar ese día.", cycle.PhaseOf(CyclePhase.Approval).LastDay),
        ProposalState.WaitingList => ("Entra si otra se cae y alcanza el dinero, a más tardar ese día.", cycle.PhaseOf(CyclePhase.Approval).LastDay),
        ProposalState.NotSupported => ("No llegó al mínimo de votos en este ciclo. Puede presentarse en otro.", null),
        ProposalState.Included => ("Se vuelve proyecto: la ejecución comienza ese día.", cycle.PhaseOf(CyclePhase.Execution).FirstDay),
        ProposalState.TurnedIntoProject => ("Ya es un proyecto: sígalo por su nombre.", null),
        ProposalState.Merged or ProposalState.Divided => ("Sigue en las propuestas que se indican.", null),
        _ => ("Se retiró.", null),
    };
}

/// <summary>What stands around a proposal.</summary>
internal sealed record Surroundings(Associations.Association? Association, int Signatures, IReadOnlyList<Guid> From, IReadOnlyList<Guid> Into);
