using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>A plan from its draft to its closing: the council's word, modifications, copies, and sheets.</summary>
public sealed class PlanLifeTests(AgendaService service) : IClassFixture<AgendaService>
{
    private static readonly object Monthly = new { text = "Reunión mensual", schedule = "monthly", unitOfMeasure = "reuniones", responsible = "Promoción", objective = 1, budget = 120.5 };
    private static readonly object Loose = new { text = "Periódico mural" };

    [Fact]
    public async Task A_plan_goes_its_way_and_no_other()
    {
        var plan = await service.DraftAsync(2017, Monthly, Loose);
        await plan.TryAsync(Roles.Council, "approval", Agreement).ProblemAsync(HttpStatusCode.Conflict, "plan_not_submitted");
        await plan.TryAsync(Roles.UnitHead, "execution", new { startedOn = "2017-01-02" }).ProblemAsync(HttpStatusCode.Conflict, "plan_not_approved");
        await plan.DoAsync(Roles.UnitHead, "submission");
        await plan.TryAsync(Roles.UnitHead, "changes", new { activities = new[] { new { content = Loose } } }).ProblemAsync(HttpStatusCode.Conflict, "plan_submitted");
        await plan.DoAsync(Roles.Council, "observation", new { observations = "Falta la meta." });
        Assert.Equal(("observed", "Falta la meta."), (plan.Seen.Text("state"), plan.Seen.Text("observations")));
        await plan.DoAsync(Roles.UnitHead, "changes", new { activities = new[] { new { number = 2, content = new { text = "Periódico mural", target = 4, unitOfMeasure = "ediciones" } } } });
        await plan.DoAsync(Roles.UnitHead, "submission");
        await plan.TryAsync(Roles.Council, "approval", new { agreement = new { minutesNumber = 1, agreementNumber = 1, date = "2999-01-01" } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        await plan.DoAsync(Roles.Council, "approval", Agreement);
        Assert.Equal((0, 3), ((int)plan.Seen["lastEdition"]!, (int)plan.Seen["agreement"]!["minutesNumber"]!));
        await plan.TryAsync(Roles.UnitHead, "execution", new { startedOn = "2016-12-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "started_before_approval");
        await plan.DoAsync(Roles.UnitHead, "execution", new { startedOn = "2017-01-02" });
        // Closed before the council was given its last quarter, that report could never be completed.
        foreach (var (quarter, presentedOn) in new[] { (4, "2018-01-11"), (1, "2017-04-05"), (2, "2017-07-05"), (3, "2017-10-04") })
        {
            await plan.TryAsync(Roles.UnitHead, "closure", new { closedOn = "2018-01-11" }).ProblemAsync(HttpStatusCode.Conflict, "quarter_not_reported");
            await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter, presentedOn }).JsonAsync();
            await plan.LookAsync();
        }
        await plan.TryAsync(Roles.UnitHead, "closure", new { closedOn = "2018-01-10" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "closed_too_early");
        await plan.DoAsync(Roles.UnitHead, "closure", new { closedOn = "2018-01-11" });

        // Closed, nothing of it changes.
        await plan.TryAsync(Roles.UnitHead, "changes", new { reason = "x", activities = new[] { new { content = Loose } } }).ProblemAsync(HttpStatusCode.Conflict, "plan_closed");
        await plan.TryShowAsync(2, "2017-05-01", 1, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.Conflict, "plan_closed");
        await plan.TryRulesAsync(2, plan.ETag, ("committee-formed", "youth")).ProblemAsync(HttpStatusCode.Conflict, "plan_closed");
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["PlanImported", "PlanSubmitted", "PlanObserved", "PlanSubmitted", "PlanApproved", "PlanStarted", "PlanQuarterReported", "PlanQuarterReported", "PlanQuarterReported", "PlanQuarterReported", "PlanClosed"],
            await service.RowsAsync($"SELECT split_part(type, ':', 2) FROM published_event WHERE subject = '{plan.Id}' ORDER BY version"));
    }

    [Fact]
    public async Task What_comes_after_the_approval_is_a_numbered_modification_and_the_baseline_stays()
    {
        var plan = await (await service.DraftAsync(2018, Monthly, Loose)).BegunAsync();
        object added = new { text = "Censo", schedule = "programmed", programme = new[] { new { month = 6, quantity = 2 }, new { month = 7, quantity = 3 } } };
        await plan.TryAsync(Roles.UnitHead, "changes", new { activities = new[] { new { content = added } } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reason_missing");
        await plan.DoAsync(Roles.UnitHead, "changes", new { reason = "Lo pidió el concejo", agreement = new { minutesNumber = 9, agreementNumber = 2, date = "2018-03-01" }, activities = new[] { new { content = added } } });
        await plan.DoAsync(Roles.UnitHead, "changes", new { reason = "Se une a otra", activities = new object[] { new { number = 2 }, new { number = 1, content = new { text = "Reunión mensual", schedule = "monthly", target = 12, responsible = "Jefatura" } } } });
        // Other words are the same activity; the same words under another number are another.
        await plan.DoAsync(Roles.UnitHead, "changes", new { reason = "Vuelve", activities = new object[] { new { content = Loose }, new { number = 1, content = new { text = "Reunión de cada mes", schedule = "monthly" } } } });
        Assert.Equal((3, 4, true), ((int)plan.Seen["lastEdition"]!, plan.Seen["activities"]!.AsArray().Count, (bool)plan.Activity(2)["withdrawn"]!));
        await plan.TryAsync(Roles.UnitHead, "changes", new { reason = "x", activities = new[] { new { number = 2, content = Loose } } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "activity_unknown");
        await plan.TryShowAsync(2, "2018-05-01", 1, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.Conflict, "activity_withdrawn");

        var editions = (await service.GetAsync(Roles.Auditor, $"/plans/{plan.Id}/editions").JsonAsync()).AsArray();
        Assert.Equal(
            ["0 []/[]/[]", """1 ["3. Censo"]/[]/[]""", """2 []/["1. Reunión mensual"]/["2. Periódico mural"]""", """3 ["4. Periódico mural"]/["1. Reunión de cada mes"]/[]"""],
            editions.Select(e => $"{e!["number"]} {Plain(e["added"])}/{Plain(e["changed"])}/{Plain(e["withdrawn"])}"));
        Assert.Equal(9, (int)editions[1]!["agreement"]!["minutesNumber"]!);
        var baseline = await service.GetAsync(Roles.Auditor, $"/plans/{plan.Id}/editions/0").JsonAsync();
        Assert.Equal(["Reunión mensual", "Periódico mural"], baseline["content"]!["activities"]!.AsArray().Select(a => a!["content"]!.Text("text")));
        Assert.Equal("Promoción", baseline["content"]!["activities"]![0]!["content"]!.Text("responsible"));
    }

    [Fact]
    public async Task The_database_keeps_editions_as_they_are_and_numbers_them_without_gaps()
    {
        var plan = await (await service.DraftAsync(2019, Monthly)).BegunAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE plan_edition SET made_by = 'x' WHERE plan_id = '{plan.Id}' RETURNING 'x'"));
        Assert.Equal("plan_edition_is_kept", refused.ConstraintName);
        refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"INSERT INTO plan_edition (plan_id, number, reason, content, made_by, made_at) VALUES ('{plan.Id}', 2, 'x', '{{}}', 'x', now()) RETURNING 'x'"));
        Assert.Equal("plan_edition_number", refused.ConstraintName);
        // Of two modifications of one version one is made.
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => plan.TryAsync(Roles.UnitHead, "changes", new { reason = $"Motivo {i}", activities = new[] { new { content = Loose } } })));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(2, await service.QueryAsync<long>($"SELECT count(*) FROM plan_edition WHERE plan_id = '{plan.Id}'"));
    }

    [Fact]
    public async Task A_copy_takes_the_plan_to_another_year_without_its_progress()
    {
        object recurring = new { text = "Prevención", schedule = "recurring", rule = "FREQ=MONTHLY;BYDAY=1TH", responsible = "Promoción" };
        var plan = await service.DraftAsync(2020, recurring, Monthly, Loose);
        await plan.CountAsync(2, ("meeting-held", "association"));
        await plan.ShowAsync(3, "2020-02-02");
        await plan.LookAsync();
        await plan.DoAsync(Roles.UnitHead, "changes", new { activities = new[] { new { number = 1 } } });
        await plan.DoAsync(Roles.UnitHead, "changes", new { activities = new[] { new { content = recurring } } });
        var copy = await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/copies", new { year = 2021 }).JsonAsync();
        Assert.Equal((2021, "draft", plan.Id), ((int)copy["year"]!, copy.Text("state"), copy.Text("copiedFrom")));
        Assert.Equal(["Reunión mensual", "Periódico mural", "Prevención"], copy["activities"]!.AsArray().Select(a => a!.Text("text")));
        Assert.Equal("""[{"fact":"meeting-held","kind":"*","bodyKind":"association"}]""", copy["activities"]![0]!["countsAsEvidence"]!.ToJsonString());
        Assert.Equal(0, (int)copy["activities"]![1]!["evidenceCount"]!);
        // The first Thursday of July is the 2nd in 2020 and the 1st in 2021, of January the 2nd and the 7th: weeks 1 and 1; of 2021-04 the 1st.
        Assert.All(copy["activities"]![2]!["programme"]!.AsArray(), c => Assert.Equal(1, (int)c!["week"]!));
        // What the new year told before the copy was made counts in it.
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2022-02-01"));
        await plan.LookAsync();
        await plan.CountAsync(3, ("committee-formed", "youth"));
        var late = await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/copies", new { year = 2022 }).JsonAsync();
        Assert.Equal((1, 1m), ((int)late["activities"]![1]!["evidenceCount"]!, (decimal)late["activities"]![1]!["executed"]!));
        await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/copies", new { year = 2021 }).ProblemAsync(HttpStatusCode.Conflict, "plan_already_exists");
        await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/copies", new { year = 3021 }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "plan_year");
    }

    [Theory]
    [InlineData("""{"text":"A","schedule":"programmed"}""", "programme_missing")]
    [InlineData("""{"text":"A","schedule":"unscheduled","programme":[{"month":1,"quantity":1}]}""", "programme_of_unscheduled")]
    [InlineData("""{"text":"A","schedule":"programmed","programme":[{"month":1,"quantity":1},{"month":1,"quantity":2}]}""", "programme_twice")]
    [InlineData("""{"text":"A","schedule":"programmed","programme":[{"month":1,"quantity":0}]}""", "programme_amount")]
    [InlineData("""{"text":"A","schedule":"programmed","programme":[{"month":1,"quantity":1.005}]}""", "programme_amount")]
    [InlineData("""{"text":"A","schedule":"programmed","target":11,"programme":[{"month":1,"quantity":12}]}""", "programme_not_target")]
    [InlineData("""{"text":"A","schedule":"recurring","rule":"FREQ=SECONDLY"}""", "rule_not_supported")]
    [InlineData("""{"text":"A","schedule":"recurring"}""", "rule_not_supported")]
    [InlineData("""{"text":"A","objective":3}""", "objective_unknown")]
    [InlineData("""{"text":"A","target":0}""", "target_amount")]
    [InlineData("""{"text":"A","budget":-1}""", "budget_amount")]
    [InlineData("""{"text":"A","budget":99999999999999999999999}""", "budget_amount")]
    public async Task An_activity_says_what_adds_up(string activity, string code)
    {
        var problem = await service.PostAsync(Roles.UnitHead, "/plans", new { unit = "Unidad", year = 2017, activities = new[] { JsonNode.Parse(activity) }, objectives = new[] { new { scope = "unit", text = "Uno" }, new { scope = "unit", text = "Dos" } } })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.StartsWith("/activities/0/", problem["errors"]!.AsObject().Single().Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_holds_five_hundred_activities_however_it_comes()
    {
        var title = "Plan operativo 2024\nUnidad de los planes largos\n";
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(title + "Actividades\n" + string.Concat(Enumerable.Range(1, 501).Select(i => $"\tActividad {i}\n"))))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "plan_too_long");
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(title + string.Concat(Enumerable.Range(1, 51).Select(i => $"· Objetivo {i}\n")) + "Actividades\n\tUna\n"))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "too_many_objectives");
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(title + "Actividades\n\tUna\u0007\n")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_plan");
        var plan = await service.DraftAsync(2024, [.. Enumerable.Range(1, 500).Select(_ => Loose)]);
        await plan.TryAsync(Roles.UnitHead, "changes", new { activities = new[] { new { content = Loose } } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "plan_too_long");
    }

    private const string Sheet =
        "Objetivo;Actividad;Meta;Unidad de medida;Enero;Febrero;Abril;Responsable;Presupuesto;Medios de verificación;Observaciones\r\n"
        + "Organización;Reuniones con ADESCO;5;reuniones;2;x;2;Promoción;\"1,250.50\";Actas y listas;\r\n"
        + "Organización;\"Comités de jóvenes\r\nen los caseríos\";;comités;;;\"S1, S3\";Promoción;$300;Actas;Según el señor Núñez – visita\r\n"
        + "Transparencia;Periódico mural;;;;;;;;;\r\n"
        + ";;;;;;;;;;\r\n"
        + ";TOTAL;;;;;;;1550.50;;\r\n";

    [Theory]
    [InlineData("utf-8-bom")]
    [InlineData("windows")]
    [InlineData("commas")]
    [InlineData("tabs")]
    public async Task A_sheet_is_read_as_spreadsheets_save_it(string form)
    {
        var bytes = form switch
        {
            "utf-8-bom" => [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(Sheet)],
            "windows" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(Sheet),
            "tabs" => Encoding.UTF8.GetBytes(Sheet.Replace(';', '\t')),
            _ => Encoding.UTF8.GetBytes(Sheet.Replace(';', ',').Replace("$300", "\"300,00\"", StringComparison.Ordinal)),
        };
        var plan = await SendSheetAsync(bytes, AgendaService.NewName("Unidad")).JsonAsync();
        Assert.Equal(
            [
                """1 Reuniones con ADESCO 5 [{"month":1,"quantity":2},{"month":2,"quantity":1},{"month":4,"quantity":2}] 1250.5 1""",
                """2 Comités de jóvenes en los caseríos 2 [{"month":4,"quantity":1,"week":1},{"month":4,"quantity":1,"week":3}] 300 1""",
                "3 Periódico mural  []  2",
            ],
            plan["activities"]!.AsArray().Select(a => $"{a!["number"]} {a.Text("text")} {a["target"]:0.##} {Plain(a["programme"])} {a["budget"]?.GetValue<decimal>().ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} {a["objective"]}"));
        Assert.Equal(["Organización", "Transparencia"], plan["objectives"]!.AsArray().Select(o => o!.Text("text")));
        Assert.Equal("Según el señor Núñez – visita", plan["activities"]![1]!.Text("remarks"));
    }

    [Theory]
    [InlineData("Objetivo;Meta\nUno;2\n", "Faltan columnas")]
    [InlineData("Actividad;Meta\nUna;muchas\n", "fila 2")]
    [InlineData("Actividad;Enero\nUna;semana 9\n", "fila 2")]
    [InlineData("Actividad;Meta\n;3\n", "fila 2")]
    [InlineData("Actividad;Meta\n", "no tiene actividades")]
    [InlineData("Actividad;Meta\nLlame al 7000-0000;3\n", "fila 2")]
    [InlineData("", "")]
    public async Task A_sheet_that_cannot_be_read_names_the_row(string sheet, string says)
    {
        var problem = await SendSheetAsync(Encoding.UTF8.GetBytes(sheet), "Unidad").ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_plan");
        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sheet_needs_a_unit_a_year_and_sums_that_add_up()
    {
        await SendSheetAsync("Actividad\nUna\n"u8.ToArray(), null).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unit_missing");
        await SendSheetAsync("Actividad\nUna\n"u8.ToArray(), "Unidad", null).ProblemAsync(HttpStatusCode.UnprocessableEntity, "year_missing");
        await SendSheetAsync("Actividad;Meta;Enero\nUna;3;2\n"u8.ToArray(), "Unidad").ProblemAsync(HttpStatusCode.UnprocessableEntity, "programme_not_target");
    }

    private Task<HttpResponseMessage> SendSheetAsync(byte[] sheet, string? unit, int? year = 2017)
    {
        var content = new ByteArrayContent(sheet);
        content.Headers.ContentType = new("text/csv");
        return service.PostAsync(Roles.UnitHead, $"/plans/imports?{(unit is null ? "" : $"unit={Uri.EscapeDataString(unit)}&")}{(year is null ? "" : $"year={year}")}", content);
    }

    private static readonly object Agreement = new { agreement = new { minutesNumber = 3, agreementNumber = 7, date = "2016-12-15" } };

    // Numbers without needless decimals, letters as they are.
    private static string Plain(JsonNode? json) => System.Text.RegularExpressions.Regex.Replace(json!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), @"(\d)\.0+\b", "$1");
}
