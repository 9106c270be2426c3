using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Closings;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Summonses;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Days;

/// <summary>Who collects where, and when each centre hands out.</summary>
internal static class ScheduleDays
{
    private static readonly string[] Unit = [Roles.Promoter, Roles.UnitHead];

    public static void MapScheduleDays(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPut("/{id:guid}/centres/{number:int}/hamlets", AssignAsync).WithName("AssignHamlets").Allow("distribution.write", Unit)
            .WithSummary("Decir de qué caseríos se llega a un centro; un caserío va a uno solo").WithDescription("Los números de los caseríos están en la cobertura. Reemplaza los del centro; los que iban a otro pasan a este.");
        campaigns.MapPost("/{id:guid}/centres/{number:int}/days", ScheduleAsync).WithName("ScheduleDay").Idempotent().Allow("distribution.write", Unit)
            .WithSummary("Fijar una jornada de entrega en un centro; se anuncia en la agenda");
        campaigns.MapGet("/{id:guid}/days", ListAsync).WithName("ListDays").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("Jornadas de entrega de una campaña");
        campaigns.MapPut("/{id:guid}/days/{day:guid}", MoveAsync).WithName("MoveDay").Allow("distribution.write", Unit).WithSummary("Cambiar la fecha o las horas de una jornada");
        campaigns.MapPost("/{id:guid}/days/{day:guid}/cancellation", CancelAsync).WithName("CancelDay").Allow("distribution.write", Unit).WithSummary("Cancelar una jornada, con su motivo");
    }

    internal sealed record HamletList([Count(1, 2000)] IReadOnlyList<int> HamletIds)
    {
        public static HamletList Example => new([14, 15, 22]);
    }

    internal sealed record Assigned(int Hamlets)
    {
        public static Assigned Example => new(3);
    }

    internal sealed record DayView(Guid Id, long Version, int Centre, DateOnly Date, TimeOnly Opens, TimeOnly Closes, int PerHour, DayState State, string? Reason)
    {
        public static DayView Example => new(Examples.Id, 1, 1, new(2027, 4, 28), new(7, 0), new(15, 0), 60, DayState.Scheduled, null);

        public static DayView Of(DeliveryDay d) => new(d.Id, d.Version, d.Centre, d.Date, d.Opens, d.Closes, d.PerHour, d.State, d.Reason);
    }

    internal sealed record Reasoned([PublicText(500)] string Reason)
    {
        public static Reasoned Example => new("El camino está cortado por la lluvia.");
    }

    private static async Task<Results<Ok<Assigned>, ProblemHttpResult>> AssignAsync(Guid id, int number, HamletList request, DistributionDb db, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation);
        if (!await db.Centres.AnyAsync(c => c.CampaignId == id && c.Number == number, cancellation))
            return Problems.NotFound();
        var state = await db.Campaigns.Where(c => c.Id == id).Select(c => c.State).SingleAsync(cancellation);
        Rule.State(state is CampaignState.Draft or CampaignState.Approved, "campaign_ended", "La campaña ya terminó.");
        Rule.State(!await CloseCentre.IsClosedAsync(db, id, number, cancellation), "centre_closed", "El centro ya cerró su acta: nadie más recoge allí.");
        var wanted = request.HamletIds.Distinct().ToArray();
        await db.Database.ExecuteSqlAsync($"DELETE FROM centre_hamlet WHERE campaign_id = {id} AND centre = {number} AND NOT hamlet_id = ANY ({wanted})", cancellation);
        var assigned = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO centre_hamlet (campaign_id, hamlet_id, centre) SELECT {id}, id, {number} FROM hamlet WHERE id = ANY ({wanted})
            ON CONFLICT (campaign_id, hamlet_id) DO UPDATE SET centre = excluded.centre
            """, cancellation);
        Rule.That(assigned == wanted.Length, "unknown_hamlet", "No hay un caserío con uno de esos números: véalos en la cobertura.", "/hamletIds");
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(new Assigned(assigned));
    }

    private static async Task<Results<Created<DayView>, ProblemHttpResult>> ScheduleAsync(
        Guid id, int number, DayContent request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation); // Neither it nor its centre ends meanwhile.
        if (await FindAsync(db, id, number, cancellation) is not var (campaign, centre))
            return Problems.NotFound();
        Rule.State(!await CloseCentre.IsClosedAsync(db, id, number, cancellation), "centre_closed", "El centro ya cerró su acta: ya no tiene jornadas.");
        var day = DeliveryDay.Schedule(campaign, centre, request, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(day);
        await db.SaveChangesAsync(cancellation);
        await step.CommitAsync(cancellation);
        http.Response.SetETag(day.Version);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/days", DayView.Of(day));
    }

    private static async Task<Results<Ok<Page<DayView>>, ProblemHttpResult>> ListAsync(Guid id, DistributionDb db, int? centre = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var days = await db.Days.AsNoTracking().Where(d => d.CampaignId == id && (centre == null || d.Centre == centre) && (after == null || d.Id > after)).OrderBy(d => d.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(days.ConvertAll(DayView.Of), size, d => d.Id.ToString()));
    }

    private static Task<Results<Ok<DayView>, ProblemHttpResult>> MoveAsync(
        Guid id, Guid day, DayContent request, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        StepAsync(id, day, ifMatch, db, http, (d, campaign, centre) => d.Set(campaign, centre, request, time.GetUtcNow()));

    private static Task<Results<Ok<DayView>, ProblemHttpResult>> CancelAsync(
        Guid id, Guid day, Reasoned request, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        StepAsync(id, day, ifMatch, db, http, (d, campaign, centre) => d.Cancel(campaign, centre, request.Reason.Trim(), time.GetUtcNow()));

    private static async Task<Results<Ok<DayView>, ProblemHttpResult>> StepAsync(
        Guid id, Guid day, string? ifMatch, DistributionDb db, HttpContext http, Action<DeliveryDay, Campaign, Centre> step) =>
        http.Response.Versioned(await db.StepAsync(day, db.Days.Where(d => d.CampaignId == id), d => Preconditions.Require(ifMatch, d.Version), async (d, cancellation) =>
        {
            var (campaign, centre) = (await FindAsync(db, id, d.Centre, cancellation))!.Value;
            Rule.State(
                await db.Database.SqlQuery<int>($"""SELECT 1 AS "Value" FROM receipt WHERE campaign_id = {id} AND centre = {d.Centre} AND handed_on = {d.Date} AND state <> 'reversed' LIMIT 1""").ToListAsync(cancellation) is [],
                "day_has_receipts", "En esa jornada ya se entregó algo: se cierra, no se mueve ni se cancela.");
            step(d, campaign, centre);
            await db.ReleaseTurnsAsync(d, cancellation);
            return d;
        }, DayView.Of, http.RequestAborted, before: () => db.LockAsync<Campaign>(id, http.RequestAborted))); // Turns are given out meanwhile, or not.

    private static async Task<(Campaign Campaign, Centre Centre)?> FindAsync(DistributionDb db, Guid id, int number, CancellationToken cancellation)
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        var centre = await db.Centres.AsNoTracking().SingleOrDefaultAsync(c => c.CampaignId == id && c.Number == number, cancellation);
        return campaign is null || centre is null ? null : (campaign, centre);
    }
}
