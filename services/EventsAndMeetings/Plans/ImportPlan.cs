using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Takes in the unit's own document or sheet. A few pages long, it is read at once and needs no job.</summary>
internal static class ImportPlan
{
    private const int LargestDocument = 512 * 1024;

    public static void MapImportPlan(this IEndpointRouteBuilder plans) =>
        plans.MapPost("/imports", HandleAsync).WithName("ImportPlan").Idempotent()
            .Allow("agenda.write", Roles.UnitHead)
            .Accepts<string>("text/plain", "text/csv")
            .WithSummary("Importar el plan operativo desde el documento de la unidad (text/plain, UTF-8) o una hoja de cálculo (text/csv)")
            .WithDescription($"Una hoja no dice de quién es ni de qué año: indique unit y year. Sus columnas, de las que solo la primera es obligatoria: {PlanSheet.Header}. "
                + "Un mes lleva una cantidad, una X o semanas («3º semana», «S1, S3»). weeks dice cómo se divide un mes: sevenths (días 1-7, 8-14…) o calendar (de lunes a domingo).");

    private static async Task<Results<Created<PlanView>, ProblemHttpResult>> HandleAsync(
        HttpContext http, AgendaDb db, TimeProvider time, string? unit = null, int? year = null, Choice<PlanWeeks>? weeks = null, CancellationToken cancellation = default)
    {
        var type = http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (type is not ("text/plain" or "text/csv"))
            return Problems.Of(415, "unsupported_media_type", "Envíe el documento como text/plain, o la hoja como text/csv.");
        if (http.Request.ContentLength > LargestDocument)
            return Problems.Of(413, "too_large", "El documento pasa de 512 KB.");
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        using var content = new MemoryStream();
        await http.Request.Body.CopyToAsync(content, cancellation);
        ImportedPlan imported;
        try
        {
            imported = type == "text/plain"
                ? PlanDocument.Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content.ToArray()).TrimStart('\ufeff'))
                : OfSheet(content.ToArray(), unit, year);
        }
        catch (DecoderFallbackException)
        {
            return Problems.Of(400, "not_utf8", "El documento no está en UTF-8. Guárdelo como texto UTF-8 y envíelo de nuevo.");
        }
        catch (FormatException unreadable)
        {
            return Problems.Of(422, "not_a_plan", unreadable.Message);
        }
        var plan = AnnualPlan.Draft(
            imported.Unit, imported.Year, weeks?.Value ?? PlanWeeks.Sevenths, imported.Content, null, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(plan);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Created($"/v1/agenda/plans/{plan.Id}", PlanView.Of(plan, [], []));
    }

    private static ImportedPlan OfSheet(byte[] file, string? unit, int? year)
    {
        Rule.That(unit is { Length: > 0 and <= 150 } && !string.IsNullOrWhiteSpace(unit), "unit_missing", "Indique en unit el nombre de la unidad, de hasta 150 caracteres.", "/unit");
        Rule.That(year is not null, "year_missing", "Indique en year el año del plan.", "/year");
        PlanDocument.Check(unit!);
        return new(unit!.Trim(), year!.Value, PlanSheet.Read(file));
    }
}
