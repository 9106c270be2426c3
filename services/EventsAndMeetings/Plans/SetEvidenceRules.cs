using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Says which facts count as evidence of an activity, from then on.</summary>
internal static class SetEvidenceRules
{
    public static void MapSetEvidenceRules(this IEndpointRouteBuilder plans) =>
        plans.MapPut("/{id:guid}/activities/{number:int}/evidence-rules", HandleAsync).WithName("SetEvidenceRules")
            .Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Indicar qué hechos cuentan como medio de verificación de una actividad")
            .WithDescription("bodyKind es association, o el tipo de comité, como youth.");

    internal sealed record Request([Count(0, 20)] IReadOnlyList<RuleRequest> Rules);

    internal sealed record RuleRequest(EvidenceFact Fact, [Text(60)] string BodyKind);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, int number, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var rules = request.Rules.Select(r => r with { BodyKind = r.BodyKind.Trim() }).ToArray();
        Rule.That(rules.Distinct().Count() == rules.Length, "rule_twice", "Una regla aparece dos veces.", "/rules");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var plan = (await db.Plans.FromSql($"SELECT * FROM annual_plan WHERE id = {id} FOR UPDATE").ToListAsync(cancellation)).SingleOrDefault();
        if (plan is null || !await db.Activities.AnyAsync(a => a.PlanId == id && a.Number == number, cancellation))
            return Problems.NotFound();
        Preconditions.Require(ifMatch, plan.Version);
        plan.ChangeEvidenceRules();
        await db.EvidenceRules.Where(r => r.PlanId == id && r.ActivityNumber == number).ExecuteDeleteAsync(cancellation);
        db.AddRange(rules.Select(r => new EvidenceRule { PlanId = id, ActivityNumber = number, Fact = r.Fact, BodyKind = r.BodyKind }));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.NoContent();
    }
}
