using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Imports;

/// <summary>Says which columns a file has, for the documentation.</summary>
internal interface IDescribesColumns
{
    string Columns { get; }
}

/// <summary>How a file is handed in, watched, and how its rejected rows come back: the same for every kind.</summary>
internal static class ImportEndpoints
{
    private const int LargestFile = 20 * 1024 * 1024;

    /// <summary>Maps <c>/imports</c> for the files of <typeparamref name="TImport"/> below its kind's path.</summary>
    public static void MapImports<TImport>(this RouteGroupBuilder group)
        where TImport : IFileImport, IDescribesColumns, new()
    {
        var import = new TImport();
        var what = typeof(TImport).Name;
        group.MapPost("/imports", (HttpContext http, ImportQueue queue, CancellationToken cancellation) => StartAsync(import.Kind, http, queue, cancellation))
            .WithName($"Start{what}").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .Accepts<string>("text/csv")
            .WithMetadata(new RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Importar un archivo CSV")
            .WithDescription($"Columnas: {import.Columns}. Responde 202 con el trabajo que se puede consultar.");
        group.MapGet("/imports/{id:guid}", (Guid id, ImportQueue queue, CancellationToken cancellation) => WatchAsync(import.Kind, id, queue, cancellation))
            .WithName($"Get{what}")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver el avance de una importación");
        group.MapGet("/imports/{id:guid}/rejected", (Guid id, ImportQueue queue, CancellationToken cancellation) => RejectedAsync(import.Kind, id, queue, cancellation))
            .WithName($"Get{what}Rejections")
            // The rows are as they came, with whatever identifies a person in them.
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .Produces<string>(200, "text/csv")
            .WithSummary("Descargar las filas rechazadas con su motivo");
    }

    private static async Task<Results<Accepted<ImportView>, ProblemHttpResult>> StartAsync(string kind, HttpContext http, ImportQueue queue, CancellationToken cancellation)
    {
        if (http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.Of(415, "unsupported_media_type", "Envíe el archivo como text/csv.");
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        return await queue.QueueAsync(kind, null, http.Request.Body, Access.CallerOf(http.User), cancellation) is { } job
            ? TypedResults.Accepted($"/v1/organizations/{kind}/imports/{job.Id}", job)
            : Problems.Of(400, "empty_file", "El archivo está vacío.");
    }

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> WatchAsync(string kind, Guid id, ImportQueue queue, CancellationToken cancellation) =>
        await queue.FindAsync(kind, null, id, cancellation) is { } job ? TypedResults.Ok(job) : Problems.NotFound();

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> RejectedAsync(string kind, Guid id, ImportQueue queue, CancellationToken cancellation) =>
        await queue.FindAsync(kind, null, id, cancellation) is null ? Problems.NotFound() : Csv.RejectedRows(queue.RejectedAsync(id));
}
