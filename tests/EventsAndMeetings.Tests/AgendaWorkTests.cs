using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>What waits for somebody, from the day it begins to wait until it is done.</summary>
public sealed class AgendaWorkTests(AgendaService service) : IClassFixture<AgendaService>
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    [Fact]
    public async Task A_meeting_waits_to_be_convened_held_and_written_up()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await service.PlanMeetingAsync(body, "coordination", $"{Today:yyyy-MM-dd}T10:00:00");
        Assert.Equal([$"meeting-to-convene overdue {Today.AddDays(-1):yyyy-MM-dd}"], await OfAsync(body));
        await service.RowsAsync($"UPDATE meeting SET state = 'convened', convened_on = '{Today.AddDays(-3):yyyy-MM-dd}' WHERE id = '{meeting.Id}' RETURNING 'x'");
        Assert.Equal([$"meeting-to-hold due {Today:yyyy-MM-dd}"], await OfAsync(body));
        await meeting.LookAsync();
        await meeting.HeldAsync(body.Members);
        Assert.Equal([$"minutes-to-close due {Today.AddDays(8):yyyy-MM-dd}"], await OfAsync(body));
        await meeting.CloseMinutesAsync(new { text = "Pronto", responsible = "X", dueOn = $"{Today.AddDays(7):yyyy-MM-dd}" }, new { text = "Lejos", responsible = "X", dueOn = $"{Today.AddDays(8):yyyy-MM-dd}" });
        Assert.Equal([$"agreement-due due {Today.AddDays(7):yyyy-MM-dd}"], await OfAsync(body));
    }

    [Fact]
    public async Task What_is_late_comes_first_and_what_went_up_says_so()
    {
        var body = await service.AssociationAsync(2);
        var meeting = await (await service.ConvenedAsync(body)).HeldAsync(body.Members);
        await meeting.CloseMinutesAsync(
            new { text = "Ayer", responsible = "X", dueOn = $"{Today.AddDays(-1):yyyy-MM-dd}" }, new { text = "Hace un mes", responsible = "X", dueOn = $"{Today.AddDays(-30):yyyy-MM-dd}" });
        await service.WatchAsync();
        Assert.Equal(
            [$"agreement-escalated overdue {Today.AddDays(-30):yyyy-MM-dd}", $"agreement-overdue overdue {Today.AddDays(-1):yyyy-MM-dd}"], await OfAsync(body));
        await meeting.LookAsync();
        await meeting.TryAsync("agreements/2/notes", new { step = "fulfilled", note = "Hecho", on = $"{Today:yyyy-MM-dd}" }).JsonAsync();
        Assert.Single(await OfAsync(body));
    }

    [Fact]
    public async Task Dates_of_a_series_wait_to_be_decided_and_opened()
    {
        var body = await service.CommitteeAsync(1);
        var holiday = Today.AddDays(20);
        await service.PutAsync(Roles.UnitHead, $"/holidays/{holiday:yyyy-MM-dd}", new { name = "Asueto de prueba" }, null).JsonAsync();
        var series = await service.PostAsync(Roles.Promoter, "/series", new
        {
            title = "Serie", rule = "FREQ=DAILY;INTERVAL=10", firstDay = Today, lastDay = Today.AddDays(40), starts = "14:00:00", venue = "Alcaldía", bodyId = body.Id, kind = "committee-meeting",
        }).JsonAsync();
        var list = await OfAsync(body);
        // 1 to 15 days before, and a week before that: today, in 10 days and not in 30 or 40.
        Assert.Contains($"occurrence-to-decide due {holiday:yyyy-MM-dd}", list);
        Assert.Contains($"occurrence-to-open due {Today.AddDays(9):yyyy-MM-dd}", list);
        Assert.DoesNotContain(list, i => i.Contains($"{Today.AddDays(29):yyyy-MM-dd}", StringComparison.Ordinal));
        await service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/{Today.AddDays(10):yyyy-MM-dd}/meeting", new { }, $"\"{series["version"]}\"").JsonAsync();
        Assert.Contains($"meeting-to-convene due {Today.AddDays(9):yyyy-MM-dd}", await OfAsync(body));
        Assert.DoesNotContain($"occurrence-to-open due {Today.AddDays(9):yyyy-MM-dd}", await OfAsync(body));
    }

    [Fact]
    public async Task A_proposal_waits_without_a_day_and_a_quarter_until_it_is_reported()
    {
        var body = await service.AssociationAsync(1);
        await service.TellAsync(new AssociationBoardExpired
        {
            AssociationId = body.Id, Name = "ADESCO Inventada", Place = new PlaceRef(Guid.CreateVersion7(), "hamlet", "X", "X"), ExpiredOn = new(2017, 1, 19), Version = 50,
        });
        Assert.Equal(["meeting-proposed blocked "], await OfAsync(body));
        var plan = await (await service.DraftAsync(2016, new { text = "Una" })).BegunAsync();
        var quarters = await ListAsync("kind=quarter-to-report");
        Assert.Equal(["2016-1", "2016-2", "2016-3", "2016-4"], quarters.Where(i => i.Text("subjectId") == plan.Id).Select(i => i.Text("detail")));
        Assert.Equal("2016-04-15", quarters.First(i => i.Text("subjectId") == plan.Id).Text("due"));
        await plan.TryAsync(Roles.UnitHead, "report/presentation", new { quarter = 2, presentedOn = "2016-07-10" }).JsonAsync();
        Assert.Equal(3, (await ListAsync("kind=quarter-to-report")).Count(i => i.Text("subjectId") == plan.Id));
    }

    [Fact]
    public async Task The_list_is_walked_page_by_page_in_one_order()
    {
        var body = await service.AssociationAsync(2);
        for (var i = 0; i < 5; i++)
            await service.PlanMeetingAsync(body, "coordination", $"2017-06-{10 + i / 2}T10:00:00");
        var whole = (await ListAsync($"bodyId={body.Id}")).ConvertAll(i => i.Text("subjectId"));
        var (walked, after) = (new List<string>(), "");
        do
        {
            var page = await service.GetAsync(Roles.Promoter, $"/work-list?bodyId={body.Id}&limit=2{after}").JsonAsync();
            walked.AddRange(page["items"]!.AsArray().Select(i => i!.Text("subjectId")));
            after = page["next"] is { } next ? $"&after={Uri.EscapeDataString(next.GetValue<string>())}" : "";
        }
        while (after.Length > 0);
        Assert.Equal(5, walked.Count);
        Assert.Equal(whole, walked);
        Assert.Equal(5, (await ListAsync($"bodyId={body.Id}&state=overdue&dueBefore=2017-12-31")).Count);
        Assert.Empty(await ListAsync($"bodyId={body.Id}&state=blocked"));
        await service.GetAsync(Roles.Promoter, "/work-list?after=x").ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
    }

    private async Task<List<string>> OfAsync(Body body) =>
        (await ListAsync($"bodyId={body.Id}")).ConvertAll(i => $"{i.Text("kind")} {i.Text("state")} {i["due"]}");

    private async Task<List<JsonNode>> ListAsync(string query) =>
        [.. (await service.GetAsync(Roles.Promoter, $"/work-list?limit=200&{query}").JsonAsync())["items"]!.AsArray().Select(i => i!)];
}
