using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Calendar;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>The calendar as programs, people and staff read it.</summary>
public sealed class CalendarTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task Two_programs_read_a_bodys_feed_alike_and_as_it_is()
    {
        var body = await service.CommitteeAsync(3, "prevention");
        var series = await SeriesAsync(body);
        series = await DecideAsync(series, "2017-08-03", new { action = "move", date = "2017-08-10", reason = "Fiestas agostinas" });
        series = await DecideAsync(series, "2017-12-07", new { action = "cancel", reason = "Sin tema" });
        series = await StepAsync(series, "changes", new { from = "2017-10-01", starts = "09:00:00", title = "Prevención, otra hora; y «ñandú»\\" });
        series = await StepAsync(series, "occurrences/2017-05-04/meeting", new { });
        var opened = series["occurrences"]!.AsArray().Single(o => o!.Text("originalDate") == "2017-05-04")!.Text("meetingId");
        await new Meeting(service, await service.GetAsync(Roles.Auditor, $"/meetings/{opened}").JsonAsync()).DoAsync("rescheduling", new { startsAt = "2017-05-11T16:30:00", reason = "Cruz" });
        var single = await service.PlanMeetingAsync(body, "coordination", "2017-06-20T10:00:00");
        await single.DoAsync("rescheduling", new { startsAt = "2017-06-21T10:00:00", reason = "x" });
        var cancelled = await service.PlanMeetingAsync(body, "coordination", "2017-06-25T10:00:00");
        await cancelled.DoAsync("cancellation", new { reason = "x" });
        // A hall of the same name elsewhere is perhaps another one.
        var (elsewhere, near) = (await EventAsync("Caserío Lejano, Cantón Otro", "2021-08-06T14:00:00", venue: "casa comunal"), await EventAsync("Cantón El Ensayo", "2021-08-06T14:00:00", venue: "Casa comunal"));

        var read = await ReadAsync($"/public/calendar/bodies/{body.Id}.ics?from=2017-01-01&to=2017-12-31");
        Assert.Empty(read["problems"]!.AsArray());
        Assert.Equal(0, (int)read["links"]!);
        Assert.Equal(read["first"]!.ToJsonString(), read["second"]!.ToJsonString());
        var (a, b) = ($"{Guid.Parse(series.Text("id")):N}-1@proyeccion-social", $"{Guid.Parse(series.Text("id")):N}-2@proyeccion-social");
        Assert.Equal(
            new[]
            {
                $"{a} 2017-01-05T20:00:00.000Z CONFIRMED 1 Prevención", $"{a} 2017-02-02T20:00:00.000Z CONFIRMED 1 Prevención", $"{a} 2017-03-02T20:00:00.000Z CONFIRMED 1 Prevención",
                $"{a} 2017-04-06T20:00:00.000Z CONFIRMED 1 Prevención", $"{a} 2017-05-11T22:30:00.000Z CONFIRMED 2 Prevención", $"{a} 2017-06-01T20:00:00.000Z CONFIRMED 1 Prevención",
                $"{a} 2017-07-06T20:00:00.000Z CONFIRMED 1 Prevención", $"{a} 2017-08-10T20:00:00.000Z CONFIRMED 2 Prevención", $"{a} 2017-09-07T20:00:00.000Z CONFIRMED 1 Prevención",
                $"{b} 2017-10-05T15:00:00.000Z CONFIRMED 0 Prevención, otra hora; y «ñandú»\\", $"{b} 2017-11-02T15:00:00.000Z TENTATIVE 0 Prevención, otra hora; y «ñandú»\\",
                // Cancelled before the change, and kept as it was.
                $"{a} 2017-12-07T20:00:00.000Z CANCELLED 2 Prevención",
                $"{Guid.Parse(single.Id):N}@proyeccion-social 2017-06-21T16:00:00.000Z TENTATIVE 1 {single.Seen.Text("title")}",
                $"{Guid.Parse(cancelled.Id):N}@proyeccion-social 2017-06-25T16:00:00.000Z CANCELLED 1 {cancelled.Seen.Text("title")}",
            }.Order(StringComparer.Ordinal),
            read["first"]!.AsArray().Select(l => l!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA", "2017-01-04")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=31", "2017-02-10")]
    [InlineData("FREQ=MONTHLY;BYDAY=-1FR", "2017-01-31")]
    [InlineData("FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO", "2017-01-20")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2017-01-03")]
    [InlineData("FREQ=DAILY;INTERVAL=9", "2017-01-03")]
    [InlineData("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "2017-01-03")]
    [InlineData("FREQ=MONTHLY", "2017-01-31")]
    public async Task The_feed_gives_the_days_that_the_series_has(string rule, string from)
    {
        var body = await service.CommitteeAsync(1);
        var series = await service.PostAsync(Roles.Promoter, "/series", new
        {
            title = "Serie", rule, firstDay = from, lastDay = "2018-12-31", starts = "14:00:00", venue = "Alcaldía", bodyId = body.Id,
        }).JsonAsync();
        // Something removed by a change in the middle, and something taken out of the rule.
        var last = series["occurrences"]!.AsArray()[^1]!.Text("originalDate");
        series = await StepAsync(series, "changes", new { from = "2017-09-15", venue = "Otro lugar", exceptDays = rule.StartsWith("FREQ=YEARLY", StringComparison.Ordinal) ? [] : new[] { last } });
        var read = await ReadAsync($"/public/calendar/bodies/{body.Id}.ics?from=2017-01-01&to=2018-12-31");
        Assert.Empty(read["problems"]!.AsArray());
        Assert.Equal(
            series["occurrences"]!.AsArray().Select(o => $"{o!.Text("date")}T20:00:00.000Z").Order(StringComparer.Ordinal),
            read["first"]!.AsArray().Select(l => l!.GetValue<string>().Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.Equal(read["first"]!.ToJsonString(), read["second"]!.ToJsonString());
    }

    [Fact]
    public async Task The_units_feed_has_announced_events_and_delivery_days_and_a_places_feed_what_lies_in_it()
    {
        var here = $"Caserío Feria, {AgendaService.NewName("Cantón")}, San Ensayo";
        var announced = await EventAsync(here, "2019-03-02T08:00:00");
        await StepEventAsync(announced, "announcement");
        await EventAsync(here, "2019-03-03T08:00:00"); // Only planned: nobody outside knows of it.
        var day = Delivery(here);
        await service.TellAsync(day);
        await service.TellAsync(day with { Version = 3, EventId = Guid.CreateVersion7(), Opens = new(9, 0) });
        await service.TellAsync(day with { Version = 2, EventId = Guid.CreateVersion7(), Opens = new(5, 0) }); // An older word comes late.
        foreach (var place in new[] { here, here[(here.IndexOf(',', StringComparison.Ordinal) + 2)..] })
        {
            var read = await ReadAsync($"/public/calendar/places.ics?place={Uri.EscapeDataString(place)}&from=2019-01-01&to=2019-12-31");
            Assert.Empty(read["problems"]!.AsArray());
            Assert.Equal(
                [$"2019-03-02T14:00:00.000Z CONFIRMED 0 {announced.Text("title")}", "2019-03-05T15:00:00.000Z CONFIRMED 3 Entrega de Paquete de maíz"],
                read["first"]!.AsArray().Select(l => l!.GetValue<string>()[(l!.GetValue<string>().IndexOf(' ', StringComparison.Ordinal) + 1)..]).Order(StringComparer.Ordinal));
        }
        var unit = (await ReadAsync("/public/calendar/unit.ics?from=2019-01-01&to=2019-12-31"))["first"]!.AsArray();
        Assert.Contains(unit, l => l!.GetValue<string>().Contains(announced.Text("title"), StringComparison.Ordinal));
        await service.TellAsync(new DeliveryDayCancelled { DeliveryDayId = day.DeliveryDayId, Campaign = day.Campaign, Centre = day.Centre, Place = day.Place, Date = day.Date, Opens = day.Opens, Closes = day.Closes, Version = 4 });
        Assert.Contains("CANCELLED 4 Entrega", (await ReadAsync($"/public/calendar/places.ics?place={Uri.EscapeDataString(here)}&from=2019-01-01&to=2019-12-31"))["first"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>The words of a held event cannot be changed any more: taken back, they leave the unit's own page and calendar too.</summary>
    [Fact]
    public async Task What_was_taken_back_leaves_the_calendar_and_its_pages()
    {
        var held = await StepEventAsync(await EventAsync("Caserío Retiro", "2018-04-02T08:00:00"), "announcement");
        held = await StepEventAsync(held, "results", new { attendance = 30, results = "Ganó la niña Inventada." });
        var page = $"/public/calendar/event/{held.Text("id")}";
        async Task<string> PageAsync() => WebUtility.HtmlDecode(await (await service.GetAsync(null, page)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        async Task<string> FeedAsync() => await (await service.GetAsync(null, "/public/calendar/unit.ics?from=2018-01-01&to=2018-12-31")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("niña Inventada", await PageAsync(), StringComparison.Ordinal);
        Assert.Contains(held.Text("title"), await FeedAsync(), StringComparison.Ordinal);
        await service.EverythingSaidAsync();
        async Task WithdrawAsync(string type)
        {
            var publication = await service.QueryAsync<Guid>($"SELECT message_id FROM published_event WHERE subject = '{held.Text("id")}' AND public_type = '{type}'");
            await service.PostAsync(Roles.UnitHead, $"/published/{publication}/withdrawal", new { cause = "personal-data" }).JsonAsync();
        }
        await WithdrawAsync("agenda.event.held.v1");
        Assert.DoesNotContain("Inventada", await PageAsync(), StringComparison.Ordinal);
        Assert.Contains("Venga a jugar.", await PageAsync(), StringComparison.Ordinal);
        await WithdrawAsync("agenda.event.announced.v1");
        using var gone = await service.GetAsync(null, page);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.DoesNotContain(held.Text("title"), await FeedAsync(), StringComparison.Ordinal);
    }

    /// <summary>The days are told by the distribution, which takes back what it published: heard from the public exchange, as anybody hears it.</summary>
    [Fact]
    public async Task A_delivery_day_that_was_taken_back_leaves_the_calendar_until_it_is_said_again()
    {
        var day = Delivery($"Caserío Vuelta, {AgendaService.NewName("Cantón")}, San Ensayo");
        var feed = $"/public/calendar/places.ics?place={Uri.EscapeDataString(day.Place.Path)}&from=2019-01-01&to=2019-12-31";
        async Task<bool> IsShownAsync()
        {
            using var page = await service.GetAsync(null, $"/public/calendar/delivery-day/{day.DeliveryDayId}");
            using var calendar = await service.GetAsync(null, feed);
            var listed = (await calendar.Content.ReadAsStringAsync()).Contains("SUMMARY:Entrega", StringComparison.Ordinal);
            Assert.Equal(listed ? HttpStatusCode.OK : HttpStatusCode.NotFound, page.StatusCode);
            return listed;
        }
        async Task TellAsync(DeliveryDayEvent told)
        {
            await service.TellAsync(told);
            await service.HappenAsync(told);
            await Eventually.TrueAsync(async () => await service.QueryAsync<long>($"SELECT count(*) FROM public_news WHERE id = '{told.EventId}'") == 1);
        }
        async Task WithdrawAsync(DeliveryDayEvent told, string type)
        {
            await service.HappenAsync(new Contracts.Distribution.PublicationWithdrawn { PublicationId = told.EventId, About = day.DeliveryDayId, Publication = type, Cause = "personal-data", Version = 1 });
            await Eventually.TrueAsync(async () => await service.QueryAsync<bool>($"SELECT taken_back FROM public_news WHERE id = '{told.EventId}'"));
        }
        await TellAsync(day);
        Assert.True(await IsShownAsync());
        await WithdrawAsync(day, "distribution.delivery-day.scheduled.v1");
        Assert.False(await IsShownAsync());
        // Said in other words, it is back; a later word that was taken back alone leaves those.
        await TellAsync(day with { EventId = Guid.CreateVersion7(), Centre = "Escuela", Version = 2 });
        Assert.True(await IsShownAsync());
        var cancelled = new DeliveryDayCancelled { DeliveryDayId = day.DeliveryDayId, Campaign = day.Campaign, Centre = "Escuela", Place = day.Place, Date = day.Date, Opens = day.Opens, Closes = day.Closes, Version = 3 };
        await TellAsync(cancelled);
        await WithdrawAsync(cancelled, "distribution.delivery-day.cancelled.v1");
        Assert.True(await IsShownAsync());
    }

    [Fact]
    public async Task A_feed_that_has_not_changed_is_not_sent_again_and_one_that_has_is_new_at_once()
    {
        var body = await service.CommitteeAsync(1);
        var path = new Uri($"/v1/agenda/public/calendar/bodies/{body.Id}.ics?from=2017-01-01&to=2017-12-31", UriKind.Relative);
        using var client = service.As(null);
        using var first = await client.GetAsync(path);
        client.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await client.GetAsync(path)).StatusCode);
        await service.PlanMeetingAsync(body, "coordination", "2017-06-20T10:00:00");
        using var second = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Contains("20170620T100000", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("text/calendar", second.Content.Headers.ContentType!.MediaType);
        await service.GetAsync(null, $"/public/calendar/bodies/{Guid.NewGuid()}.ics").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.GetAsync(null, "/public/calendar/places.ics?place=%20").ProblemAsync(HttpStatusCode.BadRequest, "place_length");
        await service.GetAsync(null, "/public/calendar/unit.ics?from=2010-01-01&to=2017-01-01").ProblemAsync(HttpStatusCode.BadRequest, "span_out_of_range");
        await service.GetAsync(null, "/public/calendar/unit.ics?from=2018-01-01&to=2017-01-01").ProblemAsync(HttpStatusCode.BadRequest, "span_out_of_range");
    }

    [Fact]
    public void Long_and_odd_texts_are_cut_between_characters()
    {
        var odd = string.Concat(Enumerable.Repeat("ñ😀a,;\\\n", 40));
        var text = Encoding.UTF8.GetString(ICalendar.Write("x", [new("u", 0, default, new(2017, 1, 1), new(2017, 1, 2), odd, odd, odd, new("http://x/"), odd, ICalendarStatus.Confirmed)]));
        Assert.DoesNotContain('\ufffd', text);
        Assert.All(text.Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 75));
        var unfolded = text.Replace("\r\n ", "", StringComparison.Ordinal);
        Assert.Contains("SUMMARY:" + string.Concat(Enumerable.Repeat("ñ😀a\\,\\;\\\\\\n", 40)), unfolded, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_collides_in_place_or_people_is_flagged_and_holidays_are_shown()
    {
        var (one, other) = (await service.AssociationAsync(2), await service.AssociationAsync(2));
        await service.TellAsync(AgendaService.Membership(other.Id, one.Members[0], 20));
        var first = await PlanAsync(one, "2021-08-06T14:00:00", "Casa comunal");
        var samePlace = await PlanAsync(await service.AssociationAsync(1), "2021-08-06T15:59:00", " CASA COMUNAL ");
        var samePerson = await PlanAsync(other, "2021-08-06T13:00:00", "Alcaldía");
        var after = await PlanAsync(other, "2021-08-06T16:00:00", "Casa comunal"); // Begins when the first ends; meets the second in the hall.
        var cancelled = await PlanAsync(one, "2021-08-06T14:00:00", "Casa comunal");
        await cancelled.DoAsync("cancellation", new { reason = "x" });
        // A hall of the same name elsewhere is perhaps another one.
        var (elsewhere, near) = (await EventAsync("Caserío Lejano, Cantón Otro", "2021-08-06T14:00:00", venue: "casa comunal"), await EventAsync("Cantón El Ensayo", "2021-08-06T14:00:00", venue: "Casa comunal"));
        var calendar = await service.GetAsync(Roles.Promoter, "/calendar?from=2021-08-06&to=2021-08-06").JsonAsync();
        string[] Of(Meeting m) => [.. calendar["entries"]!.AsArray().Single(e => e!.Text("id") == m.Id)!["conflicts"]!.AsArray().Select(c => $"{c!.Text("of")} {c!.Text("withId")}").Order(StringComparer.Ordinal)];
        Assert.Equal(new[] { $"people {samePerson.Id}", $"venue {samePlace.Id}", $"venue {near.Text("id")}", $"venue-name {elsewhere.Text("id")}" }.Order(StringComparer.Ordinal), Of(first));
        Assert.Equal(new[] { $"people {first.Id}" }, Of(samePerson));
        Assert.Contains($"venue {samePlace.Id}", Of(after));
        Assert.DoesNotContain($"venue {first.Id}", Of(after));
        Assert.Empty(Of(cancelled));
        Assert.Equal("Divino Salvador del Mundo", calendar["entries"]![0]!["holidays"]![0]!.GetValue<string>());
        await service.GetAsync(Roles.Promoter, "/calendar?from=2021-01-01&to=2021-12-31").ProblemAsync(HttpStatusCode.BadRequest, "span_out_of_range");
    }

    [Fact]
    public async Task A_holiday_that_a_law_adds_is_data()
    {
        await service.PutAsync(Roles.UnitHead, "/holidays/2034-03-02", new { name = "Duelo nacional" }, null).JsonAsync();
        await service.PutAsync(Roles.UnitHead, "/holidays/2034-03-02", new { name = "Duelo nacional", national = false }, null).JsonAsync();
        var series = await service.ScheduleAsync(from: "2034-01-01", to: "2034-12-31");
        Assert.Equal("Duelo nacional", series["occurrences"]!.AsArray().Single(o => o!.Text("date") == "2034-03-02")!.Text("holiday"));
        Assert.Single((await service.GetAsync(Roles.Auditor, "/holidays?year=2034").JsonAsync()).AsArray(), h => h!.Text("name") == "Duelo nacional");
    }

    [Fact]
    public async Task Every_link_of_the_feed_leads_to_a_page_without_names()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        var series = await SeriesAsync(await service.CommitteeAsync(1, "prevention"));
        var shown = await EventAsync("Caserío X", "2019-05-02T08:00:00", 40);
        await StepEventAsync(shown, "announcement");
        foreach (var (path, says) in new[] { ($"meeting/{meeting.Id}", "Realizada"), ($"series/{series.Text("id")}", "jueves 3 de agosto de 2017, a las 14:00: por confirmar"), ($"event/{shown.Text("id")}", "Cupos libres: 40 de 40.") })
        {
            using var answer = await service.GetAsync(null, $"/public/calendar/{path}");
            var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(says, page, StringComparison.Ordinal);
            Assert.DoesNotContain("Persona Inventada", page, StringComparison.Ordinal);
        }
        using var unknown = await service.GetAsync(null, $"/public/calendar/event/{Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    // Events.

    [Fact]
    public async Task Seats_go_in_order_and_never_beyond_what_there_are()
    {
        var shown = await EventAsync("Caserío X", "2099-05-02T08:00:00", 10);
        await RegisterAsync(shown, 1).ProblemAsync(HttpStatusCode.Conflict, "event_not_announced");
        shown = await StepEventAsync(shown, "announcement");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => RegisterAsync(shown, 3).JsonAsync()));
        Assert.Equal((3, 9), (answers.Count(a => a.Text("state") == "confirmed"), answers.Count(a => a.Text("state") == "waiting")));
        Assert.Equal(Enumerable.Range(1, 12), answers.Select(a => (int)a["number"]!).Order());
        // One seat is free, and others wait for it: a party of one does not pass them.
        Assert.Equal("waiting", (await RegisterAsync(shown, 1).JsonAsync()).Text("state"));
        await RegisterAsync(shown, 10).JsonAsync();

        var confirmed = answers.First(a => a.Text("state") == "confirmed");
        await CodeAsync(shown, confirmed, "cancellation").JsonAsync();
        var list = (await service.GetAsync(Roles.Promoter, $"/events/{shown.Text("id")}/registrations").JsonAsync())["items"]!.AsArray();
        Assert.Equal(9, list.Where(r => r!.Text("state") == "confirmed").Sum(r => (int)r!["seats"]!));
        Assert.Equal(4, (int)list.Where(r => r!.Text("state") == "confirmed").MaxBy(r => (int)r!["number"]!)!["number"]!);
        // More seats: the next who wait come in.
        shown = await service.GetAsync(Roles.Auditor, $"/events/{shown.Text("id")}").JsonAsync();
        await service.PutAsync(Roles.Promoter, $"/events/{shown.Text("id")}", Content("Caserío X", "2099-05-02T08:00:00", 8), $"\"{shown["version"]}\"").ProblemAsync(HttpStatusCode.Conflict, "capacity_below_confirmed");
        shown = await service.PutAsync(Roles.Promoter, $"/events/{shown.Text("id")}", Content("Caserío X", "2099-05-02T08:00:00", 16), $"\"{shown["version"]}\"").JsonAsync();
        Assert.Equal(15, (int)shown["confirmed"]!);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.RowsAsync($"UPDATE event_registration SET state = 'confirmed' WHERE event_id = '{shown.Text("id")}' AND state = 'waiting' RETURNING 'x'"));
        Assert.Equal("event_capacity", refused.ConstraintName);
    }

    [Fact]
    public async Task A_code_lets_a_party_in_once_and_not_one_that_waits()
    {
        var shown = await StepEventAsync(await EventAsync("Caserío X", "2099-05-02T08:00:00", 2), "announcement");
        var (inside, waiting) = (await RegisterAsync(shown, 2).JsonAsync(), await RegisterAsync(shown, 1).JsonAsync());
        var first = await CodeAsync(shown, inside, "check-in").JsonAsync();
        var again = await CodeAsync(shown, inside, "check-in").JsonAsync();
        Assert.Equal(first.Text("checkedInAt")[..23], again.Text("checkedInAt")[..23]);
        await CodeAsync(shown, waiting, "check-in").ProblemAsync(HttpStatusCode.Conflict, "registration_not_confirmed");
        await CodeAsync(shown, inside, "cancellation").ProblemAsync(HttpStatusCode.Conflict, "registration_used");
        await service.PostAsync(Roles.Promoter, $"/events/{shown.Text("id")}/registrations/zzzzzzzzzz/check-in", new { }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await RegisterAsync(shown, 3).ProblemAsync(HttpStatusCode.UnprocessableEntity, "seats_exceed_capacity");
    }

    [Fact]
    public async Task An_event_is_announced_held_with_its_results_and_counts_for_the_plan()
    {
        var plan = await service.DraftAsync(2019, new { text = "Torneos" });
        await plan.CountAsync(1, ("event-held", "*"));
        var shown = await EventAsync("Caserío X", "2019-05-02T08:00:00");
        await TryStepAsync(shown, "results", new { attendance = 3, results = "Bien" }).JsonAsync();
        var future = await EventAsync("Caserío X", "2099-05-02T08:00:00");
        await TryStepAsync(future, "results", new { attendance = 3, results = "Bien" }).ProblemAsync(HttpStatusCode.Conflict, "event_in_future");
        await service.PutAsync(Roles.Promoter, $"/events/{future.Text("id")}", Content("Caserío X", "2099-05-02T08:00:00", hours: -1), $"\"{future["version"]}\"").ProblemAsync(HttpStatusCode.UnprocessableEntity, "event_hours");
        future = await StepEventAsync(future, "cancellation", new { reason = "Lluvia" });
        await TryStepAsync(future, "announcement").ProblemAsync(HttpStatusCode.Conflict, "event_not_planned");
        await Eventually.TrueAsync(async () => (int)(await plan.LookAsync())["activities"]![0]!["evidenceCount"]! == 1, what: "The event in the plan");
    }

    // What other services tell.

    [Fact]
    public async Task An_expired_board_asks_for_an_assembly_once_until_there_is_a_board_again()
    {
        var body = await service.AssociationAsync(3);
        var expired = new AssociationBoardExpired { AssociationId = body.Id, Name = "ADESCO Inventada", Place = Place("Caserío X"), ExpiredOn = new(2017, 1, 19), Version = 50 };
        await service.TellAsync(expired);
        await service.TellAsync(expired with { EventId = Guid.CreateVersion7() });
        var proposal = Assert.Single(await ProposalsAsync(body.Id))!;
        Assert.Equal(("board-expired", "open", "extraordinary-assembly"), (proposal.Text("cause"), proposal.Text("state"), proposal.Text("kind")));
        var meeting = await service.PostAsync(Roles.Promoter, $"/meeting-proposals/{proposal.Text("id")}/meeting", new { startsAt = "2017-02-04T14:00:00", venue = "Casa comunal" }, key: Guid.NewGuid().ToString()).JsonAsync();
        Assert.Equal((body.Id.ToString(), "Elección de la nueva junta directiva"), (meeting.Text("bodyId"), meeting["points"]![2]!.GetValue<string>()));
        await service.PostAsync(Roles.Promoter, $"/meeting-proposals/{proposal.Text("id")}/dismissal", new { reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "proposal_not_open");

        await service.TellAsync(expired with { EventId = Guid.CreateVersion7(), ExpiredOn = new(2019, 1, 19), Version = 51 });
        await service.TellAsync(new AssociationActivated { AssociationId = body.Id, Name = "ADESCO Inventada", Place = Place("Caserío X"), BoardFrom = new(2019, 2, 1), BoardUntil = new(2021, 1, 31), Version = 52 });
        Assert.Equal(["planned", "settled"], (await ProposalsAsync(body.Id)).Select(p => p!.Text("state")).Order(StringComparer.Ordinal));
        // Told again under a new id, now that there is a board, it asks for nothing; and its meeting that is off is not needed any more.
        await service.TellAsync(expired with { EventId = Guid.CreateVersion7(), ExpiredOn = new(2018, 1, 19) });
        await new Meeting(service, meeting).DoAsync("cancellation", new { reason = "Ya hay junta" });
        Assert.Equal(["settled", "settled"], (await ProposalsAsync(body.Id)).Select(p => p!.Text("state")));
    }

    [Fact]
    public async Task A_proposal_whose_meeting_did_not_come_about_waits_again_until_nobody_needs_it()
    {
        var body = await service.AssociationAsync(3);
        await service.TellAsync(new AssociationBoardExpired { AssociationId = body.Id, Name = "ADESCO Inventada", Place = Place("Caserío X"), ExpiredOn = new(2017, 1, 19), Version = 50 });
        async Task<string> StateAsync(string? of = null) => (await ProposalsAsync(Guid.Parse(of ?? body.Id.ToString())))[0]!.Text("state");
        async Task<Meeting> PlanProposedAsync(string id, Guid? of = null) =>
            new(service, await service.PostAsync(Roles.Promoter, $"/meeting-proposals/{id}/meeting", new { startsAt = "2017-02-04T14:00:00", venue = "Casa comunal", bodyId = of }, key: Guid.NewGuid().ToString()).JsonAsync());
        var proposal = (await ProposalsAsync(body.Id))[0]!.Text("id");
        var meeting = await PlanProposedAsync(proposal);
        await meeting.DoAsync("rescheduling", new { startsAt = "2017-02-11T14:00:00", reason = "Lluvia" });
        Assert.Equal(("planned", meeting.Seen.Text("successorId")), (await StateAsync(), (await ProposalsAsync(body.Id))[0]!.Text("meetingId")));
        var successor = new Meeting(service, await service.GetAsync(Roles.Auditor, $"/meetings/{meeting.Seen.Text("successorId")}").JsonAsync());
        await successor.DoAsync("cancellation", new { reason = "Lluvia otra vez" });
        Assert.Equal("open", await StateAsync());
        var again = await PlanProposedAsync(proposal);
        await again.DoAsync("convocation", new { convenedOn = "2017-02-01" });
        await again.DoAsync("calls", new { call = 1 });
        await again.DoAsync("calls", new { call = 2 });
        Assert.Equal(("no-quorum", "open"), (again.State, await StateAsync()));
        await service.TellAsync(new AssociationCancelled { AssociationId = body.Id, Name = "ADESCO Inventada", Place = Place("Caserío X"), CancelledOn = new(2017, 3, 1), Version = 60, Cause = "object-abandoned", CouncilReference = new(1, 1, new(2017, 2, 20)) });
        Assert.Equal("settled", await StateAsync());

        var project = new ProjectApproved { ProjectId = Guid.CreateVersion7(), Name = "Puente", Place = Place("Caserío X"), ApprovedOn = new(2017, 3, 1), Version = 1 };
        await service.TellAsync(project);
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), kind: "executing") with { ProjectId = project.ProjectId });
        Assert.Equal("open", await StateAsync(project.ProjectId.ToString()));
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), kind: "oversight") with { ProjectId = project.ProjectId });
        Assert.Equal("settled", await StateAsync(project.ProjectId.ToString()));

        // Nor for a project that is over, whichever of its two events comes first.
        foreach (var endsFirst in new[] { false, true })
        {
            project = project with { EventId = Guid.CreateVersion7(), ProjectId = Guid.CreateVersion7() };
            var ended = new ProjectChanged { ProjectId = project.ProjectId, Name = project.Name, Place = project.Place, State = "void", On = new(2017, 3, 9), Version = 5 };
            await service.TellAsync(endsFirst ? ended : project);
            await service.TellAsync(endsFirst ? project : ended);
            Assert.Equal("settled", await StateAsync(project.ProjectId.ToString()));
        }
    }

    [Fact]
    public async Task An_approved_project_asks_for_the_assembly_that_elects_its_committees()
    {
        var project = new ProjectApproved { ProjectId = Guid.CreateVersion7(), Name = "Puente La Prueba", Place = Place("Caserío X"), ApprovedOn = new(2017, 3, 1), Version = 1 };
        await service.TellAsync(project);
        await service.TellAsync(project with { EventId = Guid.CreateVersion7(), Version = 2 });
        var proposal = Assert.Single(await ProposalsAsync(project.ProjectId))!;
        await service.PostAsync(Roles.Promoter, $"/meeting-proposals/{proposal.Text("id")}/meeting", new { startsAt = "2017-02-04T14:00:00", venue = "Casa comunal" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "body_unknown");
        var dismissed = await service.PostAsync(Roles.UnitHead, $"/meeting-proposals/{proposal.Text("id")}/dismissal", new { reason = "Ya los eligieron" }).JsonAsync();
        Assert.Equal(("dismissed", "Ya los eligieron"), (dismissed.Text("state"), dismissed.Text("dismissedBecause")));
    }

    [Fact]
    public async Task What_the_services_tell_counts_for_the_plan_once()
    {
        var plan = await service.DraftAsync(2019, new { text = "Propuestas" }, new { text = "Entregas" }, new { text = "Periódico mural" });
        await plan.CountAsync(1, ("proposal-evaluated", "*"));
        await plan.CountAsync(2, ("delivery-day-closed", "*"));
        await plan.CountAsync(3, ("edition-posted", "*"));
        var proposal = new ProposalEvaluated { ProposalId = Guid.CreateVersion7(), Name = "Cancha", Place = Place("X"), EvaluatedOn = new(2019, 9, 1), Feasible = true, Version = 1 };
        var day = Delivery("X");
        var closed = new DeliveryDayClosed { DeliveryDayId = day.DeliveryDayId, Campaign = day.Campaign, Centre = day.Centre, Place = day.Place, Date = day.Date, Opens = day.Opens, Closes = day.Closes, Delivered = 200, Version = 2 };
        var posted = new Contracts.Agenda.WallNewspaperPosted { EditionId = Guid.CreateVersion7(), PostingId = Guid.CreateVersion7(), Edition = "2019-3", Place = Place("X"), PostedOn = new(2019, 3, 1), Version = 1 };
        await service.TellAsync(proposal, day, closed, posted);
        await service.TellAsync(proposal with { EventId = Guid.CreateVersion7() }, closed with { EventId = Guid.CreateVersion7() }, posted with { EventId = Guid.CreateVersion7() });
        await plan.LookAsync();
        Assert.Equal([1, 1, 1], plan.Seen["activities"]!.AsArray().Select(a => (int)a!["evidenceCount"]!));
        Assert.Equal("closed", await service.QueryAsync<string>($"SELECT state FROM delivery_day WHERE id = '{day.DeliveryDayId}'"));
        // A device without a signal comes back: the day counts once still, and says what is known now; older news changes nothing.
        await service.TellAsync(closed with { EventId = Guid.CreateVersion7(), Delivered = 231, Version = 4 }, closed with { EventId = Guid.CreateVersion7(), Delivered = 210, Version = 3 });
        Assert.Equal([$"{closed.Campaign}, {closed.Centre}, 231 paquetes"], await service.RowsAsync($"SELECT description FROM evidence WHERE fact_id = '{day.DeliveryDayId}'"));
    }

    private static PlaceRef Place(string path) => new(Guid.CreateVersion7(), "hamlet", path.Split(',')[0], path);

    private static DeliveryDayScheduled Delivery(string place) => new()
    {
        DeliveryDayId = Guid.CreateVersion7(), Campaign = "Paquete de maíz", Centre = "Casa comunal", Place = Place(place), Date = new(2019, 3, 5), Opens = new(7, 0), Closes = new(12, 0), Version = 1,
    };

    private async Task<JsonArray> ProposalsAsync(Guid subject) => new(
        [.. (await service.GetAsync(Roles.Council, "/meeting-proposals?limit=200").JsonAsync())["items"]!.AsArray().Where(p => p!.Text("subjectId") == subject.ToString()).Select(p => p!.DeepClone())]);

    private async Task<JsonNode> ReadAsync(string path)
    {
        using var answer = await service.GetAsync(null, path);
        var feed = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, feed);
        return JsonNode.Parse(await Node.RunAsync("tests/EventsAndMeetings.Tests/node", ["calendar.mjs"], feed))!;
    }

    private Task<JsonNode> SeriesAsync(Body body) => service.PostAsync(Roles.Promoter, "/series", new
    {
        title = "Prevención", rule = "FREQ=MONTHLY;BYDAY=1TH", firstDay = "2017-01-01", lastDay = "2017-12-31", starts = "14:00:00", venue = "Alcaldía", bodyId = body.Id, kind = "committee-meeting",
    }).JsonAsync();

    private Task<JsonNode> DecideAsync(JsonNode series, string date, object decision) => StepAsync(series, $"occurrences/{date}/decision", decision);

    private Task<JsonNode> StepAsync(JsonNode series, string step, object body) =>
        service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/{step}", body, $"\"{series["version"]}\"").JsonAsync();

    private async Task<Meeting> PlanAsync(Body body, string startsAt, string venue) => new(service, await service.PostAsync(Roles.Promoter, "/meetings", new
    {
        kind = "coordination", title = AgendaService.NewName("Reunión"), bodyId = body.Id, startsAt, venue, points = new[] { "Uno" },
    }).JsonAsync());

    private static object Content(string place, string startsAt, int? capacity = null, int hours = 4, string? title = null, string venue = "Cancha") => new
    {
        kind = "sports", title = title ?? "Torneo", promotion = "Venga a jugar.", startsAt, endsAt = DateTime.Parse(startsAt, System.Globalization.CultureInfo.InvariantCulture).AddHours(hours).ToString("s", System.Globalization.CultureInfo.InvariantCulture),
        venue, organiser = "Unidad", place, capacity,
    };

    private Task<JsonNode> EventAsync(string place, string startsAt, int? capacity = null, string venue = "Cancha") =>
        service.PostAsync(Roles.Promoter, "/events", Content(place, startsAt, capacity, title: AgendaService.NewName("Torneo"), venue: venue)).JsonAsync();

    private Task<HttpResponseMessage> TryStepAsync(JsonNode of, string step, object? body = null) =>
        service.PostAsync(Roles.Promoter, $"/events/{of.Text("id")}/{step}", body, $"\"{of["version"]}\"");

    private Task<JsonNode> StepEventAsync(JsonNode of, string step, object? body = null) => TryStepAsync(of, step, body).JsonAsync();

    private Task<HttpResponseMessage> RegisterAsync(JsonNode of, int seats) =>
        service.PostAsync(Roles.Promoter, $"/events/{of.Text("id")}/registrations", new { name = "Persona Inventada", seats }, key: Guid.NewGuid().ToString());

    private Task<HttpResponseMessage> CodeAsync(JsonNode of, JsonNode registration, string step) =>
        service.PostAsync(Roles.Promoter, $"/events/{of.Text("id")}/registrations/{registration.Text("code")}/{step}", new { });
}
