using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Accountability;

/// <summary>
/// A cycle's accounts, in US dollars, by project and by zone. Variance is what was approved and not committed. Days late are
/// those of the works; of the final reception, those beyond its term.
/// </summary>
internal sealed record Accounts(
    Guid CycleId, int FiscalYear, string Title, decimal Ceiling, decimal Approved, decimal Committed, decimal Paid, decimal Variance, decimal Contributed, IReadOnlyList<ContributionTotal> Contributions,
    decimal Progress, decimal FinancialProgress, int DaysLate, int ReceptionDaysLate, IReadOnlyList<Accounts.ZoneAccount> Zones, IReadOnlyList<Accounts.ProjectAccount> Projects)
{
    /// <summary>What a zone had and what became of it; progress is that of its projects, each by its money; days late are those of the latest.</summary>
    internal sealed record ZoneAccount(
        int Number, string Name, decimal Heading, decimal Approved, decimal Committed, decimal Paid, decimal Variance, decimal Contributed, decimal Progress, decimal FinancialProgress, int DaysLate,
        int ReceptionDaysLate);

    internal sealed record ProjectAccount(
        Guid Id, string Name, int Zone, ProjectState State, decimal Granted, decimal Approved, decimal Committed, decimal Paid, decimal Variance, decimal Contributed, int Progress,
        decimal FinancialProgress, int DaysLate, int ReceptionDaysLate, int OpenFindings);

    public static Accounts Example => new(
        Examples.Id, 2027, "Presupuesto de inversión participativo 2027", 60_000, 23_000, 21_000, 9_000, 2_000, 1_500, [ContributionTotal.Example], 40, 39.1m, 0, 0,
        [new(1, "Zona norte", 30_000, 23_000, 21_000, 9_000, 2_000, 1_500, 40, 39.1m, 0, 0)],
        [new(Examples.OtherId, "Agua potable para El Ensayo", 1, ProjectState.InExecution, 23_500, 23_000, 21_000, 9_000, 2_000, 1_500, 40, 39.1m, 0, 0, 1)]);

    /// <summary>Null when there is no such cycle, or nobody has opened it. Five queries, however many projects.</summary>
    public static async Task<Accounts?> ReadAsync(BudgetDb db, Guid id, DateOnly today, CancellationToken cancellation)
    {
        var cycle = await db.Cycles.AsNoTracking().Include(c => c.Zones).SingleOrDefaultAsync(c => c.Id == id && c.State != CycleState.Draft, cancellation);
        if (cycle is null)
            return null;
        var rows = await db.Projects.AsNoTracking().Where(p => p.CycleId == id).OrderBy(p => p.Zone).ThenBy(p => p.Name).ThenBy(p => p.Id).Select(p => new
        {
            p.Id, p.Name, p.Zone, p.State, p.Granted, p.CouncilDate, p.EndsOn, p.ProvisionalOn, p.FinalReceptionDays, p.FinalOn, p.EndedOn, LastStepOn = p.Steps.OrderByDescending(s => s.Number).Select(s => s.HappenedOn).First(),
            Lines = p.Lines.Sum(l => l.Approved), Committed = p.Lines.Sum(l => l.Committed), Paid = p.Lines.Sum(l => l.Paid),
            Contributed = p.Contributions.Sum(c => c.Value), Progress = p.Milestones.Where(m => m.ReachedOn != null).Sum(m => m.Weight), Open = p.Findings.Count(f => f.State != FindingState.Resolved),
        }).ToListAsync(cancellation);
        var projects = rows.ConvertAll(p =>
        {
            var approved = Project.ApprovedOf(p.State, p.CouncilDate, p.Lines, p.Paid);
            return new ProjectAccount(
                p.Id, p.Name, p.Zone, p.State, p.Granted, approved, p.Committed, p.Paid, approved - p.Committed, p.Contributed, p.Progress, Percent(p.Paid, approved),
                Project.DaysLate(p.State, p.EndsOn, p.ProvisionalOn, p.LastStepOn, today),
                Project.ReceptionDaysLate(p.ProvisionalOn?.AddDays(p.FinalReceptionDays), p.FinalOn ?? p.EndedOn, today), p.Open);
        });
        var agreed = await db.AgreedContributions.Where(c => db.Projects.Any(p => p.Id == c.ProjectId && p.CycleId == id)).GroupBy(c => c.Kind)
            .Select(g => new { g.Key, Value = g.Sum(c => c.Value) }).ToListAsync(cancellation);
        var received = await db.Contributions.Where(c => db.Projects.Any(p => p.Id == c.ProjectId && p.CycleId == id)).GroupBy(c => c.Kind)
            .Select(g => new { g.Key, Value = g.Sum(c => c.Value) }).ToListAsync(cancellation);
        var zones = cycle.Zones.OrderBy(z => z.Number).Select(z =>
        {
            var of = projects.FindAll(p => p.Zone == z.Number);
            return new ZoneAccount(
                z.Number, z.Name, z.Amount, of.Sum(p => p.Approved), of.Sum(p => p.Committed), of.Sum(p => p.Paid), of.Sum(p => p.Variance), of.Sum(p => p.Contributed), ProgressOf(of),
                Percent(of.Sum(p => p.Paid), of.Sum(p => p.Approved)), LatestOf(of, p => p.DaysLate), LatestOf(of, p => p.ReceptionDaysLate));
        }).ToList();
        var (approved, paid) = (zones.Sum(z => z.Approved), zones.Sum(z => z.Paid));
        return new(
            cycle.Id, cycle.FiscalYear, cycle.Title, cycle.Ceiling, approved, zones.Sum(z => z.Committed), paid, zones.Sum(z => z.Variance), zones.Sum(z => z.Contributed),
            ContributionTotal.Of(agreed.Select(c => (c.Key, c.Value)), received.Select(c => (c.Key, c.Value))), ProgressOf(projects), Percent(paid, approved), LatestOf(projects, p => p.DaysLate),
            LatestOf(projects, p => p.ReceptionDaysLate), zones, projects);
    }

    private static decimal ProgressOf(List<ProjectAccount> projects)
    {
        var standing = projects.FindAll(p => p.State is not (ProjectState.Void or ProjectState.Cancelled));
        var granted = standing.Sum(p => p.Granted);
        return granted == 0 ? 0 : decimal.Round(standing.Sum(p => p.Granted * p.Progress) / granted, 1);
    }

    private static int LatestOf(List<ProjectAccount> projects, Func<ProjectAccount, int> late) => projects.Select(late).DefaultIfEmpty().Max();

    private static decimal Percent(decimal part, decimal whole) => whole == 0 ? 0 : decimal.Round(part / whole * 100, 1);
}
