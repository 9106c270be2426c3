using System.Text.Json;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>Pages as a cheap telephone shows them, and as somebody meets them who does not see them.</summary>
[Collection("feeds")] // One after the other: where the feeds are is one setting of the process.
public sealed class PageTests : IAsyncLifetime
{
    private const int LargestFirstPage = 100 * 1024;
    private readonly Feeds _feeds = new();

    public ValueTask InitializeAsync() => _feeds.InitializeAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    private sealed record Violation(string Id, string Help, string[] Targets);

    [Fact]
    public async Task Pages_have_no_barrier_fit_a_small_screen_and_weigh_little()
    {
        await using var portal = new PortalService();
        await portal.InitializeAsync();
        var place = new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Las Lomas, San Prueba");
        var (association, cycle, project) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _feeds.Tell(new AssociationActivated { AssociationId = association, Name = "ADESCO con un nombre largo, como los que llevan las comunidades", Place = place, BoardFrom = new(2027, 1, 1), BoardUntil = new(2028, 12, 31), Version = 7 }, "2027-03-01T10:00:00Z");
        _feeds.Tell(new CycleOpened
        {
            CycleId = cycle, FiscalYear = 2027, Title = "Presupuesto 2027", Ceiling = 60_000, CouncilReference = new(16, 15, new(2026, 5, 20)), Zones = [new(1, "Zona norte", "Las Lomas", 60_000)], Phases = [], Version = 2,
        }, "2027-03-01T11:00:00Z");
        _feeds.Tell(new ProjectCreated { ProjectId = project, Name = "Agua potable", Place = place, CycleId = cycle, Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 }, "2027-03-02T10:00:00Z");
        for (var i = 0; i < 60; i++)
            _feeds.Tell(new ProjectMoneyChanged { ProjectId = project, Name = "Agua potable", Place = place, Approved = 23_000, Committed = 21_000, Paid = 9_000 + i, Contributed = 1_500, Version = 2 + i }, "2027-03-03T10:00:00Z");
        await portal.CaughtUpAsync(_feeds);

        var axe = Path.Combine(await Node.InstalledAsync("tests/TransparencyPortal.Tests/node"), "node_modules", "axe-core", "axe.min.js");
        await using var browser = await Browser.StartAsync();
        var page = await browser.TelephoneAsync(width: 360, bypassCsp: true);
        using var client = portal.As(null);
        string[] addresses =
        [
            "/", "/portal/obras", $"/portal/obras/{project}", $"/portal/asociaciones/{association}", $"/portal/presupuestos/{cycle}", $"/portal/lugar?nombre={Uri.EscapeDataString(place.Path)}",
            "/portal/buscar?q=agua", "/portal/buscar?q=", "/portal/historia", "/portal/datos", $"/portal/obras/{Guid.NewGuid()}",
        ];
        foreach (var address in addresses)
        {
            await page.GotoAsync(new Uri(client.BaseAddress!, address).AbsoluteUri);
            await page.AddScriptTagAsync(new() { Path = axe });
            // WCAG 2.2 AA, and what axe knows beyond it.
            var found = await page.EvaluateAsync<string>("async () => JSON.stringify((await axe.run()).violations.map(v => ({ id: v.id, help: v.help, targets: v.nodes.map(n => n.html) })))");
            Assert.Equal("", string.Join('\n', JsonSerializer.Deserialize<Violation[]>(found, JsonSerializerOptions.Web)!.Select(v => $"{address}: {v.Id}, {v.Help}: {string.Join(" | ", v.Targets.Take(3))}")));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} is wider than the screen.");
            if (Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"portal-{Array.IndexOf(addresses, address)}.png"), FullPage = true });
        }
        var first = await client.GetByteArrayAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.InRange(first.Length, 1, LargestFirstPage); // It asks for nothing else: no script, no style, no picture.
        Assert.Equal(0, await page.Locator("script[src], link[rel=stylesheet], img").CountAsync());
    }
}
