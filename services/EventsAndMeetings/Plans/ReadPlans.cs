using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal static class ReadPlans
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadPlans(this IEndpointRouteBuilder plans)
    {
        plans.MapGet("/", ListAsync).WithName("ListPlans").Allow("agenda.read", Readers)
            .WithSummary("Planes operativos, por año");
        plans.MapGet("/{id:guid}", GetAsync).WithName("GetPlan").Allow("agenda.read", Readers)
            .WithSummary("Ver un plan con el avance de cada actividad");
        plans.MapGet("/{id:guid}/activities/{number:int}/evidence", EvidenceAsync).WithName("ListEvidence").Allow("agenda.read", Readers)
            .WithSummary("Medios de verificación de una actividad");
    }

    internal sealed record PlanSummary(Guid Id, string Unit, int Year, PlanState State);

    internal sealed record EvidenceView(EvidenceFact Fact, Guid FactId, DateOnly FactDate, string Description, DateTimeOffset RecordedAt);

    private static async Task<Ok<Page<PlanSummary>>> ListAsync(
        AgendaDb db, int? year = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var items = await db.Plans.AsNoTracking().Where(p => (year == null || p.Year == year) && (after == null || p.Id > after))
            .OrderBy(p => p.Id).Take(size + 1).Select(p => new PlanSummary(p.Id, p.Unit, p.Year, p.State)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => p.Id.ToString()));
    }

    private static async Task<Results<Ok<PlanView>, ProblemHttpResult>> GetAsync(
        Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var plan = await db.Plans.AsNoTracking().Include(p => p.Objectives).Include(p => p.Activities).AsSplitQuery()
            .SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (plan is null)
            return Problems.NotFound();
        var evidence = await db.Evidence.Where(e => e.PlanId == id).GroupBy(e => e.ActivityNumber)
            .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var rules = await db.EvidenceRules.AsNoTracking().Where(r => r.PlanId == id).ToListAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Ok(PlanView.Of(plan, evidence, rules));
    }

    private static async Task<Results<Ok<Page<EvidenceView>>, ProblemHttpResult>> EvidenceAsync(
        Guid id, int number, AgendaDb db, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Activities.AnyAsync(a => a.PlanId == id && a.Number == number, cancellation))
            return Problems.NotFound();
        var items = await db.Evidence.AsNoTracking()
            .Where(e => e.PlanId == id && e.ActivityNumber == number && (after == null || e.FactId > after))
            .OrderBy(e => e.FactId).Take(size + 1)
            .Select(e => new EvidenceView(e.Fact, e.FactId, e.FactDate, e.Description, e.RecordedAt)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, e => e.FactId.ToString()));
    }
}
