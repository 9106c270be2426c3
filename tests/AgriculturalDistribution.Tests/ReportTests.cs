using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>Delivered against programmed.</summary>
public sealed class ReportTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string Today = "2027-04-28";

    [Fact]
    public async Task What_was_handed_over_is_counted_by_place_sex_age_package_and_day()
    {
        var duis = Enumerable.Range(0, 7).Select(_ => DistributionService.NewDui()).ToArray();
        // On the first day of the campaign (2027-04-15): 18, 29, 30, 60 and 59 years; a minor who may not receive; and one with two packages.
        var campaign = await service.OpenAsync(
            DistributionService.Row(duis[0], hamlet: "Arriba", birth: "2009-04-15") + DistributionService.Row(duis[1], hamlet: "Arriba", birth: "1997-04-16", sex: "M")
            + DistributionService.Row(duis[2], hamlet: "Arriba", birth: "1997-04-15") + DistributionService.Row(duis[3], hamlet: "Abajo", birth: "1967-04-15", sex: "M")
            + DistributionService.Row(duis[4], hamlet: "Abajo", birth: "1967-04-16", packages: "maiz,frijol") + DistributionService.Row(duis[5], hamlet: "Abajo", birth: "2012-01-01")
            + DistributionService.Row(duis[6], hamlet: "Abajo", birth: "1980-01-01"), 8, Today, change: null, assign: true, more: c => service.ReceiveAsync(c, 2, 25));
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        using (service.Clock.NoonOf(Today))
        {
            await service.HandAsync(campaign, duis[0]).JsonAsync();
            await service.HandAsync(campaign, duis[1], items: new JsonArray(new JsonObject { ["article"] = 1 })).JsonAsync();
            await service.HandAsync(campaign, duis[3], act: "refusal").JsonAsync();
            await service.HandAsync(campaign, duis[4]).JsonAsync();
            await service.HandAsync(campaign, duis[4], package: 2).JsonAsync();
        }
        // What is missing comes a day later: the package was completed then.
        await service.ScheduleAsync(campaign, "2027-04-29").JsonAsync();
        using (service.Clock.NoonOf("2027-04-29"))
            await service.HandAsync(campaign, duis[1]).JsonAsync();

        // Programmed, delivered, partly, refused, no-show, under review, waiting.
        Assert.Equal(["Paquete de maíz 6 3 0 1 0 0 2", "Paquete de frijol 1 1 0 0 0 0 0"], await LinesAsync(campaign, "package"));
        Assert.Equal(["Casa comunal Norte 7 4 0 1 0 0 2"], await LinesAsync(campaign, "centre"));
        Assert.Equal(["Abajo, Las Lomas, San Ensayo 4 2 0 1 0 0 1", "Arriba, Las Lomas, San Ensayo 3 2 0 0 0 0 1"], await LinesAsync(campaign, "hamlet"));
        Assert.Equal(["Las Lomas, San Ensayo 7 4 0 1 0 0 2"], await LinesAsync(campaign, "canton"));
        Assert.Equal(["San Ensayo 7 4 0 1 0 0 2"], await LinesAsync(campaign, "district"));
        Assert.Equal(["Mujeres 5 3 0 0 0 0 2", "Hombres 2 1 0 1 0 0 0"], await LinesAsync(campaign, "sex"));
        Assert.Equal(["De 18 a 29 años 2 2 0 0 0 0 0", "De 30 a 44 años 1 0 0 0 0 0 1", "De 45 a 59 años 3 2 0 0 0 0 1", "De 60 años o más 1 0 0 1 0 0 0"], await LinesAsync(campaign, "age"));
        Assert.Equal(["28/04/2027 7 3 0 1 0 0 2", "29/04/2027 0 1 0 0 0 0 0"], await LinesAsync(campaign, "day"));
        Assert.Equal(["Mujeres 1 1 0 0 0 0 0"], await LinesAsync(campaign, "sex", "&package=2"));

        // By pages, which give each line once.
        var first = await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/report?by=hamlet&limit=1").JsonAsync();
        Assert.Equal(50, (decimal)first["items"]![0]!["percent"]!);
        Assert.Equal(["Arriba, Las Lomas, San Ensayo 3 2 0 0 0 0 1"], await LinesAsync(campaign, "hamlet", $"&after={Uri.EscapeDataString(first.Text("next"))}"));

        var csv = await TextAsync($"/campaigns/{campaign}/report/csv?by=sex");
        Assert.Contains("Mujeres,5,3,60,0,0,0,0,2", csv, StringComparison.Ordinal);
        var paper = await TextAsync($"/campaigns/{campaign}/report/print");
        Assert.All(duis, d => Assert.DoesNotContain(d, paper, StringComparison.Ordinal));
        Assert.DoesNotContain("Inventada", paper, StringComparison.Ordinal);
        Assert.Contains("<td>Mujeres</td><td class=\"narrow\">5</td><td class=\"narrow\"><strong>3</strong></td><td class=\"narrow\">60 %</td>", paper, StringComparison.Ordinal);
        Assert.Contains("3 de 5 (60 %)", await TextAsync($"/campaigns/{campaign}/report/charts/sex"), StringComparison.Ordinal);
        var draft = (await service.CampaignAsync()).Text("id");
        Assert.Empty(await LinesAsync(draft, "hamlet"));
        await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/report?by=nada").ProblemAsync(HttpStatusCode.BadRequest, "bad_request");
    }

    private async Task<List<string>> LinesAsync(string campaign, string by, string more = "") =>
        [.. (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/report?by={by}{more}").JsonAsync())["items"]!.AsArray()
            .Select(l => string.Join(' ', new[] { "name", "programmed", "delivered", "partly", "refused", "noShow", "underReview", "waiting" }.Select(m => l![m]!.ToString())))];

    private async Task<string> TextAsync(string path)
    {
        var answer = await service.GetAsync(Roles.Auditor, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
