using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>
/// The year 2017 of a unit's plan, all through the gateway: the document is taken in, programmed, approved and carried
/// out; what happens counts itself; the council gets four reports whose numbers are worked out by hand below.
/// </summary>
[Collection("system")]
public sealed class PlanYearTests(RunningSystem system)
{
    private const string Agenda = "/v1/agenda";
    private const string Organizations = "/v1/organizations";

    /// <summary>A plan of eleven rows, in the layout of a word processor's table that has lost cells.</summary>
    private const string Document =
        "Plan operativo 2017\n unidad de promoción \n\n. Objetivo Especifico. \n·  Dar a conocer la ordenanza de participación.\n\n· Acercar los programas a los cantones. \n\n\n"
        + "Objetivo  de la unidad.\n· Sostener la organización comunal.\n·  \n \tActividades  Meta  1 \n\tEnero \n\tFebrero \n\tMarzo\n \tNoviembre \n\tDiciembre \n\n"
        + "\tPoner al día la cartelera  \n \tReuniones con las asociaciones.\n \tFormar comités juveniles en los caseríos \n \tReuniones con asociaciones, comités y otros  \n"
        + " \tRedacción de propuestas \n \tFormar los comités de las obras \n \tApoyo puntual al presupuesto participativo.\n \tEntrega de paquetes \n\n"
        + "\t\n\t\n\t\n\t3º semana \n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\n"
        + "\tReunión con el comité de prevención.\n\t1º jueves de cada mes \n \tReunión mensual con las comunidades solidarias. \n \tPresupuesto participativo \n";

    private HttpClient _unit = null!, _promoter = null!, _council = null!;
    private string _plan = "", _adesco = "", _prevention = "";
    private string[] _members = [], _neighbours = [];
    private readonly Dictionary<string, string> _hamlets = [];

    [Fact]
    public async Task The_year_2017_of_the_plan()
    {
        (_unit, _promoter, _council) = (await system.AsAsync("unit-head"), await system.AsAsync("promoter"), await system.AsAsync("council"));
        await PeopleAsync();
        await PlanAsync();

        // First Thursdays: two fall on holidays, and a person moves them.
        var series = await SeriesAsync();
        Assert.Equal(
            ["2017-08-03", "2017-11-02"], series["occurrences"]!.AsArray().Where(o => o!.Text("state") == "needs-decision").Select(o => o!.Text("originalDate")));
        var late = await FirstQuarterAsync(series.Text("id"));
        await ReportAsync(1, "2017-04-05", 70m, "1 1 100 | 1 1 100 | 2 1 50 | 0 0 - | 3 3 100 | 3 0 0");
        await SecondQuarterAsync(series.Text("id"));
        await ReportAsync(2, "2017-07-05", 80m, "1 1 100 | 1 1 100 | 0 0 - | 1 1 100 | 3 3 100 | 3 0 0");
        await ThirdQuarterAsync(series.Text("id"));
        await ReportAsync(3, "2017-10-04", 60m, "1 0 0 | 1 1 100 | 2 2 100 | 0 0 - | 3 3 100 | 3 0 0");
        await FourthQuarterAsync(series.Text("id"));
        await ReportAsync(4, "2018-01-10", 66.7m, "1 2 100 +1 | 1 2 100 +1 | 0 1 - | 0 0 - | 3 2 66.7 | 3 0 0");

        // The year: 4 of 4, 5 of 4, 4 of 4, 1 of 1, 11 of 12 and 0 of 12; the mean of 100, 100, 100, 100, 91.7 and 0 is 81.95.
        var year = await GetAsync(_council, $"{_plan}/report");
        Assert.Equal(82.0m, (decimal)year["percent"]!);
        Assert.Equal((4, 5, 0, 1, 5), ((int)year["done"]!, (int)year["green"]!, (int)year["yellow"]!, (int)year["red"]!, (int)year["notApplicable"]!));
        Assert.Equal("4 4 100 | 4 5 100 +1 | 4 4 100 | 1 1 100 | 12 11 91.7 | 12 0 0", Lines(year));
        Assert.Equal([70m, 80m, 60m, 66.7m], year["byQuarter"]!.AsArray().Select(q => (decimal)q!["percent"]!));
        // The wall newspaper: posted in March, June, October and December, with a photo each time.
        Assert.Equal(
            ["2017-12-08", "2017-10-05", "2017-06-20", "2017-03-10"],
            (await GetAsync(_council, $"{_plan}/activities/1/evidence"))["items"]!.AsArray().Select(e => e!.Text("factDate")));
        await AgreementsAsync(late);
        await PapersAsync(series.Text("id"));
        await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/closure", _plan, new { closedOn = "2018-01-31" });
        await _unit.SendJsonAsync(HttpMethod.Put, $"{_plan}/activities/2/evidence-rules", new { rules = Array.Empty<object>() }, await ETagAsync(_plan)).ProblemAsync(HttpStatusCode.Conflict, "plan_closed");
    }

    /// <summary>Four hamlets, an association of nine, twenty young people and the prevention committee.</summary>
    private async Task PeopleAsync()
    {
        var csv = new StringBuilder("code,kind,name,parent_code,valid_from,valid_to\n96,department,Departamento del Plan,,1900-01-01,\n96-01,municipality,San Plan,96,1900-01-01,\n96-01-01,canton,Cantón El Plan,96-01,1900-01-01,\n");
        for (var i = 1; i <= 4; i++)
            csv.Append(CultureInfo.InvariantCulture, $"96-01-01-0{i},hamlet,Caserío {(char)('A' + i - 1)},96-01-01,1900-01-01,\n");
        var job = await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/places/imports", new StringContent(csv.ToString(), Encoding.UTF8, "text/csv")).JsonAsync();
        await Eventually.TrueAsync(async () => (await GetAsync(_promoter, $"{Organizations}/places/imports/{job.Text("id")}")).Text("state") == "completed");
        foreach (var code in new[] { "96-01", "96-01-01-01", "96-01-01-02", "96-01-01-03", "96-01-01-04" })
            _hamlets[code] = (await GetAsync(_promoter, $"{Organizations}/places?code={code}"))["items"]![0]!.Text("id");

        _members = await PeopleAsync(0, 9, "1975-05-05");
        _adesco = (await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/associations", new
        {
            name = "ADESCO Caserío A", placeId = _hamlets["96-01-01-01"], formedOn = "2016-11-05", memberIds = _members,
        }).JsonAsync()).Text("id");
        _neighbours = await PeopleAsync(9, 3, "1980-05-05");
        _prevention = await CommitteeAsync("prevention", "Comité de prevención de San Plan", "96-01", "2016-12-01", _neighbours);
        await Eventually.TrueAsync(async () =>
            (await _promoter.GetAsync(new Uri($"{Agenda}/bodies/{_prevention}?on=2017-01-05", UriKind.Relative)) is { IsSuccessStatusCode: true } a && (int)JsonNode.Parse(await a.Content.ReadAsStringAsync())!["members"]! == 3)
            && (await _promoter.GetAsync(new Uri($"{Agenda}/bodies/{_adesco}?on=2017-01-05", UriKind.Relative)) is { IsSuccessStatusCode: true } b && (int)JsonNode.Parse(await b.Content.ReadAsStringAsync())!["members"]! == 9),
            what: "The bodies in the agenda");
    }

    /// <summary>The document, completed with what the unit promises, presented, returned, presented again, approved and begun.</summary>
    private async Task PlanAsync()
    {
        var imported = await _unit.SendJsonAsync(HttpMethod.Post, $"{Agenda}/plans/imports", new StringContent(Document, Encoding.UTF8, "text/plain")).JsonAsync();
        _plan = $"{Agenda}/plans/{imported.Text("id")}";
        var activities = imported["activities"]!.AsArray();
        Assert.Equal(
            ["unscheduled", "unscheduled", "unscheduled", "unscheduled", "unscheduled", "unscheduled", "one-off", "week", "recurring", "monthly", "unscheduled"], activities.Select(a => a!.Text("schedule")));
        Assert.Equal((4, 3), ((int)activities[7]!["programme"]![0]!["month"]!, (int)activities[7]!["programme"]![0]!["week"]!));

        await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/changes", _plan, new
        {
            activities = new[]
            {
                Change(activities, 1, "ediciones", (3, 1), (6, 1), (9, 1), (12, 1)), Change(activities, 2, "reuniones", (2, 1), (5, 1), (8, 1), (11, 1)), Change(activities, 3, "comités", (3, 2), (7, 2)),
            },
        });
        await RuleAsync(2, new { fact = "meeting-held", bodyKind = "association" });
        await RuleAsync(3, new { fact = "committee-formed", kind = "youth" });
        await RuleAsync(9, new { fact = "meeting-held", kind = "committee-meeting", bodyKind = "prevention" });
        await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/submission", _plan, null);
        await ChangeAsync(_council, HttpMethod.Post, $"{_plan}/observation", _plan, new { observations = "Falta la meta de la cartelera." });
        await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/submission", _plan, null);
        await ChangeAsync(_council, HttpMethod.Post, $"{_plan}/approval", _plan, new { agreement = new { minutesNumber = 45, agreementNumber = 6, date = "2016-12-20" } });
        await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/execution", _plan, new { startedOn = "2017-01-02" });
    }

    private async Task<JsonNode> SeriesAsync()
    {
        var series = await _promoter.SendJsonAsync(HttpMethod.Post, $"{Agenda}/series", new
        {
            title = "Reunión mensual de prevención", rule = "FREQ=MONTHLY;BYDAY=1TH", firstDay = "2017-01-01", lastDay = "2017-12-31", starts = "14:00:00", venue = "Alcaldía", bodyId = _prevention,
            kind = "committee-meeting", points = new[] { "Seguimiento de acuerdos", "Varios" },
        }).JsonAsync();
        Assert.Equal(12, series["occurrences"]!.AsArray().Count);
        return series;
    }

    /// <summary>Three meetings of prevention, an assembly with quorum, one youth committee of two, a posting in March.</summary>
    /// <returns>The assembly, of whose two agreements one is late.</returns>
    private async Task<string> FirstQuarterAsync(string series)
    {
        foreach (var date in new[] { "2017-01-05", "2017-02-02", "2017-03-02" })
            await HoldOccurrenceAsync(series, date, date);
        var assembly = await HoldAsync(
            await MeetingAsync("ordinary-assembly", "Asamblea de febrero", "2017-02-15T15:00:00"), "2017-02-08", _members[..5],
            new { text = "Pintar la casa comunal", responsible = "Junta directiva", dueOn = "2017-03-01" }, new { text = "Pedir el permiso del predio", responsible = "Sindicatura", dueOn = "2017-03-31" });
        await CommitteeAsync("youth", "Jóvenes de Caserío A", "96-01-01-01", "2017-03-18", await PeopleAsync(12, 5, "1998-05-05"));
        await PostNewspaperAsync("2017-03-10");
        return assembly;
    }

    /// <summary>Three of prevention; an assembly without quorum, and one that is held on the second call; the packages in the third week of April.</summary>
    private async Task SecondQuarterAsync(string series)
    {
        foreach (var date in new[] { "2017-04-06", "2017-05-04", "2017-06-01" })
            await HoldOccurrenceAsync(series, date, date);
        var empty = await MeetingAsync("ordinary-assembly", "Asamblea de mayo", "2017-05-17T15:00:00");
        await ChangeAsync(_promoter, HttpMethod.Post, $"{empty}/convocation", empty, new { convenedOn = "2017-05-10" });
        await ChangeAsync(_promoter, HttpMethod.Post, $"{empty}/calls", empty, new { call = 1 });
        Assert.Equal("no-quorum", (await ChangeAsync(_promoter, HttpMethod.Post, $"{empty}/calls", empty, new { call = 2 })).Text("state"));
        await ChangeAsync(_promoter, HttpMethod.Post, $"{empty}/minutes/closing", empty, new { });

        var second = await MeetingAsync("ordinary-assembly", "Asamblea de junio", "2017-06-14T15:00:00");
        await ChangeAsync(_promoter, HttpMethod.Post, $"{second}/convocation", second, new { convenedOn = "2017-06-07" });
        await ChangeAsync(_promoter, HttpMethod.Put, $"{second}/attendance", second, new { personIds = _members[..4] });
        Assert.Equal("convened", (await ChangeAsync(_promoter, HttpMethod.Post, $"{second}/calls", second, new { call = 1 })).Text("state"));
        Assert.Equal("held", (await ChangeAsync(_promoter, HttpMethod.Post, $"{second}/calls", second, new { call = 2 })).Text("state"));
        await MinutesAsync(second);
        await ShowAsync(8, "2017-04-19", "Entrega de 120 paquetes");
        await PostNewspaperAsync("2017-06-20");
        await NoteAsync(2);
    }

    /// <summary>Prevention in July, on the 10th of August instead of the 3rd, and in September; two youth committees; no newspaper.</summary>
    private async Task ThirdQuarterAsync(string series)
    {
        await HoldOccurrenceAsync(series, "2017-07-06", "2017-07-06");
        await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10", reason = "Fiestas agostinas" });
        await HoldOccurrenceAsync(series, "2017-08-03", "2017-08-10");
        await HoldOccurrenceAsync(series, "2017-09-07", "2017-09-07");
        await HoldAsync(await MeetingAsync("coordination", "Coordinación de agosto", "2017-08-16T15:00:00"), "2017-08-09", _members[..3]);
        await CommitteeAsync("youth", "Jóvenes de Caserío B", "96-01-01-02", "2017-07-08", await PeopleAsync(17, 5, "1998-05-05"));
        await CommitteeAsync("youth", "Jóvenes de Caserío C", "96-01-01-03", "2017-07-22", await PeopleAsync(22, 5, "1998-05-05"));
        await NoteAsync(3);
    }

    /// <summary>Prevention's October is cancelled, its November moved; two assemblies; a youth committee nobody had programmed; the newspaper twice.</summary>
    private async Task FourthQuarterAsync(string series)
    {
        await DecideAsync(series, "2017-10-05", new { action = "cancel", reason = "Alerta por lluvias" });
        await DecideAsync(series, "2017-11-02", new { action = "move", date = "2017-11-09", reason = "Día de los Difuntos" });
        await HoldOccurrenceAsync(series, "2017-11-02", "2017-11-09");
        await HoldOccurrenceAsync(series, "2017-12-07", "2017-12-07");
        await HoldAsync(await MeetingAsync("ordinary-assembly", "Asamblea de noviembre", "2017-11-15T15:00:00"), "2017-11-08", _members);
        await HoldAsync(await MeetingAsync("extraordinary-assembly", "Asamblea de cierre", "2017-11-22T15:00:00"), "2017-11-20", _members[..6]);
        await CommitteeAsync("youth", "Jóvenes de Caserío D", "96-01-01-04", "2017-10-14", await PeopleAsync(27, 5, "1998-05-05"));
        await PostNewspaperAsync("2017-10-05");
        await PostNewspaperAsync("2017-12-08");
    }

    /// <summary>What was agreed in February: one done in time, the other overdue, before the head of the unit, and done at last.</summary>
    private async Task AgreementsAsync(string assembly)
    {
        var id = assembly.Split('/')[^1];
        await Eventually.TrueAsync(async () => (await GetAsync(_unit, $"{Agenda}/agreements?meetingId={id}&escalated=true"))["items"]!.AsArray().Count == 2, 90, "The late agreements");
        Assert.Contains((await GetAsync(_unit, $"{Agenda}/work-list?kind=agreement-escalated&bodyId={_adesco}"))["items"]!.AsArray(), i => i!.Text("name") == "Pedir el permiso del predio");
        await ChangeAsync(_promoter, HttpMethod.Post, $"{assembly}/agreements/1/notes", assembly, new { step = "fulfilled", note = "Pintada el 27 de febrero", on = "2017-02-27" });
        await ChangeAsync(_promoter, HttpMethod.Post, $"{assembly}/agreements/2/notes", assembly, new { step = "fulfilled", note = "Con retraso", on = "2017-04-20" });
        Assert.Empty((await GetAsync(_unit, $"{Agenda}/work-list?kind=agreement-escalated&bodyId={_adesco}"))["items"]!.AsArray());
    }

    /// <summary>Minutes are numbered without gaps, the report is printed, and anybody's calendar has the year.</summary>
    private async Task PapersAsync(string series)
    {
        var acts = new List<int>();
        var meetings = (await GetAsync(_promoter, $"{Agenda}/meetings?bodyId={_adesco}&limit=200"))["items"]!.AsArray();
        foreach (var meeting in meetings.Where(m => m!.Text("kind") != "coordination"))
            acts.AddRange((await GetAsync(_promoter, $"{Agenda}/meetings/{meeting!.Text("id")}/minutes"))["acts"]!.AsArray().Select(a => (int)a!["number"]!));
        Assert.Equal(Enumerable.Range(1, 5), acts.Order());

        var page = WebUtility.HtmlDecode(await _council.GetStringAsync(new Uri($"{_plan}/report/print?quarter=4", UriKind.Relative)));
        Assert.Contains("Presentado al concejo el 10/01/2018", page, StringComparison.Ordinal);
        Assert.Contains("66.7 %", page, StringComparison.Ordinal);
        var csv = await _council.GetStringAsync(new Uri($"{_plan}/report/csv?quarter=4", UriKind.Relative));
        Assert.Equal(12, csv.TrimEnd().Split('\n').Length);

        using var anybody = await system.AsAsync(null);
        var feed = await anybody.GetStringAsync(new Uri($"{Agenda}/public/calendar/bodies/{_prevention}.ics?from=2017-01-01&to=2017-12-31", UriKind.Relative));
        Assert.Contains("RECURRENCE-ID;TZID=America/El_Salvador:20170803T140000\r\nDTSTART;TZID=America/El_Salvador:20170810T140000", feed, StringComparison.Ordinal);
        Assert.Single(feed.Split("STATUS:CANCELLED")[1..]);
        var link = await anybody.GetAsync(new Uri($"{Agenda}/public/calendar/series/{series}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, link.StatusCode);
    }

    /// <summary>The report as it stands once everything that was told has been counted; it is presented, and stays so.</summary>
    private async Task ReportAsync(int quarter, string presentedOn, decimal percent, string lines)
    {
        JsonNode report = null!;
        await Eventually.TrueAsync(async () => Lines(report = await GetAsync(_council, $"{_plan}/report?quarter={quarter}")) == lines, what: $"{lines} in quarter {quarter}");
        Assert.Equal(percent, (decimal)report["percent"]!);
        var presented = await ChangeAsync(_unit, HttpMethod.Post, $"{_plan}/report/presentation", _plan, new { quarter, presentedOn });
        Assert.True(JsonNode.DeepEquals(presented, await GetAsync(_council, $"{_plan}/report?quarter={quarter}")));
    }

    /// <summary>Programmed, executed and percent of what is programmed or was done, in the plan's order: rows 1, 2, 3, 8, 9 and 10.</summary>
    private static string Lines(JsonNode report) => string.Join(" | ", report["activities"]!.AsArray().Where(a => (int)a!["number"]! is 1 or 2 or 3 or 8 or 9 or 10).Select(a => string.Create(
        CultureInfo.InvariantCulture, $"{(decimal)a!["programmed"]!:0.#} {(decimal)a["executed"]!:0.#} {(a["percent"] is { } p ? $"{(decimal)p:0.#}" : "-")}{((decimal)a["over"]! is > 0 and var over ? $" +{over:0.#}" : "")}")));

    private async Task<string> MeetingAsync(string kind, string title, string startsAt) => $"{Agenda}/meetings/" + (await _promoter.SendJsonAsync(HttpMethod.Post, $"{Agenda}/meetings", new
    {
        kind, title, bodyId = _adesco, startsAt, venue = "Casa comunal", points = new[] { "Plan de trabajo" },
    }).JsonAsync()).Text("id");

    private async Task<string> HoldAsync(string meeting, string convenedOn, string[] attendees, params object[] agreements)
    {
        await ChangeAsync(_promoter, HttpMethod.Post, $"{meeting}/convocation", meeting, new { convenedOn });
        await ChangeAsync(_promoter, HttpMethod.Put, $"{meeting}/attendance", meeting, new { personIds = attendees });
        Assert.Equal("held", (await ChangeAsync(_promoter, HttpMethod.Post, $"{meeting}/calls", meeting, new { call = 1 })).Text("state"));
        await MinutesAsync(meeting, agreements);
        return meeting;
    }

    private async Task MinutesAsync(string meeting, params object[] agreements)
    {
        await ChangeAsync(_promoter, HttpMethod.Put, $"{meeting}/minutes", meeting, new { development = new[] { "Se trató y se aprobó." }, agreements });
        await ChangeAsync(_promoter, HttpMethod.Post, $"{meeting}/minutes/closing", meeting, new { });
    }

    private async Task HoldOccurrenceAsync(string series, string originalDate, string date)
    {
        var opened = await ChangeAsync(_promoter, HttpMethod.Post, $"{Agenda}/series/{series}/occurrences/{originalDate}/meeting", $"{Agenda}/series/{series}", new { });
        var meeting = opened["occurrences"]!.AsArray().Single(o => o!.Text("originalDate") == originalDate)!.Text("meetingId");
        var convenedOn = DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddDays(-4).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await HoldAsync($"{Agenda}/meetings/{meeting}", convenedOn, _neighbours[..2]);
    }

    private Task<JsonNode> DecideAsync(string series, string date, object decision) =>
        ChangeAsync(_promoter, HttpMethod.Post, $"{Agenda}/series/{series}/occurrences/{date}/decision", $"{Agenda}/series/{series}", decision);

    private Task PostNewspaperAsync(string date) => ShowAsync(1, date, "Cartelera de la casa comunal");

    private async Task ShowAsync(int activity, string date, string description)
    {
        var photo = new ByteArrayContent([0xFF, 0xD8, 0xFF, 0xDA, .. Encoding.UTF8.GetBytes(description + date)]);
        photo.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        var stored = await _promoter.SendJsonAsync(HttpMethod.Post, $"{Agenda}/files", photo).JsonAsync();
        await _promoter.SendJsonAsync(HttpMethod.Post, $"{_plan}/activities/{activity}/evidence", new { date, description, place = "Caserío A", photoId = stored.Text("id") }).JsonAsync();
    }

    /// <summary>Why the monthly meeting of row 10 was not held.</summary>
    private Task<JsonNode> NoteAsync(int quarter) => ChangeAsync(
        _unit, HttpMethod.Put, $"{_plan}/activities/10/quarters/{quarter}", _plan, new { cause = "El programa no tiene delegado.", correctiveAction = "Se pide al ministerio.", spent = 0 });

    private Task<JsonNode> RuleAsync(int activity, object rule) =>
        ChangeAsync(_unit, HttpMethod.Put, $"{_plan}/activities/{activity}/evidence-rules", _plan, new { rules = new[] { rule } });

    private static object Change(JsonArray activities, int number, string unitOfMeasure, params (int Month, int Quantity)[] programme) => new
    {
        number,
        content = new
        {
            text = activities[number - 1]!.Text("text"), schedule = "programmed", unitOfMeasure, responsible = "Promoción social", objective = 3,
            programme = programme.Select(p => new { month = p.Month, quantity = p.Quantity }),
        },
    };

    private async Task<string> CommitteeAsync(string kind, string name, string place, string formedOn, string[] people) => (await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/committees", new
    {
        kind, name, placeId = _hamlets[place], formedOn, minutesNumber = 1, members = people.Select((personId, i) => new { post = i == 0 ? "coordinator" : "member", personId }),
    }).JsonAsync()).Text("id");

    private async Task<string[]> PeopleAsync(int first, int count, string birthDate)
    {
        var people = new List<string>();
        for (var i = first; i < first + count; i++)
        {
            var digits = (96_000_000 + i).ToString(CultureInfo.InvariantCulture);
            var check = (10 - digits.Select((d, n) => (d - '0') * (9 - n)).Sum() % 10) % 10;
            people.Add((await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/people", new
            {
                givenNames = $"Persona {(char)('A' + i % 26)}", surnames = "Inventada", sex = i % 2 == 0 ? "female" : "male", dui = $"{digits}-{check}", birthDate,
            }).JsonAsync()).Text("id"));
        }
        return [.. people];
    }

    private static Task<JsonNode> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, path, null).JsonAsync();

    private async Task<string> ETagAsync(string resource)
    {
        using var answer = await _unit.GetAsync(new Uri(resource, UriKind.Relative));
        return answer.Headers.ETag!.ToString();
    }

    /// <summary>A change on the version that is seen now; what an event of the system changes meanwhile makes it stale, and it is tried again.</summary>
    private async Task<JsonNode> ChangeAsync(HttpClient client, HttpMethod method, string path, string resource, object? body)
    {
        while (true)
        {
            using var answer = await client.SendJsonAsync(method, path, body, await ETagAsync(resource));
            if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
                continue;
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{path} → {(int)answer.StatusCode} {text}");
            return JsonNode.Parse(text)!;
        }
    }
}
