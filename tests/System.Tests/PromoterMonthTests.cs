using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>
/// A month of the wall newspaper in a browser, as a promoter and the head of the unit live it: proposed from what happened, edited,
/// looked through, printed to PDF, posted with its photo, read in the portal, counted in the plan, and taken down.
/// </summary>
[Collection("system")]
public sealed class PromoterMonthTests(RunningSystem system)
{
    private const string Agenda = "/v1/agenda";

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    [Fact]
    public async Task From_the_months_events_to_the_printed_sheet_on_the_wall()
    {
        var (unit, promoter, anybody) = (await system.AsAsync("unit-head", "jefa"), await system.AsAsync("promoter", "marta"), await system.AsAsync(null));
        var place = await PlaceAsync(promoter);
        var plan = await PlanAsync(unit);
        var title = $"Festival de la cosecha {Guid.NewGuid():N}"[..40];
        await AnnounceAsync(promoter, title);
        await Eventually.TrueAsync(async () => (await anybody.GetStringAsync(new Uri("/", UriKind.Relative))).Contains(title, StringComparison.Ordinal), what: "The event in the portal");

        await using var browser = await Browser.StartAsync();
        var page = await EnterAsync(browser, promoter);
        await page.FillAsync("#month", Today.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        await page.FillAsync("#issued", "San Periódico, La Prueba");
        await page.ClickAsync("text=Comenzar con lo publicado en el mes");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("La edición propone");
        var edition = (await page.Locator("#title").TextContentAsync())!.Split(' ')[^1];

        // The event was proposed; it is written over, moved to the top, another piece is put in, and one taken out.
        var index = await IndexOfAsync(page, title);
        await page.FillAsync($"#item-{index}-text", "Venga con su familia: música, comida y los frutos del año.");
        for (; index > 0; index--)
            await page.ClickAsync($"[aria-label='Subir la noticia {index + 1}']");
        await page.ClickAsync("#add");
        var count = await page.Locator("#items li").CountAsync();
        await page.SelectOptionAsync($"#item-{count - 1}-section", "recognitions");
        await page.FillAsync($"#item-{count - 1}-title", "Gracias");
        await page.FillAsync($"#item-{count - 1}-text", "Al comité que arregló la cancha. Vote por su candidato.");
        await page.ClickAsync("#save");
        await Assertions.Expect(page.Locator("#hints")).ToContainTextAsync("campaña: candidato");
        await page.FillAsync($"#item-{count - 1}-text", "Al comité que arregló la cancha.");
        await ShotAsync(page, "periodico-borrador");
        Assert.Equal("", await Browser.BarriersAsync(page));
        await page.ClickAsync("#submit");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("la aprueba otra persona");

        // Whoever made it does not approve it; the head of the unit does, once everything was looked at.
        var head = await EnterAsync(browser, unit);
        await head.ClickAsync($"[aria-label='Abrir la edición {edition}']");
        Assert.Equal("", await Browser.BarriersAsync(head));
        await head.ClickAsync("#review button:not([type])");
        await Assertions.Expect(head.Locator("#message")).ToContainTextAsync("Cada punto de la revisión tiene que cumplirse");
        foreach (var point in new[] { "privacy", "noElectioneering", "plainLanguage", "factsChecked" })
            await head.CheckAsync($"#{point}");
        await head.ClickAsync("#review button:not([type])");
        await Assertions.Expect(head.Locator("#message")).ToHaveTextAsync("Aprobada. Ya se lee en el portal.");

        // Printed from the browser, on the paper of the wall.
        foreach (var (button, width, height) in new[] { ("#letter", 612, 792), ("#a3", 842, 1191) })
        {
            var sheet = await head.Context.RunAndWaitForPageAsync(() => head.ClickAsync(button));
            await Assertions.Expect(sheet.Locator("article h3").First).ToHaveTextAsync(title);
            var pdf = Encoding.Latin1.GetString(await sheet.PdfAsync(new() { PreferCSSPageSize = true, PrintBackground = true }));
            var box = System.Text.RegularExpressions.Regex.Match(pdf, @"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)");
            Assert.InRange(double.Parse(box.Groups[1].Value, CultureInfo.InvariantCulture), width - 2, width + 2);
            Assert.InRange(double.Parse(box.Groups[2].Value, CultureInfo.InvariantCulture), height - 2, height + 2);
            await sheet.CloseAsync();
        }

        // Posted with its photo, and read in the portal by whoever scans it.
        await page.ClickAsync("#back");
        await page.ClickAsync($"[aria-label='Abrir la edición {edition}']");
        await page.FillAsync("#place", "muralito");
        await Assertions.Expect(page.Locator("#places option")).ToHaveCountAsync(1);
        await page.FillAsync("#place", place);
        await page.FillAsync("#posted", Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await page.SetInputFilesAsync("#photo", new FilePayload { Name = "pared.jpg", MimeType = "image/jpeg", Buffer = [0xFF, 0xD8, 0xFF, 0xDA, .. Guid.NewGuid().ToByteArray()] });
        await page.ClickAsync("#post button");
        await Assertions.Expect(page.Locator("#postings")).ToContainTextAsync(place);
        await ShotAsync(page, "periodico-colocado");
        await Eventually.TrueAsync(async () =>
        {
            await page.GotoAsync(new Uri(system.Gateway, "/portal/periodico-mural").AbsoluteUri);
            await page.GetByRole(AriaRole.Link, new() { Name = $"Periódico mural {edition}", Exact = true }).ClickAsync();
            return (await page.Locator("main").TextContentAsync())!.Contains("Sigue ahí", StringComparison.Ordinal);
        }, what: "The posting in the portal");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Venga con su familia");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Al comité que arregló la cancha.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Imprimir en A3" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Periódico mural");

        // It is evidence for the plan's first row.
        await Eventually.TrueAsync(async () => (int)(await unit.SendJsonAsync(HttpMethod.Get, plan, null).JsonAsync())["activities"]![0]!["evidenceCount"]! == 1, what: "The posting in the plan");

        // A month later it comes off the wall, and stays in the archive.
        await head.ClickAsync("#back");
        await head.ClickAsync($"[aria-label='Abrir la edición {edition}']");
        await head.ClickAsync("text=Se quitó hoy");
        await Assertions.Expect(head.Locator("#postings")).ToContainTextAsync("hasta el");
    }

    private async Task<IPage> EnterAsync(Browser browser, HttpClient who)
    {
        var page = await browser.TelephoneAsync(width: 900, bypassCsp: true);
        await page.GotoAsync(new Uri(system.Gateway, $"{Agenda}/editor").AbsoluteUri);
        await page.FillAsync("#token", who.DefaultRequestHeaders.Authorization!.Parameter!);
        await page.ClickAsync("#enter button");
        await Assertions.Expect(page.Locator("#list")).ToBeVisibleAsync();
        return page;
    }

    private static async Task<int> IndexOfAsync(IPage page, string title)
    {
        var titles = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('#items input')].map(input => input.value)");
        var index = Array.IndexOf(titles, title);
        Assert.True(index >= 0, $"{title} was not proposed: {string.Join(" | ", titles)}");
        return index;
    }

    private static async Task<string> PlaceAsync(HttpClient promoter)
    {
        using var rows = new StringContent(
            "code,kind,name,parent_code,valid_from,valid_to\n96,department,Departamento Mural,,1900-01-01,\n96-01,municipality,San Periódico,96,1900-01-01,\n96-01-01,hamlet,Caserío Muralito,96-01,1900-01-01,\n", Encoding.UTF8, "text/csv");
        var job = await promoter.SendJsonAsync(HttpMethod.Post, "/v1/organizations/places/imports", rows).JsonAsync();
        await Eventually.TrueAsync(async () => (await promoter.SendJsonAsync(HttpMethod.Get, $"/v1/organizations/places/imports/{job.Text("id")}", null).JsonAsync()).Text("state") == "completed");
        return (await promoter.SendJsonAsync(HttpMethod.Get, "/v1/organizations/places?code=96-01-01", null).JsonAsync())["items"]![0]!.Text("path");
    }

    private static async Task<string> PlanAsync(HttpClient unit)
    {
        var plan = await unit.SendJsonAsync(HttpMethod.Post, $"{Agenda}/plans", new
        {
            unit = "Unidad del periódico", year = Today.Year, activities = new[] { new { text = "Actualización del periódico mural" } }, objectives = new[] { new { scope = "unit", text = "Que todos se enteren" } },
        }).JsonAsync();
        var path = $"{Agenda}/plans/{plan.Text("id")}";
        await unit.SendJsonAsync(HttpMethod.Put, $"{path}/activities/1/evidence-rules", new { rules = new[] { new { fact = "edition-posted" } } }, $"\"{plan["version"]}\"").JsonAsync();
        return path;
    }

    private static async Task AnnounceAsync(HttpClient promoter, string title)
    {
        var starts = Today.AddDays(3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var planned = await promoter.SendJsonAsync(HttpMethod.Post, $"{Agenda}/events", JsonNode.Parse(
            $$"""{ "kind": "cultural", "title": "{{title}}", "promotion": "Vengan.", "startsAt": "{{starts}}T08:00:00", "endsAt": "{{starts}}T17:00:00", "venue": "Parque", "organiser": "Unidad" }""")!).JsonAsync();
        await promoter.SendJsonAsync(HttpMethod.Post, $"{Agenda}/events/{planned.Text("id")}/announcement", null, $"\"{planned["version"]}\"").JsonAsync();
    }

    private static async Task ShotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }
}
