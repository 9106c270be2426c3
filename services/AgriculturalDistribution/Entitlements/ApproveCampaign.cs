using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Entitlements;

/// <summary>
/// Who gets what is settled when the campaign is approved, and again whenever the roster or an incident changed: everybody
/// of the roster is looked at anew. Nobody is authorised to get what is not there.
/// </summary>
internal static class ApproveCampaign
{
    public static void MapApproveCampaign(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/approval", ApproveAsync).WithName("ApproveCampaign").TakesLong().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Aprobar una campaña: se revisa de nuevo a cada persona del padrón, y que haya existencias para todas")
            .WithDescription("No se autoriza a quien no tiene la edad o ya no está en el padrón; quien tiene una incidencia abierta queda en revisión.");
        campaigns.MapPost("/{id:guid}/authorisations", AgainAsync).WithName("AuthoriseAgain").TakesLong().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Revisar de nuevo a quienes todavía no reciben, después de otro padrón o de resolver incidencias");
        campaigns.MapGet("/{id:guid}/authorisations", CountAsync).WithName("CountAuthorisations").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("Cuántas personas reciben cada paquete, por estado y motivo");
    }

    internal sealed record CountView(int Package, string State, string? Reason, int People)
    {
        public static CountView Example => new(1, "authorised", null, 1480);
    }

    internal sealed record ApprovedView(CampaignState State, long Version, IReadOnlyList<CountView> People)
    {
        public static ApprovedView Example => new(CampaignState.Approved, 7, [CountView.Example]);
    }

    private static Task<Results<Ok<ApprovedView>, ProblemHttpResult>> ApproveAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time) =>
        SettleAsync(id, ifMatch, db, http, campaign => campaign.RequireApprovable(), (campaign, people) => campaign.Approve(
            Access.CallerOf(http.User), package => people.Where(p => p.Package == package && p.State == "authorised").Sum(p => p.People), time.GetUtcNow()));

    private static Task<Results<Ok<ApprovedView>, ProblemHttpResult>> AgainAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http) =>
        SettleAsync(id, ifMatch, db, http, campaign => campaign.RequireApproved(), null);

    private static async Task<Results<Ok<ApprovedView>, ProblemHttpResult>> SettleAsync(Guid id, string? ifMatch, DistributionDb db, HttpContext http, Action<Campaign> require, Action<Campaign, List<CountView>>? settled) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCampaigns, campaign => Preconditions.Require(ifMatch, campaign.Version), async (campaign, cancellation) =>
        {
            require(campaign);
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5)); // Half a million people are looked at.
            await db.Database.ExecuteSqlAsync($"SELECT authorise({id})", cancellation);
            var people = await PeopleAsync(db, id, cancellation);
            Rule.State(people.Exists(p => p.State is "authorised" or "summoned" or "delivered" or "partially-delivered"), "nobody_authorised", "El padrón no tiene a nadie que pueda recibir.");
            await RequireStockAsync(db, campaign, cancellation);
            settled?.Invoke(campaign, people);
            return (campaign, people);
        }, r => new ApprovedView(r.campaign.State, r.campaign.Version, r.people), http.RequestAborted));

    private static async Task<Results<Ok<List<CountView>>, ProblemHttpResult>> CountAsync(Guid id, DistributionDb db, CancellationToken cancellation) =>
        await db.Campaigns.AnyAsync(c => c.Id == id, cancellation) ? TypedResults.Ok(await PeopleAsync(db, id, cancellation)) : Problems.NotFound();

    private static Task<List<CountView>> PeopleAsync(DistributionDb db, Guid campaign, CancellationToken cancellation) => db.Database.SqlQuery<CountView>(
        $"""
        SELECT package AS "Package", state AS "State", reason AS "Reason", count(*)::int AS "People" FROM entitlement WHERE campaign_id = {campaign} GROUP BY package, state, reason ORDER BY package, state, reason
        """).ToListAsync(cancellation);

    private sealed record Shortage(string Name, string Unit, decimal Missing);

    /// <summary>
    /// What people may still get, the rest of parts and what a question holds back included, is already at centres that hand out
    /// still, and does not expire before the last day.
    /// </summary>
    public static async Task RequireStockAsync(DistributionDb db, Campaign campaign, CancellationToken cancellation)
    {
        var missing = await db.Database.SqlQuery<Shortage>(
            $"""
            SELECT a.name AS "Name", a.unit AS "Unit", need.quantity - coalesce(have.quantity, 0) AS "Missing"
            FROM article a
            JOIN (SELECT article, sum(quantity) AS quantity FROM (
                SELECT c.article, c.quantity * e.people AS quantity FROM package_component c
                JOIN (SELECT package, count(*) AS people FROM entitlement WHERE campaign_id = {campaign.Id} AND (state IN ('authorised', 'summoned', 'no-show') OR reason = 'incident-open') GROUP BY package) e ON e.package = c.package
                WHERE c.campaign_id = {campaign.Id}
                UNION ALL
                SELECT c.article, greatest(c.quantity - coalesce(h.quantity, 0), 0) FROM entitlement e JOIN package_component c ON c.campaign_id = e.campaign_id AND c.package = e.package
                LEFT JOIN LATERAL handed(e.campaign_id, e.package, e.kind, e.beneficiary_id) h ON h.article = c.article WHERE e.campaign_id = {campaign.Id} AND e.state = 'partially-delivered') n GROUP BY article) need ON need.article = a.number
            LEFT JOIN (SELECT l.article, sum(b.remaining) AS quantity FROM stock_balance b JOIN lot l ON l.campaign_id = b.campaign_id AND l.number = b.lot
                WHERE b.campaign_id = {campaign.Id} AND NOT EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = b.campaign_id AND k.centre = b.centre) AND (l.expires_on IS NULL OR l.expires_on >= {campaign.LastDay}) GROUP BY l.article) have ON have.article = a.number
            WHERE a.campaign_id = {campaign.Id} AND need.quantity > coalesce(have.quantity, 0) ORDER BY a.number
            """).ToListAsync(cancellation);
        Rule.State(missing.Count == 0, "stock_short", $"No alcanza para todas las personas autorizadas. Faltan: {string.Join(", ", missing.Select(m => $"{m.Missing:0.##} {m.Unit} de {m.Name}"))}. Anote lo que llegó, o espere a que llegue.");
    }
}
