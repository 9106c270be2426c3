using System.Globalization;
using Microsoft.Playwright;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>Pages as a cheap telephone shows them, as somebody meets them who does not see them, and on paper.</summary>
[Collection("feeds")] // One after the other: where the feeds are is one setting of the process.
public sealed class PageTests : IAsyncLifetime
{
    private const int LargestFirstPage = 100 * 1024;
    private static readonly PlaceRef Place = new(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Las Lomas, San Prueba");
    private static readonly PlaceRef Other = new(Guid.CreateVersion7(), "hamlet", "La Muestra", "La Muestra, Las Lomas, San Prueba");
    private readonly Feeds _feeds = new();
    private readonly Guid _association = Guid.CreateVersion7(), _cycle = Guid.CreateVersion7(), _project = Guid.CreateVersion7(), _meeting = Guid.CreateVersion7(), _edition = Guid.CreateVersion7(),
        _question = Guid.CreateVersion7(), _campaign = Guid.CreateVersion7(), _plan = Guid.CreateVersion7(), _proposal = Guid.CreateVersion7(),
        _committee = Guid.CreateVersion7(), _event = Guid.CreateVersion7(), _day = Guid.CreateVersion7(), _series = Guid.CreateVersion7();

    public ValueTask InitializeAsync() => _feeds.InitializeAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    private static DateOnly Today { get; } = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    /// <summary>A municipality at work, as its services tell of it.</summary>
    private void Happen()
    {
        _feeds.Tell(new PlaceLocated { Place = Place, Latitude = 13.7012m, Longitude = -89.2243m, Version = 1 }, "2027-02-01T10:00:00Z");
        _feeds.Tell(new PlaceLocated { Place = Other, Latitude = 13.7512m, Longitude = -89.2543m, Version = 1 }, "2027-02-01T10:00:00Z");
        _feeds.Tell(new AssociationActivated { AssociationId = _association, Name = "ADESCO con un nombre largo, como los que llevan las comunidades", Place = Place, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new CommitteeFormed { CommitteeId = _committee, Kind = "oversight", Name = "Comité contralor de Agua potable", Place = Place, FormedOn = new(2027, 3, 1), Members = 4, ProjectId = _project, Version = 1 }, "2027-03-01T10:10:00Z");
        _feeds.Tell(new CycleOpened
        {
            CycleId = _cycle, FiscalYear = 2027, Title = "Presupuesto 2027", Ceiling = 60_000, CouncilReference = new(16, 15, new(2026, 5, 20)), Zones = [new(1, "Zona norte", "Las Lomas", 35_000), new(2, "Zona sur", "El Valle", 25_000)],
            Phases = [new("proposals", new(2027, 1, 10), new(2027, 2, 10)), new("voting", new(2027, 2, 11), new(2027, 2, 20))], Rules = new("approval", "greedy", "Lotería", 3, null, 0, null, ["draw"], null, null), Version = 2,
        }, "2027-03-01T11:00:00Z");
        _feeds.Tell(new ResultDeclared
        {
            CycleId = _cycle, FiscalYear = 2027, Title = "Presupuesto 2027", Zone = 1, ZoneName = "Zona norte", Money = 35_000, Seed = "731", Ballots = 120, Lines = [new(1, "Agua potable", 23_500, 80, "wins", true), new(2, "Cancha", 20_000, 70, "too-expensive", false)], Version = 3,
        }, "2027-03-01T11:30:00Z");
        _feeds.Tell(new ProposalSubmitted { ProposalId = _proposal, Name = "Puente peatonal", Place = Other, CycleId = _cycle, FiscalYear = 2027, Zone = 1, Number = 3, SubmittedOn = new(2027, 1, 12), Beneficiaries = 300, Version = 2 }, "2027-03-01T11:40:00Z");
        _feeds.Tell(new ProposalEvaluated { ProposalId = _proposal, Name = "Puente peatonal", Place = Other, EvaluatedOn = new(2027, 2, 1), Feasible = false, Grounds = "El terreno no es de la municipalidad.", Version = 3 }, "2027-03-01T11:45:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = _project, Name = "Agua potable", Place = Place, CycleId = _cycle, Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        _feeds.Tell(new ProjectChanged { ProjectId = _project, Name = "Agua potable", Place = Place, State = "in-execution", On = new(2027, 3, 2), Contractor = "Constructora Ficticia, S.A. de C.V.", EndsOn = new(2027, 9, 30), Version = 2 }, "2027-03-02T11:00:00Z");
        _feeds.Tell(new MilestoneReached { ProjectId = _project, Name = "Agua potable", Place = Place, Number = 1, Milestone = "Excavación", On = new(2027, 3, 2), Progress = 20, PhotoId = Guid.CreateVersion7(), Version = 3 }, "2027-03-02T12:00:00Z");
        _feeds.Tell(new FindingChanged { ProjectId = _project, Name = "Agua potable", Place = Place, Number = 1, Finding = "Falta la señal de la zanja.", State = "answered", Answer = "Se puso el 5 de marzo.", Version = 4 }, "2027-03-02T13:00:00Z");
        for (var i = 0; i < 60; i++)
            _feeds.Tell(new ProjectMoneyChanged { ProjectId = _project, Name = "Agua potable", Place = Place, Approved = 23_000, Committed = 21_000, Paid = 9_000 + i, Contributed = 1_500, Version = 5 + i }, $"2027-03-03T10:{i:00}:00Z");
        _feeds.Tell(new MeetingHeld { MeetingId = _meeting, Kind = "ordinary-assembly", Title = "Asamblea de marzo", BodyId = _association, BodyName = "ADESCO", StartsAt = new(2027, 3, 4, 14, 0, 0), Venue = "Casa comunal", Attendance = 30, Members = 40, Quorum = 21, Call = 1, Version = 4 }, "2027-03-04T22:00:00Z");
        _feeds.Tell(new MinutesPublished
        {
            MeetingId = _meeting, Kind = "ordinary-assembly", Title = "Asamblea de marzo", BodyId = _association, BodyName = "ADESCO", StartsAt = new(2027, 3, 4, 14, 0, 0), Venue = "Casa comunal", Number = 7, Attendance = 30,
            Points = [new("Alcantarillado", "Se habló de la quebrada del Tempisque.")], Agreements = [new(1, "Limpiar la quebrada", new(2027, 4, 30))], Version = 6,
        }, "2027-03-06T10:00:00Z");
        _feeds.Tell(new CommunityEventAnnounced { CommunityEventId = _event, Kind = "sports", Title = "Torneo relámpago", Promotion = "Venga a jugar.", StartsAt = Today.AddDays(9).ToDateTime(new(8, 0)), EndsAt = Today.AddDays(9).ToDateTime(new(17, 0)), Venue = "Cancha municipal", Organiser = "Unidad", Capacity = 80, Partners = [], Version = 2 }, "2027-03-06T11:00:00Z");
        _feeds.Tell(new CampaignAnnounced
        {
            CampaignId = _campaign, Campaign = "Paquete 2027", Owner = "Ministerio de Agricultura y Ganadería", Season = "Mayo de 2027", FirstDay = new(2027, 5, 1), LastDay = new(2027, 5, 30),
            Packages = [new("Paquete de maíz", "22 lb de Semilla de maíz, 100 lb de Fertilizante", 400)], Centres = [new("Casa comunal Las Lomas", Place)], Version = 3,
        }, "2027-04-01T10:00:00Z");
        _feeds.Tell(new DeliveryDayScheduled { DeliveryDayId = _day, CampaignId = _campaign, Campaign = "Paquete 2027", Centre = "Casa comunal Las Lomas", Place = Place, Date = Today.AddDays(12), Opens = new(8, 0), Closes = new(12, 0), Version = 1 }, "2027-04-02T10:00:00Z");
        _feeds.Tell(new CentreClosed
        {
            CampaignId = _campaign, Campaign = "Paquete 2027", Owner = "Ministerio de Agricultura y Ganadería", Season = "Mayo de 2027", FirstDay = new(2027, 5, 1), LastDay = new(2027, 5, 30), Centre = "Casa comunal Las Lomas", Place = Place,
            Packages = [new("Paquete de maíz", 400, 380, 5, 15)], Articles = [], Version = 5,
        }, "2027-05-31T10:00:00Z");
        _feeds.Tell(new SeriesScheduled
        {
            SeriesId = _series, Title = "Comité de prevención", Rule = "FREQ=MONTHLY;BYDAY=1TH", BodyId = _association, BodyName = "ADESCO", Venue = "Alcaldía", Dates = [new(2027, 8, 5), new(2027, 9, 2)], HolidayCollisions = [new(2027, 8, 5)],
            Occurrences = [new(new(2027, 8, 5), new(2027, 8, 5, 14, 0, 0), new(2027, 8, 5, 16, 0, 0)), new(new(2027, 9, 2), new(2027, 9, 2, 14, 0, 0), new(2027, 9, 2, 16, 0, 0))], Version = 1,
        }, "2027-03-05T09:00:00Z");
        _feeds.Tell(new OccurrenceDecided { SeriesId = _series, Title = "Comité de prevención", OriginalDate = new(2027, 8, 5), Date = new(2027, 8, 12), StartsAt = new(2027, 8, 12, 15, 0, 0), EndsAt = new(2027, 8, 12, 17, 0, 0), Venue = "Alcaldía", Cancelled = false, Version = 2 }, "2027-03-05T09:30:00Z");
        _feeds.Tell(new PlanApproved
        {
            PlanId = _plan, Year = 2027, Unit = "Unidad de Proyección Social", CouncilReference = new(45, 6, new(2026, 12, 20)), Lines = [new(1, "Actualización del periódico mural", 12, "ediciones", [1, 2, 3]), new(2, "Formar comités", null, null, [])], Version = 3,
        }, "2027-03-04T10:00:00Z");
        _feeds.Tell(new PlanActivityProgressed { PlanId = _plan, Year = 2027, Unit = "Unidad de Proyección Social", ActivityNumber = 1, Activity = "Actualización del periódico mural", Fact = "edition-posted", FactDate = new(2027, 3, 3), EvidenceCount = 2, Executed = 2, Version = 9 }, "2027-03-05T10:00:00Z");
        _feeds.Tell(new PlanQuarterReported { PlanId = _plan, Year = 2027, Unit = "Unidad de Proyección Social", Quarter = 1, PresentedOn = new(2027, 4, 10), Percent = 87.5m, Version = 10 }, "2027-04-10T10:00:00Z");
        _feeds.Tell(new WallNewspaperApproved
        {
            EditionId = _edition, Edition = "2027-3", Month = new(2027, 3, 1), IssuedAt = "San Prueba, La Prueba", ApprovedOn = new(2027, 4, 2), Version = 4, Items = [.. Items()],
        }, "2027-04-02T12:00:00Z");
        _feeds.Tell(new WallNewspaperPosted { EditionId = _edition, PostingId = Guid.CreateVersion7(), Edition = "2027-3", Place = Place, PostedOn = new(2027, 4, 3), Version = 5 }, "2027-04-03T12:00:00Z");
        _feeds.Tell(new InformationRequestAnswered
        {
            InformationRequestId = _question, Number = "SI-2027-4", ReceivedOn = new(2027, 3, 1), AnswerDue = new(2027, 3, 15), AnsweredOn = new(2027, 3, 9), Outcome = "given", Question = "¿Cuánto costó la excavación?", Answer = "Se pagaron $9,000.00.", Version = 2,
        }, "2027-03-09T10:00:00Z");
    }

    private IEnumerable<NewspaperItem> Items()
    {
        string[] sections = ["notices", "agenda", "projects", "participatory-budget", "associations", "youth-culture-sport", "prevention", "packages", "information-requests", "recognitions"];
        foreach (var (index, section) in sections.Index())
        {
            for (var i = 0; i < 3; i++)
                yield return new(section, $"Noticia {index + 1}.{i + 1} con un título que ocupa su espacio", "Lo que pasó se cuenta con palabras de aquí, en dos o tres frases, para que se lea de pie frente a la pared. Dice cuándo, dónde y cuánto.", i == 0 ? _project : null);
        }
    }

    private async Task<PortalService> StartAsync()
    {
        var portal = await PortalService.StartAsync();
        Happen();
        await portal.CaughtUpAsync(_feeds);
        return portal;
    }

    private static readonly string Missing = $"/portal/obras/{Guid.NewGuid()}";

    private string[] Addresses =>
    [
        "/", "/portal/obras", $"/portal/obras/{_project}", $"/portal/asociaciones/{_association}", $"/portal/presupuestos/{_cycle}", $"/portal/lugar?nombre={Uri.EscapeDataString(Place.Path)}", "/portal/buscar?q=agua", "/portal/buscar?q=",
        "/portal/historia", "/portal/datos", Missing, $"/portal/reuniones/{_meeting}", $"/portal/paquetes/{_campaign}", $"/portal/planes/{_plan}", $"/portal/propuestas/{_proposal}", $"/portal/periodico-mural/{_edition}",
        $"/portal/preguntas/{_question}", "/portal/calendario", "/portal/mapa", "/portal/preguntar?error=empty", "/portal/desarrolladores", "/portal/asociaciones", $"/portal/comites/{_committee}", $"/portal/eventos/{_event}", $"/portal/jornadas/{_day}",
        $"/portal/reuniones-periodicas/{_series}", $"/portal/periodico-mural/{_edition}/imprimir?papel=carta",
    ];

    [Fact]
    public async Task Pages_have_no_barrier_fit_a_small_screen_and_weigh_little()
    {
        await using var portal = await StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync(width: 360, bypassCsp: true);
        using var client = portal.As(null);
        foreach (var address in Addresses)
        {
            await page.GotoAsync(new Uri(client.BaseAddress!, address).AbsoluteUri);
            Assert.Equal("", await Browser.BarriersAsync(page));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} is wider than the screen.");
            await PictureAsync(page, $"portal-{Array.IndexOf(Addresses, address)}");
        }
        var first = await client.GetByteArrayAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        var script = await client.GetByteArrayAsync(new Uri("/portal/vivo.js", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.InRange(first.Length + script.Length, 1, LargestFirstPage); // It asks for nothing else.
        await page.GotoAsync(new Uri(client.BaseAddress!, "/").AbsoluteUri);
        Assert.Equal(1, await page.Locator("script[src], link[rel=stylesheet], img").CountAsync());
    }

    /// <summary>On paper: nothing runs out of the sheet, nothing to touch stands on it, and what was folded is open.</summary>
    [Fact]
    public async Task Pages_are_printed_whole()
    {
        const int LetterWithoutMargins = 703; // 215.9 mm less twice 15, at 96 points an inch.
        await using var portal = await StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync(width: LetterWithoutMargins);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        using var client = portal.As(null);
        foreach (var address in Addresses)
        {
            await page.GotoAsync(new Uri(client.BaseAddress!, address).AbsoluteUri);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} is wider than the sheet.");
            Assert.Equal(0, await page.Locator("nav:visible, input:visible, button:visible, summary:visible").CountAsync());
            Assert.Equal(await page.Locator("table").CountAsync(), await page.Locator("table:visible").CountAsync());
            if (!address.Contains("/imprimir", StringComparison.Ordinal) && address != Missing)
                await Assertions.Expect(page.Locator("footer .paper")).ToContainTextAsync(Uri.UnescapeDataString(address.Split('?')[0]));
            if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
                await page.PdfAsync(new() { Path = Path.Combine(folder, $"print-{Array.IndexOf(Addresses, address)}.pdf"), PreferCSSPageSize = true, Format = "Letter" });
        }
    }

    [Fact]
    public async Task Each_theme_says_what_residents_look_for()
    {
        await using var portal = await StartAsync();
        async Task SaysAsync(string address, params string[] words)
        {
            var page = await portal.PageAsync(address);
            Assert.All(words, word => Assert.Contains(word, page, StringComparison.Ordinal));
        }
        await SaysAsync($"/portal/obras/{_project}", "Constructora Ficticia", "En ejecución", "$9,059.00", "Excavación", "/photos/", "Falta la señal de la zanja.", "Respuesta: Se puso el 5 de marzo.", "Comité contralor de Agua potable", "<svg", "<table");
        await SaysAsync($"/portal/presupuestos/{_cycle}", "Zona norte", "$35,000.00", "No alcanzó el dinero", "<td>Elegida</td>", "por más votos", "Puente peatonal", "Agua potable");
        await SaysAsync($"/portal/propuestas/{_proposal}", "No viable", "El terreno no es de la municipalidad.");
        await SaysAsync($"/portal/reuniones/{_meeting}", "Se habló de la quebrada del Tempisque.", "Limpiar la quebrada", "30 de 40");
        await SaysAsync($"/portal/paquetes/{_campaign}", "22 lb de Semilla de maíz", "Casa comunal Las Lomas", "380 de 400", "Su DUI");
        await SaysAsync($"/portal/planes/{_plan}", "Actualización del periódico mural", "87.5 %", "12 ediciones", "2 de 12", "Sin meta escrita");
        await SaysAsync($"/portal/reuniones-periodicas/{_series}", "05/08/2027 a las 14:00", "Será el 12/08/2027 a las 15:00", "Es parte de");
        await SaysAsync($"/portal/preguntas/{_question}", "¿Cuánto costó la excavación?", "Se pagaron $9,000.00.");
        await SaysAsync($"/portal/lugar?nombre={Uri.EscapeDataString(Place.Path)}", "Junta directiva del 01/01/2027 al 31/12/2028", "En ejecución", "Lo que viene", "entrega en Casa comunal Las Lomas", "places.ics");
        // What has no place of its own lies where what it belongs to does.
        await SaysAsync($"/portal/lugar?nombre={Uri.EscapeDataString(Place.Path)}", "Asamblea de marzo", "Comité de prevención", "jueves 2 de septiembre de 2027, a las 14:00");
        await SaysAsync($"/v1/transparency/subjects?place={Uri.EscapeDataString(Place.Path)}", "Asamblea de marzo", "Comité de prevención", "Agua potable", "entrega en Casa comunal");
        await SaysAsync($"/v1/transparency/subjects/export?place={Uri.EscapeDataString(Place.Path)}", "Asamblea de marzo", "Comité de prevención", "Pagado: $9,059.00");
        await SaysAsync($"/v1/transparency/calendar?month=2027-09&place={Uri.EscapeDataString(Place.Path)}", "Comité de prevención");
        Assert.Equal("[]", await portal.PageAsync($"/v1/transparency/calendar?month=2027-09&place={Uri.EscapeDataString(Other.Path)}"));
        await SaysAsync("/portal/calendario", "Calendario de", "unit.ics");
        await SaysAsync($"/portal/calendario?mes={Today.AddDays(9).ToString("yyyy-MM", CultureInfo.InvariantCulture)}", "Torneo relámpago");
        await SaysAsync("/portal/calendario?mes=2027-03", "Asamblea de marzo");
        await SaysAsync("/portal/calendario?mes=2027-08", "jueves 12 de agosto de 2027, a las 15:00, hasta las 17:00", "Comité de prevención");
        await SaysAsync("/portal/calendario?mes=2027-09", "jueves 2 de septiembre de 2027, a las 14:00, hasta las 16:00", "Comité de prevención");
        await SaysAsync("/v1/transparency/calendar?month=2027-08", "\"title\":\"Comité de prevención\"", "2027-08-12");
        await SaysAsync("/v1/transparency/calendar/export?month=2027-03", "Asamblea de marzo", "04/03/2027 a las 14:00");
        await SaysAsync("/v1/transparency/places", "FeatureCollection", "-89.2243");
        await SaysAsync("/v1/transparency/places/export", "El Ensayo, Las Lomas, San Prueba", "13.7012");
        await SaysAsync("/portal/mapa", "(CSV)</a> o <a", "<circle", "La Muestra", "13.7012");
        // Inside minutes and answers too.
        await SaysAsync("/portal/buscar?q=tempisque", "Asamblea de marzo");
        await SaysAsync("/portal/buscar?q=excavacion", "Agua potable");
        await SaysAsync("/portal/buscar?q=excavación", "Agua potable", "¿Cuánto costó la excavación?");
        await SaysAsync($"/portal/a/{_project}", "Constructora Ficticia");
        await SaysAsync($"/portal/a/{Place.Id}", "Junta directiva del 01/01/2027 al 31/12/2028");
        await SaysAsync($"/portal/obras/{_project}/novedades.atom", "pagado $9,059.00", "rel=\"self\"");
        await SaysAsync("/portal/obras/novedades.atom", "pagado $9,059.00");
        await SaysAsync($"/v1/transparency/subjects/{_project}/export", "budget.project.milestone-reached.v1");
        await SaysAsync($"/v1/transparency/subjects/{_cycle}", "\"name\":\"zones\"", "\"name\":\"result-1\"", "No alcanzó el dinero");
        await SaysAsync($"/portal/presupuestos/{_cycle}", $"/v1/transparency/subjects/{_cycle}/tables/result-1/export");
        await SaysAsync($"/v1/transparency/subjects/{_cycle}/tables/result-1/export", "No.,Propuesta,Costo,Votos,Qué pasó", "Agua potable", "No alcanzó el dinero");
        await SaysAsync($"/v1/transparency/subjects/{_meeting}/tables/minutes-7/export", "Alcantarillado", "Se habló de la quebrada del Tempisque.");
        await SaysAsync($"/v1/transparency/subjects/{_project}/tables/findings/export", "Falta la señal de la zanja.", "Se puso el 5 de marzo.");
        await SaysAsync("/v1/transparency/subjects?q=tempisque", "Asamblea de marzo");
        await SaysAsync("/v1/transparency/subjects/export?q=tempisque", "Asamblea de marzo");
        await SaysAsync("/portal/buscar?q=tempisque", "/v1/transparency/subjects/export?q=tempisque");
        await SaysAsync("/v1/transparency/news?limit=3", "distribution.campaign.centre-closed.v1", "\"next\":\"2027");
        await SaysAsync("/v1/transparency/news/export?month=2027-04", "Paquete 2027", "Se colocó el 03/04/2027");
        await SaysAsync("/v1/transparency/history/agenda/blocks/export", "sello_anterior");
        await SaysAsync("/v1/transparency/subjects/export?kind=project", "Pagado", "$9,059.00", "Constructora Ficticia");
        await SaysAsync("/v1/transparency/subjects?kind=project", "\"Pagado\":\"$9,059.00\"");
        await SaysAsync($"/portal/paquetes/{_campaign}", "entrega en Casa comunal Las Lomas", Today.AddDays(12).ToString("dd/MM/yyyy", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_page_that_is_open_shows_what_is_published_and_says_everything_without_script()
    {
        await using var portal = await StartAsync();
        await using var browser = await Browser.StartAsync();
        var (start, project) = (await browser.TelephoneAsync(), await browser.TelephoneAsync());
        await start.GotoAsync(new Uri(portal.Address, "/").AbsoluteUri);
        await project.GotoAsync(new Uri(portal.Address, $"/portal/obras/{_project}").AbsoluteUri);
        await Eventually.TrueAsync(() => Task.FromResult(portal.Watchers == 2));
        await portal.BringAsync(Feeds.CloudEvent(new ProjectChanged { ProjectId = _project, Name = "Agua potable", Place = Place, State = "suspended", On = new(2027, 6, 1), Cause = "Lluvias", Version = 200 }, "2027-06-01T10:00:00Z"));
        await Assertions.Expect(start.Locator("#novedades li").First).ToContainTextAsync("Suspendida desde el 01/06/2027");
        await Assertions.Expect(project.Locator("#hay-nuevo")).ToContainTextAsync("Suspendida desde el 01/06/2027");
        await project.GetByText("Volver a cargar").ClickAsync();
        await Assertions.Expect(project.Locator("dl")).ToContainTextAsync("Suspendida");

        var still = await browser.TelephoneAsync(hasScript: false);
        await still.GotoAsync(new Uri(portal.Address, "/").AbsoluteUri);
        await Assertions.Expect(still.Locator("#novedades")).ToContainTextAsync("Suspendida desde el 01/06/2027");
        await still.Locator("input[type=search]").FillAsync("agua");
        await still.GetByRole(AriaRole.Button, new() { Name = "Buscar" }).ClickAsync();
        await still.GetByRole(AriaRole.Link, new() { Name = "Agua potable", Exact = true }).ClickAsync();
        await Assertions.Expect(still.Locator("h1")).ToHaveTextAsync("Agua potable");
    }

    /// <summary>On the wall and on paper: large enough to read standing, in as many sheets as it needs.</summary>
    [Theory]
    [InlineData("a3", 842, 1191, 18)]
    [InlineData("carta", 612, 792, 14)]
    public async Task An_edition_is_printed_with_its_seals_in_as_many_sheets_as_it_needs(string paper, int width, int height, int points)
    {
        await using var portal = await StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync();
        await page.GotoAsync(new Uri(portal.Address, $"/portal/periodico-mural/{_edition}/imprimir?papel={paper}").AbsoluteUri);
        Assert.Contains((await portal.RowsAsync("SELECT encode(seal, 'hex') FROM block WHERE source = 'agenda' ORDER BY number DESC LIMIT 1"))[0], await page.ContentAsync(), StringComparison.Ordinal);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.InRange(await page.EvaluateAsync<double>("parseFloat(getComputedStyle(document.querySelector('article p')).fontSize) * 72 / 96"), points, points + 0.1);
        var pdf = await page.PdfAsync(new() { PreferCSSPageSize = true, PrintBackground = true });
        var text = System.Text.Encoding.Latin1.GetString(pdf);
        var boxes = System.Text.RegularExpressions.Regex.Matches(text, @"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]");
        Assert.InRange(boxes.Count, 2, 8); // Several sheets, and not one for each piece.
        Assert.All(boxes, box =>
        {
            Assert.InRange(double.Parse(box.Groups[1].Value, CultureInfo.InvariantCulture), width - 2, width + 2);
            Assert.InRange(double.Parse(box.Groups[2].Value, CultureInfo.InvariantCulture), height - 2, height + 2);
        });
        if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"edition-{paper}.pdf"), pdf, TestContext.Current.CancellationToken);
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }
}
