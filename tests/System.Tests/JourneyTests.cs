using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>Plan → association recognised → meeting held → plan progress, all through the gateway.</summary>
[Collection("system")]
public sealed class JourneyTests(RunningSystem system)
{
    private const string Plan =
        """
        Plan operativo 2018
         unidad de prueba

        . Objetivo especifico.
        · Primer objetivo del plan.

        Objetivo de la unidad.
        · Primer objetivo de la unidad.
         	Actividades  Meta  1
        	Enero
        	Diciembre

        	Reuniones con Adescos.
         	Organizar comités de jóvenes
         	Entrega de semilla

        	
        	
        	2º semana
        	
        	Reunión mensual de prevención.
        	1º jueves de cada mes
        """;

    [Fact]
    public async Task From_the_plan_to_its_progress()
    {
        var unit = await system.AsAsync("unit-head");
        var promoter = await system.AsAsync("promoter");
        var secretary = await system.AsAsync("secretary");
        var council = await system.AsAsync("council");

        // The plan, from the unit's document.
        var plan = await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/plans/imports", new StringContent(Plan, Encoding.UTF8, "text/plain")).JsonAsync();
        var activities = plan["activities"]!.AsArray();
        Assert.Equal(["unscheduled", "unscheduled", "week", "recurring"], activities.Select(a => a!.Text("schedule")));
        Assert.Equal(3, activities[2]!["programme"]![0]!["month"]!.GetValue<int>());
        var planPath = $"/v1/agenda/plans/{plan.Text("id")}";
        await ChangeAsync(unit, HttpMethod.Put, $"{planPath}/activities/1/evidence-rules", planPath, """{"rules":[{"fact":"meeting-held","bodyKind":"association"}]}""");
        await ChangeAsync(unit, HttpMethod.Put, $"{planPath}/activities/2/evidence-rules", planPath, """{"rules":[{"fact":"committee-formed","bodyKind":"youth"}]}""");

        // The association, from its first members to its credential.
        var hamlet = await ImportHamletAsync(promoter);
        var people = new List<string>();
        for (var i = 0; i < 31; i++)
            people.Add(await RegisterAsync(promoter, i));
        var association = (await promoter.SendJsonAsync(HttpMethod.Post, "/v1/organizations/associations", new JsonObject
        {
            ["name"] = "ADESCO La Prueba", ["placeId"] = hamlet, ["formedOn"] = "2018-01-10", ["memberIds"] = new JsonArray([.. people.Take(25).Select(p => JsonValue.Create(p))]),
        }).JsonAsync()).Text("id");
        var path = $"/v1/organizations/associations/{association}";
        var board = string.Join(',', new[] { "president", "secretary", "treasurer", "syndic", "member-1" }.Select((post, i) => $$"""{"post":"{{post}}","personId":"{{people[i]}}"}"""));
        await StepAsync(promoter, "constitution",
            $$"""
            {"assemblyDate":"2018-01-20","minutesNumber":1,"convenedForIt":true,"presidedBy":"Delegado","board":[{{board}}],
             "statutesTopics":["name","democratic-character","domicile","territory","object","administration","organs-and-powers","quorum","rights-and-duties","control","internal-audit","amendment"]}
            """, "constituted");
        await StepAsync(secretary, "application", """{"filedOn":"2018-02-01","constitutionMinutes":true,"statutes":true,"memberRoll":true}""", "application-filed");
        await StepAsync(secretary, "observation", """{"notifiedOn":"2018-02-05","defects":"Falta una hoja."}""", "observed");
        await StepAsync(secretary, "correction", """{"correctedOn":"2018-02-20"}""", "corrected");
        await StepAsync(council, "resolution", """{"agreement":{"minutesNumber":4,"agreementNumber":9,"date":"2018-03-07"}}""", "resolved");
        await StepAsync(secretary, "registration", """{"book":1,"registeredOn":"2018-03-08"}""", "registered");
        await StepAsync(secretary, "publication", """{"gazetteNumber":60,"gazetteVolume":419,"publishedOn":"2018-04-02"}""", "published");
        var active = await StepAsync(secretary, "credential", """{"issuedOn":"2018-04-09"}""", "active");
        Assert.NotNull(active["credentialNumber"]);

        // A youth committee of the hamlet.
        await promoter.SendJsonAsync(HttpMethod.Post, "/v1/organizations/committees", new JsonObject
        {
            ["kind"] = "youth", ["name"] = "Jóvenes de prueba", ["placeId"] = hamlet, ["formedOn"] = "2018-04-14", ["minutesNumber"] = 2,
            ["members"] = new JsonArray([.. people.Skip(25).Select((p, i) => new JsonObject { ["post"] = i == 0 ? "coordinator" : "member", ["personId"] = p })]),
        }).JsonAsync();

        // A meeting of the association, which the agenda knows only from events.
        await Eventually.TrueAsync(async () =>
        {
            var body = await promoter.GetAsync(new Uri($"/v1/agenda/bodies/{association}?on=2018-05-05", UriKind.Relative));
            return body.IsSuccessStatusCode && JsonNode.Parse(await body.Content.ReadAsStringAsync()) is { } known
                && known["members"]!.GetValue<int>() == 25 && known.Text("state") is "active" or "board-expired";
        }, what: "The association in the agenda");
        var meeting = await promoter.SendJsonAsync(HttpMethod.Post, "/v1/agenda/meetings", new JsonObject
        {
            ["kind"] = "ordinary-assembly", ["title"] = "Asamblea ordinaria", ["bodyId"] = association, ["startsAt"] = "2018-05-05T14:00:00",
            ["venue"] = "Casa comunal", ["points"] = new JsonArray("Plan de trabajo"),
        }).JsonAsync();
        var meetingPath = $"/v1/agenda/meetings/{meeting.Text("id")}";
        await ChangeAsync(promoter, HttpMethod.Post, $"{meetingPath}/convocation", meetingPath, """{"convenedOn":"2018-04-28"}""");
        await AttendAsync(13);
        var held = await ChangeAsync(promoter, HttpMethod.Post, $"{meetingPath}/calls", meetingPath, """{"call":1}""");
        Assert.Equal("held", held.Text("state"));
        Assert.Equal(13, held["quorum"]!.GetValue<int>());

        // Both are evidence of the plan, once.
        await Eventually.TrueAsync(async () =>
        {
            var counts = (await unit.GetAsync(new Uri(planPath, UriKind.Relative)).JsonAsync())["activities"]!.AsArray().Select(a => a!["evidenceCount"]!.GetValue<int>());
            return counts.SequenceEqual([1, 1, 0, 0]);
        }, what: "The plan's progress");

        Task<JsonNode> StepAsync(HttpClient who, string step, string body, string state) => StateAsync(who, step, body, state);

        async Task<JsonNode> StateAsync(HttpClient who, string step, string body, string state)
        {
            var answer = await ChangeAsync(who, HttpMethod.Post, $"{path}/{step}", path, body);
            Assert.Equal(state, answer.Text("state"));
            return answer;
        }

        Task<JsonNode> AttendAsync(int count) => ChangeAsync(promoter, HttpMethod.Put, $"{meetingPath}/attendance", meetingPath,
            new JsonObject { ["personIds"] = new JsonArray([.. people.Take(count).Select(p => JsonValue.Create(p))]) }.ToJsonString());
    }

    private static async Task<string> ImportHamletAsync(HttpClient promoter)
    {
        var csv = "code,kind,name,parent_code,valid_from,valid_to\n98,department,Departamento de Sistema,,1900-01-01,\n98-01,municipality,San Sistema,98,1900-01-01,\n"
            + "98-01-01,canton,Cantón Uno,98-01,1900-01-01,\n98-01-01-01,hamlet,Caserío Uno,98-01-01,1900-01-01,\n";
        var job = await promoter.SendJsonAsync(HttpMethod.Post, "/v1/organizations/places/imports", new StringContent(csv, Encoding.UTF8, "text/csv")).JsonAsync();
        await Eventually.TrueAsync(async () => (await promoter.GetAsync(new Uri($"/v1/organizations/places/imports/{job.Text("id")}", UriKind.Relative)).JsonAsync()).Text("state") == "completed");
        return (await promoter.GetAsync(new Uri("/v1/organizations/places?code=98-01-01-01", UriKind.Relative)).JsonAsync())["items"]![0]!.Text("id");
    }

    private static async Task<string> RegisterAsync(HttpClient promoter, int index)
    {
        var digits = (95_000_000 + index).ToString(CultureInfo.InvariantCulture);
        var check = (10 - digits.Select((d, i) => (d - '0') * (9 - i)).Sum() % 10) % 10;
        return (await promoter.SendJsonAsync(HttpMethod.Post, "/v1/organizations/people", new JsonObject
        {
            ["givenNames"] = $"Persona{(char)('A' + index)}", ["surnames"] = "Inventada", ["sex"] = "female", ["dui"] = $"{digits}-{check}",
            ["birthDate"] = index < 25 ? "1980-03-04" : "1999-03-04",
        }).JsonAsync()).Text("id");
    }

    private static async Task<string> ETagAsync(HttpClient client, string resource)
    {
        using var answer = await client.GetAsync(new Uri(resource, UriKind.Relative));
        return answer.Headers.ETag!.ToString();
    }

    private static async Task<JsonNode> ChangeAsync(HttpClient client, HttpMethod method, string path, string resource, string body)
    {
        using var answer = await client.SendJsonAsync(method, path, new StringContent(body, Encoding.UTF8, "application/json"), await ETagAsync(client, resource));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} → {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
