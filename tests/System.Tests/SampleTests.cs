using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>The sample subscribers follow the running system from the documents alone, through a kill, and both end with what was published.</summary>
[Collection("system")]
public sealed partial class SampleTests(RunningSystem system)
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif
    private static readonly string[] Services = ["organizations", "agenda", "budget", "distribution"];

    private HttpClient _unit = null!;

    [Fact]
    public async Task Two_subscribers_in_two_languages_know_what_was_published_after_they_were_killed()
    {
        _unit = await system.AsAsync("unit-head");
        var before = await EventAsync("Antes");
        var (node, csharp) = (await AddAsync("muestra-node"), await AddAsync("muestra-csharp"));
        var dll = Path.Combine(Repository.Root, "samples", "csharp", "bin", Configuration, "net10.0", "Subscriber.dll");
        using var first = new Follower(await Node.StartAsync("samples/node", "subscriber.mjs", system.Gateway.AbsoluteUri.TrimEnd('/'), node.File, node.Amqp), node.File);
        using var second = new Follower(Process.Start(new ProcessStartInfo("dotnet", [dll, system.Gateway.AbsoluteUri, csharp.File, csharp.Amqp]) { RedirectStandardOutput = true, RedirectStandardError = true })!, csharp.File);
        foreach (var follower in new[] { first, second })
            await Eventually.TrueAsync(async () => (await follower.KnownAsync())?["subjects"]![before] is not null, 30, "What was before");

        var live = await EventAsync("Mientras");
        foreach (var follower in new[] { first, second })
            await Eventually.TrueAsync(async () => (await follower.KnownAsync())?["subjects"]![live] is not null, 30, "What is live");

        // Killed, and something is published, and taken back, meanwhile.
        first.Kill();
        second.Kill();
        var (away, withdrawn) = (await EventAsync("Ausentes"), await EventAsync("Con un nombre que no debía"));
        var publication = await Eventually.GetAsync(async () => (await FeedAsync("agenda")).FirstOrDefault(e => e!.Text("subject") == withdrawn) is { } told ? told.Text("id") : null);
        await _unit.SendJsonAsync(HttpMethod.Post, $"/v1/agenda/published/{publication}/withdrawal", new JsonObject { ["cause"] = "personal-data" }).JsonAsync();
        await Eventually.TrueAsync(async () => (await FeedAsync("agenda")).Any(e => e!.Text("type") == "agenda.publication.withdrawn.v1" && e!["data"]!.Text("publicationId") == publication));
        using var again = new Follower(await Node.StartAsync("samples/node", "subscriber.mjs", system.Gateway.AbsoluteUri.TrimEnd('/'), node.File, node.Amqp), node.File);
        using var anew = new Follower(Process.Start(new ProcessStartInfo("dotnet", [dll, system.Gateway.AbsoluteUri, csharp.File, csharp.Amqp]) { RedirectStandardOutput = true, RedirectStandardError = true })!, csharp.File);
        var expected = await ExpectedAsync();
        foreach (var follower in new[] { again, anew })
        {
            await Eventually.TrueAsync(async () => (await follower.KnownAsync())?["subjects"]![away] is not null, 30, "What was missed");
            await Eventually.TrueAsync(async () => Lines(await follower.KnownAsync()) == expected, 30, "All that was published");
            Assert.DoesNotContain("que no debía", await File.ReadAllTextAsync(follower.File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static string Lines(JsonNode? known) => string.Join('\n', (known?["subjects"]!.AsObject() ?? []).Select(s => $"{s.Key} {s.Value!["version"]} {s.Value["data"] is not null}").Order(StringComparer.Ordinal));

    /// <summary>The newest word on each subject, by the feeds.</summary>
    private async Task<string> ExpectedAsync()
    {
        var newest = new Dictionary<string, (long Version, bool HasWords)>();
        foreach (var service in Services)
        {
            foreach (var told in (await FeedAsync(service)).Where(e => e!.Text("type").Split('.')[1] != "publication"))
            {
                var version = told!["data"]!["version"]!.GetValue<long>();
                if (!newest.TryGetValue(told.Text("subject"), out var known) || known.Version < version)
                    newest[told.Text("subject")] = (version, told["withdrawn"] is null);
            }
        }
        return string.Join('\n', newest.Select(s => $"{s.Key} {s.Value.Version} {s.Value.HasWords}").Order(StringComparer.Ordinal));
    }

    private async Task<List<JsonNode?>> FeedAsync(string service)
    {
        using var anybody = await system.AsAsync(null);
        var all = new List<JsonNode?>();
        for (var after = 0L; ;)
        {
            var page = JsonNode.Parse(await anybody.GetStringAsync(new Uri($"/v1/{service}/published?after={after}&limit=1000", UriKind.Relative)))!;
            if (page["items"]!.AsArray() is not { Count: > 0 } items)
                return all;
            all.AddRange(items);
            after = page["next"]!.GetValue<long>();
        }
    }

    private async Task<string> EventAsync(string title)
    {
        var planned = await _unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/events", JsonNode.Parse(
            $$"""{ "kind": "community", "title": "{{title}}", "promotion": "Vengan.", "startsAt": "2031-05-09T08:00:00", "endsAt": "2031-05-09T09:00:00", "venue": "Cancha", "organiser": "Unidad" }""")!).JsonAsync();
        await _unit.SendJsonAsync(HttpMethod.Post, $"/v1/agenda/events/{planned.Text("id")}/announcement", null, $"\"{planned["version"]}\"").JsonAsync();
        return planned.Text("id");
    }

    private async Task<(string Amqp, string File)> AddAsync(string name) =>
        (AmqpAddress().Match(await system.VerbAsync("subscriber", "--name", name)).Value, Path.Combine(system.Data, $"{name}.json"));

    private sealed class Follower : IDisposable
    {
        private readonly Process _process;

        public Follower(Process process, string file)
        {
            (_process, File) = (process, file);
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public string File { get; }

        public async Task<JsonNode?> KnownAsync() => System.IO.File.Exists(File) ? JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File)) : null;

        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                Kill();
            _process.Dispose();
        }
    }

    [GeneratedRegex(@"amqp://\S+")]
    private static partial Regex AmqpAddress();
}
