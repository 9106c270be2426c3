using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Takes in the unit's own document. A page long, it is read at once and needs no job.</summary>
internal static class ImportPlan
{
    private const int LargestDocument = 512 * 1024;

    public static void MapImportPlan(this IEndpointRouteBuilder plans) =>
        plans.MapPost("/imports", HandleAsync).WithName("ImportPlan").Idempotent()
            .Allow("agenda.write", Roles.UnitHead)
            .Accepts<string>("text/plain")
            .WithSummary("Importar el plan operativo desde el documento de la unidad (text/plain, UTF-8)");

    private static async Task<Results<Created<PlanView>, ProblemHttpResult>> HandleAsync(
        HttpContext http, AgendaDb db, TimeProvider time, CancellationToken cancellation)
    {
        if (http.Request.ContentType?.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.Of(415, "unsupported_media_type", "Envíe el documento como text/plain.");
        if (http.Request.ContentLength > LargestDocument)
            return Problems.Of(413, "too_large", "El documento pasa de 512 KB.");
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        PlanDocument document;
        try
        {
            using var reader = new StreamReader(http.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
            document = PlanDocument.Read(await reader.ReadToEndAsync(cancellation));
        }
        catch (DecoderFallbackException)
        {
            return Problems.Of(400, "not_utf8", "El documento no está en UTF-8. Guárdelo como texto UTF-8 y envíelo de nuevo.");
        }
        catch (FormatException unreadable)
        {
            return Problems.Of(422, "not_a_plan", unreadable.Message);
        }
        var plan = AnnualPlan.Import(document, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(plan);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Created($"/v1/agenda/plans/{plan.Id}", PlanView.Of(plan, new Dictionary<int, int>(), []));
    }
}

/// <summary>A plan with what each activity has to show.</summary>
internal sealed record PlanView(
    Guid Id, long Version, string Unit, int Year, PlanState State, IReadOnlyList<PlanView.ObjectiveView> Objectives, IReadOnlyList<PlanView.ActivityView> Activities)
{
    internal sealed record ObjectiveView(int Number, ObjectiveScope Scope, string Text);

    internal sealed record RuleView(EvidenceFact Fact, string BodyKind);

    internal sealed record ActivityView(
        int Number, string Text, ActivitySchedule Schedule, string? ScheduleSource, int? Month, int? Week, string? Rule,
        int EvidenceCount, bool HasEvidence, IReadOnlyList<RuleView> CountsAsEvidence);

    public static PlanView Of(AnnualPlan plan, IReadOnlyDictionary<int, int> evidence, IReadOnlyList<EvidenceRule> rules) => new(
        plan.Id, plan.Version, plan.Unit, plan.Year, plan.State,
        [.. plan.Objectives.OrderBy(o => o.Number).Select(o => new ObjectiveView(o.Number, o.Scope, o.Text))],
        [.. plan.Activities.OrderBy(a => a.Number).Select(a => new ActivityView(
            a.Number, a.Text, a.Schedule, a.ScheduleSource, a.Month, a.Week, a.Rule,
            evidence.GetValueOrDefault(a.Number), evidence.GetValueOrDefault(a.Number) > 0,
            [.. rules.Where(r => r.ActivityNumber == a.Number).Select(r => new RuleView(r.Fact, r.BodyKind))]))]);
}
