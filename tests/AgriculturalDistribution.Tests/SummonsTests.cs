using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>Who comes when.</summary>
public sealed class SummonsTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task Who_goes_first_goes_first_and_neighbours_come_together()
    {
        var duis = Enumerable.Range(0, 8).Select(_ => DistributionService.NewDui()).ToArray();
        // On the first day of the campaign (2027-04-15) who was born on 1967-04-15 is 60, a day later is not.
        var campaign = await CampaignAsync(
            DistributionService.Row(duis[0], "Zoila", "Abajo", more: ";H-2;;") + DistributionService.Row(duis[1], "Berta", "Arriba") + DistributionService.Row(duis[2], "Carla", "Abajo", birth: "1967-04-16", more: ";H-1;;")
            + DistributionService.Row(duis[3], "Elena", "Arriba", birth: "1967-04-15") + DistributionService.Row(duis[4], "Dina", "Arriba", more: ";;sí;") + DistributionService.Row(duis[5], "Ada", "Abajo", more: ";;;sí")
            + DistributionService.Row(duis[6], "Alma", "Abajo", more: ";H-2;;") + DistributionService.Row(duis[7], "Menor", birth: "2015-01-01"), 8);
        await SummonAsync(campaign).ProblemAsync(HttpStatusCode.Conflict, "no_days_ahead");
        var first = (await service.ScheduleAsync(campaign, "2027-04-28", "07:00", "09:00", 2).JsonAsync()).Text("id");
        // Four turns for seven people: who is a minor gets none.
        Assert.Equal((4, 3, 3, 0), Said(await SummonAsync(campaign).JsonAsync()));
        Assert.Equal(["1 07:00:00 Ada", "2 07:00:00 Dina", "3 08:00:00 Elena", "4 08:00:00 Carla"], await TurnsAsync(first));
        Assert.Equal((0, 0, 3, 0), Said(await SummonAsync(campaign).JsonAsync()));
        // With another day, the others: who has a turn keeps it.
        var second = (await service.ScheduleAsync(campaign, "2027-04-29", "07:00", "09:30", 2).JsonAsync()).Text("id");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SummonAsync(campaign).JsonAsync()));
        Assert.Equal(3, answers.Sum(a => (int)a["summoned"]!));
        Assert.Equal(["5 07:00:00 Alma", "6 07:00:00 Zoila", "7 08:00:00 Berta"], await TurnsAsync(second));
        Assert.Equal(["authorised 0", "rejected 1", "summoned 7"], await StatesAsync(campaign, "authorised", "rejected", "summoned"));

        // A day with fewer turns, and one that is called off.
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]!.AsArray().Single(d => d!.Text("id") == second)!;
        day = await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{second}", DistributionService.Day("2027-04-30", "08:00", "09:00", 2), DistributionService.ETag(day)).JsonAsync();
        Assert.Equal(["5 08:00:00 Alma", "6 08:00:00 Zoila"], await TurnsAsync(second));
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{second}/cancellation", new { reason = "Lluvia." }, DistributionService.ETag(day)).JsonAsync();
        Assert.Equal(["authorised 3", "summoned 4"], await StatesAsync(campaign, "authorised", "summoned"));
        var third = (await service.ScheduleAsync(campaign, "2027-05-02", "07:00", "15:00", 60).JsonAsync()).Text("id");
        await SummonAsync(campaign).JsonAsync();
        Assert.Equal(["5 07:00:00 Alma", "6 07:00:00 Zoila", "7 07:00:00 Berta"], await TurnsAsync(third)); // The number in the list stays theirs.
    }

    [Fact]
    public async Task Summoning_on_a_day_leaves_its_turns_alone_and_who_has_been_served_in_part_takes_no_place_of_a_quota()
    {
        var duis = Enumerable.Range(0, 5).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await CampaignAsync(string.Concat(duis.Select((d, i) => DistributionService.Row(d, $"Persona {(char)('A' + i)}"))), 5, c => c["centres"]![0]!["quotas"] = new JsonArray(new JsonObject { ["package"] = 1, ["most"] = 3 }));
        await service.ScheduleAsync(campaign, "2027-04-28", "07:00", "08:00", 2).JsonAsync();
        Assert.Equal((2, 0, 1, 2), Said(await SummonAsync(campaign).JsonAsync()));
        using var noon = service.Clock.NoonOf("2027-04-28");
        await service.HandAsync(campaign, duis[0], items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync();
        await service.HandAsync(campaign, duis[1], items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync();
        var next = (await service.ScheduleAsync(campaign, "2027-04-29", "07:00", "09:00", 4).JsonAsync()).Text("id");
        // The third place of the quota is the third person's; the two who were served in part keep today's turn.
        Assert.Equal((1, 0, 0, 2), Said(await SummonAsync(campaign).JsonAsync()));
        Assert.Equal(["3 07:00:00 Persona C"], await TurnsAsync(next));
        Assert.Equal(["authorised 2", "partially-delivered 2", "summoned 1"], await StatesAsync(campaign, "authorised", "partially-delivered", "summoned"));
    }

    [Fact]
    public async Task A_quota_is_a_quota()
    {
        var duis = Enumerable.Range(0, 5).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await CampaignAsync(string.Concat(duis.Select(d => DistributionService.Row(d))), 5, c => c["centres"]![0]!["quotas"] = new JsonArray(new JsonObject { ["package"] = 1, ["most"] = 3 }));
        await service.ScheduleAsync(campaign, "2027-04-28").JsonAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SummonAsync(campaign).JsonAsync()));
        Assert.Equal(3, answers.Sum(a => (int)a["summoned"]!));
        Assert.Contains(answers, a => (int)a["overQuota"]! == 2);
        using (service.Clock.NoonOf("2027-04-28"))
        {
            var hands = await Task.WhenAll(duis.Select(d => service.HandAsync(campaign, d)));
            Assert.Equal(3, hands.Count(h => h.IsSuccessStatusCode));
            await Task.FromResult(hands.First(h => !h.IsSuccessStatusCode)).ProblemAsync(HttpStatusCode.Conflict, "not_summoned");
        }
    }

    [Fact]
    public async Task The_list_is_for_the_staff_the_slip_for_the_person_and_the_notice_for_everybody()
    {
        var duis = Enumerable.Range(0, 7).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await CampaignAsync(string.Concat(duis.Take(6).Select(d => DistributionService.Row(d, hamlet: "Muchos"))) + DistributionService.Row(duis[6], "Única", "Sola"), 7);
        var day = (await service.ScheduleAsync(campaign, "2027-04-28", perHour: 3).JsonAsync()).Text("id");
        await SummonAsync(campaign).JsonAsync();
        var list = await TextAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day}/list");
        Assert.All(duis, d => Assert.Contains(d, list, StringComparison.Ordinal));
        var slips = await TextAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{day}/slips?after=5");
        Assert.Equal(2, slips.Split("<section>").Length - 1);
        Assert.All(duis, d => Assert.DoesNotContain(d, slips, StringComparison.Ordinal));
        Assert.Equal(["day-list 1", "day-slips 1"], await service.RowsAsync($"SELECT what || ' ' || count(*) FROM personal_read WHERE subject = '{day}' GROUP BY what ORDER BY what"));
        var notice = await TextAsync(null, $"/public/campaigns/{campaign}");
        Assert.Contains("Muchos, Las Lomas</dt><dd>de 7:00 a 9:00", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("Sola", notice, StringComparison.Ordinal); // One person alone is not told by their hamlet.
        Assert.DoesNotContain("Inventada", notice, StringComparison.Ordinal);
        // By the code of the slip, and it is good for what is due and no more.
        var code = await service.QueryAsync<Guid>($"SELECT code FROM summons s JOIN beneficiary b ON b.id = s.beneficiary_id WHERE b.dui = '{duis[0]}'");
        using (service.Clock.NoonOf("2027-04-28"))
        {
            var seen = await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { code }).JsonAsync();
            Assert.Equal(("2027-04-28", 2), (seen.Text("date"), seen["packages"]![0]!["due"]!.AsArray().Count));
            await service.HandAsync(campaign, null, code: code.ToString()).JsonAsync();
            seen = await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { code }).JsonAsync();
            Assert.Equal(("delivered", 0), (seen["packages"]![0]!.Text("state"), seen["packages"]![0]!["due"]!.AsArray().Count));
            await service.HandAsync(campaign, null, code: code.ToString()).ProblemAsync(HttpStatusCode.Conflict, "already_delivered");
            await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { code = Guid.NewGuid() }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
            await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "person");
        }
    }

    /// <summary>An approved campaign whose hamlets all go to the first centre.</summary>
    private async Task<string> CampaignAsync(string rows, int people, Action<JsonObject>? change = null)
    {
        var campaign = await service.ApprovedAsync(rows, people, change);
        await service.AssignAsync(campaign);
        return campaign;
    }

    private Task<HttpResponseMessage> SummonAsync(string campaign) => service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: Guid.NewGuid().ToString());

    private static (int, int, int, int) Said(JsonNode answer) => ((int)answer["summoned"]!, (int)answer["first"]!, (int)answer["waiting"]!, (int)answer["overQuota"]!);

    private Task<List<string>> TurnsAsync(string day) => service.RowsAsync(
        $"SELECT s.number || ' ' || turn_at(d, s.slot) || ' ' || b.given_names FROM summons s JOIN delivery_day d ON d.id = s.day_id JOIN beneficiary b ON b.id = s.beneficiary_id WHERE d.id = '{day}' ORDER BY s.slot");

    private Task<List<string>> StatesAsync(string campaign, params string[] states) => service.RowsAsync(
        $"SELECT w.state || ' ' || count(e.*) FROM unnest('{{{string.Join(',', states)}}}'::text[]) AS w (state) LEFT JOIN entitlement e ON e.state = w.state AND e.campaign_id = '{campaign}' GROUP BY w.state ORDER BY w.state");

    private async Task<string> TextAsync(string? role, string path) => WebUtility.HtmlDecode(await (await service.GetAsync(role, path)).Content.ReadAsStringAsync());
}
