using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>People corrected, found, and made one of two.</summary>
public sealed class MergeTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task What_the_duplicate_was_is_the_survivors_and_its_id_leads_there()
    {
        var association = await service.RegisterAssociationAsync(1, "2020-01-10");
        Guid survivor, duplicate;
        using (service.Clock.NoonOf("2017-06-01"))
            (survivor, duplicate) = (await service.RegisterPersonAsync("2005-06-01", association.Members[0]), await service.RegisterPersonAsync("2005-06-01", association.Members[0]));
        var ward = await service.RegisterPersonAsync("2015-01-01", association.Members[0]);
        using (service.Clock.NoonOf("2026-01-10"))
        {
            foreach (var (id, dui) in new[] { (survivor, (string?)null), (duplicate, OrganizationsService.NewDui()) })
            {
                if (dui is not null)
                    await CorrectAsync(id, new { givenNames = "Mayor", surnames = "De Edad", birthDate = "2005-06-01", sex = "male", dui, phone = "7000-0009" }).JsonAsync();
            }
            await CorrectAsync(ward, new { givenNames = "Menor", surnames = "A Cargo", birthDate = "2015-01-01", sex = "male", responsiblePersonId = duplicate }).JsonAsync();
            await association.DoAsync(Roles.Promoter, "members", new { personId = duplicate, joinedOn = "2024-02-01" });
            var merged = await MergeAsync(survivor, duplicate).JsonAsync();
            Assert.NotNull(merged["maskedDui"]);
        }
        Assert.Equal(survivor.ToString(), (await service.GetAsync(Roles.Promoter, $"/people/{duplicate}").JsonAsync()).Text("mergedIntoId"));
        Assert.Equal(survivor.ToString(), (await service.GetAsync(Roles.Promoter, $"/people/{ward}").JsonAsync()).Text("responsiblePersonId"));
        var members = (await service.GetAsync(Roles.Promoter, $"/associations/{association.Id}/members").JsonAsync())["items"]!.AsArray();
        Assert.Contains(members, m => m!.Text("personId") == survivor.ToString() && m!.Text("joinedOn") == "2024-02-01");
        var trace = (await service.GetAsync(Roles.Auditor, $"/people/{survivor}/merges").JsonAsync()).AsArray().Single()!;
        Assert.Equal((duplicate.ToString(), "membresías: 1, cargos: 0, comités: 0", "test"), (trace.Text("duplicateId"), trace.Text("moved"), trace.Text("mergedBy")));
        await MergeAsync(survivor, duplicate).ProblemAsync(HttpStatusCode.UnprocessableEntity, "person_unknown");
        await service.EverythingSaidAsync();
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM published_event WHERE subject = '{survivor}' AND type LIKE '%PersonMerged'"));
    }

    [Fact]
    public async Task Two_DUIs_are_two_people_and_two_posts_at_one_time_cannot_be_one_persons()
    {
        var (one, other) = (await service.RegisterPersonAsync(), await service.RegisterPersonAsync());
        await MergeAsync(one, other).ProblemAsync(HttpStatusCode.UnprocessableEntity, "merge_two_duis");
        await MergeAsync(one, one).ProblemAsync(HttpStatusCode.UnprocessableEntity, "merge_with_self");
        var association = await service.ActiveAsync();
        await service.RowsAsync($"UPDATE person_identity SET dui = NULL WHERE person_id = '{association.Members[1]}' RETURNING 'x'");
        await MergeAsync(association.Members[0], association.Members[1]).ProblemAsync(HttpStatusCode.Conflict, "merge_conflict");
    }

    [Fact]
    public async Task A_committee_is_told_that_a_seat_was_another_persons()
    {
        var seats = new List<Guid>();
        for (var i = 0; i < 5; i++)
            seats.Add(await service.RegisterPersonAsync("2000-01-01"));
        var survivor = await service.RegisterPersonAsync("2000-01-01");
        await service.RowsAsync($"UPDATE person_identity SET dui = NULL WHERE person_id = '{seats[4]}' RETURNING 'x'");
        var committee = await service.PostAsync(Roles.Promoter, "/committees", new
        {
            kind = "youth", name = "Jóvenes", placeId = await service.HamletAsync(), formedOn = "2017-03-01", minutesNumber = 1,
            members = seats.Select((id, i) => new { post = i == 0 ? "coordinator" : "member", personId = id }),
        }).JsonAsync();
        await MergeAsync(survivor, seats[4]).JsonAsync();
        var seen = await service.GetAsync(Roles.Auditor, $"/committees/{committee.Text("id")}").JsonAsync();
        Assert.Equal((long)committee["version"]! + 1, (long)seen["version"]!);
        await service.EverythingSaidAsync();
        Assert.Equal(survivor.ToString(), await service.QueryAsync<string>(
            $"SELECT body ->> 'personId' FROM published_event WHERE subject = '{committee.Text("id")}' ORDER BY position DESC LIMIT 1"));
    }

    [Fact]
    public async Task Overlapping_memberships_become_one_over_both()
    {
        var association = await service.RegisterAssociationAsync(2);
        var (survivor, duplicate) = (association.Members[0], association.Members[1]);
        await association.DoAsync(Roles.Promoter, $"members/{survivor}/departure", new { leftOn = "2018-01-31" });
        await association.DoAsync(Roles.Promoter, "members", new { personId = survivor, joinedOn = "2019-01-01" });
        await association.DoAsync(Roles.Promoter, $"members/{duplicate}/departure", new { leftOn = "2018-06-30" });
        await service.RowsAsync($"UPDATE person_identity SET dui = NULL WHERE person_id = '{duplicate}' RETURNING 'x'");
        await MergeAsync(survivor, duplicate).JsonAsync();
        Assert.Equal(
            ["2017-01-10 2018-06-30", "2019-01-01 "],
            await service.RowsAsync($"SELECT joined_on || ' ' || coalesce(left_on::text, '') FROM association_member WHERE person_id = '{survivor}' AND association_id = '{association.Id}' ORDER BY joined_on"));
    }

    [Fact]
    public async Task Nothing_is_left_with_the_duplicates_id_when_somebody_writes_with_it_meanwhile()
    {
        for (var round = 0; round < 8; round++)
        {
            var (survivor, duplicate) = (await service.RegisterPersonAsync(), await service.RegisterPersonAsync());
            await service.RowsAsync($"UPDATE person_identity SET dui = NULL WHERE person_id = '{duplicate}' RETURNING 'x'");
            var association = await service.RegisterAssociationAsync(1);
            var answers = await Task.WhenAll(
                MergeAsync(survivor, duplicate), association.TryAsync(Roles.Promoter, "members", new { personId = duplicate, joinedOn = "2017-02-01" }));
            Assert.Contains(answers, a => a.IsSuccessStatusCode);
            Assert.All(answers, a => Assert.True((int)a.StatusCode < 500));
            Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM association_member m JOIN person p ON p.id = m.person_id WHERE m.association_id = '{association.Id}' AND p.merged_into_id IS NOT NULL"));
        }
    }

    [Fact]
    public void A_union_of_periods_holds_the_same_days_and_none_twice()
    {
        var period = from first in Gen.Choose(0, 60)
                     from length in Gen.Choose(-1, 30)
                     select new Member { AssociationId = Guid.Empty, PersonId = Guid.Empty, JoinedOn = Day(first), LeftOn = length < 0 ? null : Day(first + length) };
        Prop.ForAll(period.ListOf().ToArbitrary(), periods =>
        {
            var union = MergePeople.Union(periods).ToArray();
            return Enumerable.Range(0, 100).All(i =>
                periods.Any(p => p.JoinedOn <= Day(i) && !(p.LeftOn < Day(i))) == (union.Count(p => p.From <= Day(i) && !(p.Until < Day(i))) == 1)
                && union.Count(p => p.From <= Day(i) && !(p.Until < Day(i))) <= 1);
        }).QuickCheckThrowOnFailure();

        static DateOnly Day(int i) => new DateOnly(2017, 1, 1).AddDays(i);
    }

    [Fact]
    public async Task A_correction_names_the_version_it_changes_and_keeps_what_it_does_not_say()
    {
        var dui = OrganizationsService.NewDui();
        var person = Guid.Parse((await service.PostAsync(Roles.Promoter, "/people", OrganizationsService.Adult(dui, phone: "7000-0003")).JsonAsync()).Text("id"));
        var corrected = new { givenNames = "Ñiña", surnames = "Búsqueda Única", birthDate = "1980-05-06", sex = "female" };
        await service.PutAsync(Roles.Promoter, $"/people/{person}", corrected, null).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        await CorrectAsync(person, corrected).JsonAsync();
        Assert.Equal($"{dui} +50370000003", (await service.RowsAsync($"SELECT dui || ' ' || phone FROM person_identity WHERE person_id = '{person}'")).Single());
        var other = await service.RegisterPersonAsync();
        using var taken = await CorrectAsync(other, new { givenNames = "Otra", surnames = "Persona", birthDate = "1980-05-06", sex = "female", dui });
        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
        // And is found without accents.
        foreach (var search in new[] { "busqueda u", "BÚSQUEDA ÚNICA nina", "búsq" })
            Assert.Equal(person.ToString(), ((await service.GetAsync(Roles.Promoter, $"/people?search={Uri.EscapeDataString(search)}").JsonAsync())["items"]!.AsArray().Single())!.Text("id"));
        Assert.Empty((await service.GetAsync(Roles.Promoter, "/people?search=%25busq").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Who_read_an_identity_is_shown_to_the_auditor()
    {
        var person = await service.RegisterPersonAsync();
        await service.PostAsync(Roles.Secretary, $"/people/{person}/identity-reads", new { purpose = "Cotejo" }, subject: "hugo").JsonAsync();
        var read = (await service.GetAsync(Roles.Auditor, $"/people/{person}/identity-reads").JsonAsync())["items"]!.AsArray().Single()!;
        Assert.Equal(("hugo", "Cotejo"), (read.Text("reader"), read.Text("purpose")));
    }

    private async Task<HttpResponseMessage> MergeAsync(Guid survivor, Guid duplicate) =>
        await service.PostAsync(Roles.UnitHead, $"/people/{survivor}/merges", new { duplicateId = duplicate, reason = "Se registró dos veces." }, await ETagAsync(survivor));

    private async Task<HttpResponseMessage> CorrectAsync(Guid person, object data) =>
        await service.PutAsync(Roles.Promoter, $"/people/{person}", data, await ETagAsync(person));

    private async Task<string> ETagAsync(Guid person)
    {
        using var seen = await service.GetAsync(Roles.Promoter, $"/people/{person}");
        return seen.Headers.ETag!.Tag;
    }
}
