using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Stock;

internal static class ReadStock
{
    public static void MapReadStock(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapGet("/{id:guid}/lots", LotsAsync).WithName("ListLots").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("Lotes de una campaña");
        campaigns.MapGet("/{id:guid}/stock", BalancesAsync).WithName("GetStock").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Existencias por centro y lote: recibido + diferencia del acta = entregado + devuelto + dañado + lo que queda");
        campaigns.MapGet("/{id:guid}/stock/entries", EntriesAsync).WithName("ListStockEntries").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("El libro de un centro, en el orden en que se anotó");
    }

    internal sealed record BalanceView(int Centre, int Lot, int Article, string Code, DateOnly? ExpiresOn, decimal Received, decimal Delivered, decimal Returned, decimal Damaged, decimal Difference, decimal Remaining)
    {
        public static BalanceView Example => new(1, 1, 1, "L-2027-014", new(2027, 12, 31), 22_000, 6_600, 0, 22, 0, 15_378);
    }

    private static async Task<Results<Ok<Page<KeepStock.LotView>>, ProblemHttpResult>> LotsAsync(Guid id, DistributionDb db, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var lots = await db.Lots.AsNoTracking().Where(l => l.CampaignId == id && (after == null || l.Number > after)).OrderBy(l => l.Number).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(lots.ConvertAll(KeepStock.LotView.Of), size, l => l.Number.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Ok<Page<BalanceView>>, ProblemHttpResult>> BalancesAsync(
        Guid id, DistributionDb db, int? centre = null, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var query = db.Balances.AsNoTracking().Where(b => b.CampaignId == id && (centre == null || b.Centre == centre));
        if (after is not null)
        {
            var (lastCentre, lastLot) = after.Split('|') is [var first, var second] && int.TryParse(first, out var c) && int.TryParse(second, out var l) ? (c, l) : throw Page.BadCursor();
            query = query.Where(b => b.Centre > lastCentre || (b.Centre == lastCentre && b.Lot > lastLot));
        }
        var items = await query.OrderBy(b => b.Centre).ThenBy(b => b.Lot).Take(size + 1)
            .Join(db.Lots, b => new { b.CampaignId, Number = b.Lot }, l => new { l.CampaignId, l.Number }, (b, l) => new { b, l }).OrderBy(x => x.b.Centre).ThenBy(x => x.b.Lot)
            .Select(x => new BalanceView(x.b.Centre, x.b.Lot, x.l.Article, x.l.Code, x.l.ExpiresOn, x.b.Received, x.b.Delivered, x.b.Returned, x.b.Damaged, x.b.Difference, x.b.Remaining)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, b => string.Create(CultureInfo.InvariantCulture, $"{b.Centre}|{b.Lot}")));
    }

    private static async Task<Results<Ok<Page<KeepStock.EntryView>>, ProblemHttpResult>> EntriesAsync(
        Guid id, int centre, DistributionDb db, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Centres.AnyAsync(c => c.CampaignId == id && c.Number == centre, cancellation))
            return Problems.NotFound();
        var entries = await db.Entries.AsNoTracking().Where(e => e.CampaignId == id && e.Centre == centre && (after == null || e.Id > after)).OrderBy(e => e.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(entries.ConvertAll(KeepStock.EntryView.Of), size, e => e.Id.ToString()));
    }
}
