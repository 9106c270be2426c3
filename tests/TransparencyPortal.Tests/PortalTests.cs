using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.News;
using ProyeccionSocial.Testing;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>What residents and programs see of what was published.</summary>
[Collection("feeds")]
public sealed class PortalTests : IAsyncLifetime
{
    private readonly Feeds _feeds = new();

    public ValueTask InitializeAsync() => _feeds.InitializeAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    /// <summary>A hamlet whose path one service writes with the department, and another without, is one hamlet with one page.</summary>
    [Fact]
    public async Task A_place_has_one_page_however_its_path_is_written()
    {
        await using var portal = await PortalService.StartAsync();
        var (longer, other) = (Feeds.Place with { Path = $"{Feeds.Place.Path}, La Prueba" }, new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Otra Loma, San Prueba"));
        var (association, project, elsewhere) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _feeds.Tell(new AssociationActivated { AssociationId = association, Name = "ADESCO Uno", Place = longer, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = project, Name = "Agua", Place = Feeds.Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = elsewhere, Name = "Puente", Place = other, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 9_000, Version = 1 }, "2027-03-02T11:00:00Z");
        await portal.CaughtUpAsync(_feeds);
        using var client = portal.As(null); // Follows to where it is led.
        foreach (var name in new[] { Feeds.Place.Path, longer.Path, "Las Lomas, San Prueba", "San Prueba" })
        {
            var page = WebUtility.HtmlDecode(await client.GetStringAsync(new Uri($"/portal/lugar?nombre={Uri.EscapeDataString(name)}", UriKind.Relative), TestContext.Current.CancellationToken));
            Assert.Contains(association.ToString(), page, StringComparison.Ordinal);
            Assert.Contains(project.ToString(), page, StringComparison.Ordinal);
            Assert.Equal(name == "San Prueba", page.Contains(elsewhere.ToString(), StringComparison.Ordinal));
        }
        // The newest event says how it is called, on every page that leads there.
        foreach (var path in new[] { $"/portal/asociaciones/{association}", $"/portal/obras/{project}" })
            Assert.Contains($"/portal/lugar?nombre={Uri.EscapeDataString(Feeds.Place.Path)}\"", await portal.PageAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_published_is_on_its_page_its_places_page_in_the_search_and_in_the_news()
    {
        await using var portal = await PortalService.StartAsync();
        var (association, cycle, project) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _feeds.Tell(new AssociationActivated { AssociationId = association, Name = "ADESCO Ñandú", Place = Feeds.Place, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new AssociationBoardRenewed { AssociationId = association, Name = "ADESCO Ñandú", Place = Feeds.Place, From = new(2029, 1, 1), Until = new(2030, 12, 31), Version = 8 }, "2027-03-01T10:30:00Z");
        _feeds.Tell(new AssociationCredentialIssued { AssociationId = association, Name = "ADESCO Ñandú", Place = Feeds.Place, IssuedOn = new(2027, 3, 1), ValidUntil = new(2029, 6, 30), Version = 9 }, "2027-03-01T10:40:00Z");
        _feeds.Tell(new CycleOpened
        {
            CycleId = cycle, FiscalYear = 2027, Title = "Presupuesto 2027", Ceiling = 60_000, CouncilReference = new(16, 15, new(2026, 5, 20)), Zones = [new(1, "Zona norte", "Las Lomas", 60_000)], Phases = [], Version = 2,
        }, "2027-03-01T11:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = project, Name = "Agua <potable>", Place = Feeds.Place, CycleId = cycle, Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        _feeds.Tell(new ProjectMoneyChanged { ProjectId = project, Name = "Agua <potable>", Place = Feeds.Place, Approved = 23_000, Committed = 21_000, Paid = 9_000.5m, Contributed = 1_500, Version = 3 }, "2027-03-03T10:00:00Z");
        // News that was sent again later, behind newer news, changes no title.
        _feeds.Tell(new ProjectMoneyChanged { ProjectId = project, Name = "Agua", Place = Feeds.Place, Approved = 1, Committed = 0, Paid = 0, Contributed = 0, Version = 2 }, "2027-03-02T12:00:00Z");
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

    /// <summary>A replica that takes the question and never answers, or not to the end, holds nothing back.</summary>
    [Fact]
    public async Task A_replica_that_hangs_is_left_for_the_next_one()
    {
        using var hanging = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        _feeds.Happen(2, new(2027, 5, 1));
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
        await using var portal = await PortalService.StartAsync();
        var project = Feeds.Created("Agua");
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

    [Fact]
    public async Task What_the_broker_brings_is_shown_at_once_and_sealed_when_the_feed_has_it()
    {
        await using var portal = await PortalService.StartAsync();
        _feeds.IsAway = true;
        var created = Feeds.Created("Puente");
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
        var other = Feeds.Created("Cancha");
        await portal.BringAsync(Feeds.CloudEvent(other, "2027-03-03T10:00:00Z"));
        await Eventually.TrueAsync(async () => (await portal.PageAsync("/")).Contains("Cancha", StringComparison.Ordinal));
        Assert.Equal(["1 1"], await portal.RowsAsync("SELECT (SELECT count(*) FROM heard) || ' ' || (SELECT count(*) FROM event)"));
    }

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
}
