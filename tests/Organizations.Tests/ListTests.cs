using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Lists with their filters, the same as CSV, and counts.</summary>
public sealed class ListTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Associations_are_found_by_word_state_place_promoter_and_end_of_term_in_order_of_their_names()
    {
        var active = await service.ActiveAsync();
        var forming = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.RegisterAssociationAsync(1)));
        var municipality = await service.PlaceAsync("99-01");
        Assert.Equal(6, (await NamesAsync($"placeId={municipality}")).Length);
        Assert.Empty(await NamesAsync($"placeId={await service.PlaceAsync("01")}"));
        Assert.Equal([active.Seen.Text("name")], await NamesAsync("state=active"));
        Assert.Equal([active.Seen.Text("name")], await NamesAsync("boardUntilBefore=2019-01-20"));
        Assert.Empty(await NamesAsync("boardUntilBefore=2019-01-19"));
        Assert.Equal(6, (await NamesAsync("search=INVENT%C3%81&promoter=test")).Length);
        Assert.Empty(await NamesAsync("search=nventada"));
        Assert.Empty(await NamesAsync("promoter=nadie"));
        var paged = new List<string>();
        string? after = null;
        do
        {
            var page = await service.GetAsync(Roles.Auditor, $"/associations?limit=2&placeId={municipality}{(after is null ? "" : "&after=" + after)}").JsonAsync();
            paged.AddRange(page["items"]!.AsArray().Select(a => a!.Text("name")));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        Assert.Equal(await NamesAsync("limit=200"), paged);
        Assert.Equal(6, paged.Distinct().Count());
        Assert.Equal(5, forming.Length);

        using var file = await service.GetAsync(Roles.Auditor, "/associations/export?state=active");
        var lines = (await file.Content.ReadAsStringAsync()).TrimStart('\uFEFF').Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("nombre,lugar,estado", lines[0], StringComparison.Ordinal);
        Assert.Contains("2019-01-19", Assert.Single(lines[1..]), StringComparison.Ordinal);

        var counts = await CountsAsync("/statistics/associations");
        Assert.Equal(["Departamento de Prueba active 1", "Departamento de Prueba forming 5"], counts.Select(c => $"{c.Text("place")} {c.Text("state")} {c["associations"]}"));
        Assert.Equal(["San Inventado active 1", "San Inventado forming 5"], (await CountsAsync($"/statistics/associations?placeId={await service.PlaceAsync("99")}"))
            .Select(c => $"{c.Text("place")} {c.Text("state")} {c["associations"]}"));
    }

    [Fact]
    public async Task Members_are_counted_once_by_sex_and_age_and_small_groups_without_a_number()
    {
        await service.RowsAsync("DELETE FROM association_member WHERE person_id IN (SELECT id FROM person WHERE birth_date <> '1980-05-05') RETURNING 'x'");
        var association = await service.RegisterAssociationAsync(12);
        await association.DoAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync("1999-01-01"), joinedOn = "2017-06-01" });
        var people = await service.QueryAsync<long>("SELECT count(DISTINCT person_id) FROM association_member m JOIN person p ON p.id = m.person_id WHERE birth_date = '1980-05-05' AND joined_on <= '2017-06-01'");
        var counts = await CountsAsync("/statistics/members?on=2017-06-01");
        Assert.Equal(["female 18-29 ", $"female 30-44 {people}"], counts.Select(c => $"{c.Text("sex")} {c.Text("ages")} {c["people"]}"));
        Assert.DoesNotContain(await CountsAsync("/statistics/members?on=2017-05-31"), c => c.Text("ages") == "18-29");
        Assert.Empty(await CountsAsync($"/statistics/members?placeId={await service.PlaceAsync("01")}"));
    }

    private async Task<string[]> NamesAsync(string query) =>
        [.. (await service.GetAsync(Roles.Auditor, "/associations?" + query).JsonAsync())["items"]!.AsArray().Select(a => a!.Text("name"))];

    private async Task<JsonNode[]> CountsAsync(string path) => [.. (await service.GetAsync(Roles.Finance, path).JsonAsync()).AsArray().Select(c => c!)];
}
