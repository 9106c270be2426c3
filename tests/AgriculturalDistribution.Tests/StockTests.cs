using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>What comes to a centre is what leaves it and what remains.</summary>
public sealed class StockTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string On = "2026-11-20";

    [Fact]
    public async Task What_came_was_moved_lost_and_given_back_adds_up_at_each_centre()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        Assert.Equal(1, (int)(await service.LotAsync(campaign).JsonAsync())["number"]!);
        await service.LotAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "lot_already_exists");
        await service.LotAsync(campaign, article: 4).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_article");
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 1, quantity = 1_000, document = "Nota 1", on = On }).JsonAsync();
        var moved = await service.EnterAsync(campaign, "transfers", new { from = 1, to = 2, lot = 1, quantity = 300.5m, on = On, document = "Vale 1" }).JsonAsync();
        Assert.Equal(["1 transfer-out -300.5", "2 transfer-in 300.5"], moved.AsArray().Select(e => string.Create(CultureInfo.InvariantCulture, $"{e!["centre"]} {e!.Text("kind")} {(decimal)e["quantity"]!}")));
        Assert.Equal(moved[0]!.Text("transfer"), moved[1]!.Text("transfer"));
        await service.EnterAsync(campaign, "damages", new { centre = 2, lot = 1, quantity = 0.5m, on = On, note = "Un saco roto." }).JsonAsync();
        await service.EnterAsync(campaign, "returns", new { centre = 2, lot = 1, quantity = 100, on = On, note = "Sobraban." }).JsonAsync();
        await service.EnterAsync(campaign, "corrections", new { centre = 1, lot = 1, quantity = -10, on = On, note = "Se contaron mal." }, Roles.UnitHead).JsonAsync();
        Assert.Equal(["1 689.5 0 0 0 689.5", "2 300.5 0 100 0.5 200"], await BalancesAsync(campaign));

        // More than there is does not leave, and nothing of a refused transfer stays.
        var before = await service.RowCountsAsync();
        await service.EnterAsync(campaign, "transfers", new { from = 2, to = 1, lot = 1, quantity = 200.01m, on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_enough_stock");
        await service.EnterAsync(campaign, "damages", new { centre = 1, lot = 1, quantity = 690, on = On, note = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_enough_stock");
        await service.EnterAsync(campaign, "corrections", new { centre = 1, lot = 1, quantity = -690, on = On, note = "x" }, Roles.UnitHead).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_enough_stock");
        foreach (var quantity in new[] { 0, -5, 0.001m })
            await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 1, quantity, document = "x", on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "quantity");
        await service.EnterAsync(campaign, "receipts", new { centre = 9, lot = 1, quantity = 1, document = "x", on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_centre");
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 2, quantity = 1, document = "x", on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_lot");
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 1, quantity = 1, document = "x", on = "2099-01-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        await service.EnterAsync(campaign, "transfers", new { from = 1, to = 1, lot = 1, quantity = 1, on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "same_centre");
        Assert.Equal(before, await service.RowCountsAsync());
        var book = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/stock/entries?centre=2").JsonAsync())["items"]!.AsArray();
        Assert.Equal(["transfer-in", "damage", "return"], book.Select(e => e!.Text("kind")));
    }

    [Fact]
    public async Task Of_those_who_take_at_once_as_many_get_it_as_there_is()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.LotAsync(campaign).JsonAsync();
        foreach (var centre in new[] { 1, 2 })
            await service.EnterAsync(campaign, "receipts", new { centre, lot = 1, quantity = 100, document = "Nota", on = On }).JsonAsync();
        // Sixteen in each direction, 30 each, crossing each other: nobody waits in a circle, nothing is lost, nothing made.
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => service.EnterAsync(campaign, "transfers", new { from = 1 + i % 2, to = 2 - i % 2, lot = 1, quantity = 30, on = On })));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity, a.StatusCode.ToString()));
        Assert.Equal(200m, await service.QueryAsync<decimal>($"SELECT sum(remaining) FROM stock_balance WHERE campaign_id = '{campaign}'"));
        var damages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.EnterAsync(campaign, "damages", new { centre = 1, lot = 1, quantity = 30, on = On, note = "x" })));
        var left = await service.QueryAsync<decimal>($"SELECT remaining FROM stock_balance WHERE campaign_id = '{campaign}' AND centre = 1");
        Assert.InRange(left, 0, 29.99m);
        Assert.Equal(damages.Count(a => a.IsSuccessStatusCode) * 30m, await service.QueryAsync<decimal>($"SELECT damaged FROM stock_balance WHERE campaign_id = '{campaign}' AND centre = 1"));
    }

    [Fact]
    public async Task The_ledger_stays_and_nobody_writes_a_balance()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.LotAsync(campaign).JsonAsync();
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 1, quantity = 100, document = "Nota", on = On }).JsonAsync();
        foreach (var change in new[]
        {
            "UPDATE stock_entry SET quantity = 1", "DELETE FROM stock_entry", "UPDATE stock_balance SET received = 900", "DELETE FROM stock_balance",
            $"INSERT INTO stock_balance (campaign_id, centre, lot, received) VALUES ('{campaign}', 2, 1, 5)",
        })
            Assert.Equal("stock_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(change))).ConstraintName);
        foreach (var (kind, quantity) in new[] { ("receipt", -1), ("damage", 1), ("delivery", 1), ("reversal", -1), ("return", 1) })
        {
            await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
                $"INSERT INTO stock_entry (id, campaign_id, centre, lot, kind, quantity, document, note, happened_on, recorded_by, recorded_at) VALUES (gen_random_uuid(), '{campaign}', 1, 1, '{kind}', {quantity}, 'x', 'x', '{On}', 'x', now())"));
        }
    }

    /// <summary>Whatever is tried, the balance is the ledger's sum and never below nothing.</summary>
    [Fact]
    public async Task Whatever_happens_the_balance_is_the_sum_of_the_ledger()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.LotAsync(campaign).JsonAsync();
        var steps = Gen.Choose(0, 4).SelectMany(kind => Gen.Choose(1, 60).SelectMany(quantity => Gen.Choose(1, 2).Select(centre => (kind, quantity, centre)))).Sample(80);
        foreach (var (kind, quantity, centre) in steps)
        {
            using var answer = kind switch
            {
                0 => await service.EnterAsync(campaign, "receipts", new { centre, lot = 1, quantity, document = "Nota", on = On }),
                1 => await service.EnterAsync(campaign, "transfers", new { from = centre, to = 3 - centre, lot = 1, quantity, on = On }),
                2 => await service.EnterAsync(campaign, "damages", new { centre, lot = 1, quantity, on = On, note = "x" }),
                3 => await service.EnterAsync(campaign, "returns", new { centre, lot = 1, quantity, on = On, note = "x" }),
                _ => await service.EnterAsync(campaign, "corrections", new { centre, lot = 1, quantity = 30 - quantity == 0 ? 1 : 30 - quantity, on = On, note = "x" }, Roles.UnitHead),
            };
            Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity, answer.StatusCode.ToString());
        }
        Assert.Empty(await service.RowsAsync(
            $"""
            SELECT b.centre::text FROM stock_balance b WHERE b.campaign_id = '{campaign}'
                AND (b.remaining < 0 OR b.remaining <> (SELECT sum(quantity) FROM stock_entry e WHERE e.campaign_id = b.campaign_id AND e.centre = b.centre AND e.lot = b.lot))
            """));
    }

    private async Task<IEnumerable<string>> BalancesAsync(string campaign) => (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/stock").JsonAsync())["items"]!.AsArray().Select(b => string.Join(' ',
        new[] { "centre", "received", "delivered", "returned", "damaged", "remaining" }.Select(m => ((decimal)b![m]!).ToString("0.##", CultureInfo.InvariantCulture))));
}
