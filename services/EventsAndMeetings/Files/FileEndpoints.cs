using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Files;

/// <summary>Photos and papers are handed in first and then named by what they prove. The same bytes are kept once.</summary>
internal static class FileEndpoints
{
    public static void MapFiles(this IEndpointRouteBuilder files)
    {
        files.MapPost("/", StoreAsync).WithName("StoreFile").Idempotent().Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .Accepts<string>("application/octet-stream", "image/jpeg", "image/png", "image/webp", "application/pdf")
            .WithMetadata(new RequestSizeLimitAttribute(StoredFile.Largest))
            .WithSummary("Guardar una foto (JPEG, PNG, WebP) o un documento (PDF) de hasta 6 MB")
            .WithDescription("De una foto JPEG se quita lo que el teléfono le escribe: posición, hora y aparato.");
        files.MapGet("/{id:guid}", ReadAsync).WithName("ReadFile").Allow("agenda.read", ReadPlans.Readers)
            .Produces<byte[]>(200, "application/octet-stream")
            .WithSummary("Ver una foto o un documento");
    }

    internal sealed record FileView(Guid Id, string ContentType, int Bytes)
    {
        public static FileView Example => new(Examples.Id, "image/jpeg", 184_320);
    }

    private static async Task<Results<Created<FileView>, ProblemHttpResult>> StoreAsync(AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancellation);
        if (body.Length > StoredFile.Largest)
            return Problems.Of(413, "too_large", "El archivo pasa de 6 MB.");
        var file = StoredFile.Of(body.ToArray(), Access.CallerOf(http.User), time.GetUtcNow());
        if (file is null)
            return Problems.Of(415, "file_kind", "El archivo no es una foto JPEG, PNG o WebP ni un PDF.");
        // Handed in again, it is as new: nobody drops it meanwhile.
        var id = (await db.Database.SqlQuery<Guid>(
            $"""
            INSERT INTO stored_file (id, sha256, content_type, content, stored_by, stored_at)
            VALUES ({file.Id}, {file.Sha256}, {file.ContentType}, {file.Content}, {file.StoredBy}, {file.StoredAt})
            ON CONFLICT (sha256) DO UPDATE SET stored_at = excluded.stored_at RETURNING id AS "Value"
            """).ToListAsync(cancellation)).Single();
        return TypedResults.Created($"/v1/agenda/files/{id}", new FileView(id, file.ContentType, file.Content.Length));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> ReadAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var file = await db.StoredFiles.AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, cancellation);
        if (file is null)
            return Problems.NotFound();
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.Bytes(file.Content, file.ContentType);
    }
}
