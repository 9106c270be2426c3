using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Accountability;

/// <summary>What became of the money and of the works: as data, as a printed report, and for each project as a public page.</summary>
internal static class GiveAccounts
{
    public static void MapGiveAccounts(this IEndpointRouteBuilder cycles)
    {
        cycles.MapGet("/{id:guid}/accountability", GetAsync).WithName("GetAccountability").Allow("budget.read", ReadCycles.Readers)
            .WithSummary("Rendición de cuentas de un ciclo: aprobado, comprometido, pagado, avance físico y financiero y atraso, por obra y por zona");
        cycles.MapPost("/{id:guid}/finish", FinishAsync).WithName("FinishCycle").Allow("budget.write", Roles.Council)
            .WithSummary("Terminar el ciclo cuando todas sus obras se cerraron").WithDescription("Desde entonces nada de él cambia, y se borra la clave con que se distinguía a quienes votaron.");
    }

    public static void MapPublicAccounts(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/cycles/{id:guid}/accountability", ReportAsync).WithName("GetAccountabilityReport").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Informe anual de rendición de cuentas de un ciclo, para imprimir");
        pages.MapGet("/projects/{id:guid}", ProjectAsync).WithName("GetPublicProject").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de una obra: dinero, hitos, comités, visitas y hallazgos");
        pages.MapGet("/projects/{id:guid}/photos/{photo:guid}", PhotoAsync).WithName("GetProjectPhoto").AllowAnonymous()
            .Produces<byte[]>(200, "image/jpeg").ProducesProblem(404).WithSummary("Una foto de un hito, una visita o un hallazgo de una obra");
    }

    private static async Task<Results<Ok<Accounts>, ProblemHttpResult>> GetAsync(Guid id, BudgetDb db, TimeProvider time, CancellationToken cancellation) =>
        await Accounts.ReadAsync(db, id, time.Today(), cancellation) is { } accounts ? TypedResults.Ok(accounts) : Problems.NotFound();

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> FinishAsync(
        Guid id, RunProject.OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time)
    {
        Rule.NotInFuture(request.On, time.GetUtcNow(), "/on");
        return http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), async (cycle, cancellation) =>
        {
            Rule.State(cycle.State == CycleState.Open, "cycle_not_open", "El ciclo no está abierto.");
            var accounts = (await Accounts.ReadAsync(db, id, time.Today(), cancellation))!;
            var running = accounts.Projects.Count(p => p.State is not (ProjectState.Closed or ProjectState.Void or ProjectState.Cancelled));
            Rule.State(running == 0, "projects_running", $"Hay {running} obras sin cerrar.");
            var undeclared = await db.Candidates.Where(c => c.CycleId == id).Select(c => c.Zone).Distinct().Where(z => !db.Results.Any(r => r.CycleId == id && r.Zone == z)).CountAsync(cancellation);
            Rule.State(undeclared == 0, "results_missing", $"Faltan los resultados de {undeclared} zonas.");
            var pending = await db.Proposals.CountAsync(
                p => p.CycleId == id && (p.State == ProposalState.Received || p.State == ProposalState.InReview || p.State == ProposalState.Observed || p.State == ProposalState.Prioritised || p.State == ProposalState.Included), cancellation);
            Rule.State(pending == 0, "proposals_pending", $"Hay {pending} propuestas sin resolver, o que ganaron y todavía no son proyecto.");
            await db.CycleKeys.Where(k => k.CycleId == id).ExecuteDeleteAsync(cancellation);
            var lastEnded = await db.Projects.Where(p => p.CycleId == id).MaxAsync(p => p.EndedOn, cancellation);
            cycle.Finish(request.On, lastEnded, accounts.Approved, accounts.Paid, accounts.Projects.Count(p => p.State == ProjectState.Closed), time.GetUtcNow());
            return cycle;
        }, CycleView.Of, http.RequestAborted));
    }

    private static async Task<IResult> ReportAsync(Guid id, BudgetDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var accounts = await Accounts.ReadAsync(db, id, time.Today(), cancellation);
        return Html.Page<AccountsPage>(http, new() { ["Report"] = accounts is null ? null : AccountsPaper.Of(accounts, time.GetUtcNow().DayAndHour()) }, accounts is null ? 404 : 200);
    }

    private static async Task<IResult> ProjectAsync(Guid id, ProjectChange change, HttpContext http, CancellationToken cancellation)
    {
        var project = await change.Db.WholeProjects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (project is null)
            return Html.Page<ProjectPage>(http, [], 404);
        var view = ProjectView.Of(project, await change.CommitteesOfAsync(id, cancellation), change.Now.LocalDate());
        var visits = await change.Db.Visits.AsNoTracking().Where(v => v.ProjectId == id).OrderByDescending(v => v.Number).Take(ProjectPaper.MostVisits).ToListAsync(cancellation);
        return Html.Page<ProjectPage>(http, new() { ["Project"] = ProjectPaper.Of(view, visits, await change.Db.StandingAsync(id, cancellation)) });
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> PhotoAsync(Guid id, Guid photo, BudgetDb db, HttpContext http, CancellationToken cancellation)
    {
        // Only what the project shows of itself; papers and other files stay inside.
        var stands = await db.StandingAsync(id, cancellation);
        var file = (await db.Milestones.Where(m => m.ProjectId == id && m.PhotoId == photo).Select(m => m.Number).ToListAsync(cancellation)).Exists(n => stands(ProjectPaper.Reached, n))
            || (await db.Visits.Where(v => v.ProjectId == id && v.PhotoId == photo).Select(v => v.Number).ToListAsync(cancellation)).Exists(n => stands(ProjectPaper.Visited, n))
            || (await db.Set<Finding>().Where(f => f.ProjectId == id && f.EvidenceId == photo).Select(f => f.Number).ToListAsync(cancellation)).Exists(n => stands(ProjectPaper.Found, n))
            ? await db.StoredFiles.AsNoTracking().SingleOrDefaultAsync(f => f.Id == photo, cancellation) : null;
        return file is null ? Problems.NotFound() : FileEndpoints.Give(http, file);
    }
}
