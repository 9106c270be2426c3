using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>When and where packages are handed out.</summary>
public sealed class DayTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task A_day_is_announced_moved_and_called_off()
    {
        var draft = (await service.CampaignAsync()).Text("id");
        await service.ScheduleAsync(draft, "2027-04-28").ProblemAsync(HttpStatusCode.Conflict, "campaign_not_approved");
        var campaign = await service.ApprovedAsync(DistributionService.Row(DistributionService.NewDui()), 1);
        foreach (var (date, opens, closes, code) in new[]
        {
            ("2027-04-14", "07:00", "15:00", "day_outside_campaign"), ("2027-07-01", "07:00", "15:00", "day_outside_campaign"), ("2026-01-01", "07:00", "15:00", "day_past"),
            ("2027-04-28", "07:00", "07:29", "hours"), ("2027-04-28", "15:00", "07:00", "hours"), ("2027-04-28", "23:45", "23:50", "hours"),
        })
            await service.ScheduleAsync(campaign, date, opens, closes).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.ScheduleAsync(campaign, "2027-04-28")));
        Assert.Equal((1, 3), (answers.Count(a => a.IsSuccessStatusCode), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        var day = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![0]!;
        var path = $"/campaigns/{campaign}/days/{day.Text("id")}";
        day = await service.PutAsync(Roles.Promoter, path, DistributionService.Day("2027-04-29"), DistributionService.ETag(day)).JsonAsync();
        await service.PostAsync(Roles.Promoter, $"{path}/cancellation", new { reason = "Lluvia." }, "\"1\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        day = await service.PostAsync(Roles.Promoter, $"{path}/cancellation", new { reason = "Lluvia." }, DistributionService.ETag(day)).JsonAsync();
        Assert.Equal(("cancelled", "Lluvia."), (day.Text("state"), day.Text("reason")));
        await service.PutAsync(Roles.Promoter, path, DistributionService.Day("2027-05-02"), DistributionService.ETag(day)).ProblemAsync(HttpStatusCode.Conflict, "day_not_scheduled");
        await service.ScheduleAsync(campaign, "2027-04-29").JsonAsync(); // The day is free again.
        using (service.Clock.NoonOf("2027-04-30"))
        {
            var past = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]![1]!;
            await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{past.Text("id")}", DistributionService.Day("2027-05-02"), DistributionService.ETag(past)).ProblemAsync(HttpStatusCode.Conflict, "day_past");
        }
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["distribution.delivery-day.scheduled.v1 2027-04-28", "distribution.delivery-day.scheduled.v1 2027-04-29", "distribution.delivery-day.cancelled.v1 2027-04-29"],
            await service.RowsAsync($"SELECT public_type || ' ' || (body ->> 'date') FROM published_event WHERE subject = '{day.Text("id")}' ORDER BY version"));
    }

    [Fact]
    public async Task A_hamlet_goes_to_one_centre()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.ImportAsync(campaign, DistributionService.Row(DistributionService.NewDui(), hamlet: "A uno") + DistributionService.Row(DistributionService.NewDui(), hamlet: "B dos"));
        var hamlets = (await service.RowsAsync("SELECT id::text FROM hamlet WHERE name IN ('A uno', 'B dos') ORDER BY name")).ConvertAll(int.Parse);
        Assert.Equal(2, (int)(await AssignAsync(1, hamlets).JsonAsync())["hamlets"]!);
        await AssignAsync(2, [hamlets[1]]).JsonAsync();
        Assert.Equal([$"{hamlets[0]} 1", $"{hamlets[1]} 2"], await service.RowsAsync($"SELECT hamlet_id || ' ' || centre FROM centre_hamlet WHERE campaign_id = '{campaign}' ORDER BY hamlet_id"));
        await AssignAsync(2, [hamlets[0], 999_999]).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_hamlet");
        await AssignAsync(9, hamlets).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(2, await service.QueryAsync<long>($"SELECT count(*) FROM centre_hamlet WHERE campaign_id = '{campaign}'"));

        Task<HttpResponseMessage> AssignAsync(int centre, IReadOnlyList<int> hamletIds) => service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/{centre}/hamlets", new { hamletIds }, null);
    }
}
