using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Campaigns;

internal static class ReadCampaigns
{
    /// <summary>Who works with campaigns or watches them.</summary>
    public static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Finance, Roles.Auditor];

    public static void MapReadCampaigns(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapGet("/", ListAsync).WithName("ListCampaigns").Allow("distribution.read", Readers).WithSummary("Campañas, la última primero");
        campaigns.MapGet("/{id:guid}", GetAsync).WithName("GetCampaign").Allow("distribution.read", Readers).WithSummary("Ver una campaña: paquetes, centros y reglas");
    }

    internal sealed record CampaignSummary(Guid Id, string Name, string Season, ProgramOwner Owner, DateOnly FirstDay, DateOnly LastDay, CampaignState State)
    {
        public static CampaignSummary Example => new(Examples.Id, "Paquete agrícola 2027", "Mayo de 2027", ProgramOwner.Ministry, new(2027, 4, 15), new(2027, 6, 30), CampaignState.Draft);
    }

    private static async Task<Ok<Page<CampaignSummary>>> ListAsync(DistributionDb db, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var items = await db.Campaigns.AsNoTracking().Where(c => after == null || c.Id < after).OrderByDescending(c => c.Id).Take(size + 1)
            .Select(c => new CampaignSummary(c.Id, c.Name, c.Season, c.Owner, c.FirstDay, c.LastDay, c.State)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, c => c.Id.ToString()));
    }

    private static async Task<Results<Ok<CampaignView>, ProblemHttpResult>> GetAsync(Guid id, DistributionDb db, HttpContext http, CancellationToken cancellation)
    {
        var campaign = await db.WholeCampaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (campaign is null)
            return Problems.NotFound();
        http.Response.SetETag(campaign.Version);
        return TypedResults.Ok(CampaignView.Of(campaign));
    }
}

internal sealed record CampaignView(
    Guid Id, long Version, string Name, ProgramOwner Owner, string OwnerName, string Season, DateOnly FirstDay, DateOnly LastDay, CampaignRules Rules, CampaignState State, string? Reason,
    DateTimeOffset? ApprovedAt, IReadOnlyList<ArticleContent> Articles, IReadOnlyList<PackageContent> Packages, IReadOnlyList<CentreContent> Centres)
{
    public static CampaignView Example => new(
        Examples.Id, 1, "Paquete agrícola 2027", ProgramOwner.Ministry, "Ministerio de Agricultura y Ganadería", "Mayo de 2027", new(2027, 4, 15), new(2027, 6, 30), CampaignRules.Example,
        CampaignState.Draft, null, null, [ArticleContent.Example], [PackageContent.Example], [CentreContent.Example]);

    public static CampaignView Of(Campaign c) => new(
        c.Id, c.Version, c.Name, c.Owner, c.OwnerName, c.Season, c.FirstDay, c.LastDay, c.Rules, c.State, c.Reason, c.ApprovedAt,
        [.. c.Articles.OrderBy(a => a.Number).Select(a => new ArticleContent(a.Name, a.Unit))],
        [.. c.Packages.OrderBy(p => p.Number).Select(p => new PackageContent(p.Code, p.Name, [.. p.Components.OrderBy(i => i.Article).Select(i => new ComponentContent(i.Article, i.Quantity))]))],
        [
            .. c.Centres.OrderBy(n => n.Number).Select(n => new CentreContent(
                n.Name, n.Place, [.. n.Quotas.OrderBy(q => q.Package).Select(q => new QuotaContent(q.Package, q.Most))], [.. n.Staff.Select(s => s.Subject).Order(StringComparer.Ordinal)])),
        ]);
}
