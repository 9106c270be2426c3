using System.Text.Json;
using Microsoft.Playwright;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Testing;

/// <summary>The distribution's Chromium, driven as a person's telephone.</summary>
internal sealed class Browser(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
{
    public static async Task<Browser> StartAsync()
    {
        await ServerPrograms.EnsureProgramAsync("chromium", "chromium");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "chromium")).First(File.Exists), Args = ["--no-sandbox", "--use-fake-device-for-media-stream"] }));
    }

    /// <summary>A telephone with a storage of its own.</summary>
    /// <param name="width">Of its screen.</param>
    /// <param name="bypassCsp">Whether scripts of a test may run in its pages.</param>
    /// <param name="hasScript">Whether scripts run at all.</param>
    public async Task<IPage> TelephoneAsync(int width = 390, bool bypassCsp = false, bool hasScript = true)
    {
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 844 }, Locale = "es-SV", HasTouch = true, Permissions = ["camera"], BypassCSP = bypassCsp, JavaScriptEnabled = hasScript,
        });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    private sealed record Violation(string Id, string Help, string[] Targets);

    /// <summary>What axe finds on a page, a line each: WCAG 2.2 AA, and what it knows beyond it. The page's own policy has to let it in.</summary>
    public static async Task<string> BarriersAsync(IPage page)
    {
        var axe = Path.Combine(await Node.InstalledAsync("tests/TransparencyPortal.Tests/node"), "node_modules", "axe-core", "axe.min.js");
        await page.AddScriptTagAsync(new() { Path = axe });
        var found = await page.EvaluateAsync<string>("async () => JSON.stringify((await axe.run()).violations.map(v => ({ id: v.id, help: v.help, targets: v.nodes.map(n => n.html) })))");
        return string.Join('\n', JsonSerializer.Deserialize<Violation[]>(found, JsonSerializerOptions.Web)!.Select(v => $"{page.Url}: {v.Id}, {v.Help}: {string.Join(" | ", v.Targets.Take(3))}"));
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
