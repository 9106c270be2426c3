using ProyeccionSocial.Contracts;
using ProyeccionSocial.ParticipatoryBudget.Committees;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

/// <summary>
/// A project with its money, works, committees and findings. Variance is what was approved and not committed, of the whole
/// and of each line; once settled, what was approved and not spent.
/// </summary>
internal sealed record ProjectView(
    Guid Id, long Version, Guid CycleId, int Zone, Guid ProposalId, string Name, PlaceContent Place, ProjectState State, decimal Granted, decimal Approved, decimal Committed, decimal Paid,
    decimal Contributed, decimal Variance, int Progress, decimal FinancialProgress, int DaysLate, int ReceptionDaysLate, CouncilReference? Agreement, string? Contractor, string? Contract, decimal? ContractAmount,
    string? Responsible, DateOnly? StartsOn, DateOnly? EndsOn, DateOnly? ProvisionalOn, DateOnly? FinalReceptionDue, DateOnly? FinalOn, string? FinalLateReason, DateOnly? SettledOn, DateOnly? EndedOn,
    IReadOnlyList<ProjectView.LineView> Lines, IReadOnlyList<ProjectView.MilestoneView> Milestones, IReadOnlyList<ProjectView.ContributionView> Contributions, IReadOnlyList<ContributionTotal> ContributionTotals,
    IReadOnlyList<ProjectView.CommitteeView> Committees, IReadOnlyList<FindingView> Findings, IReadOnlyList<ProjectView.StepView> Steps)
{
    internal sealed record LineView(int Number, string Name, decimal Approved, decimal Committed, decimal Paid, decimal Variance);

    internal sealed record MilestoneView(int Number, string Name, int Weight, DateOnly DueOn, DateOnly? ReachedOn, string? Place, Guid? PhotoId);

    internal sealed record ContributionView(int Number, ContributionKind Kind, string Description, decimal Value, DateOnly ReceivedOn);

    internal sealed record CommitteeView(Guid Id, string Kind, string Name, DateOnly? FormedOn, DateOnly? DissolvedOn);

    internal sealed record StepView(ProjectState State, DateOnly On, string? Reason);

    public static ProjectView Example => new(
        Examples.Id, 9, Examples.OtherId, 1, Examples.Id, "Agua potable para El Ensayo", PlaceContent.Example, ProjectState.InExecution, 23_500, 23_000, 21_000, 9_000, 1_500, 2_000, 40, 39.1m, 0, 0,
        new(16, 15, new(2026, 12, 10)), "Constructora Inventada, S.A.", "AM-03/2027", 21_000, null, new(2027, 2, 1), new(2027, 6, 30), null, null, null, null, null, null,
        [new(1, "Perforación", 15_000, 14_000, 9_000, 1_000)], [new(1, "Pozo perforado", 40, new(2027, 3, 31), new(2027, 3, 20), "Caserío El Ensayo", Examples.Id)],
        [new(1, ContributionKind.Labour, "60 jornales para zanjear", 1_500, new(2027, 3, 1))], [ContributionTotal.Example], [new(Examples.Id, "oversight", "Comité contralor del agua", new(2027, 1, 15), null)], [FindingView.Example],
        [new(ProjectState.Idea, new(2026, 12, 12), null)]);

    public static ProjectView Of(Project p, IReadOnlyCollection<ProjectCommittee> committees, DateOnly today) => new(
        p.Id, p.Version, p.CycleId, p.Zone, p.ProposalId, p.Name, p.Place, p.State, p.Granted, p.Approved, p.Committed, p.Paid, p.Contributions.Sum(c => c.Value), p.Approved - p.Committed, p.Progress,
        p.Approved == 0 ? 0 : decimal.Round(p.Paid / p.Approved * 100, 1), p.DaysLate(today), p.ReceptionDaysLate(today), p.Agreement, p.Contractor, p.Contract, p.ContractAmount, p.Responsible, p.StartsOn, p.EndsOn, p.ProvisionalOn,
        p.FinalOn is null ? p.FinalReceptionDue : null, p.FinalOn, p.FinalLateReason, p.SettledOn, p.EndedOn,
        [.. p.Lines.OrderBy(l => l.Number).Select(l => new LineView(l.Number, l.Name, l.Approved, l.Committed, l.Paid, l.Approved - l.Committed))],
        [.. p.Milestones.OrderBy(m => m.Number).Select(m => new MilestoneView(m.Number, m.Name, m.Weight, m.DueOn, m.ReachedOn, m.Place, m.PhotoId))],
        [.. p.Contributions.OrderBy(c => c.Number).Select(c => new ContributionView(c.Number, c.Kind, c.Description, c.Value, c.ReceivedOn))],
        ContributionTotal.Of(p.AgreedContributions.Select(c => (c.Kind, c.Value)), p.Contributions.Select(c => (c.Kind, c.Value))),
        [.. committees.OrderBy(c => c.FormedOn).Select(c => new CommitteeView(c.Id, c.Kind, c.Name, c.FormedOn, c.DissolvedOn))],
        [.. p.Findings.OrderBy(f => f.Number).Select(FindingView.Of)],
        [.. p.Steps.OrderBy(s => s.Number).Select(s => new StepView(s.State, s.HappenedOn, s.Reason))]);
}

/// <summary>What a community gives of a kind, in US dollars: as agreed, and as it came.</summary>
internal sealed record ContributionTotal(ContributionKind Kind, decimal Agreed, decimal Received)
{
    public static ContributionTotal Example => new(ContributionKind.Labour, 3_000, 1_500);

    public static IReadOnlyList<ContributionTotal> Of(IEnumerable<(ContributionKind Kind, decimal Value)> agreed, IEnumerable<(ContributionKind Kind, decimal Value)> received)
    {
        var (said, came) = (agreed.ToLookup(c => c.Kind, c => c.Value), received.ToLookup(c => c.Kind, c => c.Value));
        return [.. Enum.GetValues<ContributionKind>().Where(k => said.Contains(k) || came.Contains(k)).Select(k => new ContributionTotal(k, said[k].Sum(), came[k].Sum()))];
    }
}

/// <summary>A finding as everybody may read it.</summary>
internal sealed record FindingView(
    int Number, string Description, Guid? EvidenceId, FindingState State, DateOnly FoundOn, DateOnly? NotifiedOn, DateOnly? AnswerDue, string? Answer, DateOnly? AnsweredOn, string? Decision,
    DateOnly? ResolvedOn, DateOnly? EscalatedOn)
{
    public static FindingView Example => new(
        1, "La tubería es de menor diámetro que la de la carpeta.", Examples.Id, FindingState.Notified, new(2027, 4, 2), new(2027, 4, 3), new(2027, 4, 18), null, null, null, null, null);

    public static FindingView Of(Finding f) =>
        new(f.Number, f.Description, f.EvidenceId, f.State, f.FoundOn, f.NotifiedOn, f.AnswerDue, f.Answer, f.AnsweredOn, f.Decision, f.ResolvedOn, f.EscalatedOn);
}
