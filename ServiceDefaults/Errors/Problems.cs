using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ProyeccionSocial.ServiceDefaults.Errors;

/// <summary>
/// Problem details (RFC 9457) with Spanish <c>title</c> and <c>detail</c>, a stable English <c>code</c>, and
/// <c>errors</c> by JSON pointer.
/// </summary>
public static partial class Problems
{
    private static readonly Dictionary<int, (string Code, string Title, string Detail)> ByStatus = new()
    {
        [400] = ("bad_request", "La solicitud no es válida", "Revise los datos y envíelos de nuevo."),
        [401] = ("unauthenticated", "Falta identificarse", "Inicie sesión o envíe un token vigente en el encabezado Authorization."),
        [403] = ("forbidden", "No tiene permiso para esto", "Pida a la jefatura de la unidad el permiso que necesita."),
        [404] = ("not_found", "No se encontró", "Lo que busca no existe o fue retirado. Revise la dirección."),
        [405] = ("method_not_allowed", "Esta dirección no acepta esa operación", "Revise el método de la solicitud en /docs."),
        [408] = ("request_timeout", "La solicitud tardó demasiado en llegar", "Revise su conexión e intente de nuevo."),
        [409] = ("conflict", "Choca con lo que ya está registrado", "Consulte el estado actual antes de intentar de nuevo."),
        [411] = ("length_required", "Falta el tamaño del contenido", "Envíe el encabezado Content-Length."),
        [412] = ("stale", "Alguien más lo cambió mientras tanto", "Consulte la versión actual y repita el cambio sobre ella."),
        [413] = ("too_large", "El contenido es demasiado grande", "Envíe un archivo o un texto más pequeño."),
        [414] = ("uri_too_long", "La dirección es demasiado larga", "Use menos filtros en la búsqueda."),
        [415] = ("unsupported_media_type", "El tipo de contenido no se acepta", "Envíe el encabezado Content-Type que se indica en /docs."),
        [422] = ("rule_violated", "Los datos no cumplen una regla", "Revise los datos y envíelos de nuevo."),
        [428] = ("precondition_required", "Falta indicar la versión que se cambia", "Consulte el recurso y envíe su ETag en el encabezado If-Match."),
        [429] = ("too_many_requests", "Demasiadas solicitudes seguidas", "Espere lo que indica el encabezado Retry-After e intente de nuevo."),
        [431] = ("headers_too_large", "Los encabezados son demasiado grandes", "Envíe menos encabezados."),
        [500] = ("internal_error", "Ocurrió un error nuestro", "Ya quedó registrado. Intente de nuevo y, si sigue igual, avise con el traceId."),
        [502] = ("bad_gateway", "Una parte del sistema no respondió bien", "Intente de nuevo en un momento."),
        [503] = ("unavailable", "El servicio no está disponible por ahora", "Intente de nuevo en un momento; no se guardó nada."),
        [504] = ("timeout", "La respuesta tardó demasiado", "Intente de nuevo en un momento."),
    };

    /// <summary>A problem with its own code and words.</summary>
    public static ProblemHttpResult Of(int status, string code, string detail, string? pointer = null, string? title = null) =>
        TypedResults.Problem(Details(status, code, detail, pointer, title));

    /// <summary>The thing asked for does not exist: 404 with the standard words.</summary>
    public static ProblemHttpResult NotFound() => Of(404, ByStatus[404].Code, ByStatus[404].Detail);

    /// <summary>The details for <see cref="Of"/>, for callers that are not endpoints.</summary>
    public static ProblemDetails Details(int status, string code, string detail, string? pointer = null, string? title = null)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = title ?? (ByStatus.TryGetValue(status, out var standard) ? standard.Title : null),
            Detail = detail,
            Extensions = { ["code"] = code },
        };
        if (pointer is not null)
            problem.Extensions["errors"] = new Dictionary<string, string[]> { [pointer] = [detail] };
        return problem;
    }

    internal static void AddProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context => Complete(context.ProblemDetails));
        builder.Services.AddExceptionHandler<ExceptionToProblem>();
    }

    /// <summary>Gives every problem that the framework makes our words, its code and pointers instead of member paths.</summary>
    private static void Complete(ProblemDetails problem)
    {
        if (problem is HttpValidationProblemDetails validation)
        {
            problem.Title = ByStatus[400].Title;
            problem.Detail = "Corrija los campos indicados en errors.";
            problem.Extensions["code"] = "invalid_fields";
            // Pointers replace the framework's paths, whose names and case are those of C#.
            var byPointer = validation.Errors.ToDictionary(e => ToPointer(e.Key), e => e.Value);
            validation.Errors.Clear();
            foreach (var (pointer, messages) in byPointer)
                validation.Errors[pointer] = messages;
        }
        else if (!problem.Extensions.ContainsKey("code") && ByStatus.TryGetValue(problem.Status ?? 500, out var standard))
        {
            problem.Title = standard.Title;
            problem.Detail = standard.Detail;
            problem.Extensions["code"] = standard.Code;
        }
        problem.Type = null; // about:blank: the code says which problem it is.
    }

    /// <summary><c>Members[2].FullName</c> and <c>$.members[2].fullName</c> become <c>/members/2/fullName</c>.</summary>
    internal static string ToPointer(string path)
    {
        var parts = PathParts().Matches(path).Select(m => m.Value).Where(p => p is not "$");
        return string.Concat(parts.Select(p => "/" + char.ToLowerInvariant(p[0]) + p[1..]));
    }

    [GeneratedRegex(@"[^.\[\]]+")]
    private static partial Regex PathParts();
}

internal sealed partial class ExceptionToProblem(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            RuleViolationException rule => Problems.Details(rule.Status, rule.Code, rule.Message, rule.Pointer),
            BadHttpRequestException { InnerException: System.Text.Json.JsonException json } => Unreadable(json),
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode },
            // The caller is gone; nobody reads the answer, but the log must not call it an error of ours.
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => new ProblemDetails { Status = 499 },
            _ => null,
        };
        if (problem is null)
            return false;
        httpContext.Response.StatusCode = problem.Status ?? 500;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static readonly string[] Obligatory = ["Este dato es obligatorio."];

    private static ProblemDetails Unreadable(System.Text.Json.JsonException json)
    {
        // A missing property is named only in the reader's message; a wrong type only in its path.
        var missing = json.Message.Contains("missing required", StringComparison.Ordinal)
            ? QuotedNames().Matches(json.Message).Skip(1).Select(m => m.Groups[1].Value).ToArray()
            : [];
        var prefix = json.Path is null or "$" ? "" : Problems.ToPointer(json.Path);
        var problem = Problems.Details(400, "unreadable_body", "El contenido no es JSON válido o un campo falta o no tiene el tipo esperado. Vea /docs.");
        var errors = missing.Length > 0
            ? missing.ToDictionary(name => $"{prefix}/{name}", _ => Obligatory)
            : prefix.Length > 0 ? new() { [prefix] = ["No tiene el tipo o el formato esperado."] } : [];
        if (errors.Count > 0)
            problem.Extensions["errors"] = errors;
        return problem;
    }

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedNames();
}
