using ProyeccionSocial.TransparencyPortal.Developers;
using static ProyeccionSocial.TransparencyPortal.Pages.Shown;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>A question to the unit, and what those need to know who build upon the public stream.</summary>
internal static class OtherPages
{
    private static readonly Dictionary<string, string> Errors = new()
    {
        ["empty"] = "Escriba su pregunta.", ["long"] = "La pregunta es muy larga: use menos de 3000 letras.", ["form"] = "No se pudo leer la pregunta. Escríbala de nuevo, por favor.",
    };

    public static void MapOtherPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/portal/preguntar", Ask).WithName("GetAskPage").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Formulario para pedir información");
        pages.MapGet("/portal/desarrolladores", Developers).WithName("GetDevelopersPage").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Cómo recibir los eventos públicos en otro sistema");
        pages.MapGet("/portal/vivo.js", Script).WithName("GetLiveScript").AllowAnonymous().Produces<string>(200, "text/javascript").WithSummary("Muestra en una página abierta lo que se publica");
    }

    // A page's type is made after the request delegates are, and cannot be named in them.
    private static Task<IResult> Ask(HttpContext http, string? error = null) => Task.FromResult<IResult>(Page<AskPage>(http, new() { ["Error"] = error is null ? null : Errors.GetValueOrDefault(error, Errors["form"]) }));

    private static Task<IResult> Developers(HttpContext http, IConfiguration configuration) => Task.FromResult<IResult>(
        Page<DevelopersPage>(http, new() { ["Home"] = HomeOf(http, configuration).AbsoluteUri.TrimEnd('/'), ["Types"] = (IReadOnlyList<string>)[.. PublicContract.Types.Keys] }));

    private static IResult Script(HttpContext http)
    {
        http.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Stream(typeof(OtherPages).Assembly.GetManifestResourceStream("live.js")!, "text/javascript; charset=utf-8");
    }
}
