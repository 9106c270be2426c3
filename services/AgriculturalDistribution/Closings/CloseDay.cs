using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Closings;

/// <summary>A day is over: who had a turn and did not come is noted, and how many packages were handed over is told.</summary>
internal static class CloseDay
{
    public static void MapCloseDay(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPost("/{id:guid}/days/{day:guid}/closing", CloseAsync).WithName("CloseDay").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cerrar una jornada: quienes tenían turno y no llegaron quedan como ausentes, y se publica cuántos paquetes se entregaron")
            .WithDescription("Lo que después suba un aparato sin señal se cuenta en su día y se publica de nuevo. Un ausente todavía puede recibir otro día.");

    private static async Task<Results<Ok<ScheduleDays.DayView>, ProblemHttpResult>> CloseAsync(
        Guid id, Guid day, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(day, db.Days.Where(d => d.CampaignId == id), d => Preconditions.Require(ifMatch, d.Version), async (d, cancellation) =>
        {
            await TellAsync(db, d, isFirst: true, time, cancellation);
            await db.Database.ExecuteSqlAsync(
                $"UPDATE entitlement e SET state = 'no-show' FROM summons s WHERE s.day_id = {day} AND e.campaign_id = s.campaign_id AND e.beneficiary_id = s.beneficiary_id AND e.state = 'summoned'", cancellation);
            return d;
        }, ScheduleDays.DayView.Of, http.RequestAborted, before: () => db.LockAsync<Campaign>(id, http.RequestAborted)));

    /// <summary>After a device's journal came in, or something was decided about a receipt: a day that was told of already is told again, with what became of it.</summary>
    public static Task TellAgainAsync(DistributionDb db, Guid day, TimeProvider time, CancellationToken cancellation) => db.StepAsync(day, db.Days, null, async (d, token) =>
    {
        // Receipts whose transaction is still open have their lines after this, and are told after them.
        if (await db.Database.ExecuteSqlAsync($"DELETE FROM day_recount WHERE day_id = {day}", token) > 0)
            await TellAsync(db, d, isFirst: false, time, token);
        return d;
    }, ScheduleDays.DayView.Of, cancellation);

    private static async Task TellAsync(DistributionDb db, DeliveryDay day, bool isFirst, TimeProvider time, CancellationToken cancellation)
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleAsync(c => c.Id == day.CampaignId, cancellation);
        var centre = await db.Centres.AsNoTracking().SingleAsync(c => c.CampaignId == day.CampaignId && c.Number == day.Centre, cancellation);
        // Whoever got a part today and a part another day counts on the day that completed it.
        var delivered = await db.Database.SqlQuery<int>(
            $"""
            SELECT count(*)::int AS "Value" FROM (
                SELECT DISTINCT ON (r.package, r.kind, r.beneficiary_id) r.handed_on, r.centre FROM receipt r JOIN entitlement e ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id)
                WHERE r.campaign_id = {day.CampaignId} AND r.state = 'counted' AND r.act = 'delivery' AND e.state = 'delivered'
                    AND (r.package, r.kind, r.beneficiary_id) IN (SELECT t.package, t.kind, t.beneficiary_id FROM receipt t WHERE t.campaign_id = {day.CampaignId} AND t.centre = {day.Centre} AND t.handed_on = {day.Date} AND t.state = 'counted')
                ORDER BY r.package, r.kind, r.beneficiary_id, r.handed_at DESC) last WHERE last.handed_on = {day.Date} AND last.centre = {day.Centre}
            """).ToAsyncEnumerable().SingleAsync(cancellation);
        if (isFirst)
            day.Close(campaign, centre, delivered, time.GetUtcNow());
        else
            day.Recount(campaign, centre, delivered, time.GetUtcNow());
    }
}
