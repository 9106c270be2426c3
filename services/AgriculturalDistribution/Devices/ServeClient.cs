using System.Reflection;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.AgriculturalDistribution.Devices;

/// <summary>The reference client: a page that works from the browser's own storage, and needs no other file.</summary>
internal static class ServeClient
{
    private static readonly Dictionary<string, (string Resource, string Type)> Files = new(StringComparer.Ordinal)
    {
        [""] = ("index.html", "text/html; charset=utf-8"), ["app.js"] = ("app.js", "text/javascript; charset=utf-8"), ["sw.js"] = ("sw.js", "text/javascript; charset=utf-8"),
    };

    public static void MapServeClient(this IEndpointRouteBuilder api)
    {
        api.MapGet("/device", (HttpContext http) => Give(http, "")).WithName("GetClient").AllowAnonymous().WithTags("devices").Produces<string>(200, "text/html")
            .WithSummary("Página para entregar sin señal").WithDescription("Termina en /device/. Guarda la lista y el diario en el navegador, y sube lo anotado cuando hay señal.");
        api.MapGet("/device/{file}", Give).WithName("GetClientFile").AllowAnonymous().WithTags("devices").Produces<string>(200, "text/javascript").ProducesProblem(404)
            .WithSummary("Un archivo de la página para entregar sin señal");
    }

    private static IResult Give(HttpContext http, string file)
    {
        if (!Files.TryGetValue(file, out var known))
            return Problems.NotFound();
        if (file.Length == 0 && !http.Request.Path.Value!.EndsWith('/'))
            return Results.Redirect("device/"); // Its other files stand beside it.
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"; // It reads the code of a summons.
        http.Response.Headers.CacheControl = "no-cache"; // The page's own worker keeps it.
        return Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream($"Client.{known.Resource}")!, known.Type);
    }
}
