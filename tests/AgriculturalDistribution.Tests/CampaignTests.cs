using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>A campaign as it is written.</summary>
public sealed class CampaignTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task A_campaign_is_written_and_written_again_until_it_is_approved()
    {
        var campaign = await service.CampaignAsync();
        Assert.Equal(("draft", 3, 2, 2), (campaign.Text("state"), campaign["articles"]!.AsArray().Count, campaign["packages"]!.AsArray().Count, campaign["centres"]!.AsArray().Count));
        var content = DistributionService.Content();
        content["packages"]![0]!["components"]![0]!["quantity"] = 25;
        content["centres"]!.AsArray().RemoveAt(1);
        var path = $"/campaigns/{campaign.Text("id")}";
        await service.PutAsync(Roles.UnitHead, path, content, "\"0\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        campaign = await service.PutAsync(Roles.UnitHead, path, content, DistributionService.ETag(campaign)).JsonAsync();
        Assert.Equal((25m, 1), ((decimal)campaign["packages"]![0]!["components"]![0]!["quantity"]!, campaign["centres"]!.AsArray().Count));
        // Where a roster names the packages, their codes stay, and more may follow.
        await service.ImportAsync(campaign.Text("id"), DistributionService.Row(DistributionService.NewDui()));
        campaign = await service.GetAsync(Roles.Auditor, path).JsonAsync();
        var other = (JsonObject)content.DeepClone();
        other["packages"]![0]!["code"] = "sorgo";
        await service.PutAsync(Roles.UnitHead, path, other, DistributionService.ETag(campaign)).ProblemAsync(HttpStatusCode.Conflict, "roster_names_packages");
        other = (JsonObject)content.DeepClone();
        other["packages"]!.AsArray().Add(new JsonObject { ["code"] = "sorgo", ["name"] = "Paquete de sorgo", ["components"] = new JsonArray(new JsonObject { ["article"] = 3, ["quantity"] = 10 }) });
        campaign = await service.PutAsync(Roles.UnitHead, path, other, DistributionService.ETag(campaign)).JsonAsync();
        Assert.Equal(["maiz", "frijol", "sorgo"], campaign["packages"]!.AsArray().Select(p => p!.Text("code")));
        // What came already keeps its article and its centre; they may be called otherwise, not go.
        await service.ReceiveAsync(campaign.Text("id"), 3, 100);
        other["articles"]![2]!["name"] = "Fertilizante 16-20-0";
        campaign = await service.PutAsync(Roles.UnitHead, path, other, DistributionService.ETag(campaign)).JsonAsync();
        Assert.Equal("Fertilizante 16-20-0", campaign["articles"]![2]!.Text("name"));
        foreach (var (what, change) in new (string, Action<JsonObject>)[]
        {
            ("stock_names_articles", c => c["articles"]![2]!["unit"] = "quintal"),
            ("stock_names_articles", c => { (c["articles"]![2]!["name"], c["articles"]![0]!["name"]) = (c["articles"]![0]!["name"]!.DeepClone(), c["articles"]![2]!["name"]!.DeepClone()); }),
            ("stock_names_centres", c =>
            {
                var before = (JsonObject)c["centres"]![0]!.DeepClone();
                before["name"] = "Otro centro";
                c["centres"]!.AsArray().Insert(0, before);
            }),
        })
        {
            var moved = (JsonObject)other.DeepClone();
            change(moved);
            await service.PutAsync(Roles.UnitHead, path, moved, DistributionService.ETag(campaign)).ProblemAsync(HttpStatusCode.Conflict, what);
        }
        other["articles"]!.AsArray().RemoveAt(2);
        foreach (var package in other["packages"]!.AsArray())
            package!["components"] = new JsonArray(new JsonObject { ["article"] = 1, ["quantity"] = 10 });
        await service.PutAsync(Roles.UnitHead, path, other, DistributionService.ETag(campaign)).ProblemAsync(HttpStatusCode.Conflict, "stock_names_articles");
        Assert.Contains((await service.GetAsync(Roles.Promoter, "/campaigns").JsonAsync())["items"]!.AsArray(), c => c!.Text("id") == campaign.Text("id"));
    }

    [Theory]
    [InlineData("packages/0/components/0/article", "4", "unknown_article", "/packages/0/components/0/article")]
    [InlineData("packages/0/components/1/article", "1", "article_twice", "/packages/0/components")]
    [InlineData("packages/0/components/0/quantity", "0", "quantity", "/packages/0/components/0/quantity")]
    [InlineData("packages/0/components/0/quantity", "1.001", "quantity", "/packages/0/components/0/quantity")]
    [InlineData("packages/1/code", "\"MAIZ\"", "name_twice", "/packages/1/code")]
    [InlineData("articles/1/name", "\"semilla de maíz\"", "name_twice", "/articles/1/name")]
    [InlineData("centres/0/quotas/0/package", "3", "unknown_package", "/centres/0/quotas/0/package")]
    [InlineData("centres/0/staff/0", "\"\"", "staff", "/centres/0/staff/0")]
    [InlineData("lastDay", "\"2027-04-14\"", "campaign_days", "/lastDay")]
    public async Task What_does_not_fit_is_refused_where_it_stands(string member, string value, string code, string at)
    {
        var content = DistributionService.Content();
        JsonNode node = content;
        var steps = member.Split('/');
        foreach (var step in steps[..^1])
            node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
        if (int.TryParse(steps[^1], out var last))
            node[last] = JsonNode.Parse(value);
        else
            node[steps[^1]] = JsonNode.Parse(value);
        var problem = await service.PostAsync(Roles.UnitHead, "/campaigns", content, key: Guid.NewGuid().ToString()).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.NotNull(problem["errors"]![at]);
    }

    [Fact]
    public async Task Two_campaigns_do_not_share_a_name_also_when_they_are_written_at_once()
    {
        var content = DistributionService.Content();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.PostAsync(Roles.UnitHead, "/campaigns", content.DeepClone(), key: Guid.NewGuid().ToString())));
        Assert.Equal((1, 5), (answers.Count(a => a.StatusCode == HttpStatusCode.Created), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
    }
}
