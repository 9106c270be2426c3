using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Oversight;

/// <summary>
/// The oversight committee acts for itself: it visits, finds, judges the answers and escalates. The municipality answers;
/// the council decides what was escalated. Everything here is public.
/// </summary>
internal static class AuditProject
{
    public static void MapAuditProject(this IEndpointRouteBuilder projects)
    {
        projects.MapPost("/{id:guid}/visits", VisitAsync).WithName("RecordVisit").Idempotent().Allow("budget.oversight", Roles.Oversight).WithSummary("Anotar una visita del comité contralor a la obra");
        projects.MapGet("/{id:guid}/visits", ListVisitsAsync).WithName("ListVisits").Allow("budget.read", ReadCycles.Readers).WithSummary("Visitas del comité contralor");
        projects.MapPost("/{id:guid}/findings", FindAsync).WithName("RecordFinding").Allow("budget.oversight", Roles.Oversight).WithSummary("Anotar un hallazgo, con su prueba: una foto o un documento que todos podrán ver");
        projects.MapPost("/{id:guid}/findings/{number:int}/notification", NotifyAsync).WithName("NotifyFinding").Allow("budget.oversight", Roles.Oversight)
            .WithSummary("Notificar un hallazgo a la municipalidad").WithDescription("Desde ese día corren los días que da el ciclo para responder; vencidos, el hallazgo llega solo al concejo. Los mismos días tiene el comité para notificarlo y para decir si la respuesta basta: si calla o se disolvió, el hallazgo sigue solo su camino.");
        projects.MapPost("/{id:guid}/findings/{number:int}/answer", AnswerAsync).WithName("AnswerFinding").Allow("budget.write", Roles.UnitHead).WithSummary("Responder un hallazgo; sin respuesta no se resuelve, ni en el concejo");
        projects.MapPost("/{id:guid}/findings/{number:int}/resolution", ResolveAsync).WithName("ResolveFinding").Allow("budget.oversight", Roles.Oversight, Roles.Council)
            .WithSummary("Dar por resuelto un hallazgo respondido; uno que llegó al concejo lo resuelve el concejo");
        projects.MapPost("/{id:guid}/findings/{number:int}/escalation", EscalateAsync).WithName("EscalateFinding").Allow("budget.oversight", Roles.Oversight)
            .WithSummary("Llevar al concejo un hallazgo cuya respuesta no satisface, o que nadie respondió a tiempo");
    }

    internal sealed record NewVisit(DateOnly On, [PublicText(2000)] string Report, Guid PhotoId)
    {
        public static NewVisit Example => new(new(2027, 4, 2), "Se midió la zanja; avanza según la carpeta.", Examples.Id);
    }

    internal sealed record VisitView(int Number, DateOnly On, string Report, Guid? PhotoId)
    {
        public static VisitView Example => new(1, new(2027, 4, 2), "Se midió la zanja; avanza según la carpeta.", Examples.Id);
    }

    /// <param name="On">When it was seen.</param>
    /// <param name="Description">What was seen.</param>
    /// <param name="EvidenceId">A photo or a PDF, handed in before; everybody may see it.</param>
    internal sealed record NewFinding(DateOnly On, [PublicText(2000)] string Description, Guid EvidenceId)
    {
        public static NewFinding Example => new(new(2027, 4, 2), "La tubería es de menor diámetro que la de la carpeta.", Examples.Id);
    }

    internal sealed record Said(DateOnly On, [PublicText(2000)] string Text)
    {
        public static Said Example => new(new(2027, 4, 12), "Se cambió la tubería por la de la carpeta.");
    }

    private static async Task<Results<Created<VisitView>, ProblemHttpResult>> VisitAsync(Guid id, NewVisit request, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        var db = change.Db;
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Project>(id, cancellation);
        var project = await db.WholeProjects.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (project is null)
            return Problems.NotFound();
        Rule.State(!project.HasEnded, "project_ended", "La obra ya terminó: nada de ella cambia.");
        var committee = await change.RequireCommitteeAsync(id, request.On, cancellation);
        await change.RequirePhotoAsync(request.PhotoId, "/photoId", cancellation);
        var visit = new OversightVisit
        {
            ProjectId = id, Number = await db.Visits.CountAsync(v => v.ProjectId == id, cancellation) + 1, CommitteeId = committee, VisitedOn = request.On, Report = request.Report.Trim(), PhotoId = request.PhotoId,
        };
        db.Add(visit);
        project.Tell(visit, change.Now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/budget/projects/{id}/visits", new VisitView(visit.Number, visit.VisitedOn, visit.Report, visit.PhotoId));
    }

    private static async Task<Results<Ok<Page<VisitView>>, ProblemHttpResult>> ListVisitsAsync(Guid id, BudgetDb db, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Projects.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        var items = await db.Visits.AsNoTracking().Where(v => v.ProjectId == id && (after == null || v.Number > after)).OrderBy(v => v.Number).Take(size + 1)
            .Select(v => new VisitView(v.Number, v.VisitedOn, v.Report, v.PhotoId)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, v => v.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> FindAsync(Guid id, NewFinding request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        return change.ApplyAsync(id, ifMatch, async project =>
        {
            var committee = await change.RequireCommitteeAsync(id, request.On, cancellation);
            Rule.State(project.Findings.Count < Project.MostFindings, "too_many", $"Una obra lleva {Project.MostFindings} hallazgos a lo más.");
            await change.RequireShowableAsync(request.EvidenceId, "/evidenceId", cancellation);
            var finding = Finding.Of(
                id, project.Findings.Count + 1, committee, request.Description.Trim(), request.EvidenceId, request.On, change.Now.LocalDate(), await DaysAsync(change, id, cancellation));
            project.Findings.Add(finding);
            project.Tell(finding, change.Now);
        }, cancellation);
    }

    private static async Task<Results<Ok<ProjectView>, ProblemHttpResult>> NotifyAsync(
        Guid id, int number, RunProject.OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation)
    {
        var days = await DaysAsync(change, id, cancellation);
        return await StepAsync(change, id, number, ifMatch, request.On, byCommittee: true, finding => finding.Notify(request.On, change.Now.LocalDate(), days), cancellation);
    }

    private static async Task<Results<Ok<ProjectView>, ProblemHttpResult>> AnswerAsync(
        Guid id, int number, Said request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation)
    {
        var days = await DaysAsync(change, id, cancellation);
        return await StepAsync(change, id, number, ifMatch, request.On, byCommittee: false, finding => finding.Respond(request.Text.Trim(), request.On, change.Now.LocalDate(), days), cancellation);
    }

    /// <summary>Days that each side has, by the project's cycle; nothing when there is no such project.</summary>
    private static async Task<int> DaysAsync(ProjectChange change, Guid project, CancellationToken cancellation) =>
        (await change.Db.Cycles.Where(c => change.Db.Projects.Any(p => p.Id == project && p.CycleId == c.Id)).Select(c => c.Execution).SingleOrDefaultAsync(cancellation))?.AnswerDays ?? 0;

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ResolveAsync(
        Guid id, int number, Said request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, HttpContext http, CancellationToken cancellation)
    {
        var council = http.User.IsInRole(Roles.Council);
        return StepAsync(change, id, number, ifMatch, request.On, byCommittee: !council, finding =>
        {
            Rule.State(council == (finding.State == FindingState.Escalated), "not_yours_to_resolve", "Lo que llegó al concejo lo resuelve el concejo; lo demás, el comité contralor.");
            finding.Resolve(request.Text.Trim(), request.On);
        }, cancellation);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> EscalateAsync(
        Guid id, int number, RunProject.OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        StepAsync(change, id, number, ifMatch, request.On, byCommittee: true, finding => finding.Escalate(request.On), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> StepAsync(
        ProjectChange change, Guid id, int number, string? ifMatch, DateOnly on, bool byCommittee, Action<Finding> step, CancellationToken cancellation)
    {
        Rule.NotInFuture(on, change.Now, "/on");
        return change.ApplyAsync(id, ifMatch, async project =>
        {
            if (byCommittee)
                await change.RequireCommitteeAsync(id, null, cancellation);
            var finding = project.Findings.SingleOrDefault(f => f.Number == number) ?? throw new RuleViolationException(404, "not_found", "La obra no tiene un hallazgo con ese número.");
            Rule.That(on >= finding.LastOn, "before_last_step", $"El paso anterior fue el {finding.LastOn.Day()}.", "/on");
            step(finding);
            project.Tell(finding, change.Now);
        }, cancellation);
    }
}
