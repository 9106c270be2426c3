using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Summonses;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Closings;

/// <summary>A campaign ends when every centre gave its account, with everybody in a settled state; or it is called off before anything was handed over.</summary>
internal static class EndCampaign
{
    public static void MapEndCampaign(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/closing", CloseAsync).WithName("CloseCampaign").TakesLong().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Cerrar una campaña cuando todos sus centros tienen acta: quien no llegó queda como ausente, quien nunca tuvo turno queda sin convocar, y ya nada cambia");
        campaigns.MapPost("/{id:guid}/cancellation", CancelAsync).WithName("CancelCampaign").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Cancelar una campaña de la que todavía no se entregó nada, con su motivo");
    }

    internal sealed record EndedView(CampaignState State, long Version)
    {
        public static EndedView Example => new(CampaignState.Closed, 12);

        public static EndedView Of(Campaign c) => new(c.State, c.Version);
    }

    private static async Task<Results<Ok<EndedView>, ProblemHttpResult>> CloseAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.Campaigns, c => Preconditions.Require(ifMatch, c.Version), async (campaign, cancellation) =>
        {
            campaign.RequireApproved();
            var open = await db.Database.SqlQuery<string>(
                $"""
                SELECT n.name AS "Value" FROM centre n WHERE n.campaign_id = {id} AND NOT EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = n.campaign_id AND k.centre = n.number) ORDER BY n.number
                """).ToListAsync(cancellation);
            Rule.State(open.Count == 0, "centres_open", $"Todavía no cierran su acta: {string.Join(", ", open)}.");
            Rule.State(await db.Database.SqlQuery<int>($"""SELECT 1 AS "Value" FROM receipt WHERE campaign_id = {id} AND state = 'under-review' LIMIT 1""").ToListAsync(cancellation) is [], "receipts_under_review", "Hay comprobantes en revisión: resuélvalos antes.");
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
            // Who was called and did not come is one thing, who was never called another.
            await db.Database.ExecuteSqlAsync($"UPDATE entitlement SET state = CASE state WHEN 'summoned' THEN 'no-show' ELSE 'not-summoned' END WHERE campaign_id = {id} AND state IN ('authorised', 'summoned')", cancellation);
            await db.Database.ExecuteSqlAsync($"UPDATE entitlement SET state = 'rejected' WHERE campaign_id = {id} AND state = 'under-review'", cancellation);
            campaign.Close(await Totals.PackagesAsync(db, id, null, cancellation), time.GetUtcNow());
            return campaign;
        }, EndedView.Of, http.RequestAborted));

    private static async Task<Results<Ok<EndedView>, ProblemHttpResult>> CancelAsync(
        Guid id, ScheduleDays.Reasoned request, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCampaigns, c => Preconditions.Require(ifMatch, c.Version), async (campaign, cancellation) =>
        {
            Rule.State(await db.Database.SqlQuery<int>($"""SELECT 1 AS "Value" FROM receipt WHERE campaign_id = {id} AND act = 'delivery' AND state <> 'reversed' LIMIT 1""").ToListAsync(cancellation) is [],
                "already_delivered", "De esta campaña ya se entregó algo: se cierra con el acta de cada centro.");
            Rule.State(await db.Database.SqlQuery<int>($"""SELECT 1 AS "Value" FROM centre_list WHERE campaign_id = {id} AND ended IS NULL LIMIT 1""").ToListAsync(cancellation) is [],
                "lists_open", "Hay aparatos que todavía no devuelven su lista: falta saber qué anotaron.");
            foreach (var day in await db.Days.Where(d => d.CampaignId == id && d.State == DayState.Scheduled && d.Date >= time.Today()).OrderBy(d => d.Id).ToListAsync(cancellation))
            {
                day.Cancel(campaign, campaign.Centres.Single(c => c.Number == day.Centre), request.Reason.Trim(), time.GetUtcNow());
                await db.ReleaseTurnsAsync(day, cancellation);
            }
            campaign.Cancel(request.Reason.Trim(), time.GetUtcNow());
            return campaign;
        }, EndedView.Of, http.RequestAborted));
}
