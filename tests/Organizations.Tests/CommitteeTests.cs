using System.Net;
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
