using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>A plan's course: presented, observed or approved by the council, carried out, closed.</summary>
internal static class AdvancePlan
{
    public static void MapAdvancePlan(this IEndpointRouteBuilder plans)
    {
        plans.MapPost("/{id:guid}/submission", SubmitAsync).WithName("SubmitPlan").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Presentar el plan al concejo");
        plans.MapPost("/{id:guid}/observation", ObserveAsync).WithName("ObservePlan").Allow("agenda.write", Roles.Council, Roles.Secretary)
            .WithSummary("Devolver el plan con observaciones");
        plans.MapPost("/{id:guid}/approval", ApproveAsync).WithName("ApprovePlan").Allow("agenda.write", Roles.Council, Roles.Secretary)
            .WithSummary("Aprobar el plan por acuerdo del concejo").WithDescription("Lo que el plan dice ese día se conserva como línea base.");
        plans.MapPost("/{id:guid}/execution", StartAsync).WithName("StartPlan").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Comenzar la ejecución");
        plans.MapPost("/{id:guid}/closure", CloseAsync).WithName("ClosePlan").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Cerrar el plan cuando el concejo ya tiene el informe de cada trimestre").WithDescription("Después nada de él cambia: ni actividades, ni medios de verificación, ni informes.");
    }

    internal sealed record Observation([Text(2000)] string Observations)
    {
        public static Observation Example => new("Falta la meta de la actividad 3.");
    }

    internal sealed record Approval(CouncilAgreement Agreement)
    {
        public static Approval Example => new(CouncilAgreement.Example);
    }

    internal sealed record Start(DateOnly StartedOn)
    {
        public static Start Example => new(new DateOnly(2026, 1, 2));
    }

    internal sealed record Closure(DateOnly ClosedOn)
    {
        public static Closure Example => new(new DateOnly(2027, 1, 21));
    }

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> SubmitAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, (plan, _) =>
        {
            plan.Submit(step.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> ObserveAsync(
        Guid id, Observation request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, (plan, _) =>
        {
            plan.Observe(request.Observations.Trim(), step.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> ApproveAsync(
        Guid id, Approval request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, (plan, _) =>
        {
            Rule.NotInFuture(request.Agreement.Date, step.Now, "/agreement/date");
            var agreement = request.Agreement;
            step.Db.Add(plan.Approve(new(agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date), step.Caller, step.Now));
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> StartAsync(
        Guid id, Start request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, (plan, _) =>
        {
            Rule.NotInFuture(request.StartedOn, step.Now, "/startedOn");
            plan.Start(request.StartedOn, step.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> CloseAsync(
        Guid id, Closure request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, async (plan, cancellation) =>
        {
            Rule.NotInFuture(request.ClosedOn, step.Now, "/closedOn");
            plan.Close(request.ClosedOn, await step.Db.PresentedReports.Where(r => r.PlanId == id).ToDictionaryAsync(r => r.Quarter, r => r.PresentedOn, cancellation), step.Now);
        });
}
