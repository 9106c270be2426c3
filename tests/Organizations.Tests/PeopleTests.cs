using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class PeopleTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task An_adult_is_registered_with_a_DUI_and_shown_with_it_masked()
    {
        var dui = OrganizationsService.NewDui();
        using var answer = await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui.Replace("-", "", StringComparison.Ordinal), phone: "7000-0001"));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("******" + dui[6..], JsonNode.Parse(text)!.Text("maskedDui"));
        Assert.DoesNotContain(dui[..8], text, StringComparison.Ordinal);
        Assert.DoesNotContain("7000", text, StringComparison.Ordinal);
        var read = await service.As(Roles.Auditor).SendJsonAsync(HttpMethod.Get, answer.Headers.Location!.ToString(), null).JsonAsync();
        Assert.Equal("******" + dui[6..], read.Text("maskedDui"));
    }

    [Fact]
    public async Task An_adult_without_a_DUI_is_refused() => await service.PostAsync(Roles.Promoter, "/people", new
    {
        givenNames = "Sin", surnames = "Documento", birthDate = "1980-01-01", sex = "male",
    }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "adult_needs_dui");

    [Theory]
    [InlineData("90000001-6")]
    [InlineData("00000000-0")]
    [InlineData("1234")]
    public async Task A_DUI_with_a_wrong_check_digit_is_refused(string dui)
    {
        var problem = await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui)).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        Assert.NotNull(problem["errors"]!["/dui"]);
    }

    [Fact]
    public async Task A_minor_is_registered_under_a_responsible_adult_only()
    {
        var adult = await service.RegisterPersonAsync();
        var minor = await service.RegisterPersonAsync("2015-01-01", adult);
        var seen = await service.GetAsync(Roles.Promoter, $"/people/{minor}").JsonAsync();
        Assert.Equal(adult.ToString(), seen.Text("responsiblePersonId"));
        Assert.Null(seen["maskedDui"]);

        await service.PostAsync(Roles.Promoter, "/people", Minor(null)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "minor_needs_responsible_adult");
        await service.PostAsync(Roles.Promoter, "/people", Minor(minor)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "responsible_not_an_adult");
        await service.PostAsync(Roles.Promoter, "/people", Minor(Guid.CreateVersion7())).ProblemAsync(HttpStatusCode.UnprocessableEntity, "responsible_not_an_adult");
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(birthDate: "2015-01-01")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "minor_has_no_dui");
    }

    [Fact]
    public async Task One_is_an_adult_on_the_eighteenth_birthday_and_not_the_day_before()
    {
        using var noon = service.Clock.NoonOf("2026-03-01");
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(birthDate: "2008-03-01")).JsonAsync();
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(birthDate: "2008-03-02")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "minor_has_no_dui");
    }

    [Theory]
    [InlineData("2099-01-01")]
    [InlineData("1880-01-01")]
    public async Task A_birth_date_must_be_possible(string birthDate) =>
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(birthDate: birthDate)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "birth_date_out_of_range");

    [Fact]
    public async Task The_same_DUI_twice_is_409()
    {
        var dui = OrganizationsService.NewDui();
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui)).JsonAsync();
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui)).ProblemAsync(HttpStatusCode.Conflict, "dui_already_registered");
    }

    [Fact]
    public async Task When_the_same_DUI_is_registered_by_many_at_once_one_wins_and_the_others_get_409()
    {
        var dui = OrganizationsService.NewDui();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        foreach (var refused in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
            await Task.FromResult(refused).ProblemAsync(HttpStatusCode.Conflict, "dui_already_registered");
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM person_identity WHERE dui = '{dui}'"));
        Assert.Equal(0, await service.QueryAsync<long>("SELECT count(*) FROM person p WHERE NOT EXISTS (SELECT 1 FROM person_identity i WHERE i.person_id = p.id)"));
    }

    [Fact]
    public async Task A_person_is_found_by_a_DUI_that_stands_in_the_body()
    {
        var dui = OrganizationsService.NewDui();
        var person = await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui)).JsonAsync();
        var found = await service.PostAsync(Roles.Promoter, "/people/lookup", new { dui = dui.Replace("-", "", StringComparison.Ordinal) }).JsonAsync();
        Assert.Equal(person.Text("id"), found.Text("id"));
        Assert.DoesNotContain(dui, found.ToJsonString(), StringComparison.Ordinal);
        await service.PostAsync(Roles.Promoter, "/people/lookup", new { dui = OrganizationsService.NewDui() }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task The_whole_identity_is_for_the_secretary_with_a_purpose_and_written_down()
    {
        var dui = OrganizationsService.NewDui();
        var person = (await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui, phone: "7000-0002")).JsonAsync()).Text("id");
        var path = $"/people/{person}/identity-reads";

        await service.PostAsync(Roles.Promoter, path, new { purpose = "Curiosidad" }).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await service.PostAsync(Roles.Secretary, path, new { purpose = " " }).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM identity_read WHERE person_id = '{person}'"));

        var identity = await service.PostAsync(Roles.Secretary, path, new { purpose = "Extender credencial" }, subject: "secretaria-1").JsonAsync();
        Assert.Equal((dui, "+50370000002"), (identity.Text("dui"), identity.Text("phone")));
        Assert.Equal(
            ["secretaria-1: Extender credencial"], await service.RowsAsync($"SELECT reader || ': ' || purpose FROM identity_read WHERE person_id = '{person}'"));
    }

    [Fact]
    public async Task No_DUI_or_telephone_leaves_its_table()
    {
        var (dui, phone) = (OrganizationsService.NewDui(), "7999-1234");
        var person = Guid.Parse((await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui, phone: phone), key: Guid.NewGuid().ToString()).JsonAsync()).Text("id"));
        var place = await service.HamletAsync();
        var association = await service.PostAsync(Roles.Promoter, "/associations", new { name = "ADESCO Discreta", placeId = place, formedOn = "2017-01-10", memberIds = new[] { person } }).JsonAsync();
        await service.EverythingSaidAsync();

        foreach (var path in new[] { $"/people/{person}", $"/associations/{association.Text("id")}", $"/associations/{association.Text("id")}/members?on=2017-02-01" })
        {
            var text = (await service.GetAsync(Roles.Secretary, path).JsonAsync()).ToJsonString();
            Assert.DoesNotContain(dui[..8], text, StringComparison.Ordinal);
            Assert.DoesNotContain("79991234", text, StringComparison.Ordinal);
        }
        foreach (var table in (await service.RowCountsAsync()).Keys.Append("published_event").Append("outbox").Where(t => t != "person_identity"))
        {
            Assert.Equal((table, 0), (table, await service.QueryAsync<long>(
                $"SELECT count(*) FROM {table} t WHERE t::text LIKE '%{dui}%' OR t::text LIKE '%{dui.Replace("-", "", StringComparison.Ordinal)}%' OR t::text LIKE '%79991234%'")));
        }
    }

    private static object Minor(Guid? responsible) => new { givenNames = "Menor", surnames = "Inventada", birthDate = "2015-01-01", sex = "female", responsiblePersonId = responsible };
}
