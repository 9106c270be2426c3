using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class SeriesTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task The_first_Thursdays_of_2017_run_into_two_holidays()
    {
        var series = await service.ScheduleAsync();
        var occurrences = series["occurrences"]!.AsArray();
        Assert.Equal(
            ["2017-01-05", "2017-02-02", "2017-03-02", "2017-04-06", "2017-05-04", "2017-06-01", "2017-07-06", "2017-08-03", "2017-09-07", "2017-10-05", "2017-11-02", "2017-12-07"],
            occurrences.Select(o => o!.Text("originalDate")));
        Assert.Equal(["2017-08-03", "2017-11-02"], occurrences.Where(o => o!.Text("state") == "needs-decision").Select(o => o!.Text("originalDate")));
        Assert.Equal(
            ["2017-07-31", "2017-08-07", "2017-08-10"], occurrences[7]!["proposals"]!.AsArray().Select(p => p!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["2017-11-01", "2017-11-03", "2017-11-09"], occurrences[10]!["proposals"]!.AsArray().Select(p => p!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(occurrences.Where(o => o!.Text("state") == "scheduled"), o => Assert.Empty(o!["proposals"]!.AsArray()));
    }

    [Fact]
    public async Task A_proposal_is_never_a_holiday_a_weekend_or_another_meeting_of_the_series()
    {
        for (var year = 2015; year <= 2030; year++)
        {
            var series = await service.ScheduleAsync("FREQ=MONTHLY;BYMONTHDAY=1", $"{year}-01-01", $"{year}-12-31");
            var dates = series["occurrences"]!.AsArray().Select(o => o!.Text("date")).ToHashSet();
            foreach (var proposal in series["occurrences"]!.AsArray().SelectMany(o => o!["proposals"]!.AsArray()).Select(p => p!.GetValue<string>()))
            {
                Assert.DoesNotContain(proposal, dates);
                Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM holiday WHERE date = '{proposal}'"));
            }
        }
    }

    [Fact]
    public async Task A_person_keeps_moves_or_cancels_and_the_original_date_stays_the_name()
    {
        var series = await service.ScheduleAsync();
        series = await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10", reason = "Fiestas agostinas" }).JsonAsync();
        series = await DecideAsync(series, "2017-11-02", new { action = "keep" }).JsonAsync();
        series = await DecideAsync(series, "2017-12-07", new { action = "cancel", reason = "Sin tema" }).JsonAsync();
        var occurrences = series["occurrences"]!.AsArray();
        Assert.Equal(12, occurrences.Count);
        Assert.Equal(("2017-08-10", "moved", "Fiestas agostinas"), (occurrences[7]!.Text("date"), occurrences[7]!.Text("state"), occurrences[7]!.Text("reason")));
        Assert.Equal(("2017-11-02", "scheduled"), (occurrences[10]!.Text("date"), occurrences[10]!.Text("state")));
        Assert.Equal(("2017-12-07", "cancelled"), (occurrences[11]!.Text("originalDate"), occurrences[11]!.Text("state")));
        Assert.Equal(series.ToJsonString(), (await service.GetAsync(Roles.Auditor, $"/series/{series.Text("id")}").JsonAsync()).ToJsonString());

        await DecideAsync(series, "2017-12-07", new { action = "keep" }).ProblemAsync(HttpStatusCode.Conflict, "occurrence_cancelled");
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1 SeriesScheduled", "2 OccurrenceDecided", "3 OccurrenceDecided", "4 OccurrenceDecided"],
            await service.RowsAsync($"SELECT version || ' ' || split_part(type, ':', 2) FROM published_event WHERE subject = '{series.Text("id")}' ORDER BY position"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM published_event WHERE subject = '{series.Text("id")}' AND body::text LIKE '%Sin tema%'"));
    }

    [Fact]
    public async Task A_decision_says_what_it_needs()
    {
        var series = await service.ScheduleAsync();
        await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reason_missing");
        await DecideAsync(series, "2017-08-03", new { action = "move", reason = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_missing");
        await DecideAsync(series, "2017-08-03", new { action = "cancel" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reason_missing");
        await DecideAsync(series, "2017-08-04", new { action = "keep" }).ProblemAsync(HttpStatusCode.NotFound, "occurrence_unknown");
        await service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/2017-08-03/decision", new { action = "keep" }).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        await DecideAsync(series, "2017-08-03", new { action = "keep" }).JsonAsync();
        await DecideAsync(series, "2017-11-02", new { action = "keep" }).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task Two_meetings_of_a_series_do_not_fall_on_one_day()
    {
        var series = await service.ScheduleAsync();
        await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-09-07", reason = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "occurrence_collides");
        series = await DecideAsync(series, "2017-09-07", new { action = "cancel", reason = "x" }).JsonAsync();
        series = await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-09-07", reason = "x" }).JsonAsync();
        Assert.Equal("moved", series["occurrences"]![7]!.Text("state"));
    }

    [Fact]
    public async Task Nor_does_one_return_to_a_day_that_another_has_taken()
    {
        var series = await service.ScheduleAsync();
        series = await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10", reason = "x" }).JsonAsync();
        series = await DecideAsync(series, "2017-09-07", new { action = "move", date = "2017-08-03", reason = "x" }).JsonAsync();
        using var answer = await DecideAsync(series, "2017-08-03", new { action = "keep" });
        await Task.FromResult(answer).ProblemAsync(answer.StatusCode == HttpStatusCode.Conflict ? HttpStatusCode.Conflict : HttpStatusCode.UnprocessableEntity, "occurrence_collides");
    }

    [Fact]
    public async Task The_database_refuses_a_collision_by_itself()
    {
        var series = await service.ScheduleAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"UPDATE series_occurrence SET date = '2017-09-07' WHERE series_id = '{series.Text("id")}' AND original_date = '2017-08-03' RETURNING 'x'"));
        Assert.Equal("occurrences_do_not_collide", refused.ConstraintName);
    }

    [Fact]
    public async Task Of_many_decisions_on_the_same_version_one_is_made()
    {
        var series = await service.ScheduleAsync();
        var answers = await Task.WhenAll(Enumerable.Range(10, 8).Select(day => DecideAsync(series, "2017-08-03", new { action = "move", date = $"2017-08-{day}", reason = "x" })));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Theory]
    [InlineData("FREQ=WEEKLY;BYDAY=TH", "2017-01-01", "2017-12-31", "rule_not_supported")]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH", "2017-01-01", "2030-01-01", "days_out_of_order")]
    [InlineData("FREQ=MONTHLY;BYDAY=5TH", "2017-02-01", "2017-02-28", "no_occurrence")]
    public async Task A_series_needs_a_rule_that_gives_dates(string rule, string firstDay, string lastDay, string code) =>
        await service.PostAsync(Roles.Promoter, "/series", new { title = "Serie", rule, firstDay, lastDay, starts = "14:00:00", venue = "Alcaldía" })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, code);

    private Task<HttpResponseMessage> DecideAsync(JsonNode series, string date, object decision) =>
        service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/{date}/decision", decision, $"\"{series["version"]}\"");
}
