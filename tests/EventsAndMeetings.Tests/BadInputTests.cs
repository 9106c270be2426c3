using System.Net;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class BadInputTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task Bad_requests_are_refused_in_our_words_and_write_nothing()
    {
        var existing = await ExistingAsync();
        var before = await service.RowCountsAsync();

        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: false, existing);

        Assert.True(sent > 400, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
        Assert.Equal(before, await service.RowCountsAsync());
    }

    [Fact]
    public async Task Odd_requests_are_answered_in_an_orderly_way()
    {
        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: true, await ExistingAsync());
        Assert.True(sent > 80, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
    }

    [Theory]
    [InlineData("9999-12-01", "9999-12-31")]
    [InlineData("0001-01-01", "0001-12-31")]
    [InlineData("2017-01-01", "9999-12-31")]
    [InlineData("2017-12-31", "2017-01-01")]
    public async Task A_series_between_impossible_days_is_refused(string firstDay, string lastDay) =>
        await service.PostAsync(Roles.Promoter, "/series", new { title = "Serie", rule = "FREQ=MONTHLY;BYDAY=1TH", firstDay, lastDay, starts = "14:00:00", venue = "Alcaldía" })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "days_out_of_order");

    [Theory]
    [InlineData("ayer")]
    [InlineData("2017-02-30")]
    [InlineData("%00")]
    public async Task An_occurrence_is_named_by_a_date(string date)
    {
        var series = await service.ScheduleAsync();
        using var answer = await service.PostAsync(Roles.Promoter, $"/series/{series.Text("id")}/occurrences/{date}/decision", new { action = "keep" }, $"\"{series["version"]}\"");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task<Func<ApiEndpoint, (Guid, string)?>> ExistingAsync()
    {
        var plan = await service.ImportPlanAsync();
        var meeting = await service.PlanMeetingAsync(await service.AssociationAsync(1));
        await meeting.DoAsync("cancellation", new { reason = "Prueba" });
        var series = await service.ScheduleAsync();
        return endpoint => endpoint.Pattern.RawText!.Split('/')[3] switch
        {
            "plans" => (Guid.Parse(plan.Id), plan.ETag),
            "meetings" => (Guid.Parse(meeting.Id), meeting.ETag),
            "series" => (Guid.Parse(series.Text("id")), $"\"{series["version"]}\""),
            _ => null,
        };
    }
}
