using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>
/// A campaign through the gateway from the owner's file to the closing acts: two centres with a signal, and one whose
/// promoter works on a page in a browser with the network cut. The calendar and the plan learn of it by events alone. The
/// system's clock is the real one, so a day that people were summoned to is moved to today in the database.
/// </summary>
[Collection("system")]
public sealed class CampaignTests(RunningSystem system)
{
    private const string Distribution = "/v1/distribution";
    private const string Agenda = "/v1/agenda";
    private readonly List<string> _duis = [.. Enumerable.Range(0, 9).Select(i => Dui(98_300_000 + i))];
    private HttpClient _unit = null!, _promoter = null!, _anybody = null!;
    private string _campaign = "";

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    private static string On(int days = 0) => Today.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public async Task From_the_roster_to_the_closing_acts_with_a_centre_without_a_signal()
    {
        (_unit, _promoter, _anybody) = (await system.AsAsync("unit-head"), await system.AsAsync("promoter", "promotora.inventada"), await system.AsAsync(null));
        var plan = await PlanAsync();
        await PrepareAsync();
        var days = new List<string>();
        foreach (var centre in new[] { 1, 2, 3 })
        {
            days.Add((await PostAsync(_promoter, $"campaigns/{_campaign}/centres/{centre}/days", new { date = On(1), opens = "07:00:00", closes = "15:00:00", perHour = 2 })).Text("id"));
            Assert.Equal(3, (int)(await PostAsync(_promoter, $"campaigns/{_campaign}/centres/{centre}/summonses", null))["summoned"]!);
        }
        Assert.Equal(3, await CalendarAsync("scheduled"));
        var notice = WebUtility.HtmlDecode(await _anybody.GetStringAsync(new Uri($"{Distribution}/public/campaigns/{_campaign}", UriKind.Relative)));
        Assert.Contains("Centro Uno", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("Cosecha", notice, StringComparison.Ordinal); // Everybody's surname here.
        var list = await _promoter.GetStringAsync(new Uri($"{Distribution}/campaigns/{_campaign}/days/{days[2]}/list", UriKind.Relative));
        Assert.All(_duis[6..], d => Assert.Contains(d, list, StringComparison.Ordinal));
        Assert.Equal(3, await InDatabaseAsync("distribution", $"WITH moved AS (UPDATE delivery_day SET date = '{On()}' WHERE campaign_id = '{_campaign}' RETURNING 1) SELECT count(*) FROM moved"));

        // Two centres with a signal: whole packages, one in parts, one that is not wanted.
        foreach (var (index, dui) in _duis[..4].Index())
            await HandAsync(dui, 1 + index / 3).JsonAsync();
        await HandAsync(_duis[0], 1).ProblemAsync(HttpStatusCode.Conflict, "already_delivered");
        await HandAsync(_duis[4], 2, [new JsonObject { ["article"] = 1 }]).JsonAsync();
        await HandAsync(_duis[5], 2, act: "refusal").JsonAsync();

        var receipts = await OfflineCentreAsync();
        Assert.Contains("El comprobante vale", WebUtility.HtmlDecode(await _anybody.GetStringAsync(new Uri($"{Distribution}/public/receipts/{receipts[0]}", UriKind.Relative))), StringComparison.Ordinal);

        // The days, the centres and the campaign end.
        foreach (var day in days)
            await StepAsync($"campaigns/{_campaign}/days/{day}/closing", await DayETagAsync(day));
        foreach (var centre in new[] { 1, 2, 3 })
        {
            var stock = (await GetAsync($"campaigns/{_campaign}/stock?centre={centre}"))["items"]!.AsArray();
            await PostAsync(_unit, $"campaigns/{_campaign}/centres/{centre}/closing", new { counts = stock.Select(s => new { lot = (int)s!["lot"]!, counted = (decimal)s!["remaining"]! }) });
        }
        var act = WebUtility.HtmlDecode(await _unit.GetStringAsync(new Uri($"{Distribution}/campaigns/{_campaign}/centres/3/closing", UriKind.Relative)));
        Assert.Contains("<td>Paquete de maíz</td><td class=\"narrow\">3</td><td class=\"narrow\">1</td><td class=\"narrow\">1</td><td class=\"narrow\">1</td>", act, StringComparison.Ordinal);
        await StepAsync($"campaigns/{_campaign}/closing", ETag(await GetAsync($"campaigns/{_campaign}")));

        // Others learn of it by events, without a person in them.
        var told = await Eventually.GetAsync(async () =>
        {
            var feed = JsonNode.Parse(await _anybody.GetStringAsync(new Uri($"{Distribution}/published?limit=1000", UriKind.Relative)))!["items"]!.AsArray().Where(e => e!["data"]!["campaign"]?.GetValue<string>() == "Campaña de prueba").ToList();
            return feed.Any(e => e!.Text("type") == "distribution.campaign.closed.v1") ? feed : null;
        }, what: "The campaign's end");
        Assert.Equal(3, told.Count(e => e!.Text("type") == "distribution.campaign.centre-closed.v1"));
        var total = told.Single(e => e!.Text("type") == "distribution.campaign.closed.v1")!["data"]!["packages"]![0]!;
        Assert.Equal((9, 5, 2, 2), ((int)total["programmed"]!, (int)total["delivered"]!, (int)total["partly"]!, (int)total["notCollected"]!));
        Assert.DoesNotContain(told, e => e!.ToJsonString().Contains("Cosecha", StringComparison.Ordinal) || _duis.Exists(d => e!.ToJsonString().Contains(d, StringComparison.Ordinal)));
        Assert.Equal(3, await CalendarAsync("closed"));
        await Eventually.TrueAsync(async () => (int)(await _unit.SendJsonAsync(HttpMethod.Get, plan, null).JsonAsync())["activities"]![0]!["evidenceCount"]! >= 3, what: "The days in the plan");
    }

    private async Task<string> PlanAsync()
    {
        var plan = await _unit.SendJsonAsync(HttpMethod.Post, $"{Agenda}/plans", new
        {
            unit = "Unidad que entrega", year = Today.Year, activities = new[] { new { text = "Jornadas de entrega de paquetes" } }, objectives = new[] { new { scope = "unit", text = "Entregar sin dejar a nadie" } },
        }).JsonAsync();
        var path = $"{Agenda}/plans/{plan.Text("id")}";
        await _unit.SendJsonAsync(HttpMethod.Put, $"{path}/activities/1/evidence-rules", new { rules = new[] { new { fact = "delivery-day-closed" } } }, ETag(plan)).JsonAsync();
        return path;
    }

    private async Task PrepareAsync()
    {
        object Centre(string name) => new
        {
            name, staff = new[] { "promotora.inventada" }, place = new { id = Guid.NewGuid(), kind = "hamlet", name, path = $"{name}, San Reparto" },
        };
        _campaign = (await PostAsync(_unit, "campaigns", new
        {
            name = "Campaña de prueba", owner = "ministry", ownerName = "Ministerio de Agricultura", season = "Mayo", firstDay = On(), lastDay = On(20), rules = new { deputies = true },
            articles = new[] { new { name = "Semilla de maíz", unit = "lb" }, new { name = "Fertilizante", unit = "lb" } },
            packages = new[] { new { code = "maiz", name = "Paquete de maíz", components = new[] { new { article = 1, quantity = 22.7m }, new { article = 2, quantity = 100m } } } },
            centres = new[] { Centre("Centro Uno"), Centre("Centro Dos"), Centre("Centro Tres") },
        })).Text("id");
        var csv = new StringBuilder("dui;nombres;apellidos;fecha de nacimiento;sexo;distrito;cantón;caserío;paquetes;hogar\n");
        foreach (var (index, dui) in _duis.Index())
            csv.Append(CultureInfo.InvariantCulture, $"{dui};Persona {(char)('A' + index)};Cosecha;1970-03-0{1 + index};F;San Reparto;El Reparto;Caserío {index / 3};maiz;{(index is 6 or 7 ? "H-6" : "")}\n");
        var job = await _promoter.SendJsonAsync(HttpMethod.Post, $"{Distribution}/campaigns/{_campaign}/roster/imports", new StringContent(csv.ToString(), Encoding.UTF8, "text/csv"), idempotencyKey: Guid.NewGuid().ToString()).JsonAsync();
        await Eventually.TrueAsync(async () => (await GetAsync($"campaigns/{_campaign}/roster/imports/{job.Text("id")}")).Text("state") == "completed", what: "The roster");
        foreach (var (article, quantity) in new[] { (1, 22.7m), (2, 100m) })
        {
            var lot = (int)(await PostAsync(_promoter, $"campaigns/{_campaign}/lots", new { article, code = $"L-{article}", supplier = "Semillas Inventadas", expiresOn = On(300) }))["number"]!;
            foreach (var centre in new[] { 1, 2, 3 })
                await PostAsync(_promoter, $"campaigns/{_campaign}/stock/receipts", new { centre, lot, quantity = quantity * 3, document = "Nota", on = On() });
        }
        await StepAsync($"campaigns/{_campaign}/approval", ETag(await GetAsync($"campaigns/{_campaign}")));
        var hamlets = (await GetAsync($"campaigns/{_campaign}/coverage?limit=200"))["items"]!.AsArray().Where(h => h!.Text("district") == "San Reparto").ToList();
        for (var centre = 1; centre <= 3; centre++)
            await _promoter.SendJsonAsync(HttpMethod.Put, $"{Distribution}/campaigns/{_campaign}/centres/{centre}/hamlets", new
            {
                hamletIds = hamlets.Where(h => h!.Text("hamlet").EndsWith(" " + (centre - 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)).Select(h => (int)h!["hamletId"]!),
            }).JsonAsync();
    }

    /// <summary>The third centre, in a browser: its list comes with a signal, everything else happens without one, and comes in after.</summary>
    /// <returns>The receipts that the device made.</returns>
    private async Task<List<string>> OfflineCentreAsync()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync();
        var token = _promoter.DefaultRequestHeaders.Authorization!.Parameter!;
        // What a telephone's browser finds in the picture; this one has no such reader, and a picture of nothing.
        await page.AddInitScriptAsync("window.BarcodeDetector = class { async detect() { return window.qr ? [{ rawValue: window.qr }] : []; } };");
        await page.GotoAsync(new Uri(system.Gateway, $"{Distribution}/device/").AbsoluteUri);
        await page.FillAsync("#deviceName", "Tableta de Las Lomas");
        await page.FillAsync("#campaign", _campaign);
        await page.FillAsync("#centre", "3");
        await page.FillAsync("#token", token);
        await page.ClickAsync("text=Llevarme la lista");
        await Assertions.Expect(page.Locator("#title")).ToHaveTextAsync("Campaña de prueba: Centro Tres");
        await page.EvaluateAsync("navigator.serviceWorker.ready");
        await page.ReloadAsync(); // From here on the page comes from the worker.

        await page.Context.SetOfflineAsync(true);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#summary")).ToContainTextAsync("3 personas en la lista");
        await Assertions.Expect(page.Locator("#signal")).ToHaveTextAsync("Sin señal");

        // Nothing without a mark.
        await OpenAsync(_duis[6]);
        await page.ClickAsync("#deliver");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("Falta la firma");
        await SignAsync();
        await ShotAsync("entrega");
        await page.ClickAsync("#deliver");
        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("Entregado y anotado.");
        await OpenAsync(_duis[6]);
        await Assertions.Expect(page.Locator("#packages")).ToContainTextAsync("Ya no se le debe nada");
        await page.ClickAsync("#back");
        // The camera reads the summons of somebody of the same household: it is said, and they get theirs.
        await page.EvaluateAsync(
            """
            dui => new Promise(done => {
                const open = indexedDB.open('entrega', 1);
                open.onsuccess = () => open.result.transaction('kept').objectStore('kept').get('list').onsuccess = e => done(window.qr = e.target.result.people.find(p => p.dui === dui).code);
            })
            """, _duis[7]);
        await page.ClickAsync("#scan");
        await Assertions.Expect(page.Locator("#personName")).ToHaveTextAsync("Persona H Cosecha");
        await Assertions.Expect(page.Locator("#packages .warn")).ToHaveTextAsync("Alguien del mismo hogar ya recibió: Paquete de maíz. Es solo un aviso: si le toca, entréguelo.");
        await ShotAsync("hogar");
        await page.ClickAsync("#back");
        await Assertions.Expect(page.Locator("#camera")).ToBeHiddenAsync();
        // By the number of the list, to a deputy, and only the seed; the page is closed and opened in between.
        await page.FillAsync("#search", "2");
        await page.ClickAsync(".person");
        await page.UncheckAsync("[data-article='2']");
        await page.CheckAsync("#byDeputy");
        await page.FillAsync("#deputyDui", _duis[7]);
        await page.FillAsync("#deputyNames", "Hija Cosecha");
        await page.FillAsync("#authorisation", "Nota firmada");
        await SignAsync();
        await page.ClickAsync("#deliver");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("De quien recoge faltan");
        await page.FillAsync("#deputyDui", Dui(98_300_100));
        await page.ClickAsync("#deliver");
        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("Entregado y anotado.");
        await page.ReloadAsync();
        await page.FillAsync("#search", "persona i");
        await page.ClickAsync(".person");
        await page.ClickAsync("#refuse");
        await Assertions.Expect(page.Locator("#journal")).ToContainTextAsync("3 anotaciones; 3 por subir");
        await page.FillAsync("#sendToken", token);
        await page.ClickAsync("#send");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("No hay señal");
        await ShotAsync("diario");

        await page.Context.SetOfflineAsync(false);
        await page.ClickAsync("#giveBack");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("Primero suba");
        await page.ClickAsync("#send");
        await Assertions.Expect(page.Locator("#message")).ToHaveTextAsync("Todo lo anotado llegó.");
        await Assertions.Expect(page.Locator("#journal")).ToContainTextAsync("3 anotaciones; 0 por subir");
        await page.ClickAsync("#giveBack");
        await Assertions.Expect(page.Locator("#take")).ToBeVisibleAsync();
        // Of the people nothing is left on the device.
        Assert.False(await page.EvaluateAsync<bool>(
            """
            () => new Promise(done => {
                const open = indexedDB.open('entrega', 1);
                open.onsuccess = () => {
                    const all = ['kept', 'journal'].map(name => new Promise(next => { open.result.transaction(name).objectStore(name).getAll().onsuccess = e => next(JSON.stringify(e.target.result)); }));
                    Promise.all(all).then(texts => done(texts.join().includes('Cosecha')));
                };
            })
            """));
        var receipts = (await GetAsync($"campaigns/{_campaign}/receipts?centre=3"))["items"]!.AsArray();
        Assert.Equal(["delivery counted False", "delivery counted True", "refusal counted False"], receipts.Select(r => $"{r!.Text("act")} {r!.Text("state")} {(bool)r!["byDeputy"]!}").Order(StringComparer.Ordinal));
        return [.. receipts.Where(r => r!.Text("act") == "delivery").Select(r => r!.Text("id"))];

        async Task OpenAsync(string dui)
        {
            await page.FillAsync("#search", dui.Replace("-", "", StringComparison.Ordinal));
            await page.ClickAsync(".person");
        }

        async Task SignAsync()
        {
            var box = await page.Locator("#mark").BoundingBoxAsync();
            await page.Mouse.MoveAsync(box!.X + 30, box.Y + 60);
            await page.Mouse.DownAsync();
            for (var i = 1; i <= 10; i++)
                await page.Mouse.MoveAsync(box.X + 30 + 25 * i, box.Y + 60 + (i % 2 == 0 ? 40 : -30));
            await page.Mouse.UpAsync();
        }

        // For whoever wants to see what it looks like: PICTURES=folder.
        async Task ShotAsync(string name)
        {
            if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }

    private Task<HttpResponseMessage> HandAsync(string dui, int centre, JsonArray? items = null, string act = "delivery") => _promoter.SendJsonAsync(HttpMethod.Put, $"{Distribution}/campaigns/{_campaign}/receipts/{Guid.NewGuid()}", new JsonObject
    {
        ["centre"] = centre, ["package"] = 1, ["dui"] = dui, ["act"] = act, ["items"] = items,
        ["evidence"] = new JsonObject { ["kind"] = "fingerprint", ["image"] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==" },
    });

    /// <summary>How many of the campaign's days the calendar shows in a state, once it has heard.</summary>
    private async Task<int> CalendarAsync(string state) => await Eventually.GetAsync(async () =>
    {
        var seen = await InDatabaseAsync("agenda", $"SELECT count(*) FROM delivery_day WHERE campaign = 'Campaña de prueba' AND state = '{state}'");
        return seen == 3 ? (int?)seen : null;
    }, what: $"Three days {state} in the calendar") ?? 0;

    private async Task<long> InDatabaseAsync(string service, string sql)
    {
        await using var source = NpgsqlDataSource.Create(await system.DatabaseOfAsync(service));
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private Task<JsonNode> GetAsync(string path) => _unit.SendJsonAsync(HttpMethod.Get, $"{Distribution}/{path}", null).JsonAsync();

    private static Task<JsonNode> PostAsync(HttpClient client, string path, object? body) => client.SendJsonAsync(HttpMethod.Post, $"{Distribution}/{path}", body, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync();

    private Task<JsonNode> StepAsync(string path, string etag) => _unit.SendJsonAsync(HttpMethod.Post, $"{Distribution}/{path}", null, etag).JsonAsync();

    private async Task<string> DayETagAsync(string day) => ETag((await GetAsync($"campaigns/{_campaign}/days"))["items"]!.AsArray().Single(d => d!.Text("id") == day)!);

    private static string ETag(JsonNode seen) => $"\"{seen["version"]}\"";

    private static string Dui(int number)
    {
        var digits = number.ToString(CultureInfo.InvariantCulture);
        return $"{digits}-{(10 - digits.Select((d, n) => (d - '0') * (9 - n)).Sum() % 10) % 10}";
    }
}
