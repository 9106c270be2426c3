using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>What the law does when a term passes, by a clock that the test sets.</summary>
public sealed class WatchDeadlinesTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task The_councils_silence_grants_personality_the_day_after_the_last_day()
    {
        var association = await FiledOnTheDayAsync();
        await LookOnAsync("2017-02-16", association, "application-filed");
        await LookOnAsync("2017-02-17", association, "granted-by-law");
        Assert.Equal(("2017-02-17", true), (association.Seen.Text("recognizedOn"), (bool)association.Seen["grantedByLaw"]!));
        Assert.Null(association.Seen["councilReference"]);
        await association.DoAsync(Roles.Secretary, "registration", Registration());
        Assert.Equal("registered", association.State);
    }

    [Fact]
    public async Task Silence_after_a_correction_grants_it_too()
    {
        var association = await FiledOnTheDayAsync();
        using (service.Clock.NoonOf("2017-02-06"))
            await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-06"));
        using (service.Clock.NoonOf("2017-02-10"))
            await association.DoAsync(Roles.Secretary, "correction", new { correctedOn = "2017-02-10" });
        await LookOnAsync("2017-02-25", association, "corrected");
        await LookOnAsync("2017-02-26", association, "granted-by-law");
    }

    [Fact]
    public async Task Defects_that_nobody_corrects_archive_the_application()
    {
        var association = await FiledOnTheDayAsync();
        using (service.Clock.NoonOf("2017-02-06"))
            await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-06"));
        await LookOnAsync("2017-02-21", association, "observed");
        await LookOnAsync("2017-02-22", association, "archived");
        await association.TryAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.Conflict, "association_archived");
    }

    [Fact]
    public async Task A_term_that_had_passed_when_it_was_entered_waits_for_a_person()
    {
        var association = await service.FiledAsync();
        await service.WatchDeadlinesAsync();
        Assert.Equal("application-filed", (await association.LookAsync()).Text("state"));
        await association.DoAsync(Roles.Secretary, "grant-by-law", null);
        Assert.Equal(("granted-by-law", "2017-02-17"), (association.State, association.Seen.Text("recognizedOn")));
    }

    [Fact]
    public async Task A_term_entered_on_its_last_evening_is_known_in_time()
    {
        var association = await FiledOnTheDayAsync(enteredAt: "2017-02-16T23:30:00-06:00");
        await LookOnAsync("2017-02-17", association, "granted-by-law");
    }

    [Fact]
    public async Task A_term_entered_after_its_last_midnight_is_known_too_late()
    {
        var association = await FiledOnTheDayAsync(enteredAt: "2017-02-17T00:30:00-06:00");
        await LookOnAsync("2017-02-18", association, "application-filed");
    }

    [Fact]
    public async Task A_watch_that_was_stopped_over_the_last_day_applies_the_law_when_it_starts_again()
    {
        var association = await FiledOnTheDayAsync();
        var watch = service.Services.GetServices<IHostedService>().OfType<WatchDeadlines>().Single();
        await watch.StopAsync(CancellationToken.None);
        using (service.Clock.NoonOf("2017-03-20"))
        {
            Assert.Equal("application-filed", (await association.LookAsync()).Text("state"));
            await watch.StartAsync(CancellationToken.None);
            await Eventually.TrueAsync(async () => (await association.LookAsync()).Text("state") == "granted-by-law");
        }
        Assert.Equal("2017-02-17", association.Seen.Text("recognizedOn")); // The day the law says, not the day it was noticed.
    }

    [Fact]
    public async Task Nobody_grants_or_archives_before_the_term_has_passed()
    {
        var association = await FiledOnTheDayAsync();
        using (service.Clock.NoonOf("2017-02-16"))
        {
            await association.TryAsync(Roles.Secretary, "grant-by-law", null).ProblemAsync(HttpStatusCode.Conflict, "resolution_term_running");
            await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-16"));
            await association.TryAsync(Roles.Secretary, "archive", null).ProblemAsync(HttpStatusCode.Conflict, "correction_term_running");
        }
        using (service.Clock.NoonOf("2017-03-04"))
            await association.DoAsync(Roles.Secretary, "archive", null);
        Assert.Equal("archived", association.State);
    }

    private async Task<Association> FiledOnTheDayAsync(string enteredAt = "2017-02-01T12:00:00-06:00")
    {
        var association = await service.RegisterAssociationAsync();
        await association.ConstituteAsync();
        using (service.Clock.At(enteredAt))
            await association.DoAsync(Roles.Secretary, "application", Application());
        return association;
    }

    private async Task LookOnAsync(string day, Association association, string expected)
    {
        using (service.Clock.NoonOf(day))
            await service.WatchDeadlinesAsync();
        await association.LookAsync();
        Assert.Equal(expected, association.State);
    }
}
