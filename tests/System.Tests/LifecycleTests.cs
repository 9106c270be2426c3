using System.Net;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>A system of its own, because it is stopped, killed and started again.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task The_demonstration_runs_the_plan_of_2017_and_a_second_start_keeps_it()
    {
        await using var system = new RunningSystem();
        await system.StartAsync("--demo", "--replicas", "1");
        await Eventually.TrueAsync(() => Task.FromResult(system.Said.Any(s => s.Contains("--role unit-head", StringComparison.Ordinal))), 150, "The end of the demonstration");
        Assert.DoesNotContain(system.Said, s => s.Contains("no terminó", StringComparison.Ordinal));
        var unit = await system.AsAsync("unit-head");
        var id = (await unit.GetAsync(new Uri("/v1/agenda/plans?year=2017", UriKind.Relative)).JsonAsync())["items"]![0]!.Text("id");
        var plan = await unit.GetAsync(new Uri($"/v1/agenda/plans/{id}", UriKind.Relative)).JsonAsync();

        // As the source has it: what lost its cell stays unscheduled.
        var activities = plan["activities"]!.AsArray();
        Assert.Equal(
            ["unscheduled", "unscheduled", "unscheduled", "unscheduled", "unscheduled", "unscheduled", "one-off", "week", "recurring", "monthly", "unscheduled"],
            activities.Select(a => a!.Text("schedule")));
        Assert.Equal((4, 3), (activities[7]!["programme"]![0]!["month"]!.GetValue<int>(), activities[7]!["programme"]![0]!["week"]!.GetValue<int>()));
        Assert.Equal("FREQ=MONTHLY;BYDAY=1TH", activities[8]!.Text("rule"));
        Assert.Equal((4, 3), (Objectives("plan"), Objectives("unit")));
        Assert.Equal([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], activities.Select(a => a!["evidenceCount"]!.GetValue<int>()));

        Assert.Equal(0, await system.StopAsync());
        await system.StartAsync("--demo", "--replicas", "1");
        await Eventually.TrueAsync(() => Task.FromResult(system.Said.Any(s => s.Contains("ya estaba cargada", StringComparison.Ordinal))), 60, "The second demonstration");

        int Objectives(string scope) => plan["objectives"]!.AsArray().Count(o => o!.Text("scope") == scope);
    }

    [Fact]
    public async Task It_survives_the_death_of_its_parts_keeps_its_data_and_leaves_no_process()
    {
        await using var system = new RunningSystem();
        await system.InitializeAsync();
        var unit = await system.AsAsync("unit-head");
        var series = await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", Series("Antes del reinicio")).JsonAsync();

        // A service dies: its part is down in /health, the other replica goes on, and it comes back by itself.
        var killed = system.PidOf("agenda-1");
        RunningSystem.Signal(killed, "KILL");
        for (var i = 0; i < 20; i++)
        {
            using var answer = await unit.GetAsync(new Uri("/v1/agenda/plans", UriKind.Relative));
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable, answer.StatusCode.ToString());
        }
        await Eventually.TrueAsync(() => Task.FromResult(system.PidOf("agenda-1") != killed), 60, "A new agenda-1");
        await HealthyAsync(system, HttpStatusCode.OK);

        // The database and the broker die: 503 while they are down, and everything comes back without a hand.
        foreach (var server in new[] { "messaging", "postgres" })
        {
            RunningSystem.Signal(system.PidOf(server), "KILL");
            await HealthyAsync(system, HttpStatusCode.ServiceUnavailable);
            await HealthyAsync(system, HttpStatusCode.OK);
        }
        await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", Series("Después de las caídas")).JsonAsync();

        // An orderly stop.
        var pids = system.Pids;
        Assert.Equal(0, await system.StopAsync());
        Assert.All(pids, pid => Assert.False(Directory.Exists($"/proc/{pid}"), $"Process {pid} is still there."));

        // A second start has the data, and its old tokens.
        await system.StartAsync();
        using var later = await system.AsAsync("unit-head");
        later.BaseAddress = system.Gateway;
        var kept = await later.GetAsync(new Uri($"/v1/agenda/series/{series.Text("id")}", UriKind.Relative)).JsonAsync();
        Assert.Equal("Antes del reinicio", kept.Text("title"));

        // The engine itself is killed: nothing stays behind.
        pids = system.Pids;
        RunningSystem.Signal(pids.Last(), "KILL");
        await Eventually.TrueAsync(() => Task.FromResult(pids.All(pid => !IsAlive(pid))), 30, "The end of every process");
    }

    private static object Series(string title) => new
    {
        title,
        rule = "FREQ=MONTHLY;BYDAY=1TH",
        firstDay = "2017-01-01",
        lastDay = "2017-12-31",
        starts = "09:00:00",
        venue = "Sala del concejo",
    };

    private static async Task HealthyAsync(RunningSystem system, HttpStatusCode status)
    {
        using var anyone = new HttpClient { BaseAddress = system.Gateway };
        await Eventually.TrueAsync(async () =>
        {
            using var health = await anyone.GetAsync(new Uri("/health", UriKind.Relative));
            return health.StatusCode == status;
        }, 150, $"/health with {(int)status}");
    }

    // A killed child stays as a zombie until its parent looks; that is not a process that works.
    private static bool IsAlive(int pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
