using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class EventTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Each_step_says_what_happened_with_the_next_version()
    {
        var association = await service.FiledAsync();
        await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-06"));
        await association.DoAsync(Roles.Secretary, "correction", new { correctedOn = "2017-02-08" });
        await association.DoAsync(Roles.Council, "resolution", Agreement("2017-02-20"));
        await association.DoAsync(Roles.Secretary, "registration", Registration());
        await association.DoAsync(Roles.Secretary, "publication", new { gazetteNumber = 44, gazetteVolume = 414, publishedOn = "2017-03-03" });
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-03-06" });
        await association.DoAsync(Roles.Promoter, $"members/{association.Members[24]}/departure", new { leftOn = "2017-12-31" });
        await service.EverythingSaidAsync();

        var said = await service.RowsAsync($"SELECT version || ' ' || split_part(type, ':', 2) FROM published_event WHERE subject = '{association.Id}' ORDER BY position");
        string[] expected =
        [
            "AssociationFormed", .. Enumerable.Repeat("MembershipChanged", 25), "AssociationConstituted", "BoardElected", "AssociationBookEntryClosed", "AssociationApplicationFiled",
            "AssociationApplicationObserved", "AssociationDefectsCorrected", "AssociationRecognized", "AssociationRegistered", "AssociationPublished",
            "AssociationActivated", "MembershipChanged",
        ];
        Assert.Equal(expected.Select((name, i) => $"{i + 1} {name}"), said);
        Assert.Equal($"\"{expected.Length}\"", association.ETag);
        Assert.Equal(
            """{"minutesNumber":16,"agreementNumber":15,"date":"2017-02-20"}""",
            await service.QueryAsync<string>($"SELECT body ->> 'councilReference' FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%Recognized'"));
    }

    [Fact]
    public async Task Public_events_carry_nothing_that_names_a_person()
    {
        var association = await service.FiledAsync();
        var youths = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.RegisterPersonAsync("1995-01-01")));
        await service.PostAsync(Roles.Promoter, "/committees", new
        {
            kind = "youth", name = OrganizationsService.NewName("Comité"), placeId = await service.HamletAsync(), formedOn = "2017-03-01", minutesNumber = 1,
            members = youths.Select(personId => new { post = "member", personId }),
        }).JsonAsync();
        await service.EverythingSaidAsync();

        var publicOnes = await service.RowsAsync("SELECT DISTINCT split_part(type, ':', 2) FROM published_event WHERE public_type IS NOT NULL");
        Assert.Superset(new HashSet<string> { "AssociationApplicationFiled", "AssociationConstituted", "AssociationFormed", "CommitteeFormed" }, publicOnes.ToHashSet());
        Assert.Equal(
            ["BoardElected", "CommitteeMembershipChanged", "MembershipChanged"],
            await service.RowsAsync("SELECT DISTINCT split_part(type, ':', 2) FROM published_event WHERE public_type IS NULL ORDER BY 1"));
        Assert.Equal(0, await service.QueryAsync<long>(
            """
            SELECT count(*) FROM published_event e, person p JOIN person_identity i ON i.person_id = p.id
            WHERE e.public_type IS NOT NULL AND (e.body::text LIKE '%' || p.surnames || '%' OR e.body::text LIKE '%' || i.dui || '%' OR e.body::text LIKE '%' || p.id || '%')
            """));
        Assert.Equal(0, await service.QueryAsync<long>("SELECT count(*) FROM published_event WHERE body::text ~* 'dui|phone|birth'"));
        Assert.NotEmpty(association.Members);
    }

    [Fact]
    public async Task A_refused_change_says_nothing()
    {
        var association = await service.RegisterAssociationAsync(3);
        await service.EverythingSaidAsync();
        var before = await service.QueryAsync<long>("SELECT count(*) FROM published_event");
        using var refused = await association.TryAsync(Roles.Promoter, "constitution", association.Constitution());
        Assert.False(refused.IsSuccessStatusCode);
        Assert.Equal(before, await service.QueryAsync<long>("SELECT (SELECT count(*) FROM published_event) + (SELECT count(*) FROM outbox)"));
    }

    [Fact]
    public async Task The_feed_shows_public_events_to_anybody()
    {
        var association = await service.RegisterAssociationAsync(1);
        await service.EverythingSaidAsync();
        var items = (await service.GetAsync(null, "/published?limit=1000").JsonAsync())["items"]!.AsArray();
        var formed = Assert.Single(items, i => i!.Text("subject") == association.Id)!;
        Assert.Equal("organizations.association.formed.v1", formed.Text("type"));
        Assert.Equal(association.Seen.Text("name"), formed["data"]!.Text("name"));
        Assert.All(items, i => Assert.Null(i!["data"]!["personName"]));
    }
}
