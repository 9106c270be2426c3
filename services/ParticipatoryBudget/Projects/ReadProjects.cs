using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

internal static class ReadProjects
{
    public static void MapReadProjects(this IEndpointRouteBuilder projects)
    {
        projects.MapGet("/", ListAsync).WithName("ListProjects").Allow("budget.read", ReadCycles.Readers).WithSummary("Obras de un ciclo");
        projects.MapGet("/{id:guid}", GetAsync).WithName("GetProject").Allow("budget.read", ReadCycles.Readers).WithSummary("Ver una obra: dinero, hitos, comités, hallazgos y pasos");
        projects.MapGet("/{id:guid}/documents", DocumentsAsync).WithName("ListProjectDocuments").Allow("budget.read", ReadCycles.Watchers)
            .WithSummary("Documentos de la carpeta de una obra; un comité contralor ve los de la suya");
        projects.MapGet("/{id:guid}/documents/{number:int}/content", DocumentAsync).WithName("ReadProjectDocument").Allow("budget.read", ReadCycles.Watchers)
            .Produces<byte[]>(200, "application/pdf").WithSummary("Leer un documento de la carpeta de una obra; un comité contralor, de la suya");
    }

    internal sealed record ProjectSummary(Guid Id, string Name, int Zone, ProjectState State, decimal Granted)
    {
        public static ProjectSummary Example => new(Examples.Id, "Agua potable para El Ensayo", 1, ProjectState.InExecution, 23_500);
    }

    private static async Task<Ok<Page<ProjectSummary>>> ListAsync(
        Guid cycleId, BudgetDb db, Choice<ProjectState>? state = null, int? zone = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = db.Projects.AsNoTracking().Where(p => p.CycleId == cycleId && (after == null || p.Id > after) && (zone == null || p.Zone == zone));
        if (state is { Value: var wanted })
            query = query.Where(p => p.State == wanted);
        var items = await query.OrderBy(p => p.Id).Take(size + 1).Select(p => new ProjectSummary(p.Id, p.Name, p.Zone, p.State, p.Granted)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => p.Id.ToString()));
    }

    private static async Task<Results<Ok<ProjectView>, ProblemHttpResult>> GetAsync(Guid id, ProjectChange change, HttpContext http, CancellationToken cancellation)
    {
        var project = await change.Db.WholeProjects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (project is null)
            return Problems.NotFound();
        http.Response.SetETag(project.Version);
        return TypedResults.Ok(ProjectView.Of(project, await change.CommitteesOfAsync(id, cancellation), change.Now.LocalDate()));
    }

    private static async Task<Results<Ok<Page<RunProject.DocumentView>>, ProblemHttpResult>> DocumentsAsync(
        Guid id, ProjectChange caller, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var (size, db) = (Page.Size(limit), caller.Db);
        if (!await db.Projects.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        await caller.RequireReaderAsync(id, cancellation);
        var items = await db.Documents.AsNoTracking().Where(d => d.ProjectId == id && (after == null || d.Number > after)).OrderBy(d => d.Number).Take(size + 1)
            .Select(d => new RunProject.DocumentView(d.Number, d.Kind, d.Name, d.FileId)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, d => d.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> DocumentAsync(Guid id, int number, ProjectChange caller, HttpContext http, CancellationToken cancellation)
    {
        var db = caller.Db;
        var file = await db.Documents.Where(d => d.ProjectId == id && d.Number == number).Join(db.StoredFiles.AsNoTracking(), d => d.FileId, f => f.Id, (_, f) => f).SingleOrDefaultAsync(cancellation);
        if (file is null)
            return Problems.NotFound();
        await caller.RequireReaderAsync(id, cancellation);
        return FileEndpoints.Give(http, file);
    }
}
