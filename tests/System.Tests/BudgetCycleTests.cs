using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>
/// A whole cycle through the gateway: from its opening to the settlement of a project whose two committees Organizations
/// forms and whose assembly the agenda proposes, both by events alone, with a finding that blocks closing until it is
/// answered. The system's clock is the real one, so the cycle's calendar is moved in the database instead.
/// </summary>
[Collection("system")]
public sealed class BudgetCycleTests(RunningSystem system)
{
    private const string Budget = "/v1/budget";
    private const string Organizations = "/v1/organizations";
    private const string Agenda = "/v1/agenda";
    private static readonly string[] Phases = ["preparation", "proposals", "assessment", "voting", "approval", "execution"];
    private static readonly string[] Aspects = ["technical", "social", "environmental", "legal"];
    private readonly List<string> _duis = [];

    private HttpClient _unit = null!, _promoter = null!, _council = null!, _finance = null!, _anybody = null!;
    private string _cycle = "", _hamlet = "";

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    private static string On => Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static object Agreement => new { agreement = new { minutesNumber = 12, agreementNumber = 4, date = On } };

    [Fact]
    public async Task From_the_opening_of_a_cycle_to_the_settlement_of_its_project()
    {
        (_unit, _promoter, _council, _finance, _anybody) = (
            await system.AsAsync("unit-head"), await system.AsAsync("promoter"), await system.AsAsync("council"), await system.AsAsync("finance"), await system.AsAsync(null));
        _hamlet = await HamletAsync();
        await OpenAsync();

        // Residents propose; four technicians assess.
        await MoveToAsync("proposals");
        var water = await ProposeAsync("Agua para El Ciclo");
        var bridge = await ProposeAsync("Puente de El Ciclo");
        await MoveToAsync("assessment");
        await AssessAsync(water, 12_000);
        await AssessAsync(bridge, 11_000);

        // They vote in an assembly and at home, each once; the result is decided, and decided again by anybody.
        await MoveToAsync("voting");
        await StepAsync(_unit, $"cycles/{_cycle}", "ballot-paper", new { incompatible = Array.Empty<object>() });
        var place = (int)(await PostAsync(_promoter, $"cycles/{_cycle}/polling-places", new { zone = 1, kind = "assembly", name = "Asamblea de El Ciclo" }).JsonAsync())["number"]!;
        var voter = NewDui();
        foreach (var (dui, candidates) in new[] { (voter, new[] { 1, 2 }), (NewDui(), [1]), (NewDui(), [1]), (NewDui(), [2]) })
            await PostAsync(_promoter, $"cycles/{_cycle}/polling-places/{place}/ballots", new { dui, marks = candidates.Select(c => new { candidate = c }), attempt = Guid.NewGuid() }).JsonAsync();
        await VoteAtHomeAsync(voter).ProblemAsync(HttpStatusCode.Conflict, "already_voted");
        var receipt = await VoteAtHomeAsync(NewDui()).JsonAsync();
        Assert.Contains("Su papeleta está en la urna", WebUtility.HtmlDecode(await _anybody.GetStringAsync(new Uri($"{Budget}/public/receipts/{receipt.Text("code")}", UriKind.Relative))), StringComparison.Ordinal);
        await PostAsync(_promoter, $"cycles/{_cycle}/polling-places/{place}/closing", null).JsonAsync();
        await MoveToAsync("approval");
        await PostAsync(_promoter, $"cycles/{_cycle}/polling-places/{place}/paper-counts", new { ballots = 4, totals = new[] { new { candidate = 1, points = 3 }, new { candidate = 2, points = 2 } } }).JsonAsync();
        await StepAsync(_unit, $"cycles/{_cycle}", "seed", new { seed = "48213" });
        var result = await StepAsync(_unit, $"cycles/{_cycle}", "zones/1/result", null);
        Assert.Equal(["Agua para El Ciclo 4 wins", "Puente de El Ciclo 2 too-expensive"], result["lines"]!.AsArray().Select(l => $"{l!.Text("name")} {l!["points"]} {l!.Text("verdict")}"));
        var file = await _anybody.GetStringAsync(new Uri($"{Budget}/public/cycles/{_cycle}/zones/1/election.pb", UriKind.Relative));
        using var text = new StringContent(file, Encoding.UTF8, "text/plain");
        Assert.True((bool)(await _unit.SendJsonAsync(HttpMethod.Post, $"{Budget}/recounts", text).JsonAsync())["agreesWithOfficial"]!);

        // The council includes the winner; its dossier is approved, and the others learn of it.
        await StepAsync(_council, $"proposals/{water}", "inclusion", Agreement);
        var project = (await PostAsync(_unit, $"proposals/{water}/project", null).JsonAsync()).Text("id");
        await PrepareAsync(project);
        await Eventually.TrueAsync(async () => await RequestsAsync(project) == 2, what: "Organizations asks for two committees");
        await Eventually.TrueAsync(async () => await ProposedAsync(project) == 1, what: "The agenda proposes their assembly");
        await MoveToAsync("execution");
        await StepAsync(_unit, $"projects/{project}", "modality", new { direct = false, on = On });
        await StepAsync(_council, $"projects/{project}", "award", new { contractor = "Constructora del Valle, S.A.", contract = "AM-1", amount = 11_000, agreement = new { minutesNumber = 10, agreementNumber = 3, date = On } });
        var order = new { startsOn = On, endsOn = Today.AddDays(90).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
        await TryStepAsync(_unit, $"projects/{project}", "start-order", order).ProblemAsync(HttpStatusCode.Conflict, "committee_missing");
        await FormAsync(project, "executing", "Comité ejecutor del agua", 5);
        var oversight = await FormAsync(project, "oversight", "Comité contralor del agua", 3);
        await Eventually.TrueAsync(async () => (await GetAsync(_unit, $"projects/{project}"))["committees"]!.AsArray().Count == 2, what: "The budget knows both committees");
        await Eventually.TrueAsync(async () => await ProposedAsync(project) == 0, what: "The agenda needs no assembly any more");
        await StepAsync(_unit, $"projects/{project}", "start-order", order);
        await StepAsync(_unit, $"projects/{project}", "start", new { on = On });

        await WorkAndWatchAsync(project, oversight);
        await StepAsync(_council, $"cycles/{_cycle}", "finish", new { on = On });
        await TryStepAsync(_unit, $"cycles/{_cycle}", "zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "result_declared");

        // Everybody can follow it: two pages, and events in which nobody's number stands.
        var page = WebUtility.HtmlDecode(await _anybody.GetStringAsync(new Uri($"{Budget}/public/projects/{project}", UriKind.Relative)));
        Assert.Contains("Se cambió la tubería.", page, StringComparison.Ordinal);
        Assert.Contains("<svg", await _anybody.GetStringAsync(new Uri($"{Budget}/public/cycles/{_cycle}/accountability", UriKind.Relative)), StringComparison.Ordinal);
        await EverythingToldAsync(project);

        // And whoever lives there finds all of it on a telephone, and asks what is not there.
        var packages = Today.AddDays(6);
        await ResidentJourney.PackagesComeAsync(system, new { id = _hamlet, kind = "hamlet", name = "Caserío El Ciclo", path = "Caserío El Ciclo, San Ciclo" }, packages);
        await Eventually.TrueAsync(async () => (await _anybody.GetStringAsync(new Uri("/portal/jornadas", UriKind.Relative))).Contains("Paquete de El Ciclo", StringComparison.Ordinal), what: "The delivery day in the portal");
        foreach (var hasScript in new[] { true, false })
            await ResidentJourney.WalkAsync(system, "Caserío El Ciclo", "Agua para El Ciclo", "Puente de El Ciclo", packages, hasScript);
    }

    private async Task OpenAsync()
    {
        var year = Today.AddDays(150).Year; // In which it is carried out.
        var cycle = await PostAsync(_unit, "cycles", new
        {
            fiscalYear = year, title = $"Presupuesto participativo {year}", ceiling = 20_000, sources = new[] { new { name = "Fondos propios", amount = 20_000 } },
            formula = new { equally = 100, byPopulation = 0, byNeed = 0 }, zones = new[] { new { name = "Zona única", place = "San Ciclo", population = 900, need = 10 } },
            phases = Phases.Select((phase, i) => new { phase, firstDay = Today.AddDays(i * 30), lastDay = Today.AddDays(i * 30 + 29) }),
            rules = new { style = "approval", method = "greedy", seedSource = "Lotería Nacional", mostMarks = 2, tieBreaks = new[] { "lower-cost" } },
            assessment = new
            {
                criteria = Aspects.Select(aspect => new { name = $"Criterio {aspect}", aspect, weight = 25 }), checklist = Array.Empty<object>(), minimumSignatures = 2, passingScore = 60,
            },
        }).JsonAsync();
        _cycle = cycle.Text("id");
        await StepAsync(_council, $"cycles/{_cycle}", "opening", Agreement);
    }

    private async Task<string> ProposeAsync(string title)
    {
        var resident = await system.AsAsync("resident", "vecina", $"dui={NewDui()}");
        var draft = (await PostAsync(resident, $"cycles/{_cycle}/proposals", new
        {
            zone = 1, title, problem = "Falta desde hace años.", description = "Se haría.", beneficiaries = 210, estimatedCost = 12_000,
            place = new { id = _hamlet, kind = "hamlet", name = "Caserío El Ciclo", path = "Caserío El Ciclo, San Ciclo" },
        }).JsonAsync()).Text("id");
        await StepAsync(resident, $"proposals/{draft}", "signatures", new { });
        await PostAsync(_promoter, $"proposals/{draft}/signatures", new { dui = NewDui() }).JsonAsync();
        await StepAsync(resident, $"proposals/{draft}", "submission", null);
        return draft;
    }

    private async Task AssessAsync(string proposal, decimal cost)
    {
        await StepAsync(_unit, $"proposals/{proposal}", "admission", null);
        foreach (var (index, aspect) in Aspects.Index())
        {
            await StepAsync(_unit, $"proposals/{proposal}", $"evaluators/{aspect}", new { evaluator = "test" }, HttpMethod.Put);
            await StepAsync(_promoter, $"proposals/{proposal}", $"scores/{index + 1}", new { given = 85, reason = "Se vio en el lugar." }, HttpMethod.Put);
        }
        await StepAsync(_unit, $"proposals/{proposal}", "conclusion", new { feasible = true, reason = "Se puede hacer.", cost });
    }

    private async Task<HttpResponseMessage> VoteAtHomeAsync(string dui) => await PostAsync(
        await system.AsAsync("resident", "vecino", $"dui={dui}"), $"cycles/{_cycle}/ballots", new { zone = 1, marks = new[] { new { candidate = 1 } }, attempt = Guid.NewGuid() });

    private async Task PrepareAsync(string project)
    {
        await StepAsync(_unit, $"projects/{project}", "profile", new { on = On });
        await StepAsync(_unit, $"projects/{project}", "dossier", new { on = On });
        await StepAsync(_unit, $"projects/{project}", "dossier", new
        {
            lines = new[] { new { name = "Perforación", amount = 9_000 }, new { name = "Tubería", amount = 3_000 } },
            milestones = new[] { new { name = "Pozo", weight = 40, dueOn = On }, new { name = "Red", weight = 60, dueOn = On } },
        }, HttpMethod.Put);
        await PostAsync(_unit, $"projects/{project}/documents", new { kind = "dossier", name = "Carpeta técnica", fileId = await PhotoAsync() }).JsonAsync();
        await StepAsync(_council, $"projects/{project}", "approval", Agreement);
    }

    /// <summary>Money, milestones, a visit, a finding that nobody may pass over, receptions, settlement and closing.</summary>
    private async Task WorkAndWatchAsync(string project, string oversight)
    {
        var committee = await system.AsAsync("oversight", "comite", $"committee={oversight}");
        await PostAsync(_finance, $"projects/{project}/commitments", new { line = 1, amount = 9_000, reference = "Contrato AM-1", on = On }).JsonAsync();
        await PostAsync(_finance, $"projects/{project}/commitments", new { line = 2, amount = 3_000.01m, reference = "Orden", on = On }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_approved");
        await PostAsync(_promoter, $"projects/{project}/contributions", new { kind = "labour", description = "60 jornales", value = 720, on = On }).JsonAsync();
        await StepAsync(_promoter, $"projects/{project}", "milestones/1", new { on = On, place = "Caserío El Ciclo", photoId = await PhotoAsync() });
        await PostAsync(committee, $"projects/{project}/visits", new { on = On, report = "Se midió la zanja.", photoId = await PhotoAsync() }).JsonAsync();
        await StepAsync(committee, $"projects/{project}", "findings", new { on = On, description = "La tubería es más delgada que la de la carpeta.", evidenceId = await PhotoAsync() });
        await StepAsync(committee, $"projects/{project}", "findings/1/notification", new { on = On });
        await StepAsync(_promoter, $"projects/{project}", "milestones/2", new { on = On, place = "Caserío El Ciclo", photoId = await PhotoAsync() });
        await PostAsync(_finance, $"projects/{project}/payments", new { commitment = 1, amount = 9_000, reference = "Cheque 1", on = On }).JsonAsync();
        await StepAsync(_unit, $"projects/{project}", "provisional-reception", new { on = On });
        await StepAsync(_unit, $"projects/{project}", "final-reception", new { on = On });
        await StepAsync(_finance, $"projects/{project}", "settlement", new { on = On });
        await TryStepAsync(_council, $"projects/{project}", "closing", new { on = On }).ProblemAsync(HttpStatusCode.Conflict, "findings_open");
        await StepAsync(_unit, $"projects/{project}", "findings/1/answer", new { on = On, text = "Se cambió la tubería." });
        await StepAsync(committee, $"projects/{project}", "findings/1/resolution", new { on = On, text = "Lo comprobamos: Se cambió la tubería." });
        Assert.Equal("closed", (await StepAsync(_council, $"projects/{project}", "closing", new { on = On })).Text("state"));
    }

    private async Task EverythingToldAsync(string project)
    {
        var told = new List<JsonNode>();
        await Eventually.TrueAsync(async () =>
        {
            told.Clear();
            long after = 0;
            while (true)
            {
                var feed = await GetAsync(_anybody, $"published?after={after}");
                var events = feed["items"]!.AsArray();
                if (events.Count == 0)
                    break;
                told.AddRange(events.Select(e => e!));
                after = (long)feed["next"]!;
            }
            return told.Exists(e => e.Text("type") == "budget.cycle.finished.v1" && e.Text("subject") == _cycle);
        }, what: "The end of the cycle");
        var ofProject = told.FindAll(e => e.Text("subject") == project);
        Assert.Equal(
            [
                "budget.project.approved.v1", "budget.project.changed.v1", "budget.project.created.v1", "budget.project.finding-changed.v1", "budget.project.milestone-reached.v1",
                "budget.project.money-changed.v1", "budget.project.visited.v1",
            ],
            ofProject.Select(e => e.Text("type")).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(told, e => _duis.Exists(d => e.ToJsonString().Contains(d, StringComparison.Ordinal) || e.ToJsonString().Contains(d.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal)));
    }

    /// <summary>Today is the first day of this phase: the whole calendar moves, as the council agreed to it.</summary>
    private async Task MoveToAsync(string phase)
    {
        await using var source = NpgsqlDataSource.Create(await system.DatabaseOfAsync("budget"));
        await using var batch = source.CreateBatch();
        // What the council agreed to is kept by triggers, which this session leaves out.
        batch.BatchCommands.Add(new("SET session_replication_role = replica"));
        batch.BatchCommands.Add(new($"""
            WITH moved AS (SELECT '{On}'::date - first_day AS days FROM cycle_phase WHERE cycle_id = '{_cycle}' AND phase = '{phase}')
            UPDATE cycle_phase SET first_day = first_day + days, last_day = last_day + days FROM moved WHERE cycle_id = '{_cycle}'
            """));
        batch.BatchCommands.Add(new("SET session_replication_role = origin"));
        await batch.ExecuteNonQueryAsync();
    }

    private async Task<string> HamletAsync()
    {
        const string Csv = "code,kind,name,parent_code,valid_from,valid_to\n97,department,Departamento del Ciclo,,1900-01-01,\n97-01,municipality,San Ciclo,97,1900-01-01,\n"
            + "97-01-01,canton,Cantón El Ciclo,97-01,1900-01-01,\n97-01-01-01,hamlet,Caserío El Ciclo,97-01-01,1900-01-01,\n";
        using var rows = new StringContent(Csv, Encoding.UTF8, "text/csv");
        var job = await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/places/imports", rows).JsonAsync();
        await Eventually.TrueAsync(async () => (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Organizations}/places/imports/{job.Text("id")}", null).JsonAsync()).Text("state") == "completed");
        return (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Organizations}/places?code=97-01-01-01", null).JsonAsync())["items"]![0]!.Text("id");
    }

    private async Task<string> FormAsync(string project, string kind, string name, int count)
    {
        var members = new List<object>();
        for (var i = 0; i < count; i++)
        {
            var person = (await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/people", new
            {
                givenNames = $"Vecina {(char)('A' + i)}", surnames = "Inventada", sex = "female", dui = NewDui(), birthDate = "1979-03-03",
            }).JsonAsync()).Text("id");
            members.Add(new { post = i == 0 ? "coordinator" : i == 1 ? "secretary" : "member", personId = person });
        }
        return (await _promoter.SendJsonAsync(HttpMethod.Post, Organizations + "/committees", new
        {
            kind, name, placeId = _hamlet, formedOn = On, minutesNumber = 7, members, projectId = project,
        }, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync()).Text("id");
    }

    private async Task<int> RequestsAsync(string project) =>
        (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Organizations}/committees/requests", null).JsonAsync())["items"]!.AsArray().Count(r => r!.Text("projectId") == project);

    private async Task<int> ProposedAsync(string project) =>
        (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Agenda}/meeting-proposals", null).JsonAsync())["items"]!.AsArray().Count(p => p!.Text("subjectId") == project && p!.Text("state") == "open");

    private async Task<string> PhotoAsync()
    {
        using var photo = new ByteArrayContent([.. Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="), .. Guid.NewGuid().ToByteArray()]);
        photo.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return (await _promoter.SendJsonAsync(HttpMethod.Post, $"{Budget}/files", photo, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync()).Text("id");
    }

    private string NewDui()
    {
        var digits = (97_500_000 + _duis.Count).ToString(CultureInfo.InvariantCulture);
        _duis.Add($"{digits}-{(10 - digits.Select((d, n) => (d - '0') * (9 - n)).Sum() % 10) % 10}");
        return _duis[^1];
    }

    private static Task<JsonNode> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, $"{Budget}/{path}", null).JsonAsync();

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object? body) =>
        client.SendJsonAsync(HttpMethod.Post, $"{Budget}/{path}", body, idempotencyKey: Guid.NewGuid().ToString());

    private static Task<JsonNode> StepAsync(HttpClient client, string resource, string step, object? body, HttpMethod? method = null) => TryStepAsync(client, resource, step, body, method).JsonAsync();

    /// <summary>A step on the present version of a resource.</summary>
    private static async Task<HttpResponseMessage> TryStepAsync(HttpClient client, string resource, string step, object? body, HttpMethod? method = null)
    {
        using var seen = await client.GetAsync(new Uri($"{Budget}/{resource}", UriKind.Relative));
        return await client.SendJsonAsync(method ?? HttpMethod.Post, $"{Budget}/{resource}/{step}", body, seen.Headers.ETag?.ToString());
    }
}
