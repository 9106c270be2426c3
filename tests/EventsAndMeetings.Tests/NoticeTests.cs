using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>Who is asked to come and how they hear of it: on paper, and by e-mail through a real mail server.</summary>
public sealed class NoticeTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task Members_of_the_day_are_invited_each_with_a_code()
    {
        var body = await service.AssociationAsync(3);
        await service.TellAsync(AgendaService.Membership(body.Id, body.Members[0], 10, leftOn: "2017-06-14"));
        var meeting = await service.ConvenedAsync(body);
        Assert.Equal(body.Members.Skip(1).Order(), (await InvitationsAsync(meeting)).Select(i => Guid.Parse(i!.Text("personId"))).Order());
        var late = Guid.CreateVersion7();
        await service.TellAsync(AgendaService.Membership(body.Id, late, 11, "2017-06-01"));
        var codes = (await InvitationsAsync(meeting)).Select(i => i!.Text("code")).ToArray();
        await meeting.DoAsync("invitations", new { });
        var invitations = await InvitationsAsync(meeting);
        Assert.Equal(3, invitations.Count);
        Assert.Superset(codes.ToHashSet(), invitations.Select(i => i!.Text("code")).ToHashSet());
        Assert.All(invitations, i => Assert.Equal("print", i!.Text("notice")));
    }

    [Fact]
    public async Task A_code_lets_its_person_in_once_and_no_other_code_does()
    {
        var body = await service.AssociationAsync(3);
        var (meeting, other) = (await service.ConvenedAsync(body), await service.ConvenedAsync(body, "coordination"));
        var code = (await InvitationsAsync(meeting))[0]!.Text("code");
        var page = WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/invitations/{code}")).Content.ReadAsStringAsync());
        Assert.Contains("✓ Código válido", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Persona Inventada", page, StringComparison.Ordinal);

        var first = await CheckInAsync(meeting, $"http://localhost:8080/v1/agenda/public/invitations/{code.ToUpperInvariant()} ").JsonAsync();
        Assert.Equal((false, 1), ((bool)first["already"]!, (int)first["attendance"]!));
        var again = await CheckInAsync(meeting, code).JsonAsync();
        Assert.Equal((true, 1), ((bool)again["already"]!, (int)again["attendance"]!));
        await CheckInAsync(meeting, "zzzzzzzzzz").ProblemAsync(HttpStatusCode.UnprocessableEntity, "code_unknown");
        await CheckInAsync(other, code).ProblemAsync(HttpStatusCode.UnprocessableEntity, "code_of_another_meeting");
        Assert.Contains("Asistencia anotada", WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/invitations/{code}")).Content.ReadAsStringAsync()), StringComparison.Ordinal);
        using var unknown = await service.GetAsync(null, "/public/invitations/zzzzzzzzzz");
        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (unknown.StatusCode, unknown.Content.Headers.ContentType!.MediaType));
        // What was written over a version that the check-in changed is refused, not lost.
        await meeting.TryAttendAsync(body.Members).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        var attendance = await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/attendance").JsonAsync();
        Assert.Equal("code", attendance["attendees"]![0]!.Text("how"));
    }

    [Fact]
    public async Task Many_telephones_at_the_door_lose_nobody_and_count_nobody_twice()
    {
        var body = await service.AssociationAsync(20);
        var meeting = await service.ConvenedAsync(body);
        var codes = (await InvitationsAsync(meeting)).Select(i => i!.Text("code")).ToArray();
        var answers = await Task.WhenAll(codes.Concat(codes).Select(c => CheckInAsync(meeting, c).JsonAsync()));
        Assert.Equal(20, answers.Count(a => !(bool)a["already"]!));
        Assert.Equal(20, await service.QueryAsync<long>($"SELECT count(*) FROM meeting_attendance WHERE meeting_id = '{meeting.Id}'"));
    }

    [Fact]
    public async Task Notices_go_out_by_mail_to_who_left_an_address_and_on_paper_to_the_others()
    {
        await using var mail = await MailServer.StartAsync();
        var body = await service.AssociationAsync(4);
        await AddressAsync(body.Members[0], "ana@example.org");
        await AddressAsync(body.Members[1], "nadie@refuses.example");
        await AddressAsync(body.Members[2], "luego@busy.example");
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        var sender = Sender(mail.Port);
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }

        var sent = Assert.Single(await mail.ReceivedAsync(1));
        Assert.Equal(["ana@example.org"], sent.To.Mailboxes.Select(m => m.Address));
        Assert.StartsWith("Convocatoria: Asamblea", sent.Subject, StringComparison.Ordinal);
        var code = (await InvitationsAsync(meeting)).Single(i => i!.Text("personId") == body.Members[0].ToString())!.Text("code");
        Assert.Contains(code, sent.TextBody, StringComparison.Ordinal);
        Assert.Contains($"{Words(AgendaService.Upcoming)}, en Casa comunal", sent.TextBody, StringComparison.Ordinal);
        Assert.Contains("  2. Informe", sent.TextBody, StringComparison.Ordinal);
        Assert.Equal(["failed", "pending", "print", "sent"], (await InvitationsAsync(meeting)).Select(i => i!.Text("notice")).Order(StringComparer.Ordinal));

        // Who could not be reached by mail is on paper; so is nobody else.
        var slips = await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations/print")).Content.ReadAsStringAsync();
        Assert.Equal(2, slips.Split("<svg").Length - 1);

        // The server that was busy is asked again when its time has come, and once.
        await service.RowsAsync($"UPDATE notice SET next_attempt_at = now() WHERE meeting_id = '{meeting.Id}' AND state = 'pending' RETURNING 'x'");
        Assert.True(await sender.SendNextAsync(TestContext.Current.CancellationToken));
        Assert.False(await sender.SendNextAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, (await mail.ReceivedAsync(2)).Count);

        // Another date is told to the same people, under other ids.
        await meeting.DoAsync("rescheduling", new { startsAt = "2030-06-20T09:00:00", reason = "Lluvia" });
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        var moved = (await mail.ReceivedAsync(3)).Where(m => m.Subject!.StartsWith("Cambio de fecha", StringComparison.Ordinal)).ToArray();
        Assert.All(moved, m => Assert.Contains("jueves 20 de junio de 2030, a las 09:00", m.TextBody, StringComparison.Ordinal));
        Assert.NotEqual(sent.MessageId, moved[0].MessageId);
        // Who has no address, or could not be reached, is told on paper, which somebody has to carry there.
        var papers = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations/print")).Content.ReadAsStringAsync());
        Assert.Contains("LA REUNIÓN CAMBIÓ DE FECHA: 20/06/2030 a las 09:00. Lluvia", papers, StringComparison.Ordinal);
        var waits = Assert.Single((await service.GetAsync(Roles.Promoter, $"/work-list?kind=notice-to-deliver&bodyId={body.Id}").JsonAsync())["items"]!.AsArray())!;
        Assert.Equal("2", waits.Text("detail"));
    }

    [Fact]
    public async Task A_convocation_that_is_of_no_use_any_more_is_not_sent()
    {
        await using var mail = await MailServer.StartAsync();
        var body = await service.AssociationAsync(1);
        await AddressAsync(body.Members[0], "ana@example.org");
        // One that was written down afterwards was never to be sent.
        Assert.Equal("print", (await InvitationsAsync(await service.ConvenedAsync(body)))[0]!.Text("notice"));
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        await meeting.DoAsync("cancellation", new { reason = "Alerta por lluvias" });
        var sender = Sender(mail.Port);
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        Assert.StartsWith("Cancelada: ", Assert.Single(await mail.ReceivedAsync(1)).Subject, StringComparison.Ordinal);
        Assert.Equal(["cancelled sent", "convened failed"], await service.RowsAsync($"SELECT about || ' ' || state FROM notice WHERE meeting_id = '{meeting.Id}' ORDER BY 1"));
        var posted = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/notice/print")).Content.ReadAsStringAsync());
        Assert.Contains("LA REUNIÓN SE CANCELÓ. Alerta por lluvias", posted, StringComparison.Ordinal);
        Assert.Empty((await service.GetAsync(Roles.Promoter, $"/work-list?kind=notice-to-deliver&bodyId={body.Id}").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Who_waits_for_a_seat_is_told_when_there_is_one_and_everybody_when_the_event_changes()
    {
        await using var mail = await MailServer.StartAsync();
        object Content(string startsAt, string endsAt, int capacity = 2) => new { kind = "sports", title = "Torneo", promotion = "Venga.", startsAt, endsAt, venue = "Cancha", organiser = "Unidad", capacity };
        var shown = await service.PostAsync(Roles.Promoter, "/events", Content("2099-05-02T08:00:00", "2099-05-02T12:00:00")).JsonAsync();
        var path = $"/events/{shown.Text("id")}";
        await service.PostAsync(Roles.Promoter, $"{path}/announcement", null, $"\"{shown["version"]}\"").JsonAsync();
        Task<HttpResponseMessage> RegisterAsync(string name, string? email, string subject) =>
            service.PostAsync(Roles.Resident, $"{path}/registrations", new { name, seats = 2, email }, key: Guid.NewGuid().ToString(), subject: subject);
        var first = await RegisterAsync("Ana Inventada", "ana@example.org", "ana").JsonAsync();
        await RegisterAsync("Ana Inventada", "ana@example.org", "ana").ProblemAsync(HttpStatusCode.Conflict, "already_registered");
        var portal = service.As(Roles.Integration, "agenda.write");
        foreach (var party in new[] { "Paz Inventada", "Flor Inventada" }) // A portal registers whoever asks it.
            await portal.SendJsonAsync(HttpMethod.Post, $"/v1/agenda{path}/registrations", new { name = party, seats = 1 }, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync();
        await service.RowsAsync($"DELETE FROM event_registration WHERE event_id = '{shown.Text("id")}' AND name IN ('Paz Inventada', 'Flor Inventada') RETURNING 'x'");
        var second = await RegisterAsync("Luz Inventada", "luz@example.org", "luz").JsonAsync();
        var third = await RegisterAsync("Sol Inventada", null, "sol").JsonAsync();
        async Task<string> PageAsync(JsonNode registration) => WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/registrations/{registration.Text("code")}")).Content.ReadAsStringAsync());
        Assert.Contains("Tiene 2 cupos", await PageAsync(first), StringComparison.Ordinal);
        Assert.Contains("En lista de espera, lugar 2", await PageAsync(third), StringComparison.Ordinal);
        Assert.DoesNotContain("Inventada", await PageAsync(third), StringComparison.Ordinal);
        Assert.Equal("waiting", (await service.GetAsync(Roles.Resident, $"{path}/registrations/{second.Text("code")}").JsonAsync()).Text("state"));

        await service.PostAsync(Roles.Resident, $"{path}/registrations/{first.Text("code")}/cancellation", new { }, subject: "ana").JsonAsync();
        Assert.Equal("waiting", (await RegisterAsync("Ana Inventada", "ana@example.org", "ana").JsonAsync()).Text("state"));
        var sender = Sender(mail.Port);
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        var told = Assert.Single(await mail.ReceivedAsync(1));
        Assert.Equal(("Ya tiene cupo: Torneo", "luz@example.org"), (told.Subject, told.To.Mailboxes.Single().Address));
        Assert.Contains($"/v1/agenda/public/registrations/{second.Text("code")}", told.TextBody, StringComparison.Ordinal);

        async Task<string> ETagAsync() => $"\"{(await service.GetAsync(Roles.Promoter, path).JsonAsync())["version"]}\"";
        await service.PutAsync(Roles.Promoter, path, Content("2099-05-09T08:00:00", "2099-05-09T12:00:00"), await ETagAsync()).JsonAsync();
        await service.PutAsync(Roles.Promoter, path, Content("2099-05-09T08:00:00", "2099-05-09T12:00:00", 3), await ETagAsync()).JsonAsync(); // No other hour: nobody is told.
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        await service.PostAsync(Roles.Promoter, $"{path}/cancellation", new { reason = "Lluvia" }, await ETagAsync()).JsonAsync();
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        Assert.Equal(
            ["ana@example.org Cambio: Torneo", "ana@example.org Cancelado: Torneo", "luz@example.org Cambio: Torneo", "luz@example.org Cancelado: Torneo", "luz@example.org Ya tiene cupo: Torneo"],
            (await mail.ReceivedAsync(5)).Select(m => $"{m.To.Mailboxes.Single().Address} {m.Subject}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_senders_at_once_send_each_notice_once_and_one_that_died_is_replaced()
    {
        await using var mail = await MailServer.StartAsync();
        var body = await service.AssociationAsync(12);
        foreach (var (index, member) in body.Members.Index())
            await AddressAsync(member, $"p{index}@example.org");
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        // One was taken by a sender that died: its lease has run out.
        await service.RowsAsync($"UPDATE notice SET attempts = 1, next_attempt_at = now() - interval '1 second' WHERE id = (SELECT id FROM notice WHERE meeting_id = '{meeting.Id}' LIMIT 1) RETURNING 'x'");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var sender = Sender(mail.Port);
            while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
            {
            }
        }));
        Assert.Equal(12, (await mail.ReceivedAsync(12)).Select(m => m.To.ToString()).Distinct().Count());
        Assert.Equal(12, await service.QueryAsync<long>($"SELECT count(*) FROM notice WHERE meeting_id = '{meeting.Id}' AND state = 'sent'"));
    }

    [Fact]
    public async Task While_the_mail_server_is_away_notices_wait_and_after_ten_attempts_they_are_printed()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        var body = await service.AssociationAsync(1);
        await AddressAsync(body.Members[0], "ana@example.org");
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        var sender = Sender(port);
        for (var attempt = 1; attempt <= 10; attempt++)
        {
            Assert.Equal("pending", (await InvitationsAsync(meeting))[0]!.Text("notice"));
            Assert.True(await sender.SendNextAsync(TestContext.Current.CancellationToken));
            Assert.False(await sender.SendNextAsync(TestContext.Current.CancellationToken)); // It is not its time.
            await service.RowsAsync($"UPDATE notice SET next_attempt_at = now() WHERE meeting_id = '{meeting.Id}' AND state = 'pending' RETURNING 'x'");
        }
        Assert.Equal("failed", (await InvitationsAsync(meeting))[0]!.Text("notice"));
        var slips = await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations/print")).Content.ReadAsStringAsync();
        Assert.Contains("Persona Inventada", slips, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_responsible_for_a_late_agreement_is_told_once()
    {
        await using var mail = await MailServer.StartAsync();
        var body = await service.AssociationAsync(2);
        await AddressAsync(body.Members[0], "ana@example.org");
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await service.RowsAsync($"DELETE FROM notice WHERE meeting_id = '{meeting.Id}' RETURNING 'x'");
        await meeting.CloseMinutesAsync(new { text = "Llevar la nota", responsible = "Ana", responsibleId = body.Members[0], dueOn = "2017-07-01" });
        await service.WatchAsync();
        await service.WatchAsync();
        var sender = Sender(mail.Port);
        while (await sender.SendNextAsync(TestContext.Current.CancellationToken))
        {
        }
        var told = Assert.Single(await mail.ReceivedAsync(1));
        Assert.Contains("«Llevar la nota», a cargo de Ana, venció el 01/07/2017", told.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_is_one_and_can_be_taken_back()
    {
        var body = await service.AssociationAsync(1);
        foreach (var bad in new[] { "ana", "ana@", "a b@example.org", "ana@example.org\nBcc: x@example.org", "Ana <ana@example.org>", "añá@example.org" })
            Assert.True((int)(await TryAddressAsync(body.Members[0], bad)).StatusCode is 400 or 422, bad);
        await TryAddressAsync(Guid.CreateVersion7(), "ana@example.org").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await AddressAsync(body.Members[0], "ana@example.org");
        using var removed = await service.As(Roles.Promoter).DeleteAsync(new Uri($"/v1/agenda/people/{body.Members[0]}/notice-address", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        Assert.Equal("print", (await InvitationsAsync(meeting))[0]!.Text("notice"));
    }

    [Fact]
    public async Task Papers_are_printed_from_what_the_meeting_has()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await service.ConvenedAsync(body);
        foreach (var (paper, says) in new[] { ("notice", "segunda convocatoria"), ("attendance", "Firma o huella"), ("invitations", "Recorte por las líneas") })
        {
            var page = WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/{paper}/print")).Content.ReadAsStringAsync());
            Assert.Contains(says, page, StringComparison.Ordinal);
            Assert.Contains(meeting.Seen.Text("title"), page, StringComparison.Ordinal);
        }
        // What its QR leads to is there.
        var posted = await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/notice/print")).Content.ReadAsStringAsync();
        Assert.Contains($"/v1/agenda/public/calendar/meeting/{meeting.Id}", posted, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(null, $"/public/calendar/meeting/{meeting.Id}")).StatusCode);
        await service.GetAsync(Roles.Promoter, $"/meetings/{Guid.NewGuid()}/notice/print").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    private static string Words(string local) =>
        DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture).ToString("dddd d 'de' MMMM 'de' yyyy, 'a las' HH:mm", System.Globalization.CultureInfo.GetCultureInfo("es-SV"));

    private SendNotices Sender(int port) => new(
        service.Services.GetRequiredService<IServiceScopeFactory>(), new SmtpNotifier(new Uri($"smtp://127.0.0.1:{port}"), "avisos@alcaldia.example"),
        service.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>(), TimeProvider.System, NullLogger<SendNotices>.Instance);

    private async Task<JsonArray> InvitationsAsync(Meeting meeting) => (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations").JsonAsync())["items"]!.AsArray();

    private Task<HttpResponseMessage> CheckInAsync(Meeting meeting, string code) => service.PostAsync(Roles.Promoter, $"/meetings/{meeting.Id}/check-ins", new { code });

    private Task<HttpResponseMessage> TryAddressAsync(Guid person, string email) => service.PutAsync(Roles.Promoter, $"/people/{person}/notice-address", new { email }, null);

    private async Task AddressAsync(Guid person, string email) => Assert.Equal(HttpStatusCode.NoContent, (await TryAddressAsync(person, email)).StatusCode);

    /// <summary>A mail server in a process of its own.</summary>
    private sealed class MailServer(Process process, int port) : IAsyncDisposable
    {
        private readonly List<MimeMessage> _received = [];

        public int Port { get; } = port;

        public static async Task<MailServer> StartAsync()
        {
            var process = await Node.StartAsync("tests/EventsAndMeetings.Tests/node", "smtp.mjs");
            return new(process, (int)JsonNode.Parse((await process.StandardOutput.ReadLineAsync())!)!["port"]!);
        }

        /// <summary>Everything it has been given, once there are this many.</summary>
        public async Task<List<MimeMessage>> ReceivedAsync(int count)
        {
            while (_received.Count < count)
            {
                var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
                _received.Add(await MimeMessage.LoadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(JsonNode.Parse(line!)!.Text("mail")))));
            }
            return _received;
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}

/// <summary>The service where no mail server is named.</summary>
public sealed class PaperAgendaService : AgendaService
{
    protected override bool HasMail => false;
}

/// <summary>Without a mail server everybody is told on paper, also who left an address.</summary>
public sealed class PaperNoticeTests(PaperAgendaService service) : IClassFixture<PaperAgendaService>
{
    [Fact]
    public async Task Who_left_an_address_is_told_on_paper_and_nothing_waits_to_be_sent()
    {
        var body = await service.AssociationAsync(2);
        await service.PutAsync(Roles.Promoter, $"/people/{body.Members[0]}/notice-address", new { email = "ana@example.org" }, null);
        var meeting = await service.ConvenedAsync(body, startsAt: AgendaService.Upcoming);
        Assert.Equal(["print", "print"], await service.RowsAsync($"SELECT state FROM notice WHERE meeting_id = '{meeting.Id}'"));
        var slips = await (await service.GetAsync(Roles.Promoter, $"/meetings/{meeting.Id}/invitations/print")).Content.ReadAsStringAsync();
        Assert.Equal(2, slips.Split("<svg").Length - 1);
    }
}
