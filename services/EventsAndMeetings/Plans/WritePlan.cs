using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>A plan written by hand, changed, or taken over from another year.</summary>
internal static class WritePlan
{
    public static void MapWritePlan(this IEndpointRouteBuilder plans)
    {
        plans.MapPost("/", DraftAsync).WithName("DraftPlan").Idempotent().Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Escribir un plan operativo nuevo");
        plans.MapPost("/{id:guid}/changes", ChangeAsync).WithName("ChangePlan").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Cambiar el plan: agregar, corregir o retirar actividades")
            .WithDescription("Un borrador cambia sin más. Un plan aprobado cambia por una modificación numerada con su motivo; lo que el concejo aprobó se conserva.");
        plans.MapPost("/{id:guid}/copies", CopyAsync).WithName("CopyPlan").Idempotent().Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Copiar el plan a otro año, como borrador")
            .WithDescription("Toma objetivos, actividades, programación y lo que cuenta como medio de verificación; las fechas de una regla se calculan para el año nuevo. El avance no se copia.");
    }

    internal sealed record DraftRequest(
        [PublicText(150)] string Unit, int Year, [Count(1, PlanContent.MostActivities)] IReadOnlyList<ActivityContent> Activities, [Count(0, PlanContent.MostObjectives)] IReadOnlyList<ObjectiveContent>? Objectives = null,
        PlanWeeks Weeks = PlanWeeks.Sevenths)
    {
        public static DraftRequest Example => new("Unidad de proyección social", 2027, [ActivityContent.Example], [ObjectiveContent.Example]);
    }

    internal sealed record CopyRequest(int Year)
    {
        public static CopyRequest Example => new(2027);
    }

    private static async Task<Results<Created<PlanView>, ProblemHttpResult>> DraftAsync(
        DraftRequest request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var plan = AnnualPlan.Draft(
            request.Unit.Trim(), request.Year, request.Weeks, new(request.Objectives ?? [], request.Activities), null, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(plan);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Created($"/v1/agenda/plans/{plan.Id}", PlanView.Of(plan, [], []));
    }

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> ChangeAsync(
        Guid id, PlanChange request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, (plan, _) =>
        {
            if (request.Agreement is { } agreement)
                Rule.NotInFuture(agreement.Date, step.Now, "/agreement/date");
            if (plan.Change(request, step.Caller, step.Now) is { } edition)
                step.Db.Add(edition);
            return Task.CompletedTask;
        });

    private static async Task<Results<Created<PlanView>, ProblemHttpResult>> CopyAsync(
        Guid id, CopyRequest request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var source = await db.WholePlan(id).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (source is null)
            return Problems.NotFound();
        var now = time.GetUtcNow();
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockFactsAsync(request.Year, cancellation);
        var content = source.ToContent();
        // What a rule gives, and the target that came of it, is worked out for the new year.
        var copied = content with
        {
            Activities = [.. content.Activities.Select(a => a.Schedule == ActivitySchedule.Recurring ? a with { Programme = null, Target = null } : a)],
        };
        var plan = AnnualPlan.Draft(source.Unit, request.Year, source.Weeks, copied, source.Id, Access.CallerOf(http.User), now);
        db.Add(plan);
        var numbers = source.Standing.Zip(plan.Activities).ToDictionary(pair => pair.First.Number, pair => pair.Second.Number);
        var rules = await db.EvidenceRules.AsNoTracking().Where(r => r.PlanId == id).ToListAsync(cancellation);
        db.AddRange(rules.Where(r => numbers.ContainsKey(r.ActivityNumber)).Select(r => new EvidenceRule
        {
            PlanId = plan.Id, ActivityNumber = numbers[r.ActivityNumber], Fact = r.Fact, Kind = r.Kind, BodyKind = r.BodyKind,
        }));
        await db.SaveChangesAsync(cancellation);
        // A year that has begun has facts already.
        foreach (var number in rules.Select(r => numbers.GetValueOrDefault(r.ActivityNumber)).Where(n => n > 0).Distinct())
            await PlanProgress.RecountAsync(db, plan, plan.Activities.Single(a => a.Number == number), now, cancellation);
        await db.SaveChangesAsync(cancellation);
        var view = await db.ViewOfAsync(plan, cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Created($"/v1/agenda/plans/{plan.Id}", view);
    }
}
