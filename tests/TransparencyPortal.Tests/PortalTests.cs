using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.News;
using ProyeccionSocial.Testing;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.Pages;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>What residents and programs see of what was published.</summary>
[Collection("feeds")]
public sealed class PortalTests : IAsyncLifetime
{
    private readonly Feeds _feeds = new();

    public ValueTask InitializeAsync() => _feeds.InitializeAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    private static readonly PlaceRef Place = new(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Las Lomas, San Prueba");

    /// <summary>A hamlet whose path one service writes with the department, and another without, is one hamlet with one page.</summary>
    [Fact]
    public async Task A_place_has_one_page_however_its_path_is_written()
    {
        await using var portal = await StartAsync();
        var (longer, other) = (Place with { Path = $"{Place.Path}, La Prueba" }, new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Otra Loma, San Prueba"));
        var (association, project, elsewhere) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _feeds.Tell(new AssociationActivated { AssociationId = association, Name = "ADESCO Uno", Place = longer, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = project, Name = "Agua", Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = elsewhere, Name = "Puente", Place = other, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 9_000, Version = 1 }, "2027-03-02T11:00:00Z");
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null); // Follows to where it is led.
        foreach (var name in new[] { Place.Path, longer.Path, "Las Lomas, San Prueba", "San Prueba" })
        {
            var page = WebUtility.HtmlDecode(await client.GetStringAsync(new Uri($"/portal/lugar?nombre={Uri.EscapeDataString(name)}", UriKind.Relative), TestContext.Current.CancellationToken));
            Assert.Contains(association.ToString(), page, StringComparison.Ordinal);
            Assert.Contains(project.ToString(), page, StringComparison.Ordinal);
            Assert.Equal(name == "San Prueba", page.Contains(elsewhere.ToString(), StringComparison.Ordinal));
        }
        // The newest event says how it is called, on every page that leads there.
        foreach (var path in new[] { $"/portal/asociaciones/{association}", $"/portal/obras/{project}" })
            Assert.Contains($"/portal/lugar?nombre={Uri.EscapeDataString(Place.Path)}\"", await portal.PageAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_published_is_on_its_page_its_places_page_in_the_search_and_in_the_news()
    {
        await using var portal = await StartAsync();
        var (association, cycle, project) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _feeds.Tell(new AssociationActivated { AssociationId = association, Name = "ADESCO Ñandú", Place = Place, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new AssociationBoardRenewed { AssociationId = association, Name = "ADESCO Ñandú", Place = Place, From = new(2029, 1, 1), Until = new(2030, 12, 31), Version = 8 }, "2027-03-01T10:30:00Z");
        _feeds.Tell(new AssociationCredentialIssued { AssociationId = association, Name = "ADESCO Ñandú", Place = Place, IssuedOn = new(2027, 3, 1), ValidUntil = new(2029, 6, 30), Version = 9 }, "2027-03-01T10:40:00Z");
        _feeds.Tell(new CycleOpened
        {
            CycleId = cycle, FiscalYear = 2027, Title = "Presupuesto 2027", Ceiling = 60_000, CouncilReference = new(16, 15, new(2026, 5, 20)), Zones = [new(1, "Zona norte", "Las Lomas", 60_000)], Phases = [], Version = 2,
        }, "2027-03-01T11:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = project, Name = "Agua <potable>", Place = Place, CycleId = cycle, Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        _feeds.Tell(new ProjectMoneyChanged { ProjectId = project, Name = "Agua <potable>", Place = Place, Approved = 23_000, Committed = 21_000, Paid = 9_000.5m, Contributed = 1_500, Version = 3 }, "2027-03-03T10:00:00Z");
        // News that was sent again later, behind newer news, changes no title.
        _feeds.Tell(new ProjectMoneyChanged { ProjectId = project, Name = "Agua", Place = Place, Approved = 1, Committed = 0, Paid = 0, Contributed = 0, Version = 2 }, "2027-03-02T12:00:00Z");
        await portal.CaughtUpAsync(_feeds);

        var page = await portal.PageAsync($"/portal/obras/{project}");
        foreach (var words in new[] { "Agua <potable>", "El Ensayo, Las Lomas, San Prueba", "$23,000.00", "$9,000.50", "La propuesta se volvió obra, con $23,500.00.", "Es parte de", "Presupuesto 2027", "03/03/2027 a las 04:00" })
            Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains($"/portal/obras/{project}", await portal.PageAsync($"/portal/presupuestos/{cycle}"), StringComparison.Ordinal);
        Assert.Contains("Zona norte", await portal.PageAsync($"/portal/presupuestos/{cycle}"), StringComparison.Ordinal);
        Assert.Contains("<dd>del 01/01/2029 al 31/12/2030</dd>", await portal.PageAsync($"/portal/asociaciones/{association}"), StringComparison.Ordinal);
        foreach (var path in new[] { "/", "/portal/obras", "/portal/lugar?nombre=Las%20Lomas%2C%20San%20Prueba", "/portal/buscar?q=agua", "/portal/buscar?q=ensayo" })
            Assert.Contains($"/portal/obras/{project}", await portal.PageAsync(path), StringComparison.Ordinal);
        Assert.Contains("/portal/lugar?nombre=El", await portal.PageAsync("/portal/buscar?q=ensayo"), StringComparison.Ordinal);
        Assert.Contains("No hay nada que mostrar", await portal.PageAsync("/portal/buscar?q=%22%27%3C%26"), StringComparison.Ordinal);
        Assert.Contains("No hay nada que mostrar", await portal.PageAsync("/portal/buscar?q="), StringComparison.Ordinal);
        using var client = portal.As(null);
        foreach (var path in new[] { $"/portal/obras/{Guid.NewGuid()}", $"/portal/asociaciones/{project}", "/portal/nada" })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);

        var atom = XDocument.Parse(await client.GetStringAsync(new Uri("/portal/novedades.atom", UriKind.Relative), TestContext.Current.CancellationToken));
        var entries = atom.Root!.Elements().Where(e => e.Name.LocalName == "entry").ToList();
        Assert.Equal(("Agua <potable>", 7), (entries[0].Elements().First(e => e.Name.LocalName == "title").Value, entries.Count));

        var subject = JsonNode.Parse(await client.GetStringAsync(new Uri($"/v1/transparency/subjects/{project}", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal((3, cycle.ToString()), (subject["events"]!.AsArray().Count, subject["subject"]!.Text("parent")));
        Assert.DoesNotContain("traceparent", subject.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Agua <potable>", await client.GetStringAsync(new Uri("/v1/transparency/subjects/export?kind=project", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var first = JsonNode.Parse(await client.GetStringAsync(new Uri("/v1/transparency/subjects?limit=2", UriKind.Relative), TestContext.Current.CancellationToken))!;
        var second = JsonNode.Parse(await client.GetStringAsync(new Uri($"/v1/transparency/subjects?limit=2&after={first.Text("next")}", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal(3, first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(s => s!.Text("id")).Distinct().Count());
    }

    [Fact]
    public async Task Stopped_for_a_while_or_rebuilt_from_nothing_it_ends_in_the_same_state_row_by_row()
    {
        await using var followed = await StartAsync();
        Happen(300, new(2027, 5, 1));
        await followed.CaughtUpAsync(_feeds);
        // The services are away, and a good deal happens meanwhile.
        _feeds.IsAway = true;
        Happen(1_500, new(2027, 5, 2));
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(_feeds.Count("agenda") - 1_500, await followed.QueryAsync<long>("SELECT number FROM feed WHERE source = 'agenda'"));
        _feeds.IsAway = false;
        Happen(20, new(2027, 5, 4));
        await followed.CaughtUpAsync(_feeds);
        await using var rebuilt = await StartAsync();
        await rebuilt.CaughtUpAsync(_feeds);
        foreach (var rows in new[] { "SELECT e::text FROM event e ORDER BY source, number", "SELECT b::text FROM block b ORDER BY source, number", "SELECT s::text FROM subject s ORDER BY id", "SELECT f::text FROM feed f ORDER BY source", "SELECT p::text FROM place p ORDER BY id", "SELECT n::text FROM newest n ORDER BY 1", "SELECT h::text FROM heard h ORDER BY 1" })
            Assert.Equal(await followed.RowsAsync(rows), await rebuilt.RowsAsync(rows));
    }

    [Fact]
    public async Task A_line_that_is_changed_removed_or_inserted_is_found_and_the_portal_itself_cannot_rewrite_it()
    {
        await using var portal = await StartAsync();
        Happen(600, new(2027, 6, 1));
        Happen(3, new(2027, 6, 2));
        Happen(1, new(2027, 6, 3));
        await portal.CaughtUpAsync(_feeds);
        // A day of six hundred fills two blocks and begins a third; each ends with its day at the latest.
        Assert.Equal(["256", "256", "88", "3"], (await portal.RowsAsync("SELECT (last - first + 1)::text FROM block WHERE source = 'agenda' AND day >= '2027-06-01' ORDER BY number")));
        Assert.Equal("history_stays", (await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET line = replace(line, 'Reunión', 'Otra') WHERE number = 9 RETURNING 'x'"))).ConstraintName);
        Assert.Equal("history_stays", (await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("DELETE FROM block RETURNING 'x'"))).ConstraintName);
        using var client = portal.As(null);
        var lines = (await client.GetStringAsync(new Uri("/v1/transparency/history/agenda/export", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        Assert.True(lines.Count >= 603);
        var honest = await VerifyAsync(lines);
        Assert.True((bool)honest["agrees"]!);
        Assert.Equal(await portal.QueryAsync<string>("SELECT encode(seal, 'hex') FROM block WHERE source = 'agenda' ORDER BY number DESC LIMIT 1"), honest.Text("seal"));
        Assert.Equal("missing", (await VerifyAsync(lines[..300])).Text("problem"));
        foreach (var (copy, at, problem) in new[]
        {
            (With(lines, l => l[399] = l[399].Replace("Reunión", "Reunion", StringComparison.Ordinal)), 400, "changed"),
            (With(lines, l => l.RemoveAt(399)), 400, "removed"),
            (With(lines, l => l.Insert(399, l[0])), 400, "inserted"),
            (With(lines, l => l.Add(l[0])), lines.Count + 1, "unsealed"),
        })
        {
            var found = await VerifyAsync(copy);
            Assert.Equal((false, at, problem), ((bool)found["agrees"]!, (int)found["firstDifference"]!, found.Text("problem")));
        }
        Assert.Contains(honest.Text("seal"), await portal.PageAsync("/portal/historia"), StringComparison.Ordinal);
        // A copy may begin with any block: its first line says with which one.
        var last = await VerifyAsync(lines[^3..]);
        Assert.Equal((true, 1, honest.Text("seal")), ((bool)last["agrees"]!, (int)last["blocks"]!, last.Text("seal")));
        Assert.Equal("removed", (await VerifyAsync(lines[^2..])).Text("problem"));
        // Whoever may write to the portal's own database makes a chain that does not hold.
        await portal.RowsAsync("DO $$ BEGIN ALTER TABLE block DISABLE TRIGGER USER; UPDATE block SET previous = sha256('x'), seal = sha256('\\x02'::bytea || sha256('x') || root) WHERE source = 'agenda' AND number = (SELECT max(number) - 1 FROM block WHERE source = 'agenda'); ALTER TABLE block ENABLE TRIGGER USER; END $$");
        Assert.Equal("unchained", (await VerifyAsync(lines)).Text("problem"));
        // Anybody computes a root with nothing but SHA-256: two lines, worked by hand.
        static byte[] Hash(params byte[] bytes) => System.Security.Cryptography.SHA256.HashData(bytes);
        Assert.Equal(Hash([1, .. Hash([0, .. "a"u8]), .. Hash([0, .. "b"u8])]), History.Seal.RootOf(["a", "b"]));
        Assert.Equal(Hash([1, .. History.Seal.RootOf(["a", "b"]), .. Hash([0, .. "c"u8])]), History.Seal.RootOf(["a", "b", "c"]));

        async Task<JsonNode> VerifyAsync(IEnumerable<string> copy)
        {
            using var body = new StringContent(string.Join('\n', copy), Encoding.UTF8, "application/x-ndjson");
            using var answer = await client.PostAsync(new Uri("/v1/transparency/history/agenda/verifications", UriKind.Relative), body, TestContext.Current.CancellationToken);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        }

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
        await using var portal = await StartAsync();
        Happen(2, new(2025, 3, 31));
        Happen(2, new(2025, 4, 1));
        Happen(1, new(2025, 4, 2));
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null);
        var before = await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken);
        Happen(1, new(2025, 3, 15));
        Happen(1, new(2025, 4, 3));
        Happen(1, new(2025, 4, 4));
        await portal.CaughtUpAsync(_feeds);
        Assert.Equal(["2025-03-31 2", "2025-04-01 2", "2025-04-02 2", "2025-04-03 1"], await portal.RowsAsync("SELECT day || ' ' || last - first + 1 FROM block WHERE source = 'agenda' ORDER BY number"));
        Assert.Equal(before, await client.GetByteArrayAsync(new Uri("/v1/transparency/archives/2025-1", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    /// <summary>A replica that takes the question and never answers, or not to the end, holds nothing back.</summary>
    [Fact]
    public async Task A_replica_that_hangs_is_left_for_the_next_one()
    {
        using var hanging = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        Happen(2, new(2027, 5, 1));
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        var client = new FeedClient(http, new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            ["services:agenda:http:0"] = $"http://{hanging.LocalEndpoint}", ["services:agenda:http:1"] = Environment.GetEnvironmentVariable("services__agenda__http__0"),
        });
        Assert.Equal(_feeds.Count("agenda"), (await client.ReadAsync("agenda", 0, TestContext.Current.CancellationToken))!.Items.Count);
    }

    [Fact]
    public async Task Nobody_writes_a_heading_by_an_address_and_a_wrong_cursor_is_no_end()
    {
        await using var portal = await StartAsync();
        var project = Created("Agua");
        _feeds.Tell(project, "2027-03-02T10:00:00Z");
        _feeds.Tell(new InformationRequestReceived { InformationRequestId = Guid.CreateVersion7(), Number = "SI-2027-9", ReceivedOn = new(2027, 3, 3), AnswerDue = new(2027, 3, 17), Version = 1 }, "2027-03-03T10:00:00Z");
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null);
        using var place = await client.GetAsync(new Uri("/portal/lugar?nombre=Aqu%C3%AD%20roban", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, place.StatusCode);
        Assert.DoesNotContain("roban", await place.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await client.GetAsync(new Uri($"/v1/transparency/subjects/{project.ProjectId}?after=x", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
        await client.GetAsync(new Uri("/v1/transparency/news?after=x", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
        // What anybody brings about every day pushes nothing off the start page.
        Assert.DoesNotContain("SI-2027-9", await portal.PageAsync("/"), StringComparison.Ordinal);
        Assert.Contains("SI-2027-9", await portal.PageAsync("/portal/preguntas"), StringComparison.Ordinal);
    }

    /// <summary>A history of any size: what is in memory is a block of it.</summary>
    [Fact]
    public async Task A_copy_of_any_size_is_checked()
    {
        await using var portal = await StartAsync();
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
        var copy = await client.GetByteArrayAsync(new Uri("/v1/transparency/history/agenda/export", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(copy.Length > 25_000_000);
        Assert.Equal((399, true), await VerifyAsync(copy));
        copy[^100] ^= 1;
        Assert.Equal((399, false), await VerifyAsync(copy));
        // What never ends a line is no copy.
        using var endless = new ByteArrayContent(new byte[3_000_000]) { Headers = { ContentType = new("application/x-ndjson") } };
        await client.PostAsync(new Uri("/v1/transparency/history/agenda/verifications", UriKind.Relative), endless, TestContext.Current.CancellationToken).ProblemAsync(HttpStatusCode.UnprocessableEntity, "line_too_long");

        async Task<(int, bool)> VerifyAsync(byte[] lines)
        {
            using var body = new ByteArrayContent(lines) { Headers = { ContentType = new("application/x-ndjson") } };
            var found = await client.PostAsync(new Uri("/v1/transparency/history/agenda/verifications", UriKind.Relative), body, TestContext.Current.CancellationToken).JsonAsync();
            return ((int)found["lines"]!, (bool)found["agrees"]!);
        }
    }

    /// <summary>A quarter that is over is the same file whoever asks and whenever, and agrees with the seals; catalogues find it.</summary>
    [Fact]
    public async Task A_quarter_is_archived_and_every_distribution_of_the_catalogue_is_there()
    {
        await using var portal = await StartAsync();
        Happen(300, new(2025, 3, 31));
        Happen(5, new(2025, 4, 1));
        Happen(1, new(2025, 4, 2));
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
        using var copy = new StringContent(Read("agenda.ndjson"), Encoding.UTF8, "application/x-ndjson");
        using var answer = await client.PostAsync(new Uri("/v1/transparency/history/agenda/verifications", UriKind.Relative), copy, TestContext.Current.CancellationToken);
        var checkedAgain = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
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
    public async Task What_the_broker_brings_is_shown_at_once_and_sealed_when_the_feed_has_it()
    {
        await using var portal = await StartAsync();
        _feeds.IsAway = true;
        var created = Created("Puente");
        await portal.BringAsync(Feeds.CloudEvent(created, "2027-03-02T10:00:00Z"));
        await portal.BringAsync(new JsonObject { ["type"] = "budget.project.created.v1", ["data"] = "no es un evento" });
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Puente", StringComparison.Ordinal));
        Assert.Contains("La propuesta se volvió obra", await portal.PageAsync($"/portal/obras/{created.ProjectId}"), StringComparison.Ordinal);
        Assert.Equal(["1 0"], await portal.RowsAsync("SELECT (SELECT count(*) FROM heard) || ' ' || (SELECT count(*) FROM event)"));

        _feeds.Tell(created, "2027-03-02T10:00:00Z");
        _feeds.IsAway = false;
        await portal.CaughtUpAsync(_feeds);
        Assert.Equal(["0 1"], await portal.RowsAsync("SELECT (SELECT count(*) FROM heard) || ' ' || (SELECT count(*) FROM event)"));
        // What comes again, late, changes nothing.
        await portal.BringAsync(Feeds.CloudEvent(created, "2027-03-02T10:00:00Z"));
        var other = Created("Cancha");
        await portal.BringAsync(Feeds.CloudEvent(other, "2027-03-03T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Cancha", StringComparison.Ordinal));
        Assert.Equal(["1 1"], await portal.RowsAsync("SELECT (SELECT count(*) FROM heard) || ' ' || (SELECT count(*) FROM event)"));
    }

    [Fact]
    public async Task What_is_taken_back_leaves_every_page_and_copy_and_the_seals_hold()
    {
        await using var portal = await StartAsync();
        var (created, named, other) = (Created("Agua"), Created("Agua para doña Inventada"), Created("Puente"));
        named = named with { ProjectId = created.ProjectId, Version = 2, Place = Place with { Path = "Casa de doña Inventada, Las Lomas" } };
        _feeds.Tell(created, "2027-03-02T10:00:00Z");
        _feeds.Tell(named, "2027-03-02T11:00:00Z");
        _feeds.Tell(other, "2027-03-02T12:00:00Z");
        _feeds.Tell(Created("Cancha"), "2027-03-03T10:00:00Z"); // Another day: the block before is sealed.
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
        Assert.False((await VerifyAsync("{\"id\":\"a\",\"withdrawn\":\"zz\"}"))["agrees"]!.GetValue<bool>());

        // The broker brings it again: its words do not come back.
        await portal.BringAsync(Feeds.CloudEvent(named, "2027-03-02T11:00:00Z"));
        await portal.BringAsync(Feeds.CloudEvent(Created("Otra"), "2027-03-05T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Otra", StringComparison.Ordinal));
        Assert.Empty(await portal.RowsAsync("SELECT line FROM newest WHERE line ~ 'Inventada' UNION ALL SELECT line FROM told WHERE line ~ 'Inventada'"));
        await portal.RowsAsync("DELETE FROM heard RETURNING ''");
        await portal.RowsAsync("DELETE FROM subject WHERE title = 'Otra' RETURNING ''");
        await portal.RowsAsync("DELETE FROM newest WHERE line ~ '\"Otra\"' RETURNING ''");
        await portal.RowsAsync("UPDATE place SET told_by = (SELECT id FROM event WHERE line ~ 'Cancha'), told_at = (SELECT happened_at FROM event WHERE line ~ 'Cancha') RETURNING ''");

        // The seals are what they were, with the old copy and with the new one.
        Assert.Equal(seals, (await portal.RowsAsync("SELECT encode(seal, 'hex') FROM block ORDER BY source, number")).Take(seals.Count));
        var verified = await VerifyAsync(copy);
        Assert.True(verified["agrees"]!.GetValue<bool>());
        Assert.Equal([2], verified["withdrawn"]!.AsArray().Select(l => l!.GetValue<int>()));
        var export = await client.GetStringAsync(new Uri("/v1/transparency/history/budget/export", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True((await VerifyAsync(export))["agrees"]!.GetValue<bool>());
        // Nobody takes the words out of a copy's line that was not taken back.
        var lines = copy.Split('\n');
        lines[0] = PublicLine.Emptied(System.Text.Json.JsonDocument.Parse(lines[0]).RootElement, PublicLine.LeafOf(lines[0]));
        var forged = await VerifyAsync(string.Join('\n', lines));
        Assert.False(forged["agrees"]!.GetValue<bool>());
        Assert.Equal(1, forged["firstDifference"]!.GetValue<int>());
        // And nobody empties a line of the history in another way.
        await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET line = '{}' WHERE number = 1 RETURNING line"));
        await Assert.ThrowsAsync<PostgresException>(() => portal.RowsAsync("UPDATE event SET leaf = sha256('x') WHERE number = 1 RETURNING line"));

        // A portal that begins from nothing reads the feed without those words, and has the same.
        await using var anew = await StartAsync();
        await anew.CaughtUpAsync(_feeds);
        foreach (var table in new[] { "event", "block", "subject", "newest", "place", "heard" })
            Assert.Equal(await portal.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"), await anew.RowsAsync($"SELECT t::text FROM {table} t ORDER BY 1"));

        async Task<JsonNode> VerifyAsync(string lines)
        {
            using var body = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
            using var answer = await client.PostAsync(new Uri("/v1/transparency/history/budget/verifications", UriKind.Relative), body, TestContext.Current.CancellationToken);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        }
    }

    /// <summary>The broker brings the words, and the feed, a moment later, the event without them.</summary>
    [Fact]
    public async Task What_was_taken_back_before_the_feed_was_read_leaves_the_pages_too()
    {
        await using var portal = await StartAsync();
        _feeds.IsAway = true;
        var named = Created("Casa de doña Inventada") with { Place = Place with { Id = Guid.CreateVersion7(), Path = "Casa de doña Inventada, Las Lomas" } };
        await portal.BringAsync(Feeds.CloudEvent(named, "2027-03-02T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Inventada", StringComparison.Ordinal));
        _feeds.Tell(named, "2027-03-02T10:00:00Z");
        _feeds.Empty(named);
        _feeds.Tell(new Contracts.Budget.PublicationWithdrawn { PublicationId = named.EventId, About = named.ProjectId, Publication = "budget.project.created.v1", Cause = "personal-data", Version = 1 }, "2027-03-02T11:00:00Z");
        _feeds.IsAway = false;
        await portal.CaughtUpAsync(_feeds);
        await using var anew = await StartAsync();
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
        await using var portal = await StartAsync();
        for (var i = 0; i < 30; i++)
            _feeds.Tell(Created($"Obra {i}"), $"2027-03-{1 + i % 5:00}T10:00:00Z");
        Happen(20, new(2027, 6, 1));
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

    private static ProjectCreated Created(string name) => new() { ProjectId = Guid.CreateVersion7(), Name = name, Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 };

    [Fact]
    public void Every_public_event_has_its_sentence_and_its_kind()
    {
        var types = typeof(DomainEvent).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsSubclassOf(typeof(DomainEvent))).Select(Messaging.EventJson.PublicTypeOf).OfType<string>().ToList();
        Assert.True(types.Count > 60);
        Assert.Empty(types.Except(Sentences.Types));
        Assert.Empty(Sentences.Types.Except(types));
        Assert.All(types.Where(t => t.Split('.')[1] != "publication"), type => Assert.NotEqual("other", SubjectNews.Of(new(Guid.NewGuid(), type, Guid.NewGuid(), 1, default, "{\"data\":{}}")).Kind));
        // Where members are missing, the page still stands and says something.
        Assert.All(types, type => Assert.Matches(@"\p{L}{4}", Sentences.Of(new(Guid.NewGuid(), type, Guid.NewGuid(), 1, default, "{\"data\":{}}"))));
    }

    [Fact]
    public void Sentences_read_members_that_the_events_have_as_what_they_are()
    {
        var contracts = typeof(DomainEvent).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(DomainEvent))).Select(t => (Public: Messaging.EventJson.PublicTypeOf(t), Type: t)).Where(t => t.Public is not null).ToDictionary(t => t.Public!, t => t.Type);
        var read = 0;
        foreach (Match sentence in Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "services/Shared/News/Sentences.cs")), """\["(?<type>[a-z.-]+\.v1)"\] = (?<words>.*)"""))
        {
            foreach (Match use in Regex.Matches(sentence.Groups["words"].Value, """\bd\.(?<as>[A-Z]\w+)\("(?<member>\w+)"[,)]"""))
            {
                var (how, member) = (use.Groups["as"].Value, use.Groups["member"].Value);
                var property = contracts[sentence.Groups["type"].Value].GetProperty(char.ToUpperInvariant(member[0]) + member[1..]);
                Assert.True(property is not null, $"{sentence.Groups["type"]} has no {member}");
                var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                Assert.True(how switch
                {
                    "Text" => type == typeof(string) || type == typeof(TimeOnly), "Day" => type == typeof(DateOnly), "Moment" => type == typeof(DateTime), "Is" => type == typeof(bool),
                    "Number" or "Some" or "Amount" or "Money" => type == typeof(int) || type == typeof(long) || type == typeof(decimal), "Agreement" => type == typeof(CouncilReference),
                    _ => true,
                }, $"{sentence.Groups["type"]}: {member} is no {how}");
                read++;
            }
        }
        Assert.True(read > 80, $"Only {read} members were found.");
    }

    private static async Task<PortalService> StartAsync()
    {
        var portal = new PortalService();
        await portal.InitializeAsync();
        return portal;
    }

    private void Happen(int meetings, DateOnly day)
    {
        for (var i = 0; i < meetings; i++)
        {
            _feeds.Tell(new MeetingPlanned
            {
                MeetingId = Guid.CreateVersion7(), Kind = "ordinary-assembly", Title = $"Reunión {i}", BodyId = Guid.CreateVersion7(), BodyName = "ADESCO", StartsAt = new(2027, 7, 1, 14, 0, 0), Venue = "Casa comunal", Version = 1,
            }, day.ToDateTime(new(15, 0)).AddSeconds(i).ToString("s", CultureInfo.InvariantCulture) + "Z");
        }
    }
}
