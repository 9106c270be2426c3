using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Committees;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

/// <summary>The frame around every change of a project: locked, on the version that the caller saw, answered with the whole.</summary>
internal sealed class ProjectChange(BudgetDb db, IHttpContextAccessor http, TimeProvider time)
{
    public BudgetDb Db => db;
    public DateTimeOffset Now => time.GetUtcNow();
    public string Caller => Access.CallerOf(http.HttpContext!.User);

    /// <summary>The committee that the caller's token speaks for.</summary>
    public Guid? CommitteeOfCaller => Guid.TryParse(http.HttpContext!.User.FindFirst("committee")?.Value, out var committee) ? committee : null;

    /// <summary>A step whose date has come.</summary>
    public Task<Results<Ok<ProjectView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, DateOnly on, Action<Project> step, CancellationToken cancellation, string at = "/on")
    {
        Rule.NotInFuture(on, Now, at);
        return ApplyAsync(id, ifMatch, project =>
        {
            step(project);
            return Task.CompletedTask;
        }, cancellation);
    }

    public async Task<Results<Ok<ProjectView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, Func<Project, Task> step, CancellationToken cancellation) =>
        http.HttpContext!.Response.Versioned(await db.StepAsync(id, db.WholeProjects, project => Preconditions.Require(ifMatch, project.Version), async (project, token) =>
        {
            Rule.State(!project.HasEnded, "project_ended", "La obra ya terminó: nada de ella cambia.");
            await step(project);
            return ProjectView.Of(project, await CommitteesOfAsync(id, token), Now.LocalDate());
        }, view => view, cancellation));

    public Task<List<ProjectCommittee>> CommitteesOfAsync(Guid project, CancellationToken cancellation) =>
        db.Committees.AsNoTracking().Where(c => c.ProjectId == project).ToListAsync(cancellation);

    /// <summary>The caller's committee, which must be the one that watches this project, and have been there on that day.</summary>
    public async Task<Guid> RequireCommitteeAsync(Guid project, DateOnly? on, CancellationToken cancellation)
    {
        var committee = await db.Committees.AsNoTracking()
            .SingleOrDefaultAsync(c => c.ProjectId == project && c.Kind == ProjectCommittee.Oversight && c.Id == CommitteeOfCaller && c.FormedOn != null && c.DissolvedOn == null, cancellation)
            ?? throw new RuleViolationException(403, "not_your_project", "Solo el comité contralor de esa obra puede hacer esto.");
        Rule.That(on is null || on >= committee.FormedOn, "before_committee", $"El comité se formó el {committee.FormedOn!.Value.Day()}.", "/on");
        return committee.Id;
    }

    /// <summary>The papers of a project are for staff, and for the committee that watches it.</summary>
    public Task RequireReaderAsync(Guid project, CancellationToken cancellation) =>
        Access.IsAllowed(http.HttpContext!.User, "budget.read", ReadCycles.Staff) ? Task.CompletedTask : RequireCommitteeAsync(project, null, cancellation);

    /// <summary>A photo that everybody may see.</summary>
    public async Task RequirePhotoAsync(Guid file, string at, CancellationToken cancellation)
    {
        await RequireShowableAsync(file, at, cancellation);
        Rule.That(await db.StoredFiles.AnyAsync(f => f.Id == file && f.ContentType != "application/pdf", cancellation), "photo_expected", "Debe ser una foto.", at);
    }

    /// <summary>What is shown to everybody is no paper of a proposal or a dossier.</summary>
    public async Task RequireShowableAsync(Guid file, string at, CancellationToken cancellation)
    {
        await RequireFileAsync(file, at, cancellation);
        Rule.That(
            !await db.ProposalFiles.AnyAsync(f => f.FileId == file, cancellation) && !await db.Documents.AnyAsync(d => d.FileId == file, cancellation), "not_to_be_shown",
            "Se muestra a todos, y ese archivo es un documento de una propuesta o de una carpeta: guarde otro.", at);
    }

    public async Task RequireFileAsync(Guid file, string at, CancellationToken cancellation) =>
        Rule.That(await db.StoredFiles.AnyAsync(f => f.Id == file, cancellation), "file_missing", "Ese archivo no está: guárdelo antes con POST /v1/budget/files.", at);
}
