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
            var series = await service.ScheduleAsync(year % 2 == 0 ? "FREQ=MONTHLY;BYMONTHDAY=1" : "FREQ=WEEKLY;BYDAY=TH", $"{year}-01-01", $"{year}-12-31");
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
        // With their hours, so that nobody has to know the series to come in time.
        Assert.Equal(
            ["12 2017-01-05T14:00:00 2017-01-05T16:00:00 Alcaldía"],
            await service.RowsAsync($"SELECT json_array_length(body -> 'occurrences') || ' ' || (body -> 'occurrences' -> 0 ->> 'startsAt') || ' ' || (body -> 'occurrences' -> 0 ->> 'endsAt') || ' ' || (body ->> 'venue') FROM published_event WHERE subject = '{series.Text("id")}' AND version = 1"));
        Assert.Equal(
            ["2017-08-10T14:00:00 2017-08-10T16:00:00"],
            await service.RowsAsync($"SELECT (body ->> 'startsAt') || ' ' || (body ->> 'endsAt') FROM published_event WHERE subject = '{series.Text("id")}' AND version = 2"));
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
        await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-09-07", reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "occurrence_collides");
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
        await DecideAsync(series, "2017-08-03", new { action = "keep" }).ProblemAsync(HttpStatusCode.Conflict, "occurrence_collides");
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
    [InlineData("FREQ=HOURLY;BYDAY=TH", "2017-01-01", "2017-12-31", "rule_not_supported")]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH;UNTIL=20161231", "2017-01-05", "2017-12-31", "no_occurrence")]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH", "2017-01-01", "2030-01-01", "days_out_of_order")]
    [InlineData("FREQ=MONTHLY;BYDAY=5TH", "2017-02-01", "2017-02-28", "no_occurrence")]
    public async Task A_series_needs_a_rule_that_gives_dates(string rule, string firstDay, string lastDay, string code) =>
        await service.PostAsync(Roles.Promoter, "/series", new { title = "Serie", rule, firstDay, lastDay, starts = "14:00:00", venue = "Alcaldía" })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, code);

    [Fact]
    public async Task A_rule_ends_by_count_or_by_day_and_skips_its_exceptions()
    {
        var series = await service.PostAsync(Roles.Promoter, "/series", new
        {
            title = "Taller", rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=5", firstDay = "2017-01-01", lastDay = "2017-12-31", starts = "09:00:00", venue = "Casa comunal",
            exceptDays = new[] { "2017-02-11" },
        }).JsonAsync();
        // 1 January is the Sunday of a week that began in December: the second week after it is the one of the 9th.
        Assert.Equal(["2017-01-14", "2017-01-28", "2017-02-25", "2017-03-11"], Dates(series));
        Assert.Equal(("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2017-03-11"), (series["templates"]![0]!.Text("rule"), series["templates"]![0]!.Text("lastDay")));
    }

    [Fact]
    public async Task A_change_of_the_rule_touches_only_what_lies_ahead_and_nobody_decided()
    {
        var series = await service.ScheduleAsync();
        series = await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10", reason = "Fiestas agostinas" }).JsonAsync();
        series = await DecideAsync(series, "2017-09-07", new { action = "cancel", reason = "Lluvia" }).JsonAsync();
        var before = series["occurrences"]!.AsArray().Take(6).Select(o => o!.ToJsonString()).ToArray();
        // From July on the second Thursday: 13 July, 10 August (taken by what was moved there), 14 September, …
        series = await ChangeAsync(series, new { from = "2017-07-01", rule = "FREQ=MONTHLY;BYDAY=2TH", starts = "09:00:00" }).JsonAsync();
        Assert.Equal(before, series["occurrences"]!.AsArray().Take(6).Select(o => o!.ToJsonString()));
        Assert.Equal(
            ["2017-07-13 scheduled", "2017-08-10 moved", "2017-09-07 cancelled", "2017-09-14 scheduled", "2017-10-12 scheduled", "2017-11-09 scheduled", "2017-12-14 scheduled"],
            series["occurrences"]!.AsArray().Skip(6).Select(o => $"{o!.Text("date")} {o!.Text("state")}"));
        Assert.Equal(["14:00:00 2017-06-30", "09:00:00 2017-12-31"], series["templates"]!.AsArray().Select(t => $"{t!.Text("starts")} {t!.Text("lastDay")}"));
        await ChangeAsync(series, new { from = "2017-07-01", venue = "Otra" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "change_before_template");
        await ChangeAsync(series, new { from = "2017-10-01", lastDay = "2017-09-30" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "days_out_of_order");
        await ChangeAsync(series, new { from = "9999-12-31", lastDay = "9999-12-31" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "days_out_of_order");
        await ChangeAsync(series, new { from = "2017-12-15", venue = "Otra" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "no_occurrence");
    }

    [Fact]
    public async Task A_change_of_the_place_keeps_the_rhythm_and_what_a_person_moved()
    {
        var series = await service.ScheduleAsync("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2017-01-03", "2017-04-30");
        series = await DecideAsync(series, "2017-03-14", new { action = "move", date = "2017-03-15", reason = "Otra reunión" }).JsonAsync();
        var dates = Dates(series);
        series = await ChangeAsync(series, new { from = "2017-03-01", venue = "Casa comunal" }).JsonAsync();
        Assert.Equal(dates, Dates(series));
        Assert.Equal(("2017-03-15", "moved", 2), (Occurrence(series, "2017-03-14").Text("date"), Occurrence(series, "2017-03-14").Text("state"), (int)Occurrence(series, "2017-03-14")["template"]!));
        Assert.Equal((1, 2), ((int)Occurrence(series, "2017-02-28")["template"]!, (int)Occurrence(series, "2017-04-25")["template"]!));
    }

    [Fact]
    public async Task An_occurrence_is_opened_once_as_a_meeting_that_the_series_follows()
    {
        var series = await OfBodyAsync();
        await OpenAsync(series, "2017-08-03").ProblemAsync(HttpStatusCode.Conflict, "occurrence_not_settled");
        series = await OpenAsync(series, "2017-05-04").JsonAsync();
        var id = Occurrence(series, "2017-05-04").Text("meetingId");
        await OpenAsync(series, "2017-05-04").ProblemAsync(HttpStatusCode.Conflict, "occurrence_opened");
        await DecideAsync(series, "2017-05-04", new { action = "cancel", reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "occurrence_opened");
        var meeting = new Meeting(service, await service.GetAsync(Roles.Auditor, $"/meetings/{id}").JsonAsync());
        Assert.Equal(("2017-05-04T14:00:00", "planned", "committee-meeting", "Seguimiento"), (meeting.Seen.Text("startsAt"), meeting.State, meeting.Seen.Text("kind"), meeting.Seen["points"]![0]!.GetValue<string>()));

        // It does not go where another of the series is, open or not; a refusal changes neither.
        await meeting.TryAsync("rescheduling", new { startsAt = "2017-06-01T14:00:00", reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "occurrence_collides");
        Assert.Equal("planned", (await meeting.LookAsync()).Text("state"));
        await meeting.DoAsync("rescheduling", new { startsAt = "2017-05-11T10:00:00", reason = "Día de la Cruz" });
        series = await SeenAsync(series);
        Assert.Equal(("2017-05-11", "moved", meeting.Seen.Text("successorId")), (Occurrence(series, "2017-05-04").Text("date"), Occurrence(series, "2017-05-04").Text("state"), Occurrence(series, "2017-05-04").Text("meetingId")));

        var successor = new Meeting(service, await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Seen.Text("successorId")}").JsonAsync());
        await successor.DoAsync("cancellation", new { reason = "Lluvia" });
        series = await SeenAsync(series);
        Assert.Equal(("cancelled", "2017-05-04"), (Occurrence(series, "2017-05-04").Text("state"), Occurrence(series, "2017-05-04").Text("originalDate")));
        Assert.Equal(12, series["occurrences"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_change_of_the_series_leaves_open_meetings_alone()
    {
        var series = await OfBodyAsync();
        series = await OpenAsync(series, "2017-06-01").JsonAsync();
        series = await OpenAsync(series, "2017-07-06").JsonAsync();
        var id = Occurrence(series, "2017-07-06").Text("meetingId");
        await new Meeting(service, await service.GetAsync(Roles.Auditor, $"/meetings/{id}").JsonAsync()).DoAsync("rescheduling", new { startsAt = "2017-07-12T14:00:00", reason = "x" });
        series = await ChangeAsync(await SeenAsync(series), new { from = "2017-05-15", rule = "FREQ=MONTHLY;BYDAY=2WE", title = "Otra" }).JsonAsync();
        // 14 June beside the open one of 1 June; 12 July is the open one that was moved there, once.
        Assert.Equal(["2017-06-01", "2017-06-14", "2017-07-12", "2017-08-09"], Dates(series).Where(d => string.CompareOrdinal(d, "2017-05-15") > 0 && string.CompareOrdinal(d, "2017-09-01") < 0).Order(StringComparer.Ordinal));
        Assert.Equal(["2017-01-05", "2017-02-02", "2017-03-02", "2017-04-06", "2017-05-04"], Dates(series).Take(5)); // What is past is there once.
        Assert.Equal("Reunión de prevención", (await service.GetAsync(Roles.Auditor, $"/meetings/{Occurrence(series, "2017-06-01").Text("meetingId")}").JsonAsync()).Text("title"));
    }

    [Fact]
    public async Task A_series_without_a_body_opens_no_meeting()
    {
        var series = await service.ScheduleAsync();
        await OpenAsync(series, "2017-05-04").ProblemAsync(HttpStatusCode.Conflict, "series_without_body");
    }

    [Fact]
    public async Task Series_are_listed_by_body()
    {
        var series = await OfBodyAsync();
        var listed = (await service.GetAsync(Roles.Council, $"/series?bodyId={series.Text("bodyId")}").JsonAsync())["items"]!.AsArray();
        Assert.Equal((series.Text("id"), "FREQ=MONTHLY;BYDAY=1TH"), (Assert.Single(listed)!.Text("id"), listed[0]!.Text("rule")));
    }

    private async Task<JsonNode> OfBodyAsync() => await service.PostAsync(Roles.Promoter, "/series", new
    {
        title = "Reunión de prevención", rule = "FREQ=MONTHLY;BYDAY=1TH", firstDay = "2017-01-01", lastDay = "2017-12-31", starts = "14:00:00", venue = "Alcaldía",
        bodyId = (await service.CommitteeAsync(3, "prevention")).Id, kind = "committee-meeting", points = new[] { "Seguimiento" },
    }).JsonAsync();

    private Task<HttpResponseMessage> OpenAsync(JsonNode series, string date) =>
        service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/{date}/meeting", new { }, $"\"{series["version"]}\"");

    private Task<HttpResponseMessage> ChangeAsync(JsonNode series, object change) =>
        service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/changes", change, $"\"{series["version"]}\"");

    private Task<JsonNode> SeenAsync(JsonNode series) => service.GetAsync(Roles.Auditor, $"/series/{series.Text("id")}").JsonAsync();

    private static string[] Dates(JsonNode series) => [.. series["occurrences"]!.AsArray().Select(o => o!.Text("date"))];

    private static JsonNode Occurrence(JsonNode series, string date) => series["occurrences"]!.AsArray().Single(o => o!.Text("originalDate") == date)!;

    private Task<HttpResponseMessage> DecideAsync(JsonNode series, string date, object decision) =>
        service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/{date}/decision", decision, $"\"{series["version"]}\"");
}
