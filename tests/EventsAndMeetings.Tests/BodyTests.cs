using System.Net;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>What the service knows of associations and committees, whatever way their events come.</summary>
public sealed class BodyTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task Events_out_of_order_and_twice_leave_the_same_state_as_in_order()
    {
        var people = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToArray();
        var inOrder = History(Guid.CreateVersion7(), people);
        await service.TellAsync(inOrder);
        var expected = await StateAsync(((AssociationEvent)inOrder[0]).AssociationId);

        foreach (var seed in Enumerable.Range(1, 6))
        {
            var id = Guid.CreateVersion7();
            var shuffled = History(id, people);
            shuffled = [.. shuffled, .. shuffled[..5]];
            new Random(seed).Shuffle(shuffled);
            await service.TellAsync(shuffled);
            Assert.Equal(expected, await StateAsync(id));
        }
    }

    [Fact]
    public async Task A_member_whose_last_day_lies_ahead_is_still_a_member()
    {
        var (id, person) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await service.TellAsync(AgendaService.Formed(id), AgendaService.Membership(id, person, 2, "2017-01-10", "2017-06-30"));
        Assert.Equal(0, await MembersOnAsync(id, "2017-01-09"));
        Assert.Equal(1, await MembersOnAsync(id, "2017-01-10"));
        Assert.Equal(1, await MembersOnAsync(id, "2017-06-30"));
        Assert.Equal(0, await MembersOnAsync(id, "2017-07-01"));
    }

    [Fact]
    public async Task Bodies_are_listed_by_kind()
    {
        var association = await service.AssociationAsync(1);
        var committee = await service.CommitteeAsync(1, "solidarity-rural-communities");
        var items = (await service.GetAsync(Roles.Promoter, "/bodies?kind=solidarity-rural-communities").JsonAsync())["items"]!.AsArray();
        Assert.Equal(committee.Id.ToString(), Assert.Single(items)!.Text("id"));
        Assert.Equal("association", (await service.GetAsync(Roles.Promoter, $"/bodies/{association.Id}").JsonAsync()).Text("kind"));
        await service.GetAsync(Roles.Promoter, $"/bodies/{Guid.CreateVersion7()}").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    private static DomainEvent[] History(Guid id, Guid[] people)
    {
        var place = AgendaService.Formed(id).Place;
        return
        [
            AgendaService.Formed(id, 1, "Nombre Viejo"),
            AgendaService.Membership(id, people[0], 2), AgendaService.Membership(id, people[1], 3), AgendaService.Membership(id, people[2], 4),
            new AssociationConstituted { AssociationId = id, Name = "Nombre Viejo", Place = place, AssemblyDate = new(2017, 1, 20), Members = 3, Version = 5 },
            AgendaService.Membership(id, people[1], 6, leftOn: "2017-03-31"), AgendaService.Membership(id, people[3], 7, "2017-02-01"),
            new AssociationRecognized { AssociationId = id, Name = "Nombre Nuevo", Place = place, RecognizedOn = new(2017, 2, 10), Version = 8 },
            AgendaService.Membership(id, people[1], 9, leftOn: "2017-12-31"),
            new AssociationActivated { AssociationId = id, Name = "Nombre Nuevo", Place = place, BoardFrom = new(2017, 1, 20), BoardUntil = new(2019, 1, 19), Version = 10 },
        ];
    }

    private async Task<List<string>> StateAsync(Guid id) => await service.RowsAsync(
        $"""
        SELECT concat_ws(' ', name, state, version) FROM organized_body WHERE id = '{id}'
        UNION ALL (SELECT concat_ws(' ', person_id, joined_on, left_on, version) FROM body_member WHERE body_id = '{id}' ORDER BY person_id)
        """);

    private async Task<int> MembersOnAsync(Guid id, string date) => (int)(await service.GetAsync(Roles.Promoter, $"/bodies/{id}?on={date}").JsonAsync())["members"]!;

    [Fact]
    public async Task A_file_of_members_is_taken_in_and_who_joins_again_has_two_memberships()
    {
        var (body, person) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var many = Enumerable.Range(0, 500).Select(i => new JoinedMember(Guid.CreateVersion7(), $"Persona {i}", new(2017, 1, 10), i % 2 == 0 ? null : new(2017, 12, 31))).ToArray();
        await service.TellAsync(
            AgendaService.Formed(body),
            new MembersJoined { AssociationId = body, Name = "ADESCO", Place = new(Guid.CreateVersion7(), "hamlet", "La Muestra", "La Muestra"), Members = many, Version = 2, OccurredAt = DateTimeOffset.UtcNow },
            AgendaService.Membership(body, person, 3, leftOn: "2017-03-31"),
            AgendaService.Membership(body, person, 4, joinedOn: "2018-02-01"));
        Assert.Equal((501, 500, 251), (await MembersAsync(body, "2017-03-31"), await MembersAsync(body, "2017-04-01"), await MembersAsync(body, "2018-02-01")));
    }

    [Fact]
    public async Task Of_two_registrations_of_one_person_one_member_is_left()
    {
        var (body, other, survivor, duplicate) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await service.TellAsync(
            AgendaService.Formed(body), AgendaService.Membership(body, survivor, 2, joinedOn: "2017-02-01"), AgendaService.Membership(body, duplicate, 3),
            AgendaService.Formed(other), AgendaService.Membership(other, duplicate, 2));
        Assert.Equal(2, await MembersAsync(body, "2017-03-01"));
        // The association says what the membership really was, the person that the two are one.
        await service.TellAsync(
            AgendaService.Membership(body, survivor, 4),
            new PersonMerged { PersonId = survivor, PersonName = "Persona Única", DuplicateId = duplicate, Version = 1, OccurredAt = DateTimeOffset.UtcNow });
        Assert.Equal((1, 1), (await MembersAsync(body, "2017-03-01"), await MembersAsync(body, "2017-01-15")));
        Assert.Equal([$"{survivor} Persona Única"], await service.RowsAsync($"SELECT person_id || ' ' || name FROM body_member WHERE body_id = '{other}'"));
        await service.TellAsync(new PersonCorrected { PersonId = survivor, PersonName = "Persona Corregida", Version = 2, OccurredAt = DateTimeOffset.UtcNow });
        Assert.Equal(["Persona Corregida"], await service.RowsAsync($"SELECT DISTINCT name FROM body_member WHERE person_id = '{survivor}'"));
    }

    private async Task<int> MembersAsync(Guid body, string on) =>
        (int)(await service.GetAsync(Roles.Promoter, $"/bodies/{body}?on={on}").JsonAsync())["members"]!;
}
