using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>
/// What systems like this one got wrong elsewhere, each once more as a test of its own. Two of the eight have theirs beside
/// what they are about: double collection, by any number of devices and counters, in <see cref="OfflineTests"/> and
/// <see cref="DeliveryTests"/>; half a package that is taken for a whole one in <see cref="DeliveryTests"/>.
/// </summary>
public sealed class PeerDefectsTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string Today = "2027-04-28";

    [Fact]
    public async Task What_expires_or_is_missed_of_one_kind_leaves_the_other_kinds_alone()
    {
        var dui = DistributionService.NewDui();
        var campaign = await service.OpenAsync(
            DistributionService.Row(dui, packages: "maiz,frijol"), 4, Today, content => content["rules"]!["redelivery"] = true, assign: true, more: async c =>
            {
                await service.ReceiveAsync(c, 2, 25, "2027-07-01");
                await service.ReceiveAsync(c, 2, 25, "2027-07-02");
            });
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        using var noon = service.Clock.NoonOf(Today);
        var original = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{original}/replacement", new { reason = "Sequía." }, key: original).JsonAsync();
        // One lot of beans expires: only that lot is not handed out.
        await service.RowsAsync($"ALTER TABLE lot DISABLE TRIGGER ALL; UPDATE lot SET expires_on = '2027-04-01' WHERE campaign_id = '{campaign}' AND number = 3; ALTER TABLE lot ENABLE TRIGGER ALL");
        // The day passes, and the beans were not collected: the maize stays delivered, and what replaces it stays authorised.
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![0]!;
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day.Text("id")}/closing", null, DistributionService.ETag(day)).JsonAsync();
        Assert.Equal(["1 original delivered", "1 replacement authorised", "2 original no-show"], await service.RowsAsync($"SELECT package || ' ' || kind || ' ' || state FROM entitlement WHERE campaign_id = '{campaign}' ORDER BY 1"));
        await service.ScheduleAsync(campaign, "2027-04-29").JsonAsync();
        using var later = service.Clock.NoonOf("2027-04-29");
        Assert.Equal(["2", "4"], (await service.HandAsync(campaign, dui, package: 2).JsonAsync())["items"]!.AsArray().Select(i => i!["lot"]!.ToString()));
        Assert.Equal("counted", (await service.HandAsync(campaign, dui, kind: "replacement").JsonAsync()).Text("state"));
    }

    [Fact]
    public async Task A_list_that_shrinks_while_it_is_walked_skips_nobody()
    {
        var duis = Enumerable.Range(0, 6).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await service.OpenAsync(string.Concat(duis.Select(d => DistributionService.Row(d))), 12, Today, null, assign: true);
        using var noon = service.Clock.NoonOf(Today);
        using OfflineDevice one = new(service.As(Roles.UnitHead)), other = new(service.As(Roles.UnitHead));
        foreach (var device in new[] { one, other })
        {
            await device.RegisterAsync();
            await device.TakeListAsync(campaign, 1);
        }
        foreach (var device in new[] { one, other })
        {
            for (var person = 0; person < 6; person++)
                device.Deliver(person);
            await device.UploadAsync(device.Entries).JsonAsync();
        }
        // Each page is decided before the next one is read: what is left moves up, and nobody falls between two pages.
        var (seen, after) = (new List<string>(), "");
        do
        {
            var page = await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts?state=under-review&limit=2{after}").JsonAsync();
            foreach (var receipt in page["items"]!.AsArray())
            {
                seen.Add(receipt!.Text("id"));
                await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{seen[^1]}/review", new { accepted = false, reason = "Dos aparatos." }).JsonAsync();
            }
            after = page["next"] is { } next ? $"&after={next}" : "";
        }
        while (after.Length > 0);
        Assert.Equal(6, seen.Distinct().Count());
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM receipt WHERE campaign_id = '{campaign}' AND state = 'under-review'"));
    }

    [Fact]
    public async Task Nothing_is_approved_that_is_not_there_neither_a_campaign_nor_a_replacement()
    {
        var duis = new[] { DistributionService.NewDui(), DistributionService.NewDui() };
        var campaign = await service.OpenAsync(string.Concat(duis.Select(d => DistributionService.Row(d))), 2, Today, content => content["rules"]!["redelivery"] = true, assign: true);
        using var noon = service.Clock.NoonOf(Today);
        var receipt = (await service.HandAsync(campaign, duis[0]).JsonAsync()).Text("id");
        // What is left is the other person's.
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/replacement", new { reason = "Sequía." }, key: receipt).ProblemAsync(HttpStatusCode.Conflict, "stock_short");
        // Also the rest of a part is theirs.
        await service.HandAsync(campaign, duis[1], items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync();
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot = 1, quantity = 22, document = "Nota", on = "2026-11-20" }).JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/replacement", new { reason = "Sequía." }, key: receipt + "2").ProblemAsync(HttpStatusCode.Conflict, "stock_short");
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM entitlement WHERE campaign_id = '{campaign}' AND kind = 'replacement'"));
    }

    [Fact]
    public async Task A_code_that_exists_says_what_it_is_good_for_now()
    {
        var (dui, listedNoMore) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await service.OpenAsync(DistributionService.Row(dui) + DistributionService.Row(listedNoMore), 2, Today, null, assign: true);
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        async Task<string> LookAsync(string who)
        {
            JsonNode package = (await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui = who }).JsonAsync())["packages"]![0]!;
            return $"{package.Text("state")} {package["reason"]} {package["due"]!.AsArray().Count}";
        }
        Assert.Equal("summoned  2", await LookAsync(dui));
        var job = await service.ImportAsync(campaign, DistributionService.Row(dui));
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        Assert.Equal("rejected not-listed 0", await LookAsync(listedNoMore));
        var incident = await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind = "deceased", description = "Falleció.", dui }, key: dui).JsonAsync();
        Assert.Equal("under-review incident-open 0", await LookAsync(dui));
        await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents/export");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio", on = "2026-11-20" }).JsonAsync();
        incident = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents").JsonAsync())["items"]![0]!;
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/{incident.Text("id")}/resolution", new { accepted = false, answer = "Está viva.", on = "2026-11-21" }, DistributionService.ETag(incident)).JsonAsync();
        Assert.Equal("authorised  2", await LookAsync(dui));
        var seen = await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}").JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/cancellation", new { reason = "Sequía." }, DistributionService.ETag(seen)).JsonAsync();
        Assert.Equal("authorised  0", await LookAsync(dui)); // Of a campaign that was called off nothing is due.
    }

    [Fact]
    public async Task The_database_itself_keeps_one_person_and_one_package_of_a_kind()
    {
        var campaign = await service.OpenAsync(DistributionService.Row(DistributionService.NewDui()), 1, Today);
        foreach (var (again, constraint) in new[]
        {
            ($"INSERT INTO entitlement (campaign_id, package, kind, beneficiary_id, state) SELECT campaign_id, package, kind, beneficiary_id, 'authorised' FROM entitlement WHERE campaign_id = '{campaign}'", "entitlement_pkey"),
            ($"SET distribution.importing = 'on'; INSERT INTO beneficiary (id, campaign_id, dui, given_names, surnames, sex, birth_date, hamlet_id, pregnant, disabled, packages, line) SELECT gen_random_uuid(), campaign_id, dui, 'x', 'x', sex, birth_date, hamlet_id, false, false, packages, 9 FROM beneficiary WHERE campaign_id = '{campaign}'", "beneficiary_once"),
            ($"UPDATE package_component SET quantity = 44 WHERE campaign_id = '{campaign}'", "campaign_holds"),
        })
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(again))).ConstraintName);
    }
}
