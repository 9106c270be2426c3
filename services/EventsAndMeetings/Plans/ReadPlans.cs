using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal static class ReadPlans
{
    public static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadPlans(this IEndpointRouteBuilder plans)
    {
        plans.MapGet("/", ListAsync).WithName("ListPlans").Allow("agenda.read", Readers)
            .WithSummary("Planes operativos, por año");
        plans.MapGet("/{id:guid}", GetAsync).WithName("GetPlan").Allow("agenda.read", Readers)
            .WithSummary("Ver un plan con el avance de cada actividad");
        plans.MapGet("/{id:guid}/editions", EditionsAsync).WithName("ListPlanEditions").Allow("agenda.read", Readers)
            .WithSummary("Línea base (0) y modificaciones de un plan, con su motivo y lo que cambió cada una");
        plans.MapGet("/{id:guid}/editions/{number:int}", EditionAsync).WithName("GetPlanEdition").Allow("agenda.read", Readers)
            .WithSummary("El plan como quedó tras su aprobación o una modificación");
    }

    internal sealed record PlanSummary(Guid Id, string Unit, int Year, PlanState State)
    {
        public static PlanSummary Example => new(Examples.Id, "Unidad de proyección social", 2026, PlanState.InExecution);
    }

    internal sealed record EditionSummary(int Number, string? Reason, CouncilReference? Agreement, string MadeBy, DateTimeOffset MadeAt, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn)
    {
        public static EditionSummary Example => new(1, "El concejo amplió la meta.", new(18, 3, new(2026, 5, 7)), "ana.jefa", Examples.Instant, [], ["4. Distribución de paquetes agrícolas"], []);
    }

    internal sealed record EditionView(int Number, string? Reason, CouncilReference? Agreement, string MadeBy, DateTimeOffset MadeAt, EditionContent Content)
    {
        public static EditionView Example => new(0, null, new(16, 15, new(2025, 12, 18)), "ana.jefa", Examples.Instant, new([ObjectiveContent.Example], [new(1, ActivityContent.Example)]));
    }

    private static async Task<Ok<Page<PlanSummary>>> ListAsync(
        AgendaDb db, int? year = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var items = await db.Plans.AsNoTracking().Where(p => (year == null || p.Year == year) && (after == null || p.Id > after))
            .OrderBy(p => p.Id).Take(size + 1).Select(p => new PlanSummary(p.Id, p.Unit, p.Year, p.State)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => p.Id.ToString()));
    }

    private static async Task<Results<Ok<PlanView>, ProblemHttpResult>> GetAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var plan = await db.WholePlan(id).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (plan is null)
            return Problems.NotFound();
        http.Response.SetETag(plan.Version);
        return TypedResults.Ok(await db.ViewOfAsync(plan, cancellation));
    }

    private static async Task<Results<Ok<List<EditionSummary>>, ProblemHttpResult>> EditionsAsync(Guid id, AgendaDb db, CancellationToken cancellation)
    {
        if (!await db.Plans.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        // One for each time the council changed its mind in a year.
        var editions = await db.PlanEditions.AsNoTracking().Where(e => e.PlanId == id).OrderBy(e => e.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        var before = new Dictionary<int, EditionActivity>();
        var summaries = new List<EditionSummary>();
        foreach (var edition in editions)
        {
            var now = edition.Content.Activities.ToDictionary(a => a.Number);
            summaries.Add(new(
                edition.Number, edition.Reason, ReferenceOf(edition), edition.MadeBy, edition.MadeAt,
                edition.Number == 0 ? [] : Named(now.Values.Where(a => !before.ContainsKey(a.Number))),
                Named(now.Values.Where(a => before.TryGetValue(a.Number, out var was) && !a.IsSameAs(was))),
                Named(before.Values.Where(a => !now.ContainsKey(a.Number)))));
            before = now;
        }
        return TypedResults.Ok(summaries);
    }

    private static async Task<Results<Ok<EditionView>, ProblemHttpResult>> EditionAsync(Guid id, int number, AgendaDb db, CancellationToken cancellation)
    {
        var edition = await db.PlanEditions.AsNoTracking().SingleOrDefaultAsync(e => e.PlanId == id && e.Number == number, cancellation);
        return edition is null
            ? Problems.NotFound()
            : TypedResults.Ok(new EditionView(edition.Number, edition.Reason, ReferenceOf(edition), edition.MadeBy, edition.MadeAt, edition.Content));
    }

    private static string[] Named(IEnumerable<EditionActivity> activities) => [.. activities.OrderBy(a => a.Number).Select(a => $"{a.Number}. {a.Content.Text}")];

    private static CouncilReference? ReferenceOf(PlanEdition edition) =>
        edition.CouncilDate is { } date ? new(edition.CouncilMinutes!.Value, edition.CouncilAgreement!.Value, date) : null;
}
