using System.Net;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Many at once: numbered papers without gaps, one winner of a race, one effect of a repeated request.</summary>
public sealed class ConcurrencyTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Twenty_registrations_at_once_take_entries_and_receipts_without_a_gap()
    {
        await service.HamletAsync();
        await service.ResidentsAsync(25);
        var associations = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.RecognizedAsync()));
        var numbers = await service.RowsAsync("SELECT number::text FROM receipt WHERE year = 2017 ORDER BY receipt.number");
        Assert.True(numbers.Count >= 20);
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(i => $"{i}"), numbers);

        // Refused ones in between must leave no hole.
        var registering = associations.Select(a => a.TryAsync(Roles.Secretary, "registration", Registration()))
            .Concat(associations.Select(a => a.TryAsync(Roles.Secretary, "registration", Registration("2017-02-01"))));
        var answers = await Task.WhenAll(registering);
        Assert.Equal(20, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        var entries = await service.RowsAsync("SELECT entry || '/' || folio FROM book_entry e JOIN book b ON b.id = e.book_id WHERE b.kind = 'register' ORDER BY e.entry");
        Assert.True(entries.Count >= 20);
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => $"{i}/{i}"), entries);
        await associations[0].LookAsync();
        await associations[0].TryAsync(Roles.Secretary, "registration", Registration()).ProblemAsync(HttpStatusCode.Conflict, "not_recognized");
    }

    [Theory]
    [InlineData("UPDATE book_entry SET text = 'Otra cosa' WHERE closed_at IS NOT NULL")]
    [InlineData("UPDATE book_entry SET entry = 99")]
    [InlineData("UPDATE book_entry SET closed_at = NULL, closed_by = NULL")]
    [InlineData("DELETE FROM book_entry")]
    public async Task An_entry_of_the_book_cannot_be_changed(string sql)
    {
        var association = await service.RecognizedAsync();
        await association.DoAsync(Roles.Secretary, "registration", Registration());
        var refused = await Assert.ThrowsAsync<PostgresException>(() => service.QueryAsync<object>(sql));
        Assert.Equal("book_entry_immutable", refused.ConstraintName);
    }

    [Fact]
    public async Task A_change_names_the_version_it_changes()
    {
        var association = await service.RegisterAssociationAsync(1);
        await service.PostAsync(Roles.Promoter, $"/associations/{association.Id}/constitution", association.Constitution()).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution(), "\"99\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        using var seen = await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}");
        Assert.Equal(association.ETag, seen.Headers.ETag!.Tag);
    }

    [Theory]
    [InlineData("constitution")]
    [InlineData("application")]
    [InlineData("members")]
    [InlineData("registration")]
    public async Task Of_many_changes_of_the_same_version_one_is_made_and_the_others_are_stale(string step)
    {
        var association = step switch
        {
            "application" => await ConstitutedAsync(),
            "registration" => await service.RecognizedAsync(),
            _ => await service.RegisterAssociationAsync(),
        };
        var person = await service.RegisterPersonAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => association.TryAsync(step is "constitution" or "members" ? Roles.Promoter : Roles.Secretary, step, step switch
        {
            "constitution" => association.Constitution(),
            "application" => Application(),
            "members" => new { personId = person, joinedOn = "2017-02-01" },
            _ => Registration(),
        })));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        foreach (var stale in answers.Where(a => a.StatusCode != HttpStatusCode.OK))
            await Task.FromResult(stale).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task The_same_key_gives_the_same_answer_and_one_association()
    {
        var (key, body) = (Guid.NewGuid().ToString(), await NewAssociationAsync());
        using var first = await service.PostAsync(Roles.Promoter, "/associations", body, key: key);
        using var second = await service.PostAsync(Roles.Promoter, "/associations", body, key: key);
        Assert.Equal((HttpStatusCode.Created, first.Headers.Location, first.Headers.ETag), (second.StatusCode, second.Headers.Location, second.Headers.ETag));
        Assert.Equal(
            (await Task.FromResult(first).JsonAsync()).ToJsonString(), (await Task.FromResult(second).JsonAsync()).ToJsonString());
        await service.PostAsync(Roles.Promoter, "/associations", await NewAssociationAsync(), key: key).ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        // Another caller's key is another key.
        await service.PostAsync(Roles.Promoter, "/associations", body, key: key, subject: "somebody-else").ProblemAsync(HttpStatusCode.Conflict, "association_already_exists");
    }

    [Fact]
    public async Task The_same_key_many_times_at_once_creates_once()
    {
        var (key, body) = (Guid.NewGuid().ToString(), await NewAssociationAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.PostAsync(Roles.Promoter, "/associations", body, key: key)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Single(answers.Select(a => a.Headers.Location).Distinct());
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        var key = Guid.NewGuid().ToString();
        var dui = OrganizationsService.NewDui();
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui, "2015-01-01"), key: key).ProblemAsync(HttpStatusCode.UnprocessableEntity, "minor_has_no_dui");
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui), key: key).JsonAsync();
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused() =>
        await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(), key: new string('k', 201)).ProblemAsync(HttpStatusCode.BadRequest, "idempotency_key_too_long");

    private async Task<Association> ConstitutedAsync()
    {
        var association = await service.RegisterAssociationAsync();
        await association.ConstituteAsync();
        return association;
    }

    private async Task<object> NewAssociationAsync() => new { name = OrganizationsService.NewName("ADESCO Repetida"), placeId = await service.HamletAsync(), formedOn = "2017-01-10" };
}
