using System.Net;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class BadInputTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Bad_requests_are_refused_in_our_words_and_write_nothing()
    {
        var association = await service.RegisterAssociationAsync(3);
        var committee = await CommitteeAsync(association);
        var before = await service.RowCountsAsync();

        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: false, e => Existing(e, association, committee));

        Assert.True(sent > 500, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
        Assert.Equal(before, await service.RowCountsAsync());
    }

    [Fact]
    public async Task Odd_requests_are_answered_in_an_orderly_way()
    {
        var association = await service.RegisterAssociationAsync(3);
        var committee = await CommitteeAsync(association);
        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: true, e => Existing(e, association, committee));
        Assert.True(sent > 100, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
    }

    [Theory]
    [InlineData("GET", "/v1/organizations/associations/no-es-un-id", 404, "not_found")]
    [InlineData("GET", "/v1/organizations/nada", 404, "not_found")]
    [InlineData("DELETE", "/v1/organizations/associations", 405, "method_not_allowed")]
    public async Task What_is_not_mapped_is_said_to_staff_and_not_to_strangers(string method, string path, int status, string code)
    {
        await service.As(Roles.UnitHead).SendJsonAsync(new HttpMethod(method), path, null).ProblemAsync((HttpStatusCode)status, code);
        await service.As(null).SendJsonAsync(new HttpMethod(method), path, null).ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task An_address_longer_than_the_server_reads_is_414()
    {
        using var answer = await service.GetAsync(null, "/places?code=" + new string('x', 20_000));
        Assert.Equal(HttpStatusCode.RequestUriTooLong, answer.StatusCode);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("W/\"1\"")]
    [InlineData("*")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("\"1\", \"2\"")]
    public async Task An_If_Match_that_is_no_ETag_of_ours_is_412(string ifMatch)
    {
        var association = await service.RegisterAssociationAsync(1);
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution(), ifMatch).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
    }

    private static (Guid, string)? Existing(ApiEndpoint endpoint, Association association, (Guid Id, string ETag) committee) => endpoint.Pattern.RawText! switch
    {
        var path when path.Contains("/associations/{id:guid}", StringComparison.Ordinal) => (Guid.Parse(association.Id), association.ETag),
        var path when path.Contains("/committees/{id:guid}", StringComparison.Ordinal) => committee,
        var path when path.Contains("/people/{id:guid}", StringComparison.Ordinal) => (association.Members[0], "\"0\""),
        _ => null,
    };

    private async Task<(Guid Id, string ETag)> CommitteeAsync(Association association)
    {
        var formed = await service.PostAsync(Roles.Promoter, "/committees", new
        {
            kind = "other", name = OrganizationsService.NewName("Comité"), placeId = await service.HamletAsync(), formedOn = "2017-03-01", minutesNumber = 1,
            members = association.Members.Select(personId => new { post = "member", personId }),
        }).JsonAsync();
        return (Guid.Parse(formed.Text("id")), $"\"{formed["version"]}\"");
    }
}
