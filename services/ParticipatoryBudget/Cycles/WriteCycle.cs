using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

/// <summary>A cycle is written as a draft, as often as it takes, and opened by the council's agreement.</summary>
internal static class WriteCycle
{
    public static void MapWriteCycle(this IEndpointRouteBuilder cycles)
    {
        cycles.MapPost("/", DraftAsync).WithName("DraftCycle").Idempotent().Allow("budget.write", Roles.UnitHead)
            .WithSummary("Escribir el ciclo de un año fiscal: techo, fuentes, zonas, fases y reglas")
            .WithDescription("Lo que toca a cada zona se calcula con la fórmula y suma el techo al centavo. Las fases van en orden, sin huecos.");
        cycles.MapPut("/{id:guid}", RewriteAsync).WithName("RewriteCycle").Allow("budget.write", Roles.UnitHead).WithSummary("Escribir de nuevo un ciclo en borrador");
        cycles.MapPost("/{id:guid}/opening", OpenAsync).WithName("OpenCycle").Allow("budget.write", Roles.Council)
            .WithSummary("Abrir el ciclo con el acuerdo del concejo").WithDescription("Desde entonces su techo, sus zonas y su calendario son públicos y ya no cambian.");
    }

    internal sealed record Opening(CouncilAgreement Agreement)
    {
        public static Opening Example => new(CouncilAgreement.Example);
    }

    private static async Task<Results<Created<CycleView>, ProblemHttpResult>> DraftAsync(
        CycleContent request, BudgetDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var cycle = Cycle.Draft(request, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(cycle);
        db.Add(new CycleKey { CycleId = cycle.Id, Key = RandomNumberGenerator.GetBytes(32) });
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(cycle.Version);
        return TypedResults.Created($"/v1/budget/cycles/{cycle.Id}", CycleView.Of(cycle));
    }

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> RewriteAsync(
        Guid id, CycleContent request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http) =>
        http.Response.Versioned(await db.StepAsync(id, db.Cycles, cycle => Preconditions.Require(ifMatch, cycle.Version), async (cycle, cancellation) =>
        {
            cycle.RequireDraft();
            // Written whole: what stood there goes first, and what does not add up undoes both.
            await db.Sources.Where(s => s.CycleId == id).ExecuteDeleteAsync(cancellation);
            await db.Zones.Where(z => z.CycleId == id).ExecuteDeleteAsync(cancellation);
            await db.Phases.Where(p => p.CycleId == id).ExecuteDeleteAsync(cancellation);
            cycle.Write(request);
            return cycle;
        }, CycleView.Of, http.RequestAborted));

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> OpenAsync(
        Guid id, Opening request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), (cycle, _) =>
        {
            Rule.NotInFuture(request.Agreement.Date, time.GetUtcNow(), "/agreement/date");
            Rule.That(request.Agreement.Date.Year >= 2000, "agreement_date", "Esa fecha no puede ser la del acuerdo.", "/agreement/date");
            cycle.Open(request.Agreement, time.GetUtcNow());
            return Task.FromResult(cycle);
        }, CycleView.Of, http.RequestAborted));
}
