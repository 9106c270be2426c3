using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

internal static class ReadCycles
{
    /// <summary>Who works with it, and sees also what is not public yet.</summary>
    public static readonly string[] Staff = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Finance, Roles.Auditor];

    /// <summary>Oversight committees see the papers of their own project.</summary>
    public static readonly string[] Watchers = [.. Staff, Roles.Oversight];

    public static readonly string[] Readers = [.. Watchers, Roles.Resident];

    public static void MapReadCycles(this IEndpointRouteBuilder cycles)
    {
        cycles.MapGet("/", ListAsync).WithName("ListCycles").Allow("budget.read", Readers).WithSummary("Ciclos del presupuesto participativo, por año fiscal");
        cycles.MapGet("/{id:guid}", GetAsync).WithName("GetCycle").Allow("budget.read", Readers).WithSummary("Ver un ciclo: techo, fuentes, zonas, calendario y reglas");
    }

    internal sealed record CycleSummary(Guid Id, int FiscalYear, string Title, decimal Ceiling, CycleState State, CyclePhase? Phase)
    {
        public static CycleSummary Example => new(Examples.Id, 2027, "Presupuesto de inversión participativo 2027", 60_000, CycleState.Open, CyclePhase.Proposals);
    }

    private static async Task<Ok<Page<CycleSummary>>> ListAsync(BudgetDb db, HttpContext http, TimeProvider time, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var (today, drafts) = (time.Today(), SeesDrafts(http));
        var items = await db.Cycles.AsNoTracking().Where(c => (after == null || c.FiscalYear < after) && (drafts || c.State != CycleState.Draft)).OrderByDescending(c => c.FiscalYear).Take(size + 1)
            .Select(c => new CycleSummary(
                c.Id, c.FiscalYear, c.Title, c.Ceiling, c.State, c.Phases.Where(p => p.FirstDay <= today && p.LastDay >= today).Select(p => (CyclePhase?)p.Phase).SingleOrDefault()))
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, c => c.FiscalYear.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>What the council has not agreed to yet is nobody else's.</summary>
    private static bool SeesDrafts(HttpContext http) => Access.IsAllowed(http.User, "budget.read", Staff);

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> GetAsync(Guid id, BudgetDb db, HttpContext http, CancellationToken cancellation)
    {
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null || (cycle.State == CycleState.Draft && !SeesDrafts(http)))
            return Problems.NotFound();
        http.Response.SetETag(cycle.Version);
        return TypedResults.Ok(CycleView.Of(cycle));
    }
}

internal sealed record CycleView(
    Guid Id, long Version, int FiscalYear, string Title, decimal Ceiling, CycleState State, CouncilReference? Agreement, IReadOnlyList<SourceContent> Sources, ShareFormula Formula,
    IReadOnlyList<CycleView.ZoneView> Zones, IReadOnlyList<PhaseContent> Phases, CycleRules Rules, AssessmentRules Assessment, ExecutionRules Execution,
    DateTimeOffset? BallotPublishedAt)
{
    internal sealed record ZoneView(int Number, string Name, string Place, int Population, decimal Need, decimal Amount);

    public static CycleView Example => new(
        Examples.Id, 2, 2027, "Presupuesto de inversión participativo 2027", 60_000, CycleState.Open, new(16, 15, new(2026, 5, 20)), [SourceContent.Example], ShareFormula.Example,
        [new(1, "Zona norte", "Cantón Las Lomas, San Ensayo, Prueba", 3200, 41.5m, 60_000)], CycleContent.Example.Phases, CycleRules.Example, AssessmentRules.Example, ExecutionRules.Example, Examples.Instant);

    public static CycleView Of(Cycle c) => new(
        c.Id, c.Version, c.FiscalYear, c.Title, c.Ceiling, c.State, c.Agreement, [.. c.Sources.OrderBy(s => s.Number).Select(s => new SourceContent(s.Name, s.Amount))], c.Formula,
        [.. c.Zones.OrderBy(z => z.Number).Select(z => new ZoneView(z.Number, z.Name, z.Place, z.Population, z.Need, z.Amount))],
        [.. c.Phases.OrderBy(p => p.Position).Select(p => new PhaseContent(p.Phase, p.FirstDay, p.LastDay))], c.Rules, c.Assessment, c.Execution, c.BallotPublishedAt);
}
