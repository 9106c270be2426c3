using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Campaigns;

/// <summary>A campaign is written as a draft, as often as it takes.</summary>
internal static class WriteCampaign
{
    public static void MapWriteCampaign(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/", DraftAsync).WithName("DraftCampaign").Idempotent().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Escribir una campaña: de quién es, qué paquetes entrega y con qué, dónde, con cuánto y con quiénes")
            .WithDescription("Los artículos, paquetes y centros se numeran en el orden en que vienen, desde 1. El código de un paquete es la palabra con que el padrón lo nombra.");
        campaigns.MapPut("/{id:guid}", RewriteAsync).WithName("RewriteCampaign").Allow("distribution.write", Roles.UnitHead).WithSummary("Escribir de nuevo una campaña en borrador");
    }

    private static async Task<Results<Created<CampaignView>, ProblemHttpResult>> DraftAsync(
        CampaignContent request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var campaign = Campaign.Draft(request, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(campaign);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(campaign.Version);
        return TypedResults.Created($"/v1/distribution/campaigns/{campaign.Id}", CampaignView.Of(campaign));
    }

    private static async Task<Results<Ok<CampaignView>, ProblemHttpResult>> RewriteAsync(
        Guid id, CampaignContent request, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCampaigns, campaign => Preconditions.Require(ifMatch, campaign.Version), async (campaign, cancellation) =>
        {
            var stocked = await db.Lots.Where(l => l.CampaignId == id).Select(l => l.Article).Distinct().ToListAsync(cancellation);
            var supplied = await db.Entries.Where(e => e.CampaignId == id).Select(e => e.Centre).Distinct().ToListAsync(cancellation);
            campaign.Write(request, stocked, supplied);
            return campaign;
        }, CampaignView.Of, http.RequestAborted));
}
