using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class EvidenceTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task A_meeting_held_and_a_committee_formed_count_once_each_even_when_told_twice()
    {
        var plan = await service.ImportPlanAsync();
        await plan.CountAsync(2, ("meeting-held", "association"), ("committee-formed", "youth"));
        await plan.CountAsync(6, ("meeting-held", "association"));
        var body = await service.AssociationAsync(3);
        var committee = AgendaService.Committee(Guid.CreateVersion7());

        var meeting = await service.ConvenedAsync(body);
        await meeting.AttendAsync(body.Members);
        await meeting.DoAsync("closing", new { call = 1 });
        await service.TellAsync(committee, committee);
        await EvidenceAsync(plan, 2, 2);
        await EvidenceAsync(plan, 6, 1);

        // The same facts again: redelivered, and said anew under another message id.
        await service.TellAsync(committee, committee with { EventId = Guid.CreateVersion7() });
        await service.EverythingSaidAsync();
        Assert.Equal(["1"], await service.RowsAsync(
            $"""
            WITH again AS (INSERT INTO outbox (message_id, type, public_type, subject, version, body, created_at)
                SELECT gen_random_uuid(), type, public_type, subject, version, body, created_at FROM published_event WHERE subject = '{meeting.Id}' AND type LIKE '%:MeetingHeld' RETURNING 1)
            SELECT count(*)::text FROM again
            """));
        await service.EverythingSaidAsync();
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), kind: "prevention"));
        await plan.LookAsync();
        Assert.Equal((2, 1), ((int)plan.Activity(2)["evidenceCount"]!, (int)plan.Activity(6)["evidenceCount"]!));

        var evidence = (await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/activities/2/evidence").JsonAsync())["items"]!.AsArray();
        Assert.Equal(["2017-03-01", "2017-06-15"], evidence.Select(e => e!.Text("factDate")).Order(StringComparer.Ordinal));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["2 1", "2 2", "6 1"],
            await service.RowsAsync($"SELECT (body ->> 'activityNumber') || ' ' || (body ->> 'evidenceCount') FROM published_event WHERE subject = '{plan.Id}' AND type LIKE '%Progressed' ORDER BY 1"));
    }

    [Fact]
    public async Task Facts_of_another_year_another_kind_or_before_the_rule_do_not_count()
    {
        var plan = await service.ImportPlanAsync(2019);
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2019-02-01"));
        await plan.CountAsync(1, ("committee-formed", "youth"));
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2018-12-31"), AgendaService.Committee(Guid.CreateVersion7(), "2019-05-01", "prevention"));
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2019-12-31"));
        await EvidenceAsync(plan, 1, 1);
    }

    [Fact]
    public async Task Many_facts_at_once_are_all_counted_and_numbered()
    {
        var plan = await service.ImportPlanAsync(2020);
        await plan.CountAsync(1, ("committee-formed", "youth"));
        await service.TellAsync([.. Enumerable.Range(0, 30).Select(_ => AgendaService.Committee(Guid.CreateVersion7(), "2020-02-01"))]);
        await EvidenceAsync(plan, 1, 30);
        await service.EverythingSaidAsync();
        Assert.Equal(
            Enumerable.Range(1, 30).Select(i => $"{i}"),
            await service.RowsAsync($"SELECT body ->> 'evidenceCount' FROM published_event WHERE subject = '{plan.Id}' AND type LIKE '%Progressed' ORDER BY version"));
    }

    private static async Task EvidenceAsync(Plan plan, int activity, int count)
    {
        await Eventually.TrueAsync(async () => (int)(await plan.LookAsync())["activities"]![activity - 1]!["evidenceCount"]! >= count, what: $"{count} pieces of evidence");
        Assert.Equal((count, true), ((int)plan.Activity(activity)["evidenceCount"]!, (bool)plan.Activity(activity)["hasEvidence"]!));
    }
}
