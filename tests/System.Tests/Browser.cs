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

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
