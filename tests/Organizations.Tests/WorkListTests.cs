using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>What waits for somebody, with its day and its rule.</summary>
public sealed class WorkListTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Each_step_of_an_association_has_its_item_until_it_is_taken()
    {
        var association = await service.RegisterAssociationAsync(24);
        await ExpectAsync(association, "2017-01-15", "blocked members-missing");
        await association.DoAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2017-01-12" });
        await ExpectAsync(association, "2017-01-15", "blocked assembly-to-hold");
        await association.ConstituteAsync();
        await ExpectAsync(association, "2017-01-25", "blocked application-to-file");
        await association.DoAsync(Roles.Secretary, "application", Association.Application());
        await ExpectAsync(association, "2017-02-16", "due council-to-resolve 2017-02-16");
        await ExpectAsync(association, "2017-02-17", "overdue council-to-resolve 2017-02-16");
        await association.DoAsync(Roles.Secretary, "observation", Association.Observation("2017-02-06"));
        await ExpectAsync(association, "2017-02-10", "due defects-to-correct 2017-02-21");
        await association.DoAsync(Roles.Secretary, "correction", new { correctedOn = "2017-02-08" });
        await association.DoAsync(Roles.Council, "resolution", Association.Agreement("2017-02-20"));
        await ExpectAsync(association, "2017-02-21", "blocked register-entry");
        await association.DoAsync(Roles.Secretary, "registration", Association.Registration());
        await ExpectAsync(association, "2017-02-21", "blocked gazette");
        await association.DoAsync(Roles.Secretary, "publication", new { gazetteNumber = 44, gazetteVolume = 414, publishedOn = "2017-03-03" });
        await ExpectAsync(association, "2017-03-04", "blocked credential");
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-03-06" });
        await ExpectAsync(association, "2017-03-07");
        await ExpectAsync(association, "2018-01-02", "due annual-filing 2018-01-31");
        await ExpectAsync(association, "2018-02-02", "overdue annual-filing 2018-01-31");
        await association.DoAsync(Roles.Secretary, "annual-filings", new { filedOn = "2018-02-02", memberRoll = true, workPlan = true });
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "treasurer", lastDay = "2018-03-31", reason = "resignation" });
        await ExpectAsync(association, "2018-04-01", "blocked credential", "blocked post-vacant");
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2018-04-02" });
        await ExpectAsync(association, "2018-11-19", "blocked post-vacant");
        await ExpectAsync(association, "2018-11-20", "due board-to-elect 2019-01-19", "blocked post-vacant");
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-01"));
        await ExpectAsync(association, "2018-12-02", "due board-to-report 2018-12-16", "blocked post-vacant");
        await association.DoAsync(Roles.Secretary, "board/report", new { reportedOn = "2018-12-02" });
        await service.PostAsync(Roles.Promoter, $"/associations/{association.Id}/books/treasury/entries", new { datedOn = "2018-12-02", title = "Ingreso", text = "Venta de comida" }).JsonAsync();
        await ExpectAsync(association, "2018-12-02", "blocked entry-to-close", "blocked post-vacant");
        await association.DoAsync(Roles.Promoter, "dissolution", new { heldOn = "2018-12-20", call = 1, attendees = 22, inFavour = 20, cause = "members-agreement" });
        await ExpectAsync(association, "2018-12-21", "blocked dissolution-to-settle", "blocked entry-to-close");
    }

    [Fact]
    public async Task It_is_filtered_by_promoter_place_and_state_and_says_which_rule_set_the_day()
    {
        var association = await service.FiledAsync();
        using var assigned = await service.PutAsync(Roles.UnitHead, $"/associations/{association.Id}/promoter", new { promoter = "elena" }, association.ETag);
        Assert.Equal(HttpStatusCode.OK, assigned.StatusCode);
        using var day = service.Clock.NoonOf("2017-02-20");
        var mine = (await service.As(Roles.Promoter, subject: "elena").SendJsonAsync(HttpMethod.Get, "/v1/organizations/work-list?mine=true", null).JsonAsync())["items"]!.AsArray();
        var item = Assert.Single(mine)!;
        Assert.Equal(("overdue", "elena", "2017-02-16", -4), (item.Text("state"), item.Text("promoter"), item.Text("due"), (int)item["daysLeft"]!));
        Assert.Equal("El concejo resuelve en 15 días; su silencio concede la personería", item.Text("rule"));
        Assert.Contains("Código Municipal", item.Text("source"), StringComparison.Ordinal);
        await service.HamletAsync();
        var below = await service.PlaceAsync("99");
        Assert.Single(await ItemsAsync($"promoter=elena&placeId={below}&state=overdue&kind=council-to-resolve&dueBefore=2017-02-17"));
        Assert.Empty(await ItemsAsync("promoter=elena&state=blocked"));
        Assert.Empty(await ItemsAsync("promoter=elena&dueBefore=2017-02-16"));
        Assert.Empty(await ItemsAsync($"promoter=elena&placeId={await service.PlaceAsync("01")}"));
        await service.GetAsync(Roles.Promoter, "/work-list?after=nada").ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
    }

    [Fact]
    public async Task Pages_give_every_item_once_in_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.RegisterAssociationAsync(1)));
        await service.FiledAsync();
        var all = await ItemsAsync("limit=200");
        var paged = new List<JsonNode>();
        string? after = null;
        do
        {
            var page = await service.GetAsync(Roles.Promoter, $"/work-list?limit=3{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}").JsonAsync();
            paged.AddRange(page["items"]!.AsArray().Select(i => i!));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        Assert.Equal(all.Select(i => i.ToJsonString()), paged.Select(i => i.ToJsonString()));
        Assert.True(paged.TakeWhile(i => i["due"] is not null).Count() == paged.Count(i => i["due"] is not null), "What has a day comes first.");
    }

    private async Task ExpectAsync(Association association, string day, params string[] expected)
    {
        using var noon = service.Clock.NoonOf(day);
        var items = (await ItemsAsync("limit=200")).Where(i => i.Text("subjectId") == association.Id);
        Assert.Equal(expected, items.Select(i => $"{i.Text("state")} {i.Text("kind")} {i["due"]}".TrimEnd()));
    }

    private async Task<JsonNode[]> ItemsAsync(string query) =>
        [.. (await service.GetAsync(Roles.UnitHead, "/work-list?" + query).JsonAsync())["items"]!.AsArray().Select(i => i!)];
}
