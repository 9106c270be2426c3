using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>ETag and If-Match: an ETag is the aggregate's version in quotes.</summary>
public static class Preconditions
{
    /// <summary>The ETag of a version: <c>"7"</c>.</summary>
    public static string ETag(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>Writes the ETag of what is answered.</summary>
    public static void SetETag(this HttpResponse response, long version) => response.Headers.ETag = ETag(version);

    /// <summary>The answer of a step with its ETag; 404 when there was nothing to step.</summary>
    /// <param name="response">Of the request.</param>
    /// <param name="stepped">The new version and what is answered.</param>
    public static Results<Ok<TView>, ProblemHttpResult> Versioned<TView>(this HttpResponse response, (long Version, TView View)? stepped)
    {
        if (stepped is not var (version, view))
            return Problems.NotFound();
        response.SetETag(version);
        return TypedResults.Ok(view);
    }

    /// <summary>Checks that the caller changes the version that it has seen.</summary>
    /// <exception cref="RuleViolationException">428 when <paramref name="ifMatch"/> is absent, 412 when it is another version.</exception>
    public static void Require(string? ifMatch, long version)
    {
        if (string.IsNullOrWhiteSpace(ifMatch))
            throw new RuleViolationException(428, "precondition_required", "Consulte el recurso y envíe su ETag en el encabezado If-Match.");
        if (ifMatch.Trim() != ETag(version))
            throw new RuleViolationException(412, "stale", "Alguien más lo cambió mientras tanto. Consulte la versión actual y repita el cambio sobre ella.");
    }
}
