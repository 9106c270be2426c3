using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.EventsAndMeetings.Minutes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>Minutes, their numbers and corrections, what of them is public, and what was agreed.</summary>
public sealed class MinutesTests(AgendaService service) : IClassFixture<AgendaService>
{
    private static object Agreement(string text = "Limpiar la quebrada", string dueOn = "2017-07-01", Guid? responsible = null) =>
        new { text, responsible = "Comité de limpieza", dueOn, responsibleId = responsible };

    [Fact]
    public async Task Minutes_are_made_of_what_the_meeting_has_and_what_a_person_writes()
    {
        var body = await service.AssociationAsync(4);
        var meeting = await service.ConvenedAsync(body);
        await service.PutAsync(Roles.Promoter, $"/meetings/{meeting.Id}/attendance", new
        {
            personIds = body.Members.Take(3), guests = new[] { new { name = "Visita Inventada", institution = "Unidad de salud" } },
        }, meeting.ETag).JsonAsync();
        await meeting.LookAsync();
        await meeting.DoAsync("calls", new { call = 1 });
        await meeting.TryAsync("minutes/closing", new { }).ProblemAsync(HttpStatusCode.Conflict, "minutes_empty");
        await meeting.WriteAsync(new { startedAt = "14:20:00", endedAt = "16:05:00", presidedBy = "Presidenta", secretary = "Secretario", development = new[] { "", "Se aprobó el informe." }, agreements = new[] { Agreement() } });
        var minutes = await meeting.TryAsync("minutes/closing", new { }).JsonAsync();
        var act = Assert.Single(minutes["acts"]!.AsArray())!;
        var content = act["content"]!;
        Assert.Equal((1, 1, true, 3), ((int)act["number"]!, (int)content["number"]!, (bool)content["hadQuorum"]!, (int)content["attendance"]!));
        Assert.Equal(["Apertura: ", "Informe: Se aprobó el informe."], content["points"]!.AsArray().Select(p => $"{p!.Text("point")}: {p!["development"]}"));
        Assert.Equal(["Visita Inventada (Unidad de salud)"], content["guests"]!.AsArray().Select(g => g!.GetValue<string>()));
        Assert.Equal(("Actas de asamblea", "14:20:00", 3), (content.Text("book"), content.Text("startedAt"), content["attendees"]!.AsArray().Count));
        await meeting.LookAsync();
        await meeting.TryWriteAsync(new { development = new[] { "Otra cosa" } }).ProblemAsync(HttpStatusCode.Conflict, "minutes_closed");
        await meeting.TryAsync("minutes/closing", new { }).ProblemAsync(HttpStatusCode.Conflict, "minutes_closed");
        var page = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Council, $"/meetings/{meeting.Id}/minutes/1/print")).Content.ReadAsStringAsync());
        Assert.Contains("3 de 4 miembros, de 3 necesarios; con quórum.", page, StringComparison.Ordinal);
        await service.EverythingSaidAsync();
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM published_event WHERE subject = '{meeting.Id}' AND body::text ~ 'quebrada|aprobó|Presidenta|Visita'"));
    }

    [Fact]
    public async Task Numbers_of_a_book_have_no_gaps_whoever_closes_at_once()
    {
        var body = await service.AssociationAsync(2);
        var meetings = new List<Meeting>();
        for (var i = 0; i < 8; i++)
        {
            var meeting = await (await service.ConvenedAsync(body, i < 6 ? "ordinary-assembly" : "coordination")).HeldAsync(body.Members);
            await meeting.WriteAsync(new { development = new[] { "Se trató." } });
            meetings.Add(meeting);
        }
        var closed = await Task.WhenAll(meetings.Select(m => m.TryAsync("minutes/closing", new { }).JsonAsync()));
        Assert.Equal(
            ["Actas de asamblea 1", "Actas de asamblea 2", "Actas de asamblea 3", "Actas de asamblea 4", "Actas de asamblea 5", "Actas de asamblea 6", "Actas de coordinación 1", "Actas de coordinación 2"],
            closed.Select(m => $"{m["acts"]![0]!["content"]!.Text("book")} {m["acts"]![0]!["number"]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_closed_act_never_changes_and_is_corrected_by_another()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.TryAsync("minutes/1/corrections", new { text = "x" }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await meeting.CloseMinutesAsync(new { text = "Llevar la nota", responsible = "Rosa Elena Inventada Paz", dueOn = "2017-07-01" });
        var minutes = await meeting.TryAsync("minutes/1/corrections", new { text = "Donde dice dos debe decir tres." }).JsonAsync();
        Assert.Equal((2, 1, "Donde dice dos debe decir tres."), ((int)minutes["acts"]![1]!["number"]!, (int)minutes["acts"]![1]!["corrects"]!, minutes["acts"]![1]!["content"]!.Text("correction")));
        foreach (var change in new[] { "UPDATE minutes SET content = '{}'", "UPDATE minutes SET number = 9", "DELETE FROM minutes" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} WHERE meeting_id = '{meeting.Id}' RETURNING 'x'"));
            Assert.Equal("minutes_is_kept", refused.ConstraintName);
        }
        // The one that corrects is public without the names that only the first knew.
        await meeting.LookAsync();
        var told = await meeting.TryAsync("minutes/2/corrections", new { text = "La lleva Rosa Inventada y no otra persona." }).JsonAsync();
        Assert.Equal(3, (int)told["acts"]![2]!["number"]!);
        var preview = await service.PostAsync(Roles.Secretary, $"/meetings/{meeting.Id}/minutes/3/public-preview", new { }).JsonAsync();
        Assert.Equal("La lleva [nombre reservado] y no otra persona.", preview.Text("correction"));
        await service.EverythingSaidAsync();
        Assert.Equal(["1 ", "2 1", "3 2"], await service.RowsAsync(
            $"SELECT concat(body ->> 'number', ' ', body ->> 'corrects') FROM published_event WHERE subject = '{meeting.Id}' AND type LIKE '%MinutesClosed' ORDER BY version"));
    }

    [Fact]
    public async Task A_meeting_without_quorum_has_minutes_and_no_agreements()
    {
        var meeting = await service.ConvenedAsync(await service.AssociationAsync(5));
        await meeting.DoAsync("calls", new { call = 1 });
        await meeting.DoAsync("calls", new { call = 2 });
        await meeting.TryWriteAsync(new { agreements = new[] { Agreement() } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "agreements_without_quorum");
        var minutes = await meeting.TryAsync("minutes/closing", new { }).JsonAsync();
        Assert.False((bool)minutes["acts"]![0]!["content"]!["hadQuorum"]!);
        Assert.Equal(2, minutes["acts"]![0]!["content"]!["calls"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_draft_says_what_it_needs()
    {
        var body = await service.AssociationAsync(2);
        var planned = await service.PlanMeetingAsync(body);
        await planned.TryWriteAsync(new { development = new[] { "x" } }).ProblemAsync(HttpStatusCode.Conflict, "not_held");
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.TryWriteAsync(new { development = new[] { "a", "b", "c" } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "points_exceeded");
        await meeting.TryWriteAsync(new { startedAt = "15:00:00", endedAt = "14:00:00" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "hours_out_of_order");
        await meeting.TryWriteAsync(new { agreements = new[] { Agreement(dueOn: "2017-06-14") } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "due_before_meeting");
        await meeting.TryWriteAsync(new { agreements = new[] { Agreement(responsible: Guid.CreateVersion7()) } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "responsible_unknown");
        await meeting.TryWriteAsync(new { development = new[] { "Llámese al 7000-0000" } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "personal_number");
        var draft = await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/minutes/draft/print")).Content.ReadAsStringAsync();
        Assert.Contains("BORRADOR", draft, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_public_version_names_nobody_and_is_there_only_once_published()
    {
        var body = await service.AssociationAsync(3);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.WriteAsync(new { presidedBy = "Rosa Ficticia Prueba", development = new[] { "Habló la señora ROSA FICTICIA y doña Chepita." }, agreements = new[] { Agreement("Que Persona Inventada lleve la nota") } });
        await meeting.TryAsync("minutes/closing", new { }).JsonAsync();
        await meeting.LookAsync();
        var path = $"/public/meetings/{meeting.Id}/minutes/1";
        await service.GetAsync(null, path).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        var preview = await service.PostAsync(Roles.Secretary, $"/meetings/{meeting.Id}/minutes/1/public-preview", new { reserve = new[] { "doña Chepita" } }).JsonAsync();
        Assert.Equal("Habló la señora [nombre reservado] y [nombre reservado].", preview["points"]![0]!.Text("development"));
        await service.PostAsync(Roles.Secretary, $"/meetings/{meeting.Id}/minutes/1/publication", new { reserve = new[] { "doña Chepita" } }, meeting.ETag).JsonAsync();
        using var answer = await service.GetAsync(null, path);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.DoesNotMatch("(?i)rosa|ficticia|chepita|Persona Inventada|Comité de limpieza", page);
        Assert.Contains("Que [nombre reservado] lleve la nota", page, StringComparison.Ordinal);
        Assert.Contains("3 miembros.", page, StringComparison.Ordinal);
        // The closed act itself keeps its words.
        var closed = await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Id}/minutes").JsonAsync();
        Assert.Contains("doña Chepita", closed["acts"]![0]!["content"]!["points"]![0]!.Text("development"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Habló Ana López.", "Habló [nombre reservado].")]
    [InlineData("LÓPEZ CRUZ, Ana María, pidió la palabra", "[nombre reservado], pidió la palabra")]
    [InlineData("Ana dijo que la cruz está rota", "Ana dijo que la cruz está rota")]
    [InlineData("José de la Cruz y José Cruz", "[nombre reservado] y [nombre reservado]")]
    [InlineData("la señora ana maria lopez", "la señora [nombre reservado]")]
    [InlineData("el puente, la calle", "[nombre reservado], la calle")]
    public void Names_are_taken_out_of_words(string text, string redacted) =>
        Assert.Equal(redacted, new Redaction(["Ana María López Cruz", "José de la Cruz"], ["El puente"]).Apply(text));

    [Fact]
    public async Task An_agreement_is_followed_until_it_is_done()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.CloseMinutesAsync(Agreement("Uno", "2099-01-01"), Agreement("Dos", "2099-01-01"));
        await meeting.TryAsync("agreements/3/notes", new { step = "begun", note = "x", on = "2017-06-20" }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await NoteAsync(meeting, 1, "begun", "2017-06-20");
        await meeting.TryAsync("agreements/1/notes", new { step = "begun", note = "x", on = "2017-06-20" }).ProblemAsync(HttpStatusCode.Conflict, "agreement_not_pending");
        await meeting.TryAsync("agreements/1/notes", new { step = "fulfilled", note = "x", on = "2017-06-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "fulfilled_before_meeting");
        var done = await NoteAsync(meeting, 1, "fulfilled", "2017-06-25");
        Assert.Equal(("fulfilled", "2017-06-25"), (done.Text("state"), done.Text("fulfilledOn")));
        await meeting.TryAsync("agreements/1/notes", new { step = "fulfilled", note = "x", on = "2017-06-25" }).ProblemAsync(HttpStatusCode.Conflict, "agreement_fulfilled");
        Assert.Equal(2, (await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Id}/agreements/1/notes").JsonAsync()).AsArray().Count);
        var open = (await service.GetAsync(Roles.Auditor, $"/agreements?bodyId={body.Id}&state=pending").JsonAsync())["items"]!.AsArray();
        Assert.Equal("Dos", Assert.Single(open)!.Text("text"));
    }

    [Fact]
    public async Task What_is_late_becomes_overdue_then_goes_to_the_head_of_the_unit()
    {
        var body = await service.AssociationAsync(2);
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.CloseMinutesAsync(Agreement("Tarde", $"{today.AddDays(-7):yyyy-MM-dd}"), Agreement("Muy tarde", $"{today.AddDays(-8):yyyy-MM-dd}"), Agreement("Hoy", $"{today:yyyy-MM-dd}"));
        await service.WatchAsync();
        await service.WatchAsync();
        var agreements = (await service.GetAsync(Roles.Auditor, $"/agreements?meetingId={meeting.Id}").JsonAsync())["items"]!.AsArray();
        Assert.Equal(
            ["Muy tarde overdue True", "Tarde overdue False", "Hoy pending False"], agreements.Select(a => $"{a!.Text("text")} {a!.Text("state")} {a!["escalatedOn"] is not null}"));
        Assert.Equal("Muy tarde", Assert.Single((await service.GetAsync(Roles.UnitHead, $"/agreements?meetingId={meeting.Id}&escalated=true").JsonAsync())["items"]!.AsArray())!.Text("text"));
        await meeting.LookAsync();
        var late = await NoteAsync(meeting, 1, "fulfilled", $"{today:yyyy-MM-dd}");
        Assert.Equal(("fulfilled", $"{today:yyyy-MM-dd}"), (late.Text("state"), late.Text("overdueOn")));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1 overdue false", "2 overdue true", "1 fulfilled false"], // Told once, however often it is looked at.
            await service.RowsAsync($"SELECT concat_ws(' ', body ->> 'number', body ->> 'state', body ->> 'escalated') FROM published_event WHERE subject = '{meeting.Id}' AND type LIKE '%AgreementFollowed' ORDER BY version"));
    }

    [Fact]
    public async Task The_list_of_agreements_is_walked_page_by_page()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.CloseMinutesAsync([.. Enumerable.Range(0, 5).Select(i => Agreement($"A{i}", "2098-01-01"))]);
        var (seen, after) = (new List<string>(), "");
        do
        {
            var page = await service.GetAsync(Roles.Auditor, $"/agreements?meetingId={meeting.Id}&limit=2{after}").JsonAsync();
            seen.AddRange(page["items"]!.AsArray().Select(a => a!.Text("text")));
            after = page["next"] is { } next ? $"&after={Uri.EscapeDataString(next.GetValue<string>())}" : "";
        }
        while (after.Length > 0);
        Assert.Equal(["A0", "A1", "A2", "A3", "A4"], seen);
        await service.GetAsync(Roles.Auditor, "/agreements?after=2017-01-01").ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
    }

    private static async Task<JsonNode> NoteAsync(Meeting meeting, int number, string step, string on)
    {
        var agreement = await meeting.TryAsync($"agreements/{number}/notes", new { step, note = "Anotado", on }).JsonAsync();
        await meeting.LookAsync();
        return agreement;
    }
}
