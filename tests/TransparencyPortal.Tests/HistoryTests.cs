using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Testing;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>What was published is kept in order and cannot be rewritten unnoticed, whatever happened on the way and whatever was taken back.</summary>
[Collection("feeds")]
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly Feeds _feeds = new();

    public ValueTask InitializeAsync() => _feeds.InitializeAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    [Fact]
    public async Task Stopped_for_a_while_or_rebuilt_from_nothing_it_ends_in_the_same_state_row_by_row()
    {
        await using var followed = await PortalService.StartAsync();
        _feeds.Happen(300, new(2027, 5, 1));
        await followed.CaughtUpAsync(_feeds);
        // The services are away, and a good deal happens meanwhile.
        _feeds.IsAway = true;
        _feeds.Happen(1_500, new(2027, 5, 2));
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(_feeds.Count("agenda") - 1_500, await followed.QueryAsync<long>("SELECT number FROM feed WHERE source = 'agenda'"));
        _feeds.IsAway = false;
        _feeds.Happen(20, new(2027, 5, 4));
        await followed.CaughtUpAsync(_feeds);
        await using var rebuilt = await PortalService.StartAsync();
        await rebuilt.CaughtUpAsync(_feeds);
        foreach (var rows in new[] { "SELECT e::text FROM event e ORDER BY source, number", "SELECT b::text FROM block b ORDER BY source, number", "SELECT s::text FROM subject s ORDER BY id", "SELECT f::text FROM feed f ORDER BY source", "SELECT p::text FROM place p ORDER BY id", "SELECT n::text FROM newest n ORDER BY 1", "SELECT h::text FROM heard h ORDER BY 1" })
            Assert.Equal(await followed.RowsAsync(rows), await rebuilt.RowsAsync(rows));
    }

    [Fact]
    public async Task A_line_that_is_changed_removed_or_inserted_is_found_and_the_portal_itself_cannot_rewrite_it()
    {
        await using var portal = await PortalService.StartAsync();
        _feeds.Happen(600, new(2027, 6, 1));
        _feeds.Happen(3, new(2027, 6, 2));
        _feeds.Happen(1, new(2027, 6, 3));
        await portal.CaughtUpAsync(_feeds);
        // A day of six hundred fills two blocks and begins a third; each ends with its day at the latest.
        Assert.Equal(["256", "256", "88", "3"], (await portal.RowsAsync("SELECT (last - first + 1)::text FROM block WHERE source = 'agenda' AND day >= '2027-06-01' ORDER BY number")));
        Assert.Equal("history_stays", (await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET line = replace(line, 'Reunión', 'Otra') WHERE number = 9 RETURNING 'x'"))).ConstraintName);
        Assert.Equal("history_stays", (await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("DELETE FROM block RETURNING 'x'"))).ConstraintName);
        using var client = portal.As(null);
        var lines = (await client.GetStringAsync(new Uri("/v1/transparency/history/agenda/export", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        Assert.True(lines.Count >= 603);
        var honest = await portal.VerifyAsync("agenda", string.Join('\n', lines));
        Assert.True((bool)honest["agrees"]!);
        Assert.Equal(await portal.QueryAsync<string>("SELECT encode(seal, 'hex') FROM block WHERE source = 'agenda' ORDER BY number DESC LIMIT 1"), honest.Text("seal"));
        Assert.Equal("missing", (await portal.VerifyAsync("agenda", string.Join('\n', lines[..300]))).Text("problem"));
        foreach (var (copy, at, problem) in new[]
        {
            (With(lines, l => l[399] = l[399].Replace("Reunión", "Reunion", StringComparison.Ordinal)), 400, "changed"),
            (With(lines, l => l.RemoveAt(399)), 400, "removed"),
            (With(lines, l => l.Insert(399, l[0])), 400, "inserted"),
            (With(lines, l => l.Add(l[0])), lines.Count + 1, "unsealed"),
        })
        {
            var found = await portal.VerifyAsync("agenda", string.Join('\n', copy));
            Assert.Equal((false, at, problem), ((bool)found["agrees"]!, (int)found["firstDifference"]!, found.Text("problem")));
        }
        Assert.Contains(honest.Text("seal"), await portal.PageAsync("/portal/historia"), StringComparison.Ordinal);
        // A copy may begin with any block: its first line says with which one.
        var last = await portal.VerifyAsync("agenda", string.Join('\n', lines[^3..]));
        Assert.Equal((true, 1, honest.Text("seal")), ((bool)last["agrees"]!, (int)last["blocks"]!, last.Text("seal")));
        Assert.Equal("removed", (await portal.VerifyAsync("agenda", string.Join('\n', lines[^2..]))).Text("problem"));
        // Whoever may write to the portal's own database makes a chain that does not hold.
        await portal.RowsAsync("DO $$ BEGIN ALTER TABLE block DISABLE TRIGGER USER; UPDATE block SET previous = sha256('x'), seal = sha256('\\x02'::bytea || sha256('x') || root) WHERE source = 'agenda' AND number = (SELECT max(number) - 1 FROM block WHERE source = 'agenda'); ALTER TABLE block ENABLE TRIGGER USER; END $$");
        Assert.Equal("unchained", (await portal.VerifyAsync("agenda", string.Join('\n', lines))).Text("problem"));
        // Anybody computes a root with nothing but SHA-256: two lines, worked by hand.
        static byte[] Hash(params byte[] bytes) => System.Security.Cryptography.SHA256.HashData(bytes);
        Assert.Equal(Hash([1, .. Hash([0, .. "a"u8]), .. Hash([0, .. "b"u8])]), History.Seal.RootOf(["a", "b"]));
        Assert.Equal(Hash([1, .. History.Seal.RootOf(["a", "b"]), .. Hash([0, .. "c"u8])]), History.Seal.RootOf(["a", "b", "c"]));

        static List<string> With(List<string> lines, Action<List<string>> change)
        {
            var copy = lines.ToList();
            change(copy);
            return copy;
        }
    }

    /// <summary>What an operator sends again in another quarter stands where the feed has it, and the one that is over stays as it is.</summary>
    [Fact]
    public async Task What_is_sent_again_late_changes_no_quarter_that_is_over()
    {
        await using var portal = await PortalService.StartAsync();
        _feeds.Happen(2, new(2025, 3, 31));
        _feeds.Happen(2, new(2025, 4, 1));
        _feeds.Happen(1, new(2025, 4, 2));
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null);
        var before = await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken);
        _feeds.Happen(1, new(2025, 3, 15));
        _feeds.Happen(1, new(2025, 4, 3));
        _feeds.Happen(1, new(2025, 4, 4));
        await portal.CaughtUpAsync(_feeds);
        Assert.Equal(["2025-03-31 2", "2025-04-01 2", "2025-04-02 2", "2025-04-03 1"], await portal.RowsAsync("SELECT day || ' ' || last - first + 1 FROM block WHERE source = 'agenda' ORDER BY number"));
        Assert.Equal(before, await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    /// <summary>A history of any size: what is in memory is a block of it.</summary>
    [Fact]
    public async Task A_copy_of_any_size_is_checked()
    {
        await using var portal = await PortalService.StartAsync();
        var words = string.Concat(Enumerable.Repeat("palabra ", 8_000));
        for (var i = 0; i < 400; i++)
        {
            _feeds.Tell(new CommunityEventAnnounced
            {
                CommunityEventId = Guid.CreateVersion7(), Kind = "sports", Title = "Torneo", Promotion = words, StartsAt = new(2027, 6, 20, 8, 0, 0), EndsAt = new(2027, 6, 20, 9, 0, 0), Venue = "Cancha", Organiser = "Unidad", Capacity = 80, Partners = [], Version = 2,
            }, i < 399 ? "2027-06-11T10:00:00Z" : "2027-06-12T10:00:00Z");
        }
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null);
        var copy = await client.GetStringAsync(new Uri("/v1/transparency/history/agenda/export", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(copy.Length > 25_000_000);
        foreach (var (given, agrees) in new[] { (copy, true), ($"{copy[..^100]}{(char)(copy[^100] ^ 1)}{copy[^99..]}", false) })
        {
            var found = await portal.VerifyAsync("agenda", given);
            Assert.Equal((399, agrees), ((int)found["lines"]!, (bool)found["agrees"]!));
        }
        // What never ends a line is no copy.
        using var endless = new ByteArrayContent(new byte[3_000_000]) { Headers = { ContentType = new("application/x-ndjson") } };
        await client.PostAsync(new Uri("/v1/transparency/history/agenda/verifications", UriKind.Relative), endless, TestContext.Current.CancellationToken).ProblemAsync(HttpStatusCode.UnprocessableEntity, "line_too_long");
    }

    /// <summary>A quarter that is over is the same file whoever asks and whenever, and agrees with the seals; catalogues find it.</summary>
    [Fact]
    public async Task A_quarter_is_archived_and_every_distribution_of_the_catalogue_is_there()
    {
        await using var portal = await PortalService.StartAsync();
        _feeds.Happen(300, new(2025, 3, 31));
        _feeds.Happen(5, new(2025, 4, 1));
        _feeds.Happen(1, new(2025, 4, 2));
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null);
        var archives = JsonNode.Parse(await client.GetStringAsync(new Uri("/v1/transparency/archives", UriKind.Relative), TestContext.Current.CancellationToken))!["items"]!.AsArray();
        // Of the first quarter nothing is open any more; the second one's last block still is.
        Assert.Equal(["2025-2 5 False", "2025-1 300 True"], archives.Select(a => $"{a!.Text("quarter")} {(long)a!["events"]!} {(bool)a!["isFinal"]!}"));
        var bytes = await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(bytes, await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken));
        await using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(bytes));
        Assert.Equal(["LEAME.txt", "agenda-bloques.csv", "agenda.ndjson"], zip.Entries.Select(e => e.Name));
        string Read(string name)
        {
            using var reader = new StreamReader(zip.GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }
        var checkedAgain = await portal.VerifyAsync("agenda", Read("agenda.ndjson"));
        Assert.Equal((300, 2, true), ((int)checkedAgain["lines"]!, (int)checkedAgain["blocks"]!, (bool)checkedAgain["agrees"]!));
        Assert.Contains(checkedAgain.Text("seal"), Read("agenda-bloques.csv").TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        foreach (var none in new[] { "2025-3", "2025-5", "25-1", "2025-1-1", "nada" })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri($"/v1/transparency/archives/{none}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);

        var catalogue = JsonNode.Parse(await client.GetStringAsync(new Uri("/v1/transparency/catalog", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal("dcat:Catalog", catalogue.Text("@type"));
        var distributions = catalogue["dcat:dataset"]!.AsArray().SelectMany(d => d!["dcat:distribution"]!.AsArray()).ToList();
        Assert.True(distributions.Count > 20);
        foreach (var distribution in distributions)
        {
            using var given = await client.GetAsync(new Uri(distribution!["dcat:downloadURL"]!.Text("@id")), TestContext.Current.CancellationToken);
            Assert.True(given.IsSuccessStatusCode, distribution.ToJsonString());
            Assert.EndsWith(given.Content.Headers.ContentType!.MediaType!, distribution["dcat:mediaType"]!.Text("@id"), StringComparison.Ordinal);
        }
        Assert.Contains("2025-1 (ZIP)", await portal.PageAsync("/portal/datos"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_back_leaves_every_page_and_copy_and_the_seals_hold()
    {
        await using var portal = await PortalService.StartAsync();
        var (created, named, other) = (Feeds.Created("Agua"), Feeds.Created("Agua para doña Inventada"), Feeds.Created("Puente"));
        named = named with { ProjectId = created.ProjectId, Version = 2, Place = Feeds.Place with { Path = "Casa de doña Inventada, Las Lomas" } };
        _feeds.Tell(created, "2027-03-02T10:00:00Z");
        _feeds.Tell(named, "2027-03-02T11:00:00Z");
        _feeds.Tell(other, "2027-03-02T12:00:00Z");
        _feeds.Tell(Feeds.Created("Cancha"), "2027-03-03T10:00:00Z"); // Another day: the block before is sealed.
        await portal.CaughtUpAsync(_feeds);
        Assert.Contains("Inventada", await portal.PageAsync($"/portal/obras/{created.ProjectId}"), StringComparison.Ordinal);
        using var client = portal.As(null);
        var copy = await client.GetStringAsync(new Uri("/v1/transparency/history/budget/export", UriKind.Relative), TestContext.Current.CancellationToken);
        var seals = await portal.RowsAsync("SELECT encode(seal, 'hex') FROM block ORDER BY source, number");
        Assert.Contains("Inventada", copy, StringComparison.Ordinal);

        _feeds.Empty(named);
        _feeds.Tell(new Contracts.Budget.PublicationWithdrawn { PublicationId = named.EventId, About = named.ProjectId, Publication = "budget.project.created.v1", Cause = "personal-data", Version = 1 }, "2027-03-04T10:00:00Z");
        _feeds.Tell(new Contracts.Budget.PublicationCorrected { PublicationId = created.EventId, About = created.ProjectId, Publication = "budget.project.created.v1", Correction = "Son dos tanques.", Version = 1 }, "2027-03-04T11:00:00Z");
        var mistaken = new Contracts.Budget.PublicationCorrected { PublicationId = created.EventId, About = created.ProjectId, Publication = "budget.project.created.v1", Correction = "No es de don Supuesto.", Version = 2 };
        _feeds.Tell(mistaken, "2027-03-04T12:00:00Z");
        await portal.CaughtUpAsync(_feeds);
        // What is right stands above everything that is said, and in every copy.
        foreach (var address in new[] { $"/portal/obras/{created.ProjectId}", $"/v1/transparency/subjects/{created.ProjectId}", "/v1/transparency/subjects?kind=project", "/v1/transparency/subjects/export?kind=project" })
            Assert.Contains("Son dos tanques.", await portal.PageAsync(address), StringComparison.Ordinal);
        Assert.Contains("<p class=\"note\">Corrección del 04/03/2027: Son dos tanques.</p>", await portal.PageAsync($"/portal/obras/{created.ProjectId}"), StringComparison.Ordinal);
        // A correction is taken back like anything else.
        Assert.Contains("don Supuesto", await portal.PageAsync($"/portal/obras/{created.ProjectId}"), StringComparison.Ordinal);
        _feeds.Empty(mistaken);
        _feeds.Tell(new Contracts.Budget.PublicationWithdrawn { PublicationId = mistaken.EventId, About = created.ProjectId, Publication = "budget.publication.corrected.v1", Cause = "personal-data", Version = 1 }, "2027-03-04T13:00:00Z");
        await portal.CaughtUpAsync(_feeds);
        foreach (var address in new[] { "/", $"/portal/obras/{created.ProjectId}", "/portal/obras", "/portal/buscar?q=inventada", "/portal/novedades.atom", $"/v1/transparency/subjects/{created.ProjectId}", "/v1/transparency/subjects/export?kind=project", "/v1/transparency/history/budget/export" })
        {
            var given = (await portal.PageAsync(address)).Replace("«inventada»", "", StringComparison.Ordinal);
            Assert.DoesNotContain("Inventada", given, StringComparison.Ordinal);
            Assert.DoesNotContain("Supuesto", given, StringComparison.Ordinal);
        }
        Assert.Empty(await portal.RowsAsync("SELECT line FROM told WHERE line ~ 'Inventada' UNION ALL SELECT title || place FROM subject WHERE title || place ~ 'Inventada' UNION ALL SELECT line FROM newest WHERE line ~ 'Inventada' UNION ALL SELECT path FROM place WHERE path ~ 'Inventada'"));
        var page = await portal.PageAsync($"/portal/obras/{created.ProjectId}");
        Assert.Contains("<h1>Agua</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Se retiró algo que se había publicado: tenía datos personales.", page, StringComparison.Ordinal);
        Assert.Contains("Lo que decía aquí se retiró.", page, StringComparison.Ordinal);
        Assert.Contains("Corrección: Son dos tanques.", page, StringComparison.Ordinal);

        // What is no line of ours is no error.
        Assert.False((await portal.VerifyAsync("budget", "{\"id\":\"a\",\"withdrawn\":\"zz\"}"))["agrees"]!.GetValue<bool>());

        // The broker brings it again: its words do not come back.
        await portal.BringAsync(Feeds.CloudEvent(named, "2027-03-02T11:00:00Z"));
        await portal.BringAsync(Feeds.CloudEvent(Feeds.Created("Otra"), "2027-03-05T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Otra", StringComparison.Ordinal));
        Assert.Empty(await portal.RowsAsync("SELECT line FROM newest WHERE line ~ 'Inventada' UNION ALL SELECT line FROM told WHERE line ~ 'Inventada'"));
        await portal.RowsAsync("DELETE FROM heard RETURNING ''");
        await portal.RowsAsync("DELETE FROM subject WHERE title = 'Otra' RETURNING ''");
        await portal.RowsAsync("DELETE FROM newest WHERE line ~ '\"Otra\"' RETURNING ''");
        await portal.RowsAsync("UPDATE place SET told_by = (SELECT id FROM event WHERE line ~ 'Cancha'), told_at = (SELECT happened_at FROM event WHERE line ~ 'Cancha') RETURNING ''");

        // The seals are what they were, with the old copy and with the new one.
        Assert.Equal(seals, (await portal.RowsAsync("SELECT encode(seal, 'hex') FROM block ORDER BY source, number")).Take(seals.Count));
        var verified = await portal.VerifyAsync("budget", copy);
        Assert.True(verified["agrees"]!.GetValue<bool>());
        Assert.Equal([2], verified["withdrawn"]!.AsArray().Select(l => l!.GetValue<int>()));
        var export = await client.GetStringAsync(new Uri("/v1/transparency/history/budget/export", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True((await portal.VerifyAsync("budget", export))["agrees"]!.GetValue<bool>());
        // Nobody takes the words out of a copy's line that was not taken back.
        var lines = copy.Split('\n');
        lines[0] = PublicLine.Emptied(System.Text.Json.JsonDocument.Parse(lines[0]).RootElement, PublicLine.LeafOf(lines[0]));
        var forged = await portal.VerifyAsync("budget", string.Join('\n', lines));
        Assert.False(forged["agrees"]!.GetValue<bool>());
        Assert.Equal(1, forged["firstDifference"]!.GetValue<int>());
        // And nobody empties a line of the history in another way.
        await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET line = '{}' WHERE number = 1 RETURNING line"));
        await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET leaf = sha256('x') WHERE number = 1 RETURNING line"));

        // A portal that begins from nothing reads the feed without those words, and has the same.
        await using var anew = await PortalService.StartAsync();
        await anew.CaughtUpAsync(_feeds);
        foreach (var table in new[] { "event", "block", "subject", "newest", "place", "heard" })
            Assert.Equal(await portal.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"), await anew.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"));
    }

    /// <summary>The broker brings the words, and the feed, a moment later, the event without them.</summary>
    [Fact]
    public async Task What_was_taken_back_before_the_feed_was_read_leaves_the_pages_too()
    {
        await using var portal = await PortalService.StartAsync();
        _feeds.IsAway = true;
        var named = Feeds.Created("Casa de doña Inventada") with { Place = Feeds.Place with { Id = Guid.CreateVersion7(), Path = "Casa de doña Inventada, Las Lomas" } };
        await portal.BringAsync(Feeds.CloudEvent(named, "2027-03-02T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Inventada", StringComparison.Ordinal));
        _feeds.Tell(named, "2027-03-02T10:00:00Z");
        _feeds.Empty(named);
        _feeds.Tell(new Contracts.Budget.PublicationWithdrawn { PublicationId = named.EventId, About = named.ProjectId, Publication = "budget.project.created.v1", Cause = "personal-data", Version = 1 }, "2027-03-02T11:00:00Z");
        _feeds.IsAway = false;
        await portal.CaughtUpAsync(_feeds);
        await using var anew = await PortalService.StartAsync();
        await anew.CaughtUpAsync(_feeds);
        foreach (var table in new[] { "event", "block", "subject", "newest", "place", "heard" })
        {
            var rows = await portal.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1");
            Assert.DoesNotContain(rows, r => r.Contains("Inventada", StringComparison.Ordinal));
            Assert.Equal(await anew.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"), rows);
        }
    }

    /// <summary>A newer portal that says other things of the same events makes its index anew.</summary>
    [Fact]
    public async Task The_index_is_made_anew_from_the_events()
    {
        await using var portal = await PortalService.StartAsync();
        for (var i = 0; i < 30; i++)
            _feeds.Tell(Feeds.Created($"Obra {i}"), $"2027-03-{1 + i % 5:00}T10:00:00Z");
        _feeds.Happen(20, new(2027, 6, 1));
        await portal.CaughtUpAsync(_feeds);
        string[] tables = ["subject", "newest", "place"];
        var before = new List<List<string>>();
        foreach (var table in tables)
            before.Add(await portal.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"));
        await portal.RowsAsync("UPDATE index_making SET making = 0 RETURNING ''");
        await portal.RowsAsync("DELETE FROM newest RETURNING ''");
        await portal.RowsAsync("UPDATE subject SET title = 'otra cosa' RETURNING ''");
        await ((Microsoft.Extensions.Hosting.IHostedLifecycleService)portal.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<EventIndex>().Single()).StartingAsync(TestContext.Current.CancellationToken);
        foreach (var (index, table) in tables.Index())
            Assert.Equal(before[index], await portal.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"));
    }
}
