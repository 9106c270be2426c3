using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class CommitteeTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private static readonly string[] Posts = ["coordinator", "secretary", "treasurer", "member", "member"];

    [Fact]
    public async Task A_youth_committee_of_a_hamlet_is_formed()
    {
        var formed = await FormAsync(await YouthsAsync()).JsonAsync();
        Assert.Equal(("youth", 5), (formed.Text("kind"), (int)formed["members"]!));
        var seen = await service.GetAsync(Roles.Auditor, $"/committees/{formed.Text("id")}").JsonAsync();
        Assert.Equal(formed.ToJsonString(), seen.ToJsonString());
    }

    [Theory]
    [InlineData("2002-03-02", "member_age")] // 14 on the day.
    [InlineData("2002-03-01", null)] // 15 on the day.
    [InlineData("1987-03-02", null)] // 29 on the day.
    [InlineData("1987-03-01", "member_age")] // 30 on the day.
    public async Task A_young_person_is_15_to_29_on_the_day(string birthDate, string? code)
    {
        var youths = await YouthsAsync();
        youths[4] = await PersonBornAsync(birthDate);
        var forming = FormAsync(youths);
        if (code is null)
        {
            await forming.JsonAsync();
            return;
        }
        var problem = await forming.ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.NotNull(problem["errors"]!["/members/4/personId"]);
    }

    [Fact]
    public async Task Rules_of_size_place_and_posts_are_kept()
    {
        var youths = await YouthsAsync();
        await FormAsync(youths[..4]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_size");
        await FormAsync([.. youths[..4], youths[0]]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "member_twice");
        await FormAsync(youths, posts: ["coordinator", "coordinator", "member", "member", "member"]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "post_taken_twice");
        await FormAsync(youths, placeCode: "99-01-01-01").ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_place_kind");
        await FormAsync(youths, placeCode: "99-01-01-01-02").ProblemAsync(HttpStatusCode.UnprocessableEntity, "place_not_in_force");
        await FormAsync(youths, kind: "unknown").ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_kind_unknown");
        await FormAsync([.. youths[..4], Guid.CreateVersion7()]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "person_unknown");
        await FormAsync(youths, formedOn: "2099-01-01").ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
    }

    [Fact]
    public async Task Its_name_is_its_own_in_the_place()
    {
        var youths = await YouthsAsync();
        await FormAsync(youths, name: "Jóvenes de La Muestra").JsonAsync();
        await FormAsync(youths, name: "Jóvenes de La Muestra").ProblemAsync(HttpStatusCode.Conflict, "committee_already_exists");
    }

    [Fact]
    public async Task An_approved_project_asks_once_for_an_executing_and_an_oversight_committee()
    {
        var project = await ProjectAsync();
        Assert.Equal(["executing", "oversight"], await AskedAsync(project));
        await service.TellAsync(Approved(project, version: 2)); // Said again, by another event.
        Assert.Equal(["executing", "oversight"], await AskedAsync(project));
        var executing = await FormForAsync(project, "executing", await AdultsAsync(5)).JsonAsync();
        Assert.Equal(["oversight"], await AskedAsync(project));
        await FormForAsync(project, "executing", await AdultsAsync(5)).ProblemAsync(HttpStatusCode.Conflict, "committee_already_exists");
        await FormForAsync(Guid.CreateVersion7(), "oversight", await AdultsAsync(3)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "project_not_approved");
        await DissolveAsync(executing, "2018-01-31").JsonAsync();
        Assert.Equal(["executing", "oversight"], await AskedAsync(project));
        Assert.Empty((await service.GetAsync(Roles.Promoter, $"/committees/{executing.Text("id")}/members?on=2018-02-01").JsonAsync()).AsArray());
        Assert.Equal(5, (await service.GetAsync(Roles.Promoter, $"/committees/{executing.Text("id")}/members?on=2018-01-31").JsonAsync()).AsArray().Count);
    }

    [Fact]
    public async Task The_two_committees_of_a_project_share_nobody_also_when_they_are_formed_at_once()
    {
        var project = await ProjectAsync();
        var people = await AdultsAsync(8);
        var answers = await Task.WhenAll(FormForAsync(project, "executing", people[..5]), FormForAsync(project, "oversight", people[4..7]));
        var refused = Assert.Single(answers, a => !a.IsSuccessStatusCode);
        await Task.FromResult(refused).ProblemAsync(refused.StatusCode, "sits_in_the_other_committee");
        // A person may sit in committees of two projects.
        var other = await ProjectAsync();
        await FormForAsync(other, "oversight", people[..3]).JsonAsync();
    }

    [Theory]
    [InlineData("municipal-staff")]
    [InlineData("council")]
    [InlineData("contractor")]
    [InlineData("a relative of the contractor")]
    public async Task Officials_the_contractor_and_their_relatives_do_not_oversee(string who)
    {
        var project = await ProjectAsync();
        var people = await AdultsAsync(4);
        var official = who.StartsWith('a') ? people[3] : people[0];
        var kind = who.StartsWith('a') ? "contractor" : who;
        await AffiliateAsync(official, kind, kind == "contractor" ? project : null).JsonAsync();
        if (official != people[0])
            await service.PostAsync(Roles.Promoter, $"/people/{people[0]}/relatives", new { relativeId = official, relation = "sibling" }).JsonAsync();
        await FormForAsync(project, "oversight", people[..3]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_excludes_officials");
        // They may execute, and oversee what is not theirs.
        if (kind == "contractor")
            await FormForAsync(await ProjectAsync(), "oversight", people[..3]).JsonAsync();
        else
            await FormForAsync(project, "executing", [.. people, (await AdultsAsync(1))[0]]).JsonAsync();
    }

    [Fact]
    public async Task Who_oversees_becomes_no_official_and_of_both_at_once_the_database_lets_one_pass()
    {
        var project = await ProjectAsync();
        var people = await AdultsAsync(6);
        await FormForAsync(project, "oversight", people[..3]).JsonAsync();
        await AffiliateAsync(people[0], "council", null).ProblemAsync(HttpStatusCode.UnprocessableEntity, "affiliated_sits_in_oversight");
        await AffiliateAsync(people[3], "contractor", project).JsonAsync();
        await service.PostAsync(Roles.Promoter, $"/people/{people[3]}/relatives", new { relativeId = people[1], relation = "spouse" })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "affiliated_sits_in_oversight");
        for (var round = 0; round < 5; round++)
        {
            var another = await ProjectAsync();
            var three = await AdultsAsync(3);
            var answers = await Task.WhenAll(FormForAsync(another, "oversight", three), AffiliateAsync(three[0], "municipal-staff", null));
            Assert.Single(answers, a => a.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task An_institution_has_one_seat_with_its_delegate_and_alternate()
    {
        var people = await AdultsAsync(8);
        object[] members =
        [
            new { post = "coordinator", personId = people[0], institution = "Alcaldía Municipal" },
            new { post = "member", personId = people[1], institution = "Policía Nacional Civil", alternateId = people[2] },
            new { post = "member", personId = people[3] },
        ];
        var formed = await FormPreventionAsync(members).JsonAsync();
        Assert.Equal(3, (int)formed["members"]!);
        var seated = (await service.GetAsync(Roles.Promoter, $"/committees/{formed.Text("id")}/members").JsonAsync()).AsArray();
        Assert.Equal(people[2].ToString(), seated.Single(m => (bool)m!["alternate"]!)!.Text("personId"));
        await FormPreventionAsync([members[0], members[2], new { post = "member", personId = people[4], institution = "alcaldía municipal" }]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "institution_twice");
        await FormPreventionAsync([members[0], members[2], new { post = "member", personId = people[4], institution = "Bomberos" }]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "institution_unknown");
        await FormPreventionAsync([members[0], members[2], new { post = "member", personId = people[4], alternateId = people[5] }]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "alternate_without_institution");

        // The delegate is replaced: the seat stays the institution's.
        await ReplaceAsync(formed, people[1], "2017-06-30", people[6]).JsonAsync();
        var after = (await service.GetAsync(Roles.Promoter, $"/committees/{formed.Text("id")}/members?on=2017-07-01").JsonAsync()).AsArray();
        Assert.Equal("Policía Nacional Civil", after.Single(m => m!.Text("personId") == people[6].ToString())!.Text("institution"));
        Assert.DoesNotContain(after, m => m!.Text("personId") == people[1].ToString());
        await AddAsync(formed, new { post = "member", personId = people[7], joinedOn = "2017-07-01", institution = "Policía Nacional Civil" }).ProblemAsync(HttpStatusCode.Conflict, "institution_twice");
        await AddAsync(formed, new { post = "member", personId = people[7], joinedOn = "2017-07-01", institution = "Salud" }).JsonAsync();
        await AddAsync(formed, new { post = "member", personId = people[5], joinedOn = "2017-07-01", institution = "Educación", alternateId = people[5] }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "member_twice");
        await AddAsync(formed, new { post = "member", personId = people[3], joinedOn = "2017-03-01" }).ProblemAsync(HttpStatusCode.Conflict, "already_a_member");
        await ReplaceAsync(formed, people[0], "2017-08-31", people[3]).ProblemAsync(HttpStatusCode.Conflict, "already_a_member");
        await AddAsync(formed, new { post = "coordinator", personId = people[5], joinedOn = "2017-07-01" }).ProblemAsync(HttpStatusCode.Conflict, "post_taken_twice");
    }

    [Fact]
    public async Task The_unit_defines_kinds_of_its_own()
    {
        var kind = new
        {
            name = "Comité de agua", minimumMembers = 3, maximumMembers = 4, placeKinds = new[] { "hamlet" }, forProject = false, excludesOfficials = false, source = "Acuerdo de la unidad",
            minimumAge = 18, cadence = "FREQ=MONTHLY",
        };
        await service.As(Roles.UnitHead).SendJsonAsync(HttpMethod.Put, "/v1/organizations/committees/kinds/Agua!", kind).ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_kind_code");
        await service.As(Roles.UnitHead).SendJsonAsync(HttpMethod.Put, "/v1/organizations/committees/kinds/water", kind).JsonAsync();
        var people = await AdultsAsync(5);
        var body = new { kind = "water", name = OrganizationsService.NewName("Comité"), placeId = await service.HamletAsync(), formedOn = "2017-03-01", minutesNumber = 1 };
        await service.PostAsync(Roles.Promoter, "/committees", new { body.kind, body.name, body.placeId, body.formedOn, body.minutesNumber, members = people.Select(p => new { post = "member", personId = p }) })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "committee_size");
        await service.PostAsync(Roles.Promoter, "/committees", new { body.kind, body.name, body.placeId, body.formedOn, body.minutesNumber, members = people.Take(4).Select(p => new { post = "member", personId = p }) }).JsonAsync();
        var listed = (await service.GetAsync(Roles.Promoter, $"/committees?kind=water&placeId={await service.HamletAsync()}").JsonAsync())["items"]!.AsArray();
        Assert.Equal(body.name, listed.Single()!.Text("name"));
        using var file = await service.GetAsync(Roles.Promoter, "/committees/export?kind=water");
        Assert.Contains(body.name, await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>What is over asks for nothing, whichever of its two events comes first.</summary>
    [Theory]
    [InlineData("void", false)]
    [InlineData("cancelled", true)]
    [InlineData("closed", false)]
    public async Task A_project_that_is_over_asks_for_no_committee(string state, bool endsFirst)
    {
        await service.HamletAsync();
        var project = Guid.CreateVersion7();
        var approved = Approved(project);
        var ended = new ProjectChanged { ProjectId = project, Name = approved.Name, Place = approved.Place, State = state, On = new(2017, 3, 1), Version = 5 };
        if (endsFirst)
            await service.TellAsync(ended);
        await service.TellAsync(approved);
        if (!endsFirst)
        {
            await service.TellAsync(ended with { EventId = Guid.CreateVersion7(), State = "in-procurement", Version = 4 });
            Assert.Equal(["executing", "oversight"], await AskedAsync(project));
            await service.TellAsync(ended);
        }
        Assert.Empty(await AskedAsync(project));
        Assert.Empty(await service.RowsAsync($"SELECT kind FROM work_items(DATE '2017-03-02') WHERE subject_id = '{project}'"));
        await FormForAsync(project, "oversight", await AdultsAsync(3)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "project_not_approved");
    }

    private async Task<Guid> ProjectAsync()
    {
        await service.HamletAsync();
        var project = Guid.CreateVersion7();
        await service.TellAsync(Approved(project));
        return project;
    }

    private static ProjectApproved Approved(Guid project, long version = 1) => new()
    {
        ProjectId = project, Name = "Agua para La Muestra", Place = new(Guid.CreateVersion7(), "hamlet", "La Muestra", "La Muestra, El Ensayo"), ApprovedOn = new(2017, 2, 20),
        Version = version, OccurredAt = DateTimeOffset.UtcNow,
    };

    private async Task<string[]> AskedAsync(Guid project) =>
        [.. await service.RowsAsync($"SELECT kind FROM committee_request WHERE project_id = '{project}' AND committee_id IS NULL ORDER BY kind")];

    private Task<Guid[]> AdultsAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => service.RegisterPersonAsync()));

    private async Task<HttpResponseMessage> FormForAsync(Guid project, string kind, Guid[] people) => await service.PostAsync(Roles.Promoter, "/committees", new
    {
        kind, name = OrganizationsService.NewName("Comité de obra"), placeId = await service.HamletAsync(), formedOn = "2017-03-01", minutesNumber = 2, projectId = project,
        members = people.Select(personId => new { post = "member", personId }),
    });

    private async Task<HttpResponseMessage> FormPreventionAsync(object[] members)
    {
        await service.HamletAsync();
        return await service.PostAsync(Roles.Promoter, "/committees", new
        {
            kind = "prevention", name = OrganizationsService.NewName("Comité de prevención"), placeId = await service.PlaceAsync("99-01-01"), formedOn = "2017-03-01", minutesNumber = 2, members,
        });
    }

    private Task<HttpResponseMessage> AffiliateAsync(Guid person, string kind, Guid? project) =>
        service.PostAsync(Roles.Promoter, $"/people/{person}/affiliations", new { kind, firstDay = "2016-01-01", projectId = project });

    private async Task<HttpResponseMessage> ReplaceAsync(JsonNode committee, Guid person, string lastDay, Guid? successor) =>
        await service.PostAsync(Roles.Promoter, $"/committees/{committee.Text("id")}/members/{person}/replacement", new { lastDay, reason = "Se mudó", successorId = successor }, await ETagAsync(committee));

    private async Task<HttpResponseMessage> AddAsync(JsonNode committee, object member) =>
        await service.PostAsync(Roles.Promoter, $"/committees/{committee.Text("id")}/members", member, await ETagAsync(committee));

    private async Task<HttpResponseMessage> DissolveAsync(JsonNode committee, string on) =>
        await service.PostAsync(Roles.Promoter, $"/committees/{committee.Text("id")}/dissolution", new { dissolvedOn = on, reason = "Obra liquidada" }, await ETagAsync(committee));

    private async Task<string> ETagAsync(JsonNode committee)
    {
        using var seen = await service.GetAsync(Roles.Promoter, $"/committees/{committee.Text("id")}");
        return seen.Headers.ETag!.Tag;
    }

    private async Task<HttpResponseMessage> FormAsync(
        Guid[] people, string[]? posts = null, string kind = "youth", string placeCode = "99-01-01-01-01", string formedOn = "2017-03-01", string? name = null)
    {
        await service.HamletAsync();
        return await service.PostAsync(Roles.Promoter, "/committees", new
        {
            kind, name = name ?? OrganizationsService.NewName("Comité"), placeId = await service.PlaceAsync(placeCode), formedOn, minutesNumber = 3,
            members = people.Zip(posts ?? Posts, (person, post) => new { post, personId = person }),
        });
    }

    private async Task<Guid[]> YouthsAsync() => await Task.WhenAll(Enumerable.Range(0, 5).Select(i => PersonBornAsync($"199{i}-06-15")));

    private Task<Guid> PersonBornAsync(string birthDate) => service.RegisterPersonAsync(birthDate);
}
