using System.Net;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class MeetingTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Theory]
    [InlineData("ordinary-assembly", 4, false)]
    [InlineData("ordinary-assembly", 5, true)]
    [InlineData("ordinary-assembly", 8, true)]
    [InlineData("ordinary-assembly", 9, false)]
    [InlineData("extraordinary-assembly", 1, false)]
    [InlineData("extraordinary-assembly", 2, true)]
    [InlineData("extraordinary-assembly", 3, true)]
    [InlineData("extraordinary-assembly", 4, false)]
    public async Task The_notice_goes_out_within_its_term(string kind, int daysBefore, bool isInTime)
    {
        var meeting = await service.PlanMeetingAsync(await service.AssociationAsync(1), kind);
        var convening = meeting.TryAsync("convocation", new { convenedOn = new DateOnly(2017, 6, 15).AddDays(-daysBefore) });
        if (isInTime)
            Assert.Equal("convened", (await convening.JsonAsync()).Text("state"));
        else
            await convening.ProblemAsync(HttpStatusCode.UnprocessableEntity, "notice_term");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(7, 4)]
    [InlineData(8, 5)]
    [InlineData(25, 13)]
    public async Task The_quorum_is_half_plus_one(int members, int quorum)
    {
        Assert.Equal(quorum, new MeetingRule { Kind = "", EffectiveFrom = default, Source = "", Quorum = QuorumRule.HalfPlusOne }.Required(members, 1));
        var body = await service.AssociationAsync(members);
        var meeting = await service.ConvenedAsync(body);
        await meeting.AttendAsync(body.Members.Take(quorum));
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal(
            ("held", quorum, quorum, members), (meeting.State, (int)meeting.Seen["quorum"]!, (int)meeting.Seen["attendance"]!, (int)meeting.Seen["members"]!));
    }

    [Fact]
    public async Task The_second_call_is_held_with_those_present_and_both_calls_are_kept()
    {
        var body = await service.AssociationAsync(10);
        var meeting = await service.ConvenedAsync(body);
        await meeting.TryAsync("calls", new { call = 2 }).ProblemAsync(HttpStatusCode.Conflict, "first_call_missing");
        await meeting.AttendAsync(body.Members.Take(5));
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal(("convened", 6, 5), (meeting.State, (int)meeting.Seen["quorum"]!, (int)meeting.Seen["attendance"]!));
        await meeting.TryAsync("calls", new { call = 1 }).ProblemAsync(HttpStatusCode.Conflict, "first_call_made");
        await meeting.AttendAsync(body.Members.Take(4)); // One went home.
        await meeting.DoAsync("calls", new { call = 2 });
        Assert.Equal(("held", 2, 1), (meeting.State, (int)meeting.Seen["call"]!, (int)meeting.Seen["quorum"]!));
        Assert.Equal(
            ["1: 5 of 10, 6 needed", "2: 4 of 10, 1 needed"],
            await service.RowsAsync($"SELECT call || ': ' || attendance || ' of ' || members || ', ' || quorum || ' needed' FROM meeting_call WHERE meeting_id = '{meeting.Id}' ORDER BY call"));
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.RowsAsync($"UPDATE meeting_call SET attendance = 9 WHERE meeting_id = '{meeting.Id}' RETURNING 'x'"));
        Assert.Equal("meeting_call_is_kept", refused.ConstraintName);
    }

    [Fact]
    public async Task A_second_call_to_which_nobody_came_ends_without_quorum()
    {
        var meeting = await service.ConvenedAsync(await service.AssociationAsync(10));
        await meeting.DoAsync("calls", new { call = 1 });
        await meeting.DoAsync("calls", new { call = 2 });
        Assert.Equal("no-quorum", meeting.State);
    }

    [Fact]
    public async Task A_dissolution_needs_two_thirds_and_has_no_second_call()
    {
        var body = await service.AssociationAsync(10);
        var meeting = await service.ConvenedAsync(body, "dissolution-assembly");
        await meeting.AttendAsync(body.Members.Take(6));
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal(("no-quorum", 7), (meeting.State, (int)meeting.Seen["quorum"]!));
    }

    [Fact]
    public async Task New_rules_of_a_kind_hold_from_their_day_and_older_meetings_keep_theirs()
    {
        object Rules(string from, int min, string quorum, string book = "assembly") =>
            new { name = "Asamblea de prueba", book, effectiveFrom = from, noticeMinDays = min, noticeMaxDays = 20, quorum, secondCall = quorum != "none", escalateAfterDays = 5, source = "Estatutos de prueba" };
        var kind = $"prueba-{(char)('a' + Random.Shared.Next(26))}{(char)('a' + Random.Shared.Next(26))}{(char)('a' + Random.Shared.Next(26))}";
        await service.PutAsync(Roles.UnitHead, $"/meeting-kinds/{kind}", Rules("2017-01-01", 3, "half-plus-one"), null).JsonAsync();
        await service.PutAsync(Roles.UnitHead, $"/meeting-kinds/{kind}", Rules("2017-06-01", 10, "two-thirds"), null).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        await service.PutAsync(Roles.UnitHead, $"/meeting-kinds/{kind}", Rules("2017-06-01", 10, "two-thirds"), "\"1\"").JsonAsync();
        var body = await service.AssociationAsync(9);
        var (before, after) = (await service.PlanMeetingAsync(body, kind, "2017-05-31T10:00:00"), await service.PlanMeetingAsync(body, kind, "2017-06-01T10:00:00"));
        await before.DoAsync("convocation", new { convenedOn = "2017-05-28" });
        await after.TryAsync("convocation", new { convenedOn = "2017-05-28" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "notice_term");
        await after.DoAsync("convocation", new { convenedOn = "2017-05-20" });
        await after.AttendAsync(body.Members.Take(5));
        await after.DoAsync("calls", new { call = 1 });
        Assert.Equal((6, "convened"), ((int)after.Seen["quorum"]!, after.State));
        await service.PutAsync(Roles.UnitHead, $"/meeting-kinds/{kind}", Rules("2017-06-01", 1, "none"), "\"2\"").ProblemAsync(HttpStatusCode.Conflict, "rule_in_use");
        await service.PutAsync(Roles.UnitHead, $"/meeting-kinds/{kind}", Rules("2018-01-01", 1, "none", "committee"), "\"2\"").ProblemAsync(HttpStatusCode.UnprocessableEntity, "book_of_kind");
        await PlanAsync(kind, body.Id, startsAt: "2016-12-31T10:00:00").ProblemAsync(HttpStatusCode.UnprocessableEntity, "meeting_kind_unknown");
        var listed = (await service.GetAsync(Roles.Auditor, "/meeting-kinds").JsonAsync()).AsArray().Single(k => k!.Text("code") == kind)!;
        Assert.Equal(["2017-01-01 half-plus-one", "2017-06-01 two-thirds"], listed["rules"]!.AsArray().Select(r => $"{r!.Text("effectiveFrom")} {r!.Text("quorum")}"));
    }

    [Fact]
    public async Task An_institution_has_one_seat_and_its_alternate_may_sit_in_it()
    {
        var body = await service.CommitteeAsync(1, "prevention");
        var (delegat, alternate, other) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await service.TellAsync(
            AgendaService.Seat(body.Id, delegat, "Policía Nacional Civil", false, 20), AgendaService.Seat(body.Id, alternate, "Policía Nacional Civil", true, 21), AgendaService.Seat(body.Id, other, "Salud", false, 22));
        Assert.Equal(3, (int)(await service.GetAsync(Roles.Promoter, $"/bodies/{body.Id}?on=2017-06-15").JsonAsync())["members"]!);
        var meeting = await service.ConvenedAsync(body, "committee-meeting");
        Assert.Equal(4, (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations").JsonAsync())["items"]!.AsArray().Count);
        await meeting.AttendAsync(alternate, body.Members[0]);
        async Task<(int, int)> CountAsync()
        {
            var seen = await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/attendance").JsonAsync();
            return ((int)seen["attendance"]!, (int)seen["members"]!);
        }
        Assert.Equal((2, 3), await CountAsync());
        await meeting.AttendAsync(alternate, delegat, body.Members[0]); // Both of them are one voice.
        Assert.Equal((2, 3), await CountAsync());
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal((2, 3), ((int)meeting.Seen["attendance"]!, (int)meeting.Seen["members"]!));
        var paper = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/attendance/print")).Content.ReadAsStringAsync());
        Assert.Contains("Suplente Inventada (Policía Nacional Civil)", paper, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_ended_is_not_convened_after_its_last_day()
    {
        var body = await service.AssociationAsync(2);
        await service.TellAsync(new Contracts.Organizations.AssociationDissolved { AssociationId = body.Id, Name = "ADESCO Inventada", Place = new(Guid.CreateVersion7(), "hamlet", "X", "X"), DissolvedOn = new(2017, 6, 30), Version = 90, Cause = "assembly", CouncilReference = new(1, 1, new(2017, 6, 20)) });
        Assert.Equal("held", (await (await service.ConvenedAsync(body)).HeldAsync(body.Members)).State);
        await PlanAsync("ordinary-assembly", body.Id, startsAt: "2017-07-01T14:00:00").ProblemAsync(HttpStatusCode.Conflict, "body_ended");
        // Nor is what was planned before anybody knew of it.
        var other = await service.AssociationAsync(1);
        var planned = await service.PlanMeetingAsync(other, startsAt: "2017-07-20T14:00:00");
        await service.TellAsync(new Contracts.Organizations.AssociationCancelled { AssociationId = other.Id, Name = "ADESCO Inventada", Place = new(Guid.CreateVersion7(), "hamlet", "X", "X"), CancelledOn = new(2017, 7, 10), Version = 90, Cause = "object-abandoned", CouncilReference = new(1, 1, new(2017, 7, 5)) });
        await planned.TryAsync("convocation", new { convenedOn = "2017-07-13" }).ProblemAsync(HttpStatusCode.Conflict, "body_ended");
        async Task<bool> IsListedAsync(string ended) => (await service.GetAsync(Roles.Promoter, $"/bodies?limit=200&ended={ended}").JsonAsync())["items"]!.AsArray().Any(b => b!.Text("id") == body.Id.ToString());
        Assert.Equal((false, true), (await IsListedAsync("false"), await IsListedAsync("true")));
    }

    [Fact]
    public async Task A_coordination_meeting_needs_no_quorum_and_a_committee_has_no_second_call()
    {
        var body = await service.AssociationAsync(10);
        var coordination = await service.ConvenedAsync(body, "coordination");
        await coordination.AttendAsync(body.Members[0]);
        await coordination.DoAsync("calls", new { call = 1 });
        Assert.Equal("held", coordination.State);

        var committee = await service.CommitteeAsync(5);
        var meeting = await service.ConvenedAsync(committee, "committee-meeting");
        await meeting.AttendAsync(committee.Members.Take(2));
        await meeting.TryAsync("calls", new { call = 2 }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "no_second_call");
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal(("no-quorum", 3), (meeting.State, (int)meeting.Seen["quorum"]!));
    }

    [Fact]
    public async Task Only_members_on_the_day_attend_and_one_with_a_later_last_day_is_one()
    {
        var body = await service.AssociationAsync(4);
        await service.TellAsync(
            AgendaService.Membership(body.Id, body.Members[0], 10, leftOn: "2017-06-14"), AgendaService.Membership(body.Id, body.Members[1], 11, leftOn: "2017-06-15"),
            AgendaService.Membership(body.Id, body.Members[2], 12, leftOn: "2099-12-31"));
        var late = Guid.CreateVersion7();
        await service.TellAsync(AgendaService.Membership(body.Id, late, 13, "2017-06-16"));
        var meeting = await service.ConvenedAsync(body);
        await meeting.TryAttendAsync(body.Members[0]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_member");
        await meeting.TryAttendAsync(late).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_member");
        await meeting.TryAttendAsync(body.Members[1], Guid.CreateVersion7()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_member");
        await meeting.TryAttendAsync(body.Members[1], body.Members[1]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "person_twice");
        await meeting.AttendAsync(body.Members[1], body.Members[2]);
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal((3, 2), ((int)meeting.Seen["members"]!, (int)meeting.Seen["attendance"]!));
    }

    [Fact]
    public async Task Somebody_who_turns_out_to_have_left_does_not_count_at_the_closing()
    {
        var body = await service.AssociationAsync(3);
        var meeting = await service.ConvenedAsync(body);
        await meeting.AttendAsync(body.Members.Take(2));
        await service.TellAsync(AgendaService.Membership(body.Id, body.Members[0], 10, leftOn: "2017-06-01"));
        await meeting.DoAsync("calls", new { call = 1 });
        Assert.Equal(("convened", 1, 2, 2), (meeting.State, (int)meeting.Seen["attendance"]!, (int)meeting.Seen["members"]!, (int)meeting.Seen["quorum"]!));
    }

    [Fact]
    public async Task Attendance_is_corrected_until_the_minutes_are_closed_and_not_below_the_quorum()
    {
        var body = await service.AssociationAsync(3);
        var meeting = await service.ConvenedAsync(body);
        await meeting.AttendAsync(body.Members.Take(2));
        await meeting.DoAsync("calls", new { call = 1 });
        await meeting.AttendAsync(body.Members); // One came late.
        await meeting.TryAttendAsync(body.Members[0]).ProblemAsync(HttpStatusCode.Conflict, "below_quorum");
        await meeting.TryAsync("calls", new { call = 2 }).ProblemAsync(HttpStatusCode.Conflict, "not_convened");
        await meeting.TryAsync("cancellation", new { reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "meeting_closed");
        await meeting.TryAsync("rescheduling", new { startsAt = "2017-07-01T14:00:00", reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "meeting_closed");
        await meeting.TryAsync("convocation", new { convenedOn = "2017-06-08" }).ProblemAsync(HttpStatusCode.Conflict, "not_planned");
        await meeting.CloseMinutesAsync();
        await meeting.TryAttendAsync(body.Members).ProblemAsync(HttpStatusCode.Conflict, "minutes_closed");
        Assert.Equal(2, (int)(await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Id}").JsonAsync())["attendance"]!);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.RowsAsync($"DELETE FROM meeting_attendance WHERE meeting_id = '{meeting.Id}' RETURNING 'x'"));
        Assert.Equal("attendance_is_closed", refused.ConstraintName);
    }

    [Fact]
    public async Task A_meeting_that_lies_ahead_is_not_attended_or_closed()
    {
        var body = await service.AssociationAsync(1);
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));
        var meeting = await service.PlanMeetingAsync(body, "coordination", $"{today.AddDays(10):yyyy-MM-dd}T14:00:00");
        await meeting.TryAttendAsync(body.Members).ProblemAsync(HttpStatusCode.Conflict, "not_convened");
        await meeting.TryAsync("convocation", new { convenedOn = today.AddDays(1) }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        await meeting.DoAsync("convocation", new { convenedOn = today });
        await meeting.TryAttendAsync(body.Members).ProblemAsync(HttpStatusCode.Conflict, "meeting_in_future");
        await meeting.TryAsync("calls", new { call = 1 }).ProblemAsync(HttpStatusCode.Conflict, "meeting_in_future");
    }

    [Fact]
    public async Task Another_date_makes_another_meeting_and_keeps_this_one_with_its_reason()
    {
        var meeting = await service.ConvenedAsync(await service.AssociationAsync(1));
        await meeting.TryAsync("rescheduling", new { startsAt = "2017-06-15T14:00:00", reason = "Lluvia" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "same_date");
        await meeting.TryAsync("rescheduling", new { startsAt = "2017-06-22T14:00:00Z", reason = "Lluvia" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "starts_at_not_local");
        await meeting.DoAsync("rescheduling", new { startsAt = "2017-06-22T14:00:00", reason = "Lluvia" });
        Assert.Equal(("rescheduled", "2017-06-15T14:00:00", "Lluvia"), (meeting.State, meeting.Seen.Text("startsAt"), meeting.Seen.Text("reason")));
        var successor = await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Seen.Text("successorId")}").JsonAsync();
        Assert.Equal(("planned", "2017-06-22T14:00:00", meeting.Seen.Text("title")), (successor.Text("state"), successor.Text("startsAt"), successor.Text("title")));
    }

    [Fact]
    public async Task A_cancelled_meeting_is_kept_with_its_reason_which_is_not_published()
    {
        var meeting = await service.ConvenedAsync(await service.AssociationAsync(1));
        await meeting.TryAsync("cancellation", new { reason = " " }).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        await meeting.DoAsync("cancellation", new { reason = "Duelo de una familia" });
        Assert.Equal(("cancelled", "Duelo de una familia"), (meeting.State, meeting.Seen.Text("reason")));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1 MeetingPlanned", "2 MeetingConvened", "3 MeetingCancelled"],
            await service.RowsAsync($"SELECT version || ' ' || split_part(type, ':', 2) FROM published_event WHERE subject = '{meeting.Id}' ORDER BY position"));
        Assert.Equal(0, await service.QueryAsync<long>("SELECT count(*) FROM published_event WHERE body::text LIKE '%Duelo%' OR body::text LIKE '%Persona%'"));
    }

    [Fact]
    public async Task A_meeting_is_of_a_known_body_and_kind()
    {
        var body = await service.AssociationAsync(1);
        await PlanAsync("unknown", body.Id).ProblemAsync(HttpStatusCode.UnprocessableEntity, "meeting_kind_unknown");
        await PlanAsync("coordination", Guid.CreateVersion7()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "body_unknown");
        await PlanAsync("coordination", body.Id, title: "Llamar al 7000-0000").ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        await PlanAsync("coordination", body.Id, point: " ").ProblemAsync(HttpStatusCode.UnprocessableEntity, "point_length");
        await PlanAsync("coordination", body.Id, point: "Llamar al 7000-0000").ProblemAsync(HttpStatusCode.UnprocessableEntity, "personal_number");
    }

    [Fact]
    public async Task Of_many_changes_of_the_same_version_one_is_made_and_the_others_are_stale()
    {
        var body = await service.AssociationAsync(5);
        var meeting = await service.ConvenedAsync(body);
        var attending = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => meeting.TryAttendAsync(body.Members)));
        Assert.Single(attending, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(7, attending.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
        await meeting.TryAsync("calls", new { call = 1 }).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        await service.PostAsync(Roles.Promoter, $"/meetings/{meeting.Id}/calls", new { call = 1 }).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
    }

    [Fact]
    public async Task The_list_is_filtered_by_body_and_state_as_it_is_written()
    {
        var body = await service.AssociationAsync(1);
        await service.PlanMeetingAsync(body);
        var meeting = await service.ConvenedAsync(body);
        await meeting.DoAsync("calls", new { call = 1 });
        await meeting.DoAsync("calls", new { call = 2 });
        var items = (await service.GetAsync(Roles.Auditor, $"/meetings?bodyId={body.Id}&state=no-quorum").JsonAsync())["items"]!.AsArray();
        Assert.Equal(meeting.Id, Assert.Single(items)!.Text("id"));
    }

    private Task<HttpResponseMessage> PlanAsync(string kind, Guid bodyId, string title = "Reunión", string point = "Apertura", string startsAt = "2017-06-15T14:00:00") => service.PostAsync(
        Roles.Promoter, "/meetings", new { kind, title, bodyId, startsAt, venue = "Casa comunal", points = new[] { point } });
}
