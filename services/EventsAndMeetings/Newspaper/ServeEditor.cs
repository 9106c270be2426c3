using System.Reflection;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

/// <summary>The page on which a promoter makes an edition: it asks the API as any program does, with the token of whoever sits before it.</summary>
internal static class ServeEditor
{
    private static readonly Dictionary<string, (string Resource, string Type)> Files = new(StringComparer.Ordinal)
    {
        [""] = ("index.html", "text/html; charset=utf-8"), ["editor.js"] = ("editor.js", "text/javascript; charset=utf-8"),
    };

    public static void MapServeEditor(this IEndpointRouteBuilder api)
    {
        api.MapGet("/editor", (HttpContext http) => Give(http, "")).WithName("GetEditor").AllowAnonymous().WithTags("editions").Produces<string>(200, "text/html")
            .WithSummary("Página para hacer el periódico mural").WithDescription("Termina en /editor/. Lo que muestra y cambia lo pide al API con el token de quien la usa.");
        api.MapGet("/editor/{file}", Give).WithName("GetEditorFile").AllowAnonymous().WithTags("editions").Produces<string>(200, "text/javascript").ProducesProblem(404)
            .WithSummary("Un archivo de la página del periódico mural");
    }

    private static IResult Give(HttpContext http, string file)
    {
        if (!Files.TryGetValue(file, out var known))
            return Problems.NotFound();
        if (file.Length == 0 && !http.Request.Path.Value!.EndsWith('/'))
            return Results.Redirect("editor/"); // Its other file stands beside it.
        // The printed sheet is shown in a frame whose content the page itself brings.
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; frame-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream($"Editor.{known.Resource}")!, known.Type);
    }
}
