using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class PlanTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task A_document_is_taken_in_with_what_it_says_and_no_more()
    {
        var plan = await service.ImportPlanAsync();
        Assert.StartsWith("Unidad de prueba", plan.Seen.Text("unit"), StringComparison.Ordinal);
        Assert.Equal((2017, "draft"), ((int)plan.Seen["year"]!, plan.Seen.Text("state")));
        Assert.Equal(
            ["plan: Acercar la oficina a los barrios.", "plan: Ordenar el archivo.", "unit: Sostener la organización comunal."],
            plan.Seen["objectives"]!.AsArray().Select(o => $"{o!.Text("scope")}: {o!.Text("text")}"));
        Assert.Equal(
            [
                "1 Pintar la cartelera unscheduled", "2 Formar comités de jóvenes unscheduled", "3 Apoyo puntual en el censo. one-off",
                "4 Entrega de semilla week", "5 Reunión con el comité de prevención. recurring", "6 Reunión mensual con las comunidades monthly",
                "7 Informe final unscheduled",
            ],
            plan.Seen["activities"]!.AsArray().Select(a => $"{a!["number"]} {a!.Text("text")} {a!.Text("schedule")}"));
        Assert.Equal(("""[{"month":4,"quantity":1,"week":3}]""", "3º semana"), (plan.Activity(4)["programme"]!.ToJsonString(), plan.Activity(4).Text("scheduleSource")));
        Assert.Equal((12, 12m), (plan.Activity(5)["programme"]!.AsArray().Count, (decimal)plan.Activity(5)["target"]!));
        Assert.Equal("[]", plan.Activity(1)["programme"]!.ToJsonString());
        Assert.Equal(("FREQ=MONTHLY;BYDAY=2TU", "2º martes de cada mes"), (plan.Activity(5).Text("rule"), plan.Activity(5).Text("scheduleSource")));
        Assert.True(JsonNode.DeepEquals(plan.Seen, await plan.LookAsync()));
    }

    [Fact]
    public async Task Line_ends_of_another_system_and_a_byte_order_mark_change_nothing()
    {
        var text = AgendaService.PlanText(AgendaService.NewName("unidad"));
        var plan = await service.SendPlanAsync([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal))]).JsonAsync();
        Assert.Equal((7, 3), (plan["activities"]!.AsArray().Count, plan["objectives"]!.AsArray().Count));
    }

    [Fact]
    public async Task The_plan_of_a_unit_for_a_year_is_one()
    {
        var unit = AgendaService.NewName("unidad");
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText(unit))).JsonAsync();
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText(unit))).ProblemAsync(HttpStatusCode.Conflict, "plan_already_exists");
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText(unit, 2018))).JsonAsync();
    }

    [Fact]
    public async Task The_same_key_imports_once()
    {
        var (key, document) = (Guid.NewGuid().ToString(), Encoding.UTF8.GetBytes(AgendaService.PlanText(AgendaService.NewName("unidad"))));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.SendPlanAsync(document, key)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Single(answers.Select(a => a.Headers.Location).Distinct());
    }

    [Theory]
    [InlineData("Hola")]
    [InlineData("Plan operativo 2017\nunidad de prueba\n")]
    [InlineData("Plan operativo 2017\nActividades\n\tUna\n")]
    [InlineData("unidad de prueba\nActividades\n\tUna\n")]
    [InlineData("Plan operativo 2017\nunidad de prueba\nActividades\n")]
    [InlineData("Plan operativo 20١٧\nunidad de prueba\nActividades\n\tUna\n")]
    [InlineData("Plan operativo 2017\nunidad de prueba\nActividades\n\tLlame al 7000-0000\n")]
    [InlineData("Plan operativo 2017\nunidad de prueba\nActividades\n\tUna \0 otra\n")]
    public async Task What_is_no_plan_is_refused_in_our_words(string text)
    {
        using var answer = await service.SendPlanAsync(Encoding.UTF8.GetBytes(text));
        Assert.Null(await EndpointTables.WhyNoProblemAsync(answer));
        await Task.FromResult(answer).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_plan");
    }

    [Fact]
    public async Task A_unit_or_activity_of_endless_length_is_refused()
    {
        var endless = string.Concat(Enumerable.Range(0, 20_000).Select(i => (char)('a' + i * 7919 % 26)));
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText("unidad " + endless))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_plan");
        await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText("unidad z") + "\t" + endless)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_a_plan");
    }

    [Fact]
    public async Task A_year_out_of_range_is_refused()
    {
        using var answer = await service.SendPlanAsync(Encoding.UTF8.GetBytes(AgendaService.PlanText("unidad antigua", 1910)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Fact]
    public async Task A_document_that_is_not_UTF8_is_refused() =>
        await service.SendPlanAsync(Encoding.Latin1.GetBytes(AgendaService.PlanText("unidad"))).ProblemAsync(HttpStatusCode.BadRequest, "not_utf8");

    [Fact]
    public async Task Rules_of_evidence_are_set_on_the_version_that_was_seen()
    {
        var plan = await service.ImportPlanAsync();
        await plan.TryRulesAsync(1, null, ("meeting-held", "association")).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        await plan.TryRulesAsync(1, "\"99\"", ("meeting-held", "association")).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        await plan.TryRulesAsync(99, plan.ETag, ("meeting-held", "association")).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await plan.TryRulesAsync(1, plan.ETag, ("meeting-held", "youth"), ("meeting-held", "youth")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "rule_twice");
        var seen = plan.ETag;
        await plan.CountAsync(1, ("meeting-held", "association"), ("committee-formed", "youth"));
        Assert.Equal(2, plan.Activity(1)["countsAsEvidence"]!.AsArray().Count);
        await plan.TryRulesAsync(1, seen).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        await plan.CountAsync(1);
        Assert.Empty(plan.Activity(1)["countsAsEvidence"]!.AsArray());
    }

    [Fact]
    public async Task Of_many_changes_of_the_same_version_of_a_plan_one_is_made()
    {
        var plan = await service.ImportPlanAsync();
        var answers = await Task.WhenAll(Enumerable.Range(1, 7).Select(i => plan.TryRulesAsync(i, plan.ETag, ("meeting-held", "association"))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(6, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM evidence_rule WHERE plan_id = '{plan.Id}'"));
    }

    [Fact]
    public async Task Plans_are_listed_by_year()
    {
        var plan = await service.ImportPlanAsync(2031);
        var items = (await service.GetAsync(Roles.Council, "/plans?year=2031").JsonAsync())["items"]!.AsArray();
        Assert.Equal(plan.Id, Assert.Single(items)!.Text("id"));
    }
}
