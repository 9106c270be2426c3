using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>Households of which more than one person got the same package, also where no counter and no device could know of the other: to look at, and no fault of anybody.</summary>
internal static class HouseholdWarnings
{
    public static void MapHouseholdWarnings(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapGet("/{id:guid}/household-warnings", ListAsync).WithName("ListHouseholdWarnings").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Hogares en que más de una persona recibió el mismo paquete, con sus comprobantes y sin datos de personas")
            .WithDescription("Es un aviso: recibir dos en un hogar no está prohibido. Nada si la campaña no avisa de hogares.");

    /// <summary>One household and one package. The household has no name here: the roster's word for it may be somebody's document, and a digest of a document is undone by trying them all.</summary>
    /// <param name="Package">Its number.</param>
    /// <param name="Receipts">Those that count, 20 at most.</param>
    internal sealed record WarningView(int Package, IReadOnlyList<Guid> Receipts)
    {
        public static WarningView Example => new(1, [Examples.Id, Examples.OtherId]);
    }

    private sealed record Row(int Package, Guid[] Receipts);

    private static async Task<Results<Ok<Page<WarningView>>, ProblemHttpResult>> ListAsync(Guid id, DistributionDb db, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (campaign is null)
            return Problems.NotFound();
        if (!campaign.Rules.HouseholdWarning)
            return TypedResults.Ok(Page.Of<WarningView>([], size, CursorOf));
        var (lastPackage, lastReceipt) = after is null ? (0, Guid.Empty)
            : after.Split('|') is [var number, var first] && int.TryParse(number, out var n) && Guid.TryParse(first, out var r) ? (n, r) : throw Page.BadCursor();
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT r.package AS "Package", (array_agg(r.id ORDER BY r.id))[1:20] AS "Receipts" FROM receipt r JOIN beneficiary b ON b.id = r.beneficiary_id
            WHERE r.campaign_id = {id} AND r.package >= {lastPackage} AND r.state = 'counted' AND r.act = 'delivery' AND r.kind = 'original' AND b.household IS NOT NULL
            GROUP BY r.package, b.household HAVING count(DISTINCT r.beneficiary_id) > 1 AND (r.package, (array_agg(r.id ORDER BY r.id))[1]) > ({lastPackage}, {lastReceipt})
            ORDER BY r.package, (array_agg(r.id ORDER BY r.id))[1] LIMIT {size + 1}
            """).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(rows.ConvertAll(r => new WarningView(r.Package, r.Receipts)), size, CursorOf));
    }

    private static string CursorOf(WarningView warning) => $"{warning.Package}|{warning.Receipts[0]}";
}
