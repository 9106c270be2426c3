using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>How days, centres and campaigns end.</summary>
public sealed class ClosingTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string Today = "2027-04-28";

    [Fact]
    public async Task A_campaign_ends_with_an_act_of_each_centre_and_everybody_settled()
    {
        var duis = Enumerable.Range(0, 6).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await service.ApprovedAsync(string.Concat(duis.Select(d => DistributionService.Row(d))), 6);
        await service.AssignAsync(campaign);
        var day = (await service.ScheduleAsync(campaign, Today).JsonAsync()).Text("id");
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        await CloseDayAsync(campaign, day).ProblemAsync(HttpStatusCode.Conflict, "day_ahead");
        using var noon = service.Clock.NoonOf(Today);
        using var device = new OfflineDevice(service.As(Roles.UnitHead));
        await device.RegisterAsync();
        await device.TakeListAsync(campaign, 1);
        await service.HandAsync(campaign, duis[0]).JsonAsync();
        await service.HandAsync(campaign, duis[1], items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync();
        await service.HandAsync(campaign, duis[2], act: "refusal").JsonAsync();
        await CloseCentreAsync(campaign, 1, []).ProblemAsync(HttpStatusCode.Conflict, "days_open");
        await CloseDayAsync(campaign, day).JsonAsync();
        Assert.Equal(["delivered 1", "no-show 3", "partially-delivered 1", "rejected 1"], await StatesAsync(campaign));
        await CloseCentreAsync(campaign, 1, []).ProblemAsync(HttpStatusCode.Conflict, "lists_open");
        // A device comes back late: with somebody whom nobody served, and with one who was served here.
        device.Deliver(device.List["people"]!.AsArray().Index().First(p => p.Item!.Text("dui") == duis[3]).Index);
        device.Deliver(device.List["people"]!.AsArray().Index().First(p => p.Item!.Text("dui") == duis[0]).Index);
        await device.UploadAsync(device.Entries).JsonAsync();
        await device.ReturnListAsync().JsonAsync();
        await CloseCentreAsync(campaign, 1, []).ProblemAsync(HttpStatusCode.Conflict, "receipts_under_review");
        var doubled = (await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts?state=under-review").JsonAsync())["items"]![0]!.Text("id");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{doubled}/review", new { accepted = false, reason = "Las dos ocurrieron." }).JsonAsync();

        // 132 lb of seed came: 4 × 22 went (one of them too much), 44 are left; 600 of fertiliser: 3 × 100 went.
        await CloseCentreAsync(campaign, 1, [(1, 44m, null)]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "lot_not_counted");
        await CloseCentreAsync(campaign, 1, [(1, 44m, null), (1, 44m, null)]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "lot_twice");
        await CloseCentreAsync(campaign, 1, [(1, 44m, null), (9, 44m, null)]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_lot");
        var problem = await CloseCentreAsync(campaign, 1, [(1, 44m, null), (2, 290m, null)]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "difference_unexplained");
        Assert.Contains("El libro dice 300", problem.Text("detail"), StringComparison.Ordinal);
        await service.StepAsync(campaign, "closing").ProblemAsync(HttpStatusCode.Conflict, "centres_open");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CloseCentreAsync(campaign, 1, [(1, 44m, null), (2, 290m, "Se rompió un saco.")])));
        Assert.Equal((1, 3), (answers.Count(a => a.IsSuccessStatusCode), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        // What came stays what came: what is missing stands beside it, and is told.
        Assert.Equal(["1 132 88 0 44", "2 600 300 -10 290"], await service.RowsAsync($"SELECT lot || ' ' || received::float || ' ' || delivered::float || ' ' || difference::float || ' ' || remaining::float FROM stock_balance WHERE campaign_id = '{campaign}' ORDER BY lot"));
        await service.HandAsync(campaign, duis[4]).ProblemAsync(HttpStatusCode.Conflict, "centre_closed");
        await service.EnterAsync(campaign, "damages", new { centre = 1, lot = 1, quantity = 1, on = Today, note = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "centre_closed");
        await service.EnterAsync(campaign, "transfers", new { from = 1, to = 2, lot = 1, quantity = 1, on = Today }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "centre_closed");
        Assert.Equal("closing_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync("DELETE FROM centre_closing"))).ConstraintName);
        var act = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/centres/1/closing")).Content.ReadAsStringAsync());
        Assert.Contains("<td class=\"narrow\">600</td><td class=\"narrow\">300</td><td class=\"narrow\">0</td><td class=\"narrow\">0</td>", act, StringComparison.Ordinal);
        Assert.Contains("<td class=\"narrow\">-10</td><td>Se rompió un saco.</td>", act, StringComparison.Ordinal);
        await CloseCentreAsync(campaign, 2, []).JsonAsync();
        Assert.Equal("campaign_settles", (await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await service.RowsAsync($"UPDATE entitlement SET state = 'summoned' WHERE campaign_id = '{campaign}' AND state = 'no-show'");
            await service.RowsAsync($"UPDATE campaign SET state = 'closed' WHERE id = '{campaign}'");
        })).ConstraintName);
        Assert.Equal("closed", (await service.StepAsync(campaign, "closing").JsonAsync()).Text("state"));
        Assert.Equal(["delivered 2", "no-show 2", "partially-delivered 1", "rejected 1"], await StatesAsync(campaign));
        await service.StepAsync(campaign, "authorisations").ProblemAsync(HttpStatusCode.Conflict, "campaign_not_approved");
        // A list that was given up turns up after all: what it says is kept, and nothing moves any more.
        device.Deliver(device.List["people"]!.AsArray().Index().First(p => p.Item!.Text("dui") == duis[4]).Index);
        Assert.Equal("centre-closed", (await device.UploadAsync([device.Entries[^1]]).JsonAsync())["entries"]![0]!.Text("review"));
        Assert.Equal(["1 88", "2 300"], await service.RowsAsync($"SELECT lot || ' ' || delivered::float FROM stock_balance WHERE campaign_id = '{campaign}' ORDER BY lot"));

        await service.EverythingSaidAsync();
        Assert.Equal(["Fertilizante 600 300 0 0 290 -10", "Semilla de maíz 132 88 0 0 44 0"], await service.RowsAsync(
            $"""
            SELECT concat_ws(' ', a ->> 'article', (a ->> 'received')::float, (a ->> 'delivered')::float, (a ->> 'returned')::float, (a ->> 'damaged')::float, (a ->> 'remaining')::float, (a ->> 'difference')::float)
            FROM published_event, json_array_elements(body -> 'articles') a WHERE subject = '{campaign}' AND public_type = 'distribution.campaign.centre-closed.v1' ORDER BY 1
            """));
        Assert.Equal(["1", "2"], await service.RowsAsync($"SELECT body ->> 'delivered' FROM published_event WHERE public_type = 'distribution.delivery-day.closed.v1' AND subject = '{day}' ORDER BY version"));
        Assert.Equal(
            ["distribution.campaign.announced.v1 6", "distribution.campaign.centre-closed.v1 6", "distribution.campaign.centre-closed.v1 ", "distribution.campaign.closed.v1 6"],
            await service.RowsAsync($"SELECT public_type || ' ' || coalesce(body #>> '{{packages,0,people}}', body #>> '{{packages,0,programmed}}', '') FROM published_event WHERE subject = '{campaign}' ORDER BY version"));
        Assert.Equal("Paquete de maíz 6 2 1 3", await service.QueryAsync<string>(
            $"SELECT concat_ws(' ', p ->> 'package', p ->> 'programmed', p ->> 'delivered', p ->> 'partly', p ->> 'notCollected') FROM published_event, json_array_elements(body -> 'packages') p WHERE subject = '{campaign}' AND public_type = 'distribution.campaign.closed.v1'"));
        // The act says what it said when it was signed.
        await service.RowsAsync($"ALTER TABLE entitlement DISABLE TRIGGER ALL; UPDATE entitlement SET state = 'no-show' WHERE campaign_id = '{campaign}' AND state = 'delivered'; ALTER TABLE entitlement ENABLE TRIGGER ALL");
        Assert.Equal(act, WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/centres/1/closing")).Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Whom_nobody_called_is_seen_before_the_centres_close_and_is_no_absentee()
    {
        var (called, forgotten) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await service.OpenAsync(DistributionService.Row(called) + DistributionService.Row(forgotten, hamlet: "El Olvido"), 2, Today);
        var hamlets = await service.RowsAsync($"SELECT hamlet_id::text FROM beneficiary WHERE campaign_id = '{campaign}' ORDER BY dui = '{called}' DESC");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/hamlets", new { hamletIds = new[] { int.Parse(hamlets[0], System.Globalization.CultureInfo.InvariantCulture) } }, null).JsonAsync();
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![0]!.Text("id");
        using var noon = service.Clock.NoonOf(Today);
        await CloseDayAsync(campaign, day).JsonAsync();
        var problem = await CloseCentreAsync(campaign, 1, [(1, 44m, null), (2, 200m, null)]).ProblemAsync(HttpStatusCode.Conflict, "hamlets_without_centre");
        Assert.Contains("El Olvido, Las Lomas", problem.Text("detail"), StringComparison.Ordinal);
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/2/hamlets", new { hamletIds = new[] { int.Parse(hamlets[1], System.Globalization.CultureInfo.InvariantCulture) } }, null).JsonAsync();
        await CloseCentreAsync(campaign, 1, [(1, 44m, null), (2, 200m, null)]).JsonAsync();
        await CloseCentreAsync(campaign, 2, []).JsonAsync();
        // Its calendar and its turns are over with its act.
        await service.ScheduleAsync(campaign, "2027-05-10").ProblemAsync(HttpStatusCode.Conflict, "centre_closed");
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: "otra vez").ProblemAsync(HttpStatusCode.Conflict, "centre_closed");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/hamlets", new { hamletIds = new[] { int.Parse(hamlets[0], System.Globalization.CultureInfo.InvariantCulture) } }, null).ProblemAsync(HttpStatusCode.Conflict, "centre_closed");
        await service.StepAsync(campaign, "closing").JsonAsync();
        Assert.Equal(["no-show 1", "not-summoned 1"], await StatesAsync(campaign));
        // Who was never called did not fail to come, in public either.
        await service.EverythingSaidAsync();
        Assert.Equal(["2 1 1"], await service.RowsAsync(
            $"SELECT concat_ws(' ', p ->> 'programmed', p ->> 'notCollected', p ->> 'notSummoned') FROM published_event, json_array_elements(body -> 'packages') p WHERE subject = '{campaign}' AND public_type = 'distribution.campaign.closed.v1'"));
    }

    [Fact]
    public async Task A_day_on_which_something_was_handed_over_stays_where_it_is_and_is_told_anew_when_that_changes()
    {
        var dui = DistributionService.NewDui();
        var campaign = await service.OpenAsync(DistributionService.Row(dui), 1, Today, assign: true);
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![0]!;
        using var noon = service.Clock.NoonOf(Today);
        var receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day.Text("id")}", DistributionService.Day("2027-05-10"), DistributionService.ETag(day)).ProblemAsync(HttpStatusCode.Conflict, "day_has_receipts");
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day.Text("id")}/cancellation", new { reason = "x" }, DistributionService.ETag(day)).ProblemAsync(HttpStatusCode.Conflict, "day_has_receipts");
        await CloseDayAsync(campaign, day.Text("id")).JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/reversal", new { reason = "No era ella." }).JsonAsync();
        await service.HandAsync(campaign, dui).ProblemAsync(HttpStatusCode.Conflict, "no_day"); // It is over.
        await service.EverythingSaidAsync();
        Assert.Equal(["1", "0"], await service.RowsAsync($"SELECT body ->> 'delivered' FROM published_event WHERE public_type = 'distribution.delivery-day.closed.v1' AND subject = '{day.Text("id")}' ORDER BY version"));
    }

    /// <summary>A package in parts counts on the day that completed it: when one of its parts is taken back, or comes in late, every day it touches is told anew.</summary>
    [Fact]
    public async Task A_package_in_parts_changes_each_day_that_it_touches()
    {
        var (dui, other) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await service.OpenAsync(DistributionService.Row(dui) + DistributionService.Row(other), 3, Today, assign: true);
        await service.ScheduleAsync(campaign, "2027-04-29").JsonAsync();
        async Task<string> DayAsync(string date) => (await service.RowsAsync($"SELECT id::text FROM delivery_day WHERE campaign_id = '{campaign}' AND date = '{date}'"))[0];
        var (first, second) = (await DayAsync(Today), await DayAsync("2027-04-29"));
        string part;
        using var device = new OfflineDevice(service.As(Roles.UnitHead));
        using (service.Clock.NoonOf(Today))
        {
            await device.RegisterAsync();
            await device.TakeListAsync(campaign, 1);
            part = (await service.HandAsync(campaign, dui, items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync()).Text("id");
            // Seed without a signal, which comes in only after both days were told of.
            device.Deliver(device.List["people"]!.AsArray().Index().First(p => p.Item!.Text("dui") == other).Index, $"{Today}T09:00:00-06:00", e => ((JsonArray)e["items"]!).RemoveAt(1));
        }
        using var later = service.Clock.NoonOf("2027-04-29");
        await service.HandAsync(campaign, dui).JsonAsync();
        await service.HandAsync(campaign, other, items: new JsonArray(new JsonObject { ["article"] = 3 })).JsonAsync();
        await CloseDayAsync(campaign, first).JsonAsync();
        await CloseDayAsync(campaign, second).JsonAsync();
        Task<List<string>> ToldAsync(string day) => service.RowsAsync($"SELECT body ->> 'delivered' FROM published_event WHERE public_type = 'distribution.delivery-day.closed.v1' AND subject = '{day}' ORDER BY version");
        await device.UploadAsync(device.Entries).JsonAsync();
        await service.EverythingSaidAsync();
        Assert.Equal("0 | 1,2", $"{string.Join(',', await ToldAsync(first))} | {string.Join(',', await ToldAsync(second))}");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{part}/reversal", new { reason = "No era ella." }).JsonAsync();
        await service.EverythingSaidAsync();
        Assert.Equal("0 | 1,2,1", $"{string.Join(',', await ToldAsync(first))} | {string.Join(',', await ToldAsync(second))}");
    }

    /// <summary>As if the service had been killed between a receipt's commit and what follows: the line that it left behind tells the day within a minute.</summary>
    [Fact]
    public async Task A_crash_after_a_receipt_was_decided_forgets_no_day()
    {
        var dui = DistributionService.NewDui();
        var campaign = await service.OpenAsync(DistributionService.Row(dui), 1, Today, assign: true);
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![0]!;
        using var noon = service.Clock.NoonOf(Today);
        var receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        await CloseDayAsync(campaign, day.Text("id")).JsonAsync();
        await service.RowsAsync($"UPDATE receipt SET state = 'reversed', decided_by = 'jefa', decided_at = now(), decision = 'No era ella.' WHERE id = '{receipt}'; SELECT 'x' FROM (SELECT settle('{receipt}')) s");
        Assert.Equal([receipt], await service.RowsAsync($"SELECT receipt_id::text FROM day_recount WHERE day_id = '{day.Text("id")}'"));
        var late = service.Services.GetServices<IHostedService>().OfType<Closings.TellDays>().Single();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => late.ApplyAsync(TestContext.Current.CancellationToken))); // Several replicas at once tell it once.
        Assert.Empty(await service.RowsAsync($"SELECT receipt_id::text FROM day_recount WHERE day_id = '{day.Text("id")}'"));
        await service.EverythingSaidAsync();
        Assert.Equal(["1", "0"], await service.RowsAsync($"SELECT body ->> 'delivered' FROM published_event WHERE public_type = 'distribution.delivery-day.closed.v1' AND subject = '{day.Text("id")}' ORDER BY version"));
    }

    [Fact]
    public async Task A_campaign_is_called_off_only_before_anything_was_handed_over()
    {
        var dui = DistributionService.NewDui();
        var campaign = await service.OpenAsync(DistributionService.Row(dui), 1, Today, assign: true);
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        using (service.Clock.NoonOf(Today))
        {
            var receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
            await CancelAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "already_delivered");
            await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/reversal", new { reason = "Era prueba." }).JsonAsync();
            Assert.Equal("cancelled", (await CancelAsync(campaign).JsonAsync()).Text("state"));
            await service.HandAsync(campaign, dui).ProblemAsync(HttpStatusCode.Conflict, "campaign_not_approved");
            Assert.Contains("Esta campaña se canceló: Sequía.", WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/campaigns/{campaign}")).Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }
        await service.EverythingSaidAsync();
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM published_event WHERE subject = '{campaign}' AND public_type = 'distribution.campaign.cancelled.v1'"));
        Assert.Equal(1, await service.QueryAsync<long>("SELECT count(*) FROM published_event WHERE public_type = 'distribution.delivery-day.cancelled.v1'"));
        var draft = (await service.CampaignAsync()).Text("id");
        Assert.Equal("cancelled", (await CancelAsync(draft).JsonAsync()).Text("state"));
        Assert.Equal("closed_campaign_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE campaign SET version = 99 WHERE id = '{draft}'"))).ConstraintName);
    }

    private async Task<HttpResponseMessage> CancelAsync(string campaign)
    {
        var seen = await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}").JsonAsync();
        return await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/cancellation", new { reason = "Sequía." }, DistributionService.ETag(seen));
    }

    private async Task<HttpResponseMessage> CloseDayAsync(string campaign, string day)
    {
        var seen = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]!.AsArray().First(d => d!.Text("id") == day)!;
        return await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day}/closing", null, DistributionService.ETag(seen));
    }

    private Task<HttpResponseMessage> CloseCentreAsync(string campaign, int centre, (int Lot, decimal Counted, string? Explanation)[] counts) => service.PostAsync(
        Roles.UnitHead, $"/campaigns/{campaign}/centres/{centre}/closing", new { counts = counts.Select(c => new { lot = c.Lot, counted = c.Counted, explanation = c.Explanation }) }, key: Guid.NewGuid().ToString());

    private Task<List<string>> StatesAsync(string campaign) => service.RowsAsync($"SELECT state || ' ' || count(*) FROM entitlement WHERE campaign_id = '{campaign}' GROUP BY state ORDER BY state");
}
