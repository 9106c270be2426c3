using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>Somebody asks, and is answered in the time of the law, without having said who they are.</summary>
public sealed class InformationRequestTests(AgendaService service) : IClassFixture<AgendaService>
{
    private async Task<JsonNode> AskAsync(string question = "¿Cuánto se gastó en el puente?") => await service.PostAsync(null!, "/public/information-requests", new { question }).JsonAsync();

    private async Task<string> IdAsync(JsonNode asked) => (await service.QueryAsync<Guid>($"SELECT id FROM information_request WHERE code = '{asked.Text("code")}'")).ToString();

    private async Task<string> PageAsync(string code) => WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/information-requests/{code}")).Content.ReadAsStringAsync());

    [Fact]
    public async Task A_question_gets_a_receipt_a_deadline_and_an_answer_that_is_published_without_the_private_part()
    {
        var asked = await AskAsync("Soy Marta Inventada, 7123-4567. ¿Cuánto se gastó en el puente?");
        Assert.Matches(@"^SI-\d{4}-\d+$", asked.Text("number"));
        Assert.Contains("En espera de respuesta", await PageAsync(asked.Text("code")), StringComparison.Ordinal);
        var id = await IdAsync(asked);
        var answer = new { outcome = "given", answer = "Marta: se pagaron $9,000.00.", publicQuestion = "¿Cuánto se gastó en el puente?", publicAnswer = "Se pagaron $9,000.00." };
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer with { publicQuestion = "Llame al 7123-4567" }, "\"1\"").ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer).ProblemAsync((HttpStatusCode)428, "precondition_required");
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer, "\"1\"").JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer, "\"2\"").ProblemAsync(HttpStatusCode.Conflict, "request_decided");
        var page = await PageAsync(asked.Text("code"));
        Assert.Contains("Marta: se pagaron $9,000.00.", page, StringComparison.Ordinal);
        await service.EverythingSaidAsync();
        var told = await service.RowsAsync($"SELECT public_type || ' ' || body FROM published_event WHERE subject = '{id}' ORDER BY position");
        Assert.Equal(["agenda.information-request.received.v1", "agenda.information-request.answered.v1"], told.Select(t => t.Split(' ')[0]));
        Assert.All(told, t => Assert.DoesNotMatch("Marta|7123", t));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.RowsAsync($"UPDATE information_request SET answer = 'x' WHERE id = '{id}' RETURNING ''"));
    }

    [Fact]
    public async Task A_name_of_the_register_is_pointed_out_before_it_is_published()
    {
        await service.AssociationAsync(2); // Members are called "Persona Inventada".
        var id = await IdAsync(await AskAsync());
        var answer = new { outcome = "given", answer = "Vea.", publicQuestion = "¿Cuánto?", publicAnswer = "Lo sabe Persona Inventada.", namesChecked = false };
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer, "\"1\"").ProblemAsync(HttpStatusCode.UnprocessableEntity, "answer_names_a_person");
        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/answer", answer with { namesChecked = true }, "\"1\"").JsonAsync();
    }

    [Fact]
    public async Task A_form_without_script_leads_to_the_receipt_and_says_what_is_wrong()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = service.Address };
        async Task<string> SendAsync(params (string, string)[] fields)
        {
            using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
            using var answer = await client.PostAsync(new Uri("/v1/agenda/public/information-requests/form", UriKind.Relative), form);
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            return answer.Headers.Location!.ToString();
        }
        var address = await SendAsync(("question", "¿Cuándo vienen los paquetes?\r\n¿Y a dónde?"), ("website", ""));
        Assert.StartsWith("/v1/agenda/public/information-requests/", address, StringComparison.Ordinal);
        var page = WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(address, UriKind.Relative)));
        Assert.Contains("¿Cuándo vienen los paquetes?\n¿Y a dónde?", page, StringComparison.Ordinal);
        Assert.Equal("/portal/preguntar?error=empty", await SendAsync(("question", "  ")));
        Assert.Equal("/portal/preguntar?error=long", await SendAsync(("question", new string('a', 3001))));
        Assert.Equal("/portal/preguntar?error=form", await SendAsync(("question", "a\u0001b")));
        var before = await service.QueryAsync<long>("SELECT count(*) FROM information_request");
        Assert.Equal("/portal/preguntar", await SendAsync(("question", "Compre aquí"), ("website", "http://x"))); // A program filled in what nobody sees.
        Assert.Equal(before, await service.QueryAsync<long>("SELECT count(*) FROM information_request"));
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync(null, "/public/information-requests/nada")).StatusCode);
    }

    [Fact]
    public async Task Numbers_have_no_gap_when_many_ask_at_once()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AskAsync($"Pregunta {i}")));
        var numbers = asked.Select(a => int.Parse(a.Text("number").Split('-')[2], System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(Enumerable.Range(numbers[0], 10), numbers);
    }

    /// <summary>Ten days in which public offices work; before they are over the unit is warned.</summary>
    [Theory]
    [InlineData("2027-03-01", "2027-03-15")]
    [InlineData("2027-03-19", "2027-04-09")] // Easter is on 28 March: offices close all Holy Week.
    [InlineData("2027-07-28", "2027-08-18")] // 1 to 6 August.
    [InlineData("2026-12-18", "2027-01-12")] // From 24 December to 2 January.
    public async Task The_deadline_counts_days_on_which_offices_work(string from, string due) =>
        Assert.Equal(due, await service.QueryAsync<string>($"SELECT business_days_from('{from}', 10)::text"));

    [Fact]
    public async Task What_is_to_be_answered_stands_in_the_work_list_and_is_warned_of_before_it_is_late()
    {
        var asked = await AskAsync();
        var id = await IdAsync(asked);
        var (due, warn) = (await service.QueryAsync<string>($"SELECT answer_due::text FROM information_request WHERE id = '{id}'"), await service.QueryAsync<string>($"SELECT warn_from::text FROM information_request WHERE id = '{id}'"));
        Task<List<string>> KindAsync(string day) => service.RowsAsync($"SELECT kind || ' ' || due FROM agenda_work({day}) WHERE subject_id = '{id}'");
        Assert.Equal([$"request-to-answer {due}"], await KindAsync($"'{warn}'::date - 1"));
        Assert.Equal([$"request-due-soon {due}"], await KindAsync($"'{warn}'::date"));
        Assert.Equal([$"request-due-soon {due}"], await KindAsync($"'{due}'::date"));
        Assert.Equal([$"request-overdue {due}"], await KindAsync($"'{due}'::date + 1"));
        Assert.Contains((await service.GetAsync(Roles.UnitHead, "/work-list?kind=request-to-answer&limit=200").JsonAsync())["items"]!.AsArray(), i => i!["subjectId"]!.GetValue<string>() == id);
        Assert.Contains((await service.GetAsync(Roles.UnitHead, "/information-requests?limit=200").JsonAsync())["items"]!.AsArray(), i => i!.Text("id") == id);

        await service.PostAsync(Roles.UnitHead, $"/information-requests/{id}/dismissal", null, "\"1\"").JsonAsync();
        Assert.Empty(await KindAsync($"'{due}'::date"));
        Assert.Contains("Se descartó", await PageAsync(asked.Text("code")), StringComparison.Ordinal);
    }
}
