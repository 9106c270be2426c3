using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>
/// A resident with a cheap telephone: finds their community, sees what was approved and why, when the packages come, and asks a
/// question that is answered. Once with the portal's script, once without.
/// </summary>
internal static class ResidentJourney
{
    private const string Distribution = "/v1/distribution";

    /// <summary>Packages are coming to a place.</summary>
    public static async Task PackagesComeAsync(RunningSystem system, object place, DateOnly day)
    {
        var (unit, promoter) = (await system.AsAsync("unit-head"), await system.AsAsync("promoter"));
        var on = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));
        var campaign = (await PostAsync(unit, "campaigns", new
        {
            name = "Paquete de El Ciclo", owner = "ministry", ownerName = "Ministerio de Agricultura", season = "Mayo", firstDay = on, lastDay = day.AddDays(10), rules = new { deputies = true },
            articles = new[] { new { name = "Semilla de frijol", unit = "lb" } }, packages = new[] { new { code = "frijol", name = "Paquete de frijol", components = new[] { new { article = 1, quantity = 25m } } } },
            centres = new[] { new { name = "Casa comunal de El Ciclo", place, staff = new[] { "test" } } },
        })).Text("id");
        using var roster = new StringContent("dui;nombres;apellidos;fecha de nacimiento;sexo;distrito;cantón;caserío;paquetes\n98400001-5;Persona;Inventada;1970-03-01;F;San Ciclo;El Ciclo;El Ciclo;frijol\n", Encoding.UTF8, "text/csv");
        var job = await promoter.SendJsonAsync(HttpMethod.Post, $"{Distribution}/campaigns/{campaign}/roster/imports", roster, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync();
        await Eventually.TrueAsync(async () => (await GetAsync(unit, $"campaigns/{campaign}/roster/imports/{job.Text("id")}")).Text("state") == "completed", what: "The roster");
        var lot = (int)(await PostAsync(promoter, $"campaigns/{campaign}/lots", new { article = 1, code = "L-1", supplier = "Semillas Inventadas", expiresOn = on.AddDays(300) }))["number"]!;
        await PostAsync(promoter, $"campaigns/{campaign}/stock/receipts", new { centre = 1, lot, quantity = 25m, document = "Nota", on });
        var seen = await GetAsync(unit, $"campaigns/{campaign}");
        await unit.SendJsonAsync(HttpMethod.Post, $"{Distribution}/campaigns/{campaign}/approval", null, $"\"{seen["version"]}\"").JsonAsync();
        await PostAsync(promoter, $"campaigns/{campaign}/centres/1/days", new { date = day, opens = "08:00:00", closes = "12:00:00", perHour = 20 });
    }

    /// <summary>From the start page to the answer.</summary>
    public static async Task WalkAsync(RunningSystem system, string place, string project, string lost, DateOnly day, bool hasScript)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync(width: 360, bypassCsp: hasScript, hasScript: hasScript);
        await page.GotoAsync(system.Gateway.AbsoluteUri);
        await page.Locator("input[type=search]").FillAsync("ciclo");
        await ClickAsync(AriaRole.Button, "Buscar");
        await page.GetByRole(AriaRole.Link, new() { Name = place }).First.ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync(place);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Lo que viene");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(day.ToString("d 'de' MMMM", CultureInfo.GetCultureInfo("es-SV")));
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Comité contralor del agua");
        await ShotAsync("comunidad");

        // What was approved, what became of it, and why that and not the other.
        await ClickAsync(AriaRole.Link, project);
        await Assertions.Expect(page.Locator("dl")).ToContainTextAsync("Por qué");
        await Assertions.Expect(page.Locator("dl")).ToContainTextAsync("Se puede hacer.");
        await ClickAsync(AriaRole.Link, project); // Its works.
        await Assertions.Expect(page.Locator("dl")).ToContainTextAsync("Cerrada");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("La tubería es más delgada que la de la carpeta.");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Se cambió la tubería.");
        // Each photo is there when it comes into sight, from the service that keeps it.
        Assert.Equal(3, await page.Locator("img.photo").CountAsync());
        foreach (var photo in await page.Locator("img.photo").AllAsync())
        {
            await photo.ScrollIntoViewIfNeededAsync();
            await Eventually.TrueAsync(() => photo.EvaluateAsync<bool>("image => image.complete && image.naturalWidth > 0"), what: "The photo");
        }
        await ShotAsync("obra");
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Presupuesto participativo") }).Last.ClickAsync();
        await page.Locator("summary").Last.ClickAsync(); // The numbers behind the chart.
        await Assertions.Expect(page.Locator("table").Last).ToContainTextAsync("No alcanzó el dinero");
        await Assertions.Expect(page.Locator("table").Last).ToContainTextAsync(lost);
        await ShotAsync("presupuesto");

        // When the packages come.
        await ClickAsync(AriaRole.Link, "Paquetes");
        await ClickAsync(AriaRole.Link, "Paquete de El Ciclo");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("25 lb de Semilla de frijol");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Casa comunal de El Ciclo");

        // A question, and its answer.
        await ClickAsync(AriaRole.Link, "Preguntar");
        var question = $"¿Quién cuida la bomba de agua? ({(hasScript ? "con" : "sin")} programa)";
        await page.GetByLabel("¿Qué quiere saber?").FillAsync(question);
        await ClickAsync(AriaRole.Button, "Enviar la pregunta");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("En espera de respuesta");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("es su comprobante");
        if (hasScript)
            Assert.Equal("", await Browser.BarriersAsync(page));
        await ShotAsync("comprobante");
        var unit = await system.AsAsync("unit-head");
        var asked = (await unit.SendJsonAsync(HttpMethod.Get, "/v1/agenda/information-requests?limit=200", null).JsonAsync())["items"]!.AsArray().Single(r => r!.Text("question") == question)!;
        await unit.SendJsonAsync(HttpMethod.Post, $"/v1/agenda/information-requests/{asked.Text("id")}/answer", new JsonObject
        {
            ["outcome"] = "given", ["answer"] = "La cuida el comité de agua.", ["publicQuestion"] = question, ["publicAnswer"] = "La cuida el comité de agua.",
        }, $"\"{asked["version"]}\"").JsonAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Ya tiene respuesta");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("La cuida el comité de agua.");
        await Eventually.TrueAsync(async () =>
        {
            await page.GotoAsync(new Uri(system.Gateway, "/portal/preguntas").AbsoluteUri);
            return await page.GetByText(question).CountAsync() > 0;
        }, what: "The question in the portal");

        Task ClickAsync(AriaRole role, string name) => page.GetByRole(role, new() { Name = name, Exact = true }).First.ClickAsync();

        async Task ShotAsync(string name)
        {
            if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"residente-{name}.png"), FullPage = true });
        }
    }

    private static Task<JsonNode> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, $"{Distribution}/{path}", null).JsonAsync();

    private static Task<JsonNode> PostAsync(HttpClient client, string path, object? body) => client.SendJsonAsync(HttpMethod.Post, $"{Distribution}/{path}", body, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync();
}
