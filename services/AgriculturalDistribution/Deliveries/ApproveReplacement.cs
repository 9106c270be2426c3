using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Entitlements;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>What was lost, as in a drought, is given once more: of a package that was delivered, with a reason and an approver.</summary>
internal static class ApproveReplacement
{
    public static void MapApproveReplacement(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPost("/{id:guid}/receipts/{receipt:guid}/replacement", ApproveAsync).WithName("ApproveReplacement").Idempotent().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Aprobar la reposición de un paquete entregado").WithDescription("Se entrega después como cualquier paquete, con kind=replacement. Una por paquete y persona.");

    internal sealed record Cause([PublicText(500)] string Reason)
    {
        public static Cause Example => new("Sequía de julio: la comunidad perdió la siembra. Acuerdo No. 3 del Acta No. 18.");
    }

    internal sealed record ReplacementView(Guid Replaces, int Package, string State)
    {
        public static ReplacementView Example => new(Examples.Id, 1, "authorised");
    }

    private static async Task<Results<Created<ReplacementView>, ProblemHttpResult>> ApproveAsync(
        Guid id, Guid receipt, Cause request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation);
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (campaign is null)
            return Problems.NotFound();
        campaign.RequireApproved();
        Rule.State(campaign.Rules.Redelivery, "redelivery_not_allowed", "Las reglas de esta campaña no permiten reposiciones.");
        var packages = await db.Database.SqlQuery<int>(
            $"""
            INSERT INTO entitlement (campaign_id, package, kind, beneficiary_id, state, replaces, cause, approved_by, approved_at)
            SELECT r.campaign_id, r.package, 'replacement', r.beneficiary_id, 'authorised', r.id, {request.Reason.Trim()}, {Access.CallerOf(http.User)}, {time.GetUtcNow()}
            FROM receipt r JOIN entitlement e ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id)
            WHERE r.id = {receipt} AND r.campaign_id = {id} AND r.state = 'counted' AND r.kind = 'original' AND e.state = 'delivered' AND NOT in_question(e)
            RETURNING package AS "Value"
            """).ToListAsync(cancellation);
        Rule.State(packages.Count == 1, "original_missing", "Se repone un paquete que se entregó completo, a quien sigue en el padrón y de quien nadie pregunta: indique su comprobante.");
        await ApproveCampaign.RequireStockAsync(db, campaign, cancellation);
        await step.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/receipts/{receipt}", new ReplacementView(receipt, packages[0], "authorised"));
    }
}
