using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ServiceDefaults.Files;

/// <summary>Where a service keeps its files.</summary>
public interface IFileStore
{
    /// <summary>Keeps it, or finds the one with the same bytes, which is as new from now on: nobody drops it meanwhile.</summary>
    /// <returns>The id of what is kept.</returns>
    Task<Guid> KeepAsync(StoredFile file, CancellationToken cancellation);

    /// <summary>The file; null when there is none.</summary>
    Task<StoredFile?> FindAsync(Guid id, CancellationToken cancellation);
}

/// <summary>A file as it was kept.</summary>
/// <param name="Id">By which others name it.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Bytes">Its size.</param>
public sealed record FileView(Guid Id, string ContentType, int Bytes)
{
    /// <summary>How one looks.</summary>
    public static FileView Example => new(Examples.Id, "image/jpeg", 184_320);
}

/// <summary>Photos and papers are handed in first and then named by what they prove. The same bytes are kept once.</summary>
public static class FileEndpoints
{
    /// <summary>Maps the two endpoints of a group <c>/files</c>.</summary>
    /// <param name="files">The group.</param>
    /// <param name="service">First word of the scopes, as <c>agenda</c>.</param>
    /// <param name="writers">Roles that hand in.</param>
    /// <param name="readers">Roles that look.</param>
    /// <returns>The one that takes files, for what the service adds to it.</returns>
    public static RouteHandlerBuilder MapFiles(this IEndpointRouteBuilder files, string service, string[] writers, string[] readers)
    {
        files.MapGet("/{id:guid}", ReadAsync).WithName("ReadFile").Allow($"{service}.read", readers)
            .Produces<byte[]>(200, "application/octet-stream")
            .WithSummary("Ver una foto o un documento");
        return files.MapPost("/", StoreAsync).WithName("StoreFile").Allow($"{service}.write", writers)
            .Accepts<string>("application/octet-stream", "image/jpeg", "image/png", "image/webp", "application/pdf")
            .WithMetadata(new RequestSizeLimitAttribute(StoredFile.Largest))
            .WithSummary("Guardar una foto (JPEG, PNG, WebP) o un documento (PDF) de hasta 6 MB")
            .WithDescription("De una foto JPEG se quita lo que el teléfono le escribe: posición, hora y aparato.");
    }

    /// <summary>The bytes of a file, which never run anything in a browser.</summary>
    /// <param name="http">The request.</param>
    /// <param name="file">What is given out.</param>
    public static FileContentHttpResult Give(HttpContext http, StoredFile file)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.Bytes(file.Content, file.ContentType);
    }

    private static async Task<Results<Created<FileView>, ProblemHttpResult>> StoreAsync(IFileStore store, HttpContext http, TimeProvider time, CancellationToken cancellation)
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
        var id = await store.KeepAsync(file, cancellation);
        return TypedResults.Created($"{http.Request.Path.Value!.TrimEnd('/')}/{id}", new FileView(id, file.ContentType, file.Content.Length));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> ReadAsync(Guid id, IFileStore store, HttpContext http, CancellationToken cancellation) =>
        await store.FindAsync(id, cancellation) is { } file ? Give(http, file) : Problems.NotFound();
}
