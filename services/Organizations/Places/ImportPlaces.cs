using CsvHelper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>
/// Takes in a CSV of places: <c>code,kind,name,parent_code,valid_from,valid_to</c>. A code that exists is updated,
/// so the same file twice changes nothing.
/// </summary>
internal static class ImportPlaces
{
    private const int LargestFile = 20 * 1024 * 1024;

    public static void MapImportPlaces(this IEndpointRouteBuilder places)
    {
        places.MapPost("/imports", StartAsync).WithName("ImportPlaces").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .Accepts<string>("text/csv")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Importar lugares desde un CSV")
            .WithDescription("Columnas: code, kind, name, parent_code, valid_from, valid_to. Responde 202 con el trabajo que se puede consultar.");
        places.MapGet("/imports/{id:guid}", WatchAsync).WithName("GetPlaceImport")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver el avance de una importación");
        places.MapGet("/imports/{id:guid}/rejected", RejectedAsync).WithName("GetRejectedPlaceRows")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .Produces<string>(200, "text/csv")
            .WithSummary("Descargar las filas rechazadas con su motivo");
    }

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> StartAsync(
        HttpContext http, OrganizationsDb db, ImportWorker worker, TimeProvider time, CancellationToken cancellation)
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
            Kind = "places",
            Content = content.ToArray(),
            CreatedBy = Access.CallerOf(http.User),
            CreatedAt = time.GetUtcNow(),
        };
        db.ImportJobs.Add(job);
        await db.SaveChangesAsync(cancellation);
        worker.Wake();
        return TypedResults.Accepted($"/v1/organizations/places/imports/{job.Id}", JobView.Of(job));
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> WatchAsync(Guid id, OrganizationsDb db, CancellationToken cancellation) =>
        await db.ImportJobs.AsNoTracking().Where(j => j.Id == id).Select(j => new JobView(
                j.Id, j.State, j.Total, j.Accepted, j.Rejected, j.Failure, j.CreatedAt, j.FinishedAt))
            .SingleOrDefaultAsync(cancellation) is { } job
            ? TypedResults.Ok(job)
            : Problems.NotFound();

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> RejectedAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.ImportJobs.AnyAsync(j => j.Id == id, cancellation))
            return Problems.NotFound();
        using var file = new MemoryStream();
        var options = CsvWriterOptions.Default with { WriteByteOrderMark = true, Injection = CsvInjection.Escape };
        await using (var csv = CsvWriter.Create(file, options, leaveOpen: true))
        {
            csv.WriteField("linea");
            csv.WriteField("motivo");
            csv.WriteField("fila");
            csv.EndRecord();
            var rejections = db.ImportRejections.AsNoTracking().Where(r => r.JobId == id).OrderBy(r => r.Line).AsAsyncEnumerable();
            await foreach (var row in rejections.WithCancellation(cancellation))
            {
                csv.WriteField(row.Line);
                csv.WriteField(row.Reason);
                csv.WriteField(row.Row);
                await csv.EndRecordAsync(cancellation);
            }
        }
        return TypedResults.File(file.ToArray(), "text/csv", "filas-rechazadas.csv");
    }

    internal sealed record JobView(
        Guid Id, ImportState State, int Total, int Accepted, int Rejected, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
    {
        public static JobView Of(ImportJob job) =>
            new(job.Id, job.State, job.Total, job.Accepted, job.Rejected, job.Failure, job.CreatedAt, job.FinishedAt);
    }
}
