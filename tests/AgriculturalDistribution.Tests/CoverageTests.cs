using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>Nobody is forgotten: who should be listed and is not, and what is wrong in the owner's roster.</summary>
public sealed class CoverageTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task Hamlets_with_fewer_producers_than_expected_are_seen_and_those_where_an_association_lives()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        string Rows(int count, string hamlet) => string.Concat(Enumerable.Range(0, count).Select(_ => DistributionService.Row(DistributionService.NewDui(), hamlet: hamlet)));
        await service.ImportAsync(campaign, Rows(3, "El Norte") + Rows(2, "Caserío El Sur"));
        var expected = new
        {
            source = "Censo municipal", hamlets = new[] { Hamlet("el norte", 3), Hamlet("El  Sur", 5), Hamlet("El Olvido", 7) },
        };
        Assert.Equal(3, (int)(await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/expected-producers", expected, null).JsonAsync())["hamlets"]!);
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/expected-producers", new { source = "x", hamlets = new[] { Hamlet("El Sur", 1), Hamlet("Caserío el sur", 2) } }, null)
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "hamlet_twice");
        // Organizations tells of an association where nobody is listed, and of one that ended.
        var alive = await TellAssociationAsync("ADESCO La Loma", "Caserío La Loma, Cantón Las Lomas, San Ensayo, Prueba");
        await TellAssociationAsync("ADESCO El Norte", "Caserío El Norte, Cantón Las Lomas, San Ensayo, Prueba");
        var ended = await TellAssociationAsync("ADESCO La Cueva", "Caserío La Cueva, Cantón Las Lomas, San Ensayo, Prueba");
        await service.TellAsync(new AssociationDissolved { AssociationId = ended, Name = "ADESCO La Cueva", Place = Place("Caserío La Cueva, Cantón Las Lomas, San Ensayo, Prueba"), DissolvedOn = new(2026, 1, 1), Cause = "agreement", CouncilReference = new(1, 2, new(2026, 1, 1)), Version = 9 });

        var all = await CoverageAsync(campaign, "");
        Assert.Equal("3 of 3, ADESCO El Norte", all["El Norte"]);
        Assert.Equal(["Caserío El Sur", "Caserío La Loma", "El Olvido"], (await CoverageAsync(campaign, "&short=true")).Keys.Order(StringComparer.Ordinal));
        Assert.Equal("2 of 5, ", all["Caserío El Sur"]);
        Assert.Equal("0 of 7, ", all["El Olvido"]);
        Assert.Equal("0 of , ADESCO La Loma", all["Caserío La Loma"]);

        // Its claim is followed until the owner answers.
        var place = int.Parse((await service.RowsAsync("SELECT id::text FROM hamlet WHERE name = 'Caserío La Loma'"))[0], System.Globalization.CultureInfo.InvariantCulture);
        await ReportAsync(campaign, new { kind = "hamlet-left-out", description = "No aparece nadie.", hamletId = place, claimed = 30, associationId = ended }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_association");
        var claim = await ReportAsync(campaign, new { kind = "hamlet-left-out", description = "No aparece nadie.", hamletId = place, claimed = 30, associationId = alive }).JsonAsync();
        var page = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/coverage?short=true").JsonAsync())["items"]!.AsArray();
        Assert.Equal((1, 30), ((int)page.Single(c => (int)c!["hamletId"]! == place)!["openClaims"]!, (int)page.Single(c => (int)c!["hamletId"]! == place)!["claimed"]!));
        Assert.Equal(("open", 30), (claim.Text("state"), (int)claim["claimed"]!));
        // It speaks for hamlets of its own cantón.
        var far = await TellAssociationAsync("ADESCO Lejana", "Caserío Lejano, Cantón Otro, San Ensayo, Prueba");
        await ReportAsync(campaign, new { kind = "hamlet-left-out", description = "No aparece nadie.", hamletId = place, claimed = 3, associationId = far }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "association_elsewhere");
    }

    /// <summary>That the owner says yes puts nobody into the roster: the hamlet is seen until the roster has its people.</summary>
    [Fact]
    public async Task A_claim_counts_until_the_roster_has_those_who_were_missing_or_its_owner_refuses_it()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var hamlet = $"Reclamo {campaign[^4..]}";
        string Rows(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => DistributionService.Row(DistributionService.NewDui(), hamlet: hamlet)));
        var (first, missing, stranger) = (Rows(2), Rows(3), DistributionService.NewDui());
        await service.ImportAsync(campaign, first);
        var place = await service.QueryAsync<int>($"SELECT id FROM hamlet WHERE name = '{hamlet}'");
        await ReportAsync(campaign, new { kind = "hamlet-left-out", description = "Faltan tres.", hamletId = place, claimed = 3 }).JsonAsync();
        await ReportAsync(campaign, new { kind = "person-left-out", description = "Siembra.", dui = stranger, names = "Ana Prueba", hamletId = place }).JsonAsync();
        await ReportAsync(campaign, new { kind = "hamlet-left-out", description = "Faltan muchos.", hamletId = place, claimed = 500 }).JsonAsync();
        async Task<string> SeenAsync()
        {
            var line = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/coverage?limit=200&after={place - 1}").JsonAsync())["items"]!.AsArray().Single(c => (int)c!["hamletId"]! == place)!;
            return $"{line["listed"]} listed, {line["openClaims"]} claims of {line["claimed"]}, short {(bool)line["short"]!}";
        }
        Assert.Equal("2 listed, 3 claims of 504, short True", await SeenAsync());
        await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/export");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio 1", on = "2026-11-10" }).JsonAsync();
        foreach (var incident in (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents").JsonAsync())["items"]!.AsArray())
            await service.PostAsync(
                Roles.UnitHead, $"/campaigns/{campaign}/incidents/{incident!.Text("id")}/resolution", new { accepted = (int?)incident!["claimed"] != 500, answer = "Visto.", on = "2026-11-20" }, DistributionService.ETag(incident)).JsonAsync();
        Assert.Equal("2 listed, 2 claims of 4, short True", await SeenAsync()); // Two were accepted, and nobody is in the roster yet.
        var job = await service.ImportAsync(campaign, first + missing);
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        Assert.Equal("5 listed, 1 claims of 1, short True", await SeenAsync());
        job = await service.ImportAsync(campaign, first + missing + DistributionService.Row(stranger, hamlet: hamlet));
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        Assert.Equal("6 listed, 0 claims of 0, short False", await SeenAsync());
    }

    [Fact]
    public async Task What_is_wrong_in_the_roster_is_told_to_its_owner_and_answered()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var (listed, stranger) = (DistributionService.NewDui(), DistributionService.NewDui());
        await service.ImportAsync(campaign, DistributionService.Row(listed));
        var hamlet = (int)(await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/coverage").JsonAsync())["items"]!.AsArray().Single(c => (int)c!["listed"]! == 1)!["hamletId"]!;
        foreach (var (body, code) in new (object, string)[]
        {
            (new { kind = "deceased", description = "Falleció." }, "dui_of_incident"),
            (new { kind = "deceased", description = "Falleció.", dui = stranger }, "not_listed"),
            (new { kind = "deceased", description = "Falleció.", dui = listed, hamletId = hamlet }, "hamlet_of_incident"),
            (new { kind = "deceased", description = "Falleció.", dui = listed, names = "x" }, "names_of_incident"),
            (new { kind = "person-left-out", description = "Siembra.", dui = listed, names = "Ana Prueba", hamletId = hamlet }, "listed"),
            (new { kind = "person-left-out", description = "Siembra.", dui = stranger, hamletId = hamlet }, "names_of_incident"),
            (new { kind = "person-left-out", description = "Siembra.", dui = stranger, names = "Ana Prueba", hamletId = 999_999 }, "unknown_hamlet"),
            (new { kind = "hamlet-left-out", description = "Nadie.", hamletId = hamlet }, "claimed_of_incident"),
            (new { kind = "person-left-out", description = "Siembra.", dui = stranger, names = "Ana Prueba", hamletId = hamlet, associationId = Guid.NewGuid() }, "association_of_incident"),
        })
            await ReportAsync(campaign, body).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        var deceased = await ReportAsync(campaign, new { kind = "deceased", description = "Falleció en enero.", dui = listed }).JsonAsync();
        var left = await ReportAsync(campaign, new { kind = "person-left-out", description = "Siembra desde siempre.", dui = stranger, names = "Ana Prueba", hamletId = hamlet }).JsonAsync();
        // The list names nobody; the file for the owner does, and who took it is known.
        var list = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents?state=open").JsonAsync()).ToJsonString();
        Assert.DoesNotContain(listed, list, StringComparison.Ordinal);
        Assert.DoesNotContain(stranger, list, StringComparison.Ordinal);
        var file = await (await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents/export", "test")).Content.ReadAsStringAsync();
        Assert.Contains($"falleció,{listed},Ana María Prueba Inventada,San Ensayo,Las Lomas,El Ensayo", file, StringComparison.Ordinal);
        Assert.Contains($"quedó fuera,{stranger},Ana Prueba", file, StringComparison.Ordinal);
        Assert.Equal(["test"], await service.RowsAsync($"SELECT reader FROM personal_read WHERE subject = '{campaign}' AND what = 'incidents-export'"));

        await ResolveAsync(deceased, "2026-11-20").ProblemAsync(HttpStatusCode.Conflict, "incident_not_sent");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio 1", on = "2026-11-10", export = Guid.NewGuid() }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_export");
        Assert.Equal(2, (int)(await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio 1", on = "2026-11-10" }).JsonAsync())["incidents"]!);
        // What was reported after the file was taken is not in it, and a file that somebody else took is not the one that was sent.
        await ReportAsync(campaign, new { kind = "wrong-data", description = "El nombre está mal.", dui = listed }).JsonAsync();
        await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents/export", "otra");
        Assert.Equal(0, (int)(await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio 2", on = "2026-11-11" }).JsonAsync())["incidents"]!);
        await ResolveAsync(deceased, "2026-11-20").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        deceased = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents?kind=deceased").JsonAsync())["items"]![0]!;
        await ResolveAsync(deceased, "2026-11-09").ProblemAsync(HttpStatusCode.UnprocessableEntity, "before_last_step");
        deceased = await ResolveAsync(deceased, "2026-11-20").JsonAsync();
        Assert.Equal(("accepted", "Oficio 1", "Sale del padrón."), (deceased.Text("state"), deceased.Text("document"), deceased.Text("answer")));
        Assert.Equal("sent", (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents?kind=person-left-out").JsonAsync())["items"]![0]!.Text("state"));
        Assert.NotEqual(deceased.Text("id"), left.Text("id"));

        Task<HttpResponseMessage> ResolveAsync(JsonNode seen, string on) => service.PostAsync(
            Roles.UnitHead, $"/campaigns/{campaign}/incidents/{seen.Text("id")}/resolution", new { accepted = true, answer = "Sale del padrón.", on }, DistributionService.ETag(seen));
    }

    private Task<HttpResponseMessage> ReportAsync(string campaign, object body) => service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", body, key: Guid.NewGuid().ToString());

    private static object Hamlet(string hamlet, int expected) => new { district = "San Ensayo", canton = "Las Lomas", hamlet, expected };

    private static PlaceRef Place(string path) => new(Guid.CreateVersion7(), "hamlet", path.Split(',')[0], path);

    private async Task<Guid> TellAssociationAsync(string name, string path)
    {
        var id = Guid.CreateVersion7();
        await service.TellAsync(new AssociationActivated { AssociationId = id, Name = name, Place = Place(path), BoardFrom = new(2026, 1, 1), BoardUntil = new(2027, 12, 31), Version = 5 });
        return id;
    }

    private async Task<Dictionary<string, string>> CoverageAsync(string campaign, string query) =>
        (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/coverage?limit=200{query}").JsonAsync())["items"]!.AsArray()
            .ToDictionary(c => c!.Text("hamlet"), c => $"{c!["listed"]} of {c["expected"]}, {string.Join('/', c["associations"]!.AsArray().Select(a => (string)a!))}");
}
