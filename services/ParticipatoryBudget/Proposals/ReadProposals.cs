using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

internal static class ReadProposals
{
    public static void MapReadProposals(this IEndpointRouteBuilder proposals)
    {
        proposals.MapGet("/", ListAsync).WithName("ListProposals").Allow("budget.read", ReadCycles.Readers)
            .WithSummary("Propuestas presentadas de un ciclo, por su número; con mine=true, las que uno escribió, borradores también");
        proposals.MapGet("/{id:guid}", GetAsync).WithName("GetProposal").Allow("budget.read", ReadCycles.Readers)
            .WithSummary("Ver una propuesta: dónde va, qué sigue y cuándo");
    }

    internal sealed record ProposalSummary(Guid Id, int? Number, int Zone, string Title, ProposalState State, decimal? Score, decimal? Cost)
    {
        public static ProposalSummary Example => new(Examples.Id, 12, 1, "Agua potable para El Ensayo", ProposalState.Feasible, 82.5m, 23_500);
    }

    private static async Task<Results<Ok<Page<ProposalSummary>>, ProblemHttpResult>> ListAsync(
        Guid cycleId, BudgetDb db, ProposalChange caller, Choice<ProposalState>? state = null, int? zone = null, bool mine = false, string? after = null, int limit = 50,
        CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == cycleId, cancellation);
        if (cycle is null)
            return Problems.NotFound();
        var costs = caller.SeesAll || cycle.ShowsCosts(caller.Now.LocalDate());
        var query = db.Proposals.AsNoTracking().Where(p => p.CycleId == cycleId);
        query = mine ? query.Where(p => p.Authors.Any(a => a.Subject == caller.Caller)) : query.Where(p => p.Number != null);
        if (state is { Value: var wanted })
            query = query.Where(p => p.State == wanted);
        if (zone is not null)
            query = query.Where(p => p.Zone == zone);
        if (after is not null)
        {
            var (number, id) = after.Split('|') is [var first, var second] && int.TryParse(first, out var n) && Guid.TryParse(second, out var key) ? (n, key) : throw Page.BadCursor();
            query = query.Where(p => (p.Number ?? 0) > number || ((p.Number ?? 0) == number && p.Id > id));
        }
        var items = await query.OrderBy(p => p.Number ?? 0).ThenBy(p => p.Id).Take(size + 1)
            .Select(p => new ProposalSummary(p.Id, p.Number, p.Zone, p.Title, p.State, p.Score, costs ? p.Cost : null)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{p.Number ?? 0}|{p.Id}")));
    }

    private static async Task<Results<Ok<ProposalView>, ProblemHttpResult>> GetAsync(Guid id, BudgetDb db, ProposalChange caller, HttpContext http, CancellationToken cancellation)
    {
        var proposal = await db.WholeProposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (proposal is null || !caller.MaySee(proposal))
            return Problems.NotFound();
        var cycle = await db.WholeCycles.AsNoTracking().SingleAsync(c => c.Id == proposal.CycleId, cancellation);
        http.Response.SetETag(proposal.Version);
        return TypedResults.Ok(await caller.ViewAsync(proposal, cycle, cancellation));
    }
}
