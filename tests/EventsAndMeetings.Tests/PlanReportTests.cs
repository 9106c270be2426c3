using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>Numbers of a report against values worked out by hand.</summary>
public sealed class PlanReportTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task A_quarter_is_what_was_programmed_done_and_missed_in_it()
    {
        var plan = await SampleAsync(2017);
        var report = await plan.ReportAsync(1);
        // Monthly: 1 of 3 in the quarter. Twice in March: 5 of 4, capped. Loose: nothing programmed.
        Assert.Equal(["3 1 33.3 0 red", "4 5 100 1 green", "0 1  0 not-applicable"], report["activities"]!.AsArray().Select(Line));
        Assert.Equal(66.7m, (decimal)report["percent"]!); // (33.3 + 100) / 2 = 66.65.
        Assert.Equal(["Enero 1 100 0", "Febrero 1 0 0", "Marzo 2 50 1"], report["byMonth"]!.AsArray().Select(Group));
        Assert.Equal(["1. Primer objetivo 1 33.3 0", "2. Segundo objetivo 1 100 1", "Sin objetivo asignado 0  0"], report["byObjective"]!.AsArray().Select(Group));
        Assert.Equal(["Promoción 2 66.7 1", "Sin responsable asignado 0  0"], report["byResponsible"]!.AsArray().Select(Group));
        Assert.Equal((1, 0, 1, 1), ((int)report["green"]!, (int)report["yellow"]!, (int)report["red"]!, (int)report["notApplicable"]!));
        Assert.Equal(("Lluvias", "Se repone en abril", 20m), (report["activities"]![0]!.Text("cause"), report["activities"]![0]!.Text("correctiveAction"), (decimal)report["activities"]![0]!["spent"]!));
        Assert.Equal(["01/03/2017 Cartelera nueva"], report["activities"]![1]!["evidence"]!.AsArray().Select(e => e!.GetValue<string>()));
    }

    [Fact]
    public async Task The_second_quarter_makes_up_for_the_first_to_date_and_not_in_the_first()
    {
        var plan = await SampleAsync(2018);
        await plan.ShowAsync(1, "2018-04-03", 4);
        var report = await plan.ReportAsync(2);
        // In the quarter 4 of 3; to date 5 of 6.
        Assert.Equal("3 4 100 1 yellow", Line(report["activities"]![0]));
        Assert.Equal((6m, 5m, 83.3m), ((decimal)report["activities"]![0]!["programmedToDate"]!, (decimal)report["activities"]![0]!["executedToDate"]!, (decimal)report["activities"]![0]!["percentToDate"]!));
        Assert.Equal(["Primer trimestre 2 66.7 1", "Segundo trimestre 1 100 1"], report["byQuarter"]!.AsArray().Select(Group));
        // A second activity with nothing programmed in the quarter does not weigh on it.
        Assert.Equal((100m, 1), ((decimal)report["percent"]!, (int)report["byMonth"]![0]!["activities"]!));
        var year = await plan.ReportAsync();
        Assert.Equal("12 5 41.7 0 red", Line(year["activities"]![0]));
        Assert.False((bool)year["activities"]![0]!["done"]!);
        Assert.True((bool)year["activities"]![1]!["done"]!);
        Assert.True((bool)year["activities"]![2]!["done"]!);
    }

    [Fact]
    public async Task A_report_that_was_presented_stays_as_it_was()
    {
        var plan = await (await SampleAsync(2019)).BegunAsync();
        await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter = 1, presentedOn = "2019-03-31" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "quarter_not_over");
        await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter = 1, presentedOn = "2999-03-31" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        var presented = await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/report/presentation", new { quarter = 1, presentedOn = "2019-04-09" }, plan.ETag).JsonAsync();
        await plan.ShowAsync(1, "2019-02-20", 2);
        var read = await plan.ReportAsync(1);
        Assert.Equal(presented.ToJsonString(), read.ToJsonString());
        Assert.Equal(("2019-04-09", 66.7m), (read.Text("presentedOn"), (decimal)read["percent"]!));
        Assert.Equal(3m, (decimal)(await plan.ReportAsync())["activities"]![0]!["executed"]!);
        await plan.LookAsync();
        await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter = 1, presentedOn = "2019-04-09" }).ProblemAsync(HttpStatusCode.Conflict, "quarter_presented");
        await service.PutAsync(Roles.UnitHead, $"/plans/{plan.Id}/activities/1/quarters/1", new { cause = "Otra" }, plan.ETag).ProblemAsync(HttpStatusCode.Conflict, "quarter_presented");
    }

    [Fact]
    public async Task A_draft_has_no_report_to_present()
    {
        var plan = await SampleAsync(2020);
        await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter = 1, presentedOn = "2020-04-09" }).ProblemAsync(HttpStatusCode.Conflict, "plan_not_in_execution");
        await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/report?quarter=5").ProblemAsync(HttpStatusCode.BadRequest, "quarter_out_of_range");
        await service.GetAsync(Roles.Council, $"/plans/{Guid.NewGuid()}/report").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task The_same_numbers_are_printed_exported_and_drawn()
    {
        var plan = await SampleAsync(2021);
        var page = await (await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/report/print?quarter=1")).Content.ReadAsStringAsync();
        Assert.Contains("Informe trimestral", page, StringComparison.Ordinal);
        Assert.Contains("66.7 %", page, StringComparison.Ordinal);
        Assert.Equal(6, page.Split("<svg").Length - 1);
        var csv = (await (await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/report/csv?quarter=1")).Content.ReadAsStringAsync()).TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, csv.Length);
        Assert.StartsWith("1,Reunión mensual,Promoción,reuniones,12", csv[1], StringComparison.Ordinal);
        foreach (var chart in new[] { "year", "lights", "months", "quarters", "objectives", "responsibles" })
        {
            using var answer = await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/report/charts/{chart}?quarter=1");
            Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType!.MediaType);
            var svg = System.Xml.Linq.XDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal("svg", svg.Root!.Name.LocalName);
        }
        await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/report/charts/pie").ProblemAsync(HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public void A_percentage_is_of_0_to_100_and_none_where_nothing_was_programmed() =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<uint>(), (done, programmed) => PlanReport.PercentOf(done, programmed) is var percent
            && (programmed == 0 ? percent is null : percent is >= 0 and <= 100 && (done < programmed || percent == 100))).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(false, "2017-01-07", 1)]
    [InlineData(false, "2017-01-08", 2)]
    [InlineData(false, "2017-01-31", 5)]
    [InlineData(true, "2017-01-01", 1)] // A Sunday.
    [InlineData(true, "2017-01-02", 2)]
    [InlineData(true, "2017-01-31", 6)]
    [InlineData(true, "2017-05-01", 1)] // A Monday.
    [InlineData(true, "2017-05-07", 1)]
    public void A_month_is_divided_as_the_plan_says(bool calendar, string day, int week) =>
        Assert.Equal(week, ActivityContent.WeekOf(calendar ? PlanWeeks.Calendar : PlanWeeks.Sevenths, DateOnly.Parse(day, CultureInfo.InvariantCulture)));

    [Fact]
    public async Task The_database_divides_months_as_we_do()
    {
        var days = await service.RowsAsync(
            "SELECT day || ' ' || week_of_month('sevenths', day) || ' ' || week_of_month('calendar', day) FROM (SELECT generate_series(date '2016-01-01', '2022-12-31', '1 day')::date AS day) d ORDER BY day");
        Assert.Equal(days, days.Select(line =>
        {
            var day = DateOnly.Parse(line[..10], CultureInfo.InvariantCulture);
            return $"{line[..10]} {ActivityContent.WeekOf(PlanWeeks.Sevenths, day)} {ActivityContent.WeekOf(PlanWeeks.Calendar, day)}";
        }));
    }

    /// <summary>Twelve meetings of which one was held in January, four carteleras in March of which five were made, and one thing without a date.</summary>
    private async Task<Plan> SampleAsync(int year)
    {
        var plan = await service.DraftAsync(
            year, new { text = "Reunión mensual", schedule = "monthly", unitOfMeasure = "reuniones", responsible = "Promoción", objective = 1, budget = 120 },
            new { text = "Carteleras", schedule = "week", programme = new[] { new { month = 3, week = 2, quantity = 4 } }, responsible = "Promoción", objective = 2 }, new { text = "Otras" });
        await plan.ShowAsync(1, $"{year}-01-20");
        await plan.ShowAsync(2, $"{year}-03-01", 5);
        await plan.ShowAsync(3, $"{year}-02-01");
        await plan.LookAsync();
        await service.PutAsync(Roles.UnitHead, $"/plans/{plan.Id}/activities/1/quarters/1", new { cause = "Lluvias", correctiveAction = "Se repone en abril", spent = 20 }, plan.ETag).JsonAsync();
        await plan.LookAsync();
        return plan;
    }

    private static string Line(JsonNode? line) => string.Create(CultureInfo.InvariantCulture,
        $"{(decimal)line!["programmed"]!:0.##} {(decimal)line["executed"]!:0.##} {(line["percent"] is { } p ? ((decimal)p).ToString("0.##", CultureInfo.InvariantCulture) : "")} {(decimal)line["over"]!:0.##} {line.Text("light")}");

    private static string Group(JsonNode? g) => g is not { } group ? "" :
        $"{group.Text("name")} {group["activities"]} {(group["percent"] is { } p ? ((decimal)p).ToString("0.##", CultureInfo.InvariantCulture) : "")} {group["over"]}";
}
