using Microsoft.Playwright;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.SystemTests;

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
    public async Task<IPage> TelephoneAsync()
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 390, Height = 844 }, Locale = "es-SV", HasTouch = true, Permissions = ["camera"] });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
