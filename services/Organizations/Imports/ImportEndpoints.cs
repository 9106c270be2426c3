using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Imports;

/// <summary>How a file is handed in, watched, and how its rejected rows come back: the same for every kind.</summary>
internal static class ImportEndpoints
{
    private const int LargestFile = 20 * 1024 * 1024;

    /// <summary>Maps <c>/imports</c> for the files of <typeparamref name="TImport"/> below its kind's path.</summary>
    public static void MapImports<TImport>(this RouteGroupBuilder group)
        where TImport : IFileImport, new()
    {
        var import = new TImport();
        var what = typeof(TImport).Name;
        group.MapPost("/imports", (HttpContext http, OrganizationsDb db, ImportWorker worker, TimeProvider time, CancellationToken cancellation) =>
                StartAsync(import.Kind, http, db, worker, time, cancellation))
            .WithName($"Start{what}").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .Accepts<string>("text/csv")
            .WithMetadata(new RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Importar un archivo CSV")
            .WithDescription($"Columnas: {import.Columns}. Responde 202 con el trabajo que se puede consultar.");
        group.MapGet("/imports/{id:guid}", (Guid id, OrganizationsDb db, CancellationToken cancellation) => WatchAsync(import.Kind, id, db, cancellation))
            .WithName($"Get{what}")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver el avance de una importación");
        group.MapGet("/imports/{id:guid}/rejected", (Guid id, OrganizationsDb db, CancellationToken cancellation) => RejectedAsync(import.Kind, id, db, cancellation))
            .WithName($"Get{what}Rejections")
            // The rows are as they came, with whatever identifies a person in them.
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .Produces<string>(200, "text/csv")
            .WithSummary("Descargar las filas rechazadas con su motivo");
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> StartAsync(
        string kind, HttpContext http, OrganizationsDb db, ImportWorker worker, TimeProvider time, CancellationToken cancellation)
    {
        if (http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.Of(415, "unsupported_media_type", "Envíe el archivo como text/csv.");
        using var content = new MemoryStream();
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        await http.Request.Body.CopyToAsync(content, cancellation);
        if (content.Length == 0)
            return Problems.Of(400, "empty_file", "El archivo está vacío.");

        var job = new ImportJob
        {
            Kind = kind,
            Content = content.ToArray(),
            CreatedBy = Access.CallerOf(http.User),
            CreatedAt = time.GetUtcNow(),
        };
        db.ImportJobs.Add(job);
        await db.SaveChangesAsync(cancellation);
        worker.Wake();
        return TypedResults.Accepted($"/v1/organizations/{kind}/imports/{job.Id}", JobView.Of(job));
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> WatchAsync(string kind, Guid id, OrganizationsDb db, CancellationToken cancellation) =>
        await db.ImportJobs.AsNoTracking().Where(j => j.Id == id && j.Kind == kind).Select(j => new JobView(
                j.Id, j.State, j.Total, j.Accepted, j.Rejected, j.Failure, j.CreatedAt, j.FinishedAt))
            .SingleOrDefaultAsync(cancellation) is { } job
            ? TypedResults.Ok(job)
            : Problems.NotFound();

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> RejectedAsync(string kind, Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.ImportJobs.AnyAsync(j => j.Id == id && j.Kind == kind, cancellation))
            return Problems.NotFound();
        var rejections = db.ImportRejections.AsNoTracking().Where(r => r.JobId == id).OrderBy(r => r.Line).AsAsyncEnumerable();
        return Csv.File("filas-rechazadas.csv", ["linea", "motivo", "fila"], rejections, static (csv, row) =>
        {
            csv.WriteField(row.Line);
            csv.WriteField(row.Reason);
            csv.WriteField(row.Row);
        });
    }

    internal sealed record JobView(
        Guid Id, ImportState State, int Total, int Accepted, int Rejected, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)

    {
        public static JobView Example => new(
            Examples.Id, ImportState.Completed, 1200, 1188, 12, null, Examples.Instant, Examples.Instant.AddSeconds(2));

        public static JobView Of(ImportJob job) =>
            new(job.Id, job.State, job.Total, job.Accepted, job.Rejected, job.Failure, job.CreatedAt, job.FinishedAt);
    }
}
