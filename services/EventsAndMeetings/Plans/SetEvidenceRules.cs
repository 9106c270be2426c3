using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Says which facts count as evidence of an activity. What was told before is counted anew by it.</summary>
internal static class SetEvidenceRules
{
    public static void MapSetEvidenceRules(this IEndpointRouteBuilder plans) =>
        plans.MapPut("/{id:guid}/activities/{number:int}/evidence-rules", HandleAsync).WithName("SetEvidenceRules")
            .Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Indicar qué hechos cuentan como medio de verificación de una actividad")
            .WithDescription("kind es el tipo de reunión (ordinary-assembly, coordination…), de comité (youth…) o de evento (cultural…); bodyKind es association o el tipo de comité. "
                + "Un asterisco, o nada, es cualquiera. Los hechos que ya se conocían se cuentan de nuevo; el mismo hecho cuenta una sola vez.");

    internal sealed record Request([Count(0, 20)] IReadOnlyList<RuleRequest> Rules)
    {
        public static Request Example => new([RuleRequest.Example]);
    }

    internal sealed record RuleRequest(EvidenceFact Fact, [Text(60)] string Kind = EvidenceRule.Any, [Text(60)] string BodyKind = EvidenceRule.Any)
    {
        public static RuleRequest Example => new(EvidenceFact.MeetingHeld, EvidenceRule.Any, "prevention");
    }

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> HandleAsync(
        Guid id, int number, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, async (plan, cancellation) =>
        {
            var rules = request.Rules.Select(r => r with { Kind = r.Kind.Trim(), BodyKind = r.BodyKind.Trim() }).ToArray();
            Rule.That(rules.Distinct().Count() == rules.Length, "rule_twice", "Una regla aparece dos veces.", "/rules");
            Rule.That(rules.All(r => r.Fact != EvidenceFact.Manual), "rule_of_manual", "Lo que se registra a mano no necesita regla.", "/rules");
            var activity = plan.Standing.SingleOrDefault(a => a.Number == number) ?? throw new RuleViolationException(404, "not_found", "El plan no tiene una actividad con ese número.");
            var db = step.Db;
            await db.EvidenceRules.Where(r => r.PlanId == id && r.ActivityNumber == number).ExecuteDeleteAsync(cancellation);
            db.AddRange(rules.Select(r => new EvidenceRule { PlanId = id, ActivityNumber = number, Fact = r.Fact, Kind = r.Kind, BodyKind = r.BodyKind }));
            await db.SaveChangesAsync(cancellation);
            await PlanProgress.RecountAsync(db, plan, activity, step.Now, cancellation);
        });
}
