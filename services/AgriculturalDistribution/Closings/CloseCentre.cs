using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Closings;

/// <summary>
/// A centre's closing act: somebody counts what is left of each lot, and received = delivered + returned + damaged + remaining.
/// What was counted differently is explained and becomes a line of the ledger.
/// </summary>
internal static class CloseCentre
{
    public static void MapCloseCentre(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/centres/{number:int}/closing", CloseAsync).WithName("CloseCentre").Idempotent().Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cerrar un centro con su acta: lo contado de cada lote contra el libro; la diferencia se explica")
            .WithDescription("Cuando sus jornadas están cerradas, sus listas sin señal devueltas y sus comprobantes resueltos. Después no se mueve nada de él.");
        campaigns.MapGet("/{id:guid}/centres/{number:int}/closing", PrintAsync).WithName("PrintClosing").Allow("distribution.read", ReadCampaigns.Readers)
            .Produces<string>(200, "text/html").WithSummary("Acta de cierre de un centro, para imprimir y firmar");
    }

    /// <param name="Lot">Its number.</param>
    /// <param name="Counted">What is there, in the article's unit.</param>
    /// <param name="Explanation">Why it is not what the ledger says, where it is not.</param>
    internal sealed record LotCount([Between(1, 10_000)] int Lot, decimal Counted, [PublicText(500)] string? Explanation = null)
    {
        public static LotCount Example => new(1, 378);
    }

    internal sealed record ClosingRequest([Count(0, 2000)] IReadOnlyList<LotCount> Counts, [PublicText(1000)] string? Note = null)
    {
        public static ClosingRequest Example => new([LotCount.Example]);
    }

    internal sealed record ClosedView(int Centre, DateOnly ClosedOn, int Differences)
    {
        public static ClosedView Example => new(1, new(2027, 6, 30), 0);
    }

    private sealed record Balance(int Lot, decimal Remaining);

    private static async Task<Results<Created<ClosedView>, ProblemHttpResult>> CloseAsync(
        Guid id, int number, ClosingRequest request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        // Whoever hands over, or writes into the ledger of this centre, comes before or after.
        await db.LockAsync<Campaign>(id, cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM centre WHERE campaign_id = {id} AND number = {number} FOR UPDATE", cancellation);
        var campaign = await db.Campaigns.SingleOrDefaultAsync(c => c.Id == id, cancellation);
        var centre = await db.Centres.AsNoTracking().SingleOrDefaultAsync(c => c.CampaignId == id && c.Number == number, cancellation);
        if (campaign is null || centre is null)
            return Problems.NotFound();
        campaign.RequireApproved();
        Rule.State(!await IsClosedAsync(db, id, number, cancellation), "centre_closed", "El centro ya cerró su acta.");
        Rule.State(!await db.Days.AnyAsync(d => d.CampaignId == id && d.Centre == number && d.State == DayState.Scheduled, cancellation), "days_open", "El centro tiene jornadas sin cerrar.");
        Rule.State(!await ExistsAsync(db, $"SELECT 1 FROM centre_list WHERE campaign_id = {id} AND centre = {number} AND ended IS NULL", cancellation), "lists_open", "Hay un aparato que todavía no devuelve la lista de este centro: falta lo que anotó.");
        Rule.State(!await ExistsAsync(db, $"SELECT 1 FROM receipt WHERE campaign_id = {id} AND centre = {number} AND state = 'under-review'", cancellation), "receipts_under_review", "El centro tiene comprobantes en revisión: resuélvalos antes.");
        // Nobody is forgotten: a hamlet that goes to no centre is called by nobody.
        var homeless = await db.Database.SqlQuery<string>(
            $"""
            SELECT DISTINCT h.name || ', ' || h.canton AS "Value" FROM entitlement e JOIN beneficiary b ON b.id = e.beneficiary_id JOIN hamlet h ON h.id = b.hamlet_id
            WHERE e.campaign_id = {id} AND e.state = 'authorised' AND NOT EXISTS (SELECT 1 FROM centre_hamlet t WHERE t.campaign_id = {id} AND t.hamlet_id = b.hamlet_id) ORDER BY 1 LIMIT 5
            """).ToListAsync(cancellation);
        Rule.State(homeless.Count == 0, "hamlets_without_centre", $"Hay personas autorizadas a quienes ningún centro convoca, de: {string.Join("; ", homeless)}. Asigne sus caseríos a un centro.");
        var balances = await db.Database.SqlQuery<Balance>($"""SELECT lot AS "Lot", remaining AS "Remaining" FROM stock_balance WHERE campaign_id = {id} AND centre = {number} ORDER BY lot FOR UPDATE""").ToListAsync(cancellation);
        foreach (var (index, count) in request.Counts.Index())
        {
            var at = $"/counts/{index}";
            Rule.That(request.Counts.Take(index).All(c => c.Lot != count.Lot), "lot_twice", "Un lote aparece dos veces.", $"{at}/lot");
            var balance = balances.Find(b => b.Lot == count.Lot);
            Rule.That(balance is not null, "unknown_lot", "Ese lote no llegó al centro.", $"{at}/lot");
            Rule.That(count.Counted is >= 0 and <= 100_000_000 && decimal.Round(count.Counted, 2) == count.Counted, "quantity", "Lo contado es cero o más, con dos decimales a lo más.", $"{at}/counted");
            Rule.That(count.Counted == balance!.Remaining || count.Explanation is not null, "difference_unexplained", $"El libro dice {balance.Remaining:0.##}: explique la diferencia.", $"{at}/explanation");
        }
        var missing = balances.Select(b => b.Lot).Except(request.Counts.Select(c => c.Lot)).ToList();
        Rule.That(missing.Count == 0, "lot_not_counted", $"Falta contar estos lotes: {string.Join(", ", missing.Select(l => l.ToString(CultureInfo.InvariantCulture)))}.", "/counts");
        var (today, now, by) = (time.Today(), time.GetUtcNow(), Access.CallerOf(http.User));
        foreach (var count in request.Counts.OrderBy(c => c.Lot))
        {
            var difference = count.Counted - balances.Find(b => b.Lot == count.Lot)!.Remaining;
            if (difference != 0)
                db.Add(new StockEntry { CampaignId = id, Centre = number, Lot = count.Lot, Kind = StockKind.Difference, Quantity = difference, Note = count.Explanation!.Trim(), HappenedOn = today, RecordedBy = by, RecordedAt = now });
        }
        await db.SaveChangesAsync(cancellation);
        var packages = await Totals.PackagesAsync(db, id, number, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO centre_closing (campaign_id, centre, closed_on, note, packages, closed_by, closed_at) VALUES ({id}, {number}, {today}, {request.Note?.Trim()}, {JsonSerializer.Serialize(packages, EventJson.Options)}::jsonb, {by}, {now})", cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO closing_count (campaign_id, centre, lot, expected, counted, explanation)
            SELECT {id}, {number}, c.lot, c.expected, c.counted, c.explanation
            FROM unnest({request.Counts.Select(c => c.Lot).ToArray()}, {request.Counts.Select(c => balances.Find(b => b.Lot == c.Lot)!.Remaining).ToArray()}, {request.Counts.Select(c => c.Counted).ToArray()},
                {request.Counts.Select(c => c.Explanation?.Trim()).ToArray()}) AS c (lot, expected, counted, explanation)
            """, cancellation);
        campaign.CloseCentre(centre, packages, await Totals.ArticlesAsync(db, id, number, cancellation), now);
        await db.SaveChangesAsync(cancellation);
        await step.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/centres/{number}/closing", new ClosedView(number, today, request.Counts.Count(c => c.Counted != balances.Find(b => b.Lot == c.Lot)!.Remaining)));
    }

    public static Task<bool> IsClosedAsync(DistributionDb db, Guid campaign, int centre, CancellationToken cancellation) => ExistsAsync(db, $"SELECT 1 FROM centre_closing WHERE campaign_id = {campaign} AND centre = {centre}", cancellation);

    private static Task<bool> ExistsAsync(DistributionDb db, FormattableString sql, CancellationToken cancellation) => db.Database.SqlQuery<bool>(
        System.Runtime.CompilerServices.FormattableStringFactory.Create($"SELECT EXISTS ({sql.Format}) AS \"Value\"", sql.GetArguments())).ToAsyncEnumerable().SingleAsync(cancellation).AsTask();

    private sealed record Act(DateOnly ClosedOn, string? Note, string Packages);

    private sealed record Line(string Article, string Unit, string Lot, decimal Received, decimal Delivered, decimal Returned, decimal Damaged, decimal Expected, decimal Counted, string? Explanation);

    private static async Task<IResult> PrintAsync(Guid id, int number, DistributionDb db, HttpContext http, CancellationToken cancellation)
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        var centre = await db.Centres.AsNoTracking().SingleOrDefaultAsync(c => c.CampaignId == id && c.Number == number, cancellation);
        var act = await db.Database.SqlQuery<Act>($"""SELECT closed_on AS "ClosedOn", note AS "Note", packages::text AS "Packages" FROM centre_closing WHERE campaign_id = {id} AND centre = {number}""").SingleOrDefaultAsync(cancellation);
        if (campaign is null || centre is null || act is null)
            return Problems.NotFound();
        var lines = await db.Database.SqlQuery<Line>(
            $"""
            SELECT a.name AS "Article", a.unit AS "Unit", l.code AS "Lot", b.received AS "Received", b.delivered AS "Delivered", b.returned AS "Returned", b.damaged AS "Damaged", c.expected AS "Expected",
                c.counted AS "Counted", c.explanation AS "Explanation"
            FROM closing_count c JOIN stock_balance b ON b.campaign_id = c.campaign_id AND b.centre = c.centre AND b.lot = c.lot JOIN lot l ON l.campaign_id = c.campaign_id AND l.number = c.lot
            JOIN article a ON a.campaign_id = l.campaign_id AND a.number = l.article WHERE c.campaign_id = {id} AND c.centre = {number} ORDER BY a.number, l.number
            """).ToListAsync(cancellation);
        var paper = new ClosingPaper(
            campaign.Name, campaign.OwnerName, campaign.Season, centre.Name, centre.Place.Path, act.ClosedOn.Day(), act.Note,
            lines.ConvertAll(l => new ClosingPaper.Line($"{l.Article} ({l.Unit})", l.Lot, N(l.Received), N(l.Delivered), N(l.Returned), N(l.Damaged), N(l.Expected), N(l.Counted), l.Counted == l.Expected ? "" : $"{l.Counted - l.Expected:+0.##;-0.##}", l.Explanation)),
            [.. JsonSerializer.Deserialize<List<PackageTotal>>(act.Packages, EventJson.Options)!.Select(p => new ClosingPaper.Package(p.Package, I(p.Programmed), I(p.Delivered), I(p.Partly), I(p.NotCollected), I(p.NotSummoned)))]);
        return Html.Page<ClosingAct>(http, new() { ["Paper"] = paper });
    }

    private static string N(decimal quantity) => quantity.ToString("#,##0.##", CultureInfo.InvariantCulture);

    private static string I(int people) => people.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>A centre's closing act as it is printed.</summary>
public sealed record ClosingPaper(
    string Campaign, string Owner, string Season, string Centre, string Place, string ClosedOn, string? Note, IReadOnlyList<ClosingPaper.Line> Lines, IReadOnlyList<ClosingPaper.Package> Packages)
{
    /// <summary>A lot.</summary>
    public sealed record Line(string Article, string Lot, string Received, string Delivered, string Returned, string Damaged, string Expected, string Counted, string Difference, string? Explanation);

    /// <summary>A package.</summary>
    public sealed record Package(string Name, string Programmed, string Delivered, string Partly, string NotCollected, string NotSummoned);
}
