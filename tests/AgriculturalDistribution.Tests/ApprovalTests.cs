using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>Who gets what, settled when the campaign is approved and looked at again after.</summary>
public sealed class ApprovalTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task Everybody_is_looked_at_again_at_the_approval_and_nobody_gets_what_is_not_there()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await ApproveAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "roster_missing");
        var duis = Enumerable.Range(0, 5).Select(_ => DistributionService.NewDui()).ToArray();
        // The first day is 2027-04-15: who was born on 2009-04-15 is 18 then, a day later is not.
        await service.ImportAsync(campaign,
            DistributionService.Row(duis[0], packages: "maiz/frijol") + DistributionService.Row(duis[1], birth: "2009-04-15") + DistributionService.Row(duis[2], birth: "2009-04-16")
            + DistributionService.Row(duis[3]) + DistributionService.Row(duis[4]));
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind = "deceased", description = "Falleció.", dui = duis[3] }, key: "d").JsonAsync();
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind = "wrong-data", description = "El apellido.", dui = duis[4] }, key: "w").JsonAsync();

        // Three get maize (22 lb of seed, 100 of fertiliser), one beans (25 and 50), and whom the owner is asked about would get
        // theirs back: 88, 25 and 450 lb.
        var problem = await ApproveAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "stock_short");
        Assert.Contains("88 lb de Semilla de maíz, 25 lb de Semilla de frijol, 450 lb de Fertilizante", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM entitlement WHERE campaign_id = '{campaign}'"));
        foreach (var (article, quantity) in new[] { (1, 88), (2, 25), (3, 449.99m) })
            await service.ReceiveAsync(campaign, article, quantity);
        Assert.Contains("Faltan: 0.01 lb de Fertilizante.", (await ApproveAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "stock_short")).Text("detail"), StringComparison.Ordinal);
        await service.EnterAsync(campaign, "receipts", new { centre = 2, lot = 3, quantity = 0.01m, document = "Nota", on = "2026-11-20" }).JsonAsync();
        var approved = await ApproveAsync(campaign).JsonAsync();
        Assert.Equal("approved", approved.Text("state"));
        Assert.Equal(["1 authorised  3", "1 rejected minor 1", "1 under-review incident-open 1", "2 authorised  1"], Said(approved["people"]!));
        await ApproveAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "campaign_not_draft");

        // What was approved holds; the roster may still grow, and an incident end.
        var seen = await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}").JsonAsync();
        await service.PutAsync(Roles.UnitHead, $"/campaigns/{campaign}", DistributionService.Content(), DistributionService.ETag(seen)).ProblemAsync(HttpStatusCode.Conflict, "campaign_not_draft");
        Assert.Equal("campaign_holds", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE campaign SET rules = '{{}}' WHERE id = '{campaign}'"))).ConstraintName);
        await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents/export");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio", on = "2026-11-20" }).JsonAsync();
        var incident = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents?kind=deceased").JsonAsync())["items"]![0]!;
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/{incident.Text("id")}/resolution", new { accepted = true, answer = "Sale.", on = "2026-11-21" }, DistributionService.ETag(incident)).JsonAsync();
        Assert.Contains("1 rejected incident 1", Said(await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/authorisations").JsonAsync())); // At once.
        // A later roster takes somebody out and gives somebody else less.
        var job = await service.ImportAsync(campaign, DistributionService.Row(duis[0], packages: "maiz") + string.Concat(duis.Skip(2).Select(d => DistributionService.Row(d, birth: d == duis[2] ? "2009-04-16" : "1980-05-01"))));
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        // Whom it takes out receives nothing from that moment on; also without another look.
        Assert.Contains("1 rejected not-listed 1", Said(await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/authorisations").JsonAsync()));
        var again = await AgainAsync(campaign).JsonAsync();
        Assert.Equal(["1 authorised  2", "1 rejected incident 1", "1 rejected minor 1", "1 rejected not-listed 1", "2 rejected not-listed 1"], Said(again["people"]!));
        Assert.Equal(Said(again["people"]!), Said(await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/authorisations").JsonAsync()));
    }

    [Fact]
    public async Task What_expires_before_the_last_day_does_not_count_and_a_thousand_are_looked_at_at_once()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.ImportAsync(campaign, string.Concat(Enumerable.Range(0, 1_000).Select(_ => DistributionService.Row(DistributionService.NewDui()))));
        await service.ReceiveAsync(campaign, 1, 22_000, "2027-06-29");
        await service.ReceiveAsync(campaign, 3, 100_000);
        Assert.Contains("22000 lb de Semilla de maíz", (await ApproveAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "stock_short")).Text("detail"), StringComparison.Ordinal);
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lots", new { article = 1, code = "L-2", supplier = "x", expiresOn = "2027-06-30" }, key: "l2").JsonAsync();
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 3, quantity = 22_000, document = "Nota", on = "2026-11-20" }).JsonAsync();
        Assert.Equal(["1 authorised  1000"], Said((await ApproveAsync(campaign).JsonAsync())["people"]!));
    }

    private Task<HttpResponseMessage> ApproveAsync(string campaign) => service.StepAsync(campaign, "approval");

    private Task<HttpResponseMessage> AgainAsync(string campaign) => service.StepAsync(campaign, "authorisations");

    private static IEnumerable<string> Said(JsonNode people) => people.AsArray().Select(p => $"{p!["package"]} {p!.Text("state")} {p["reason"]} {p["people"]}").Order(StringComparer.Ordinal);
}
