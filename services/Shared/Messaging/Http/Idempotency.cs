using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ProyeccionSocial.Messaging.Http;

/// <summary>
/// <c>Idempotency-Key</c>: a client that did not see the answer may ask again. The key, what the request changed and
/// the answer are one transaction, so the second request gets the first one's answer and changes nothing.
/// </summary>
public static class Idempotency
{
    /// <summary>The request header.</summary>
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 200;

    /// <summary>
    /// Honours the header on an endpoint that creates. The same key with another request is 422
    /// (<c>idempotency_key_reused</c>); a refused request leaves its key free. Answers are kept three days.
    /// </summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder endpoint)
    {
        endpoint.AddEndpointFilter(async (context, next) =>
        {
            var key = context.HttpContext.Request.Headers[Header].ToString();
            return key.Length switch
            {
                0 => await next(context),
                > LongestKey => Problem(400, "idempotency_key_too_long", $"Use una clave de {LongestKey} caracteres o menos."),
                _ => await OnceAsync(key, context, next),
            };
        });
        return endpoint.WithMetadata(new IdempotentAttribute());
    }

    /// <summary>
    /// Keeps the body of requests with a key readable, for the comparison with the first one. Stands before routing.
    /// </summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Headers.ContainsKey(Header))
            context.Request.EnableBuffering();
        return next(context);
    });

    private static async ValueTask<object?> OnceAsync(string key, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var database = http.RequestServices.GetRequiredService<MessagingDbContext>().Database;
        var caller = http.User.FindFirstValue("sub") ?? "anonymous";
        var hash = await HashAsync(http);

        await using var transaction = await database.BeginTransactionAsync(http.RequestAborted);
        // Waits here while another request with the same key is under way.
        var first = await database.ExecuteSqlAsync(
            $"INSERT INTO idempotency (caller, key, request_hash) VALUES ({caller}, {key}, {hash}) ON CONFLICT DO NOTHING", http.RequestAborted);
        if (first == 0)
        {
            var stored = await database
                .SqlQuery<StoredAnswer>($"""SELECT request_hash AS "RequestHash", status AS "Status", location AS "Location", etag AS "Etag", body::text AS "Body" FROM idempotency WHERE caller = {caller} AND key = {key}""")
                .SingleAsync(http.RequestAborted);
            return stored.RequestHash.AsSpan().SequenceEqual(hash)
                ? new Replay(stored)
                : Problem(422, "idempotency_key_reused", "Esta clave ya se usó con otra solicitud. Use una clave nueva.");
        }

        var result = await next(context);
        var answer = result is INestedHttpResult nested ? nested.Result : result;
        var status = (answer as IStatusCodeHttpResult)?.StatusCode ?? 200;
        if (status >= 400)
            return result; // The transaction is rolled back, and with it the key.

        var json = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var body = (answer as IValueHttpResult)?.Value is { } value ? JsonSerializer.Serialize(value, value.GetType(), json) : null;
        var location = answer?.GetType().GetProperty("Location")?.GetValue(answer) as string;
        var etag = http.Response.Headers.ETag.ToString();
        await database.ExecuteSqlAsync(
            $"UPDATE idempotency SET status = {status}, location = {location}, etag = {etag}, body = {body}::json WHERE caller = {caller} AND key = {key}",
            http.RequestAborted);
        await transaction.CommitAsync(http.RequestAborted);
        return result;
    }

    private static async Task<byte[]> HashAsync(HttpContext http)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n"));
        http.Request.Body.Position = 0;
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
            sha.AppendData(buffer, 0, read);
        return sha.GetHashAndReset();
    }

    private static ProblemHttpResult Problem(int status, string code, string detail) => TypedResults.Problem(
        statusCode: status, title: "La clave de repetición no es válida", detail: detail,
        extensions: new Dictionary<string, object?> { ["code"] = code });

    private sealed record StoredAnswer(byte[] RequestHash, int Status, string? Location, string? Etag, string? Body);

    private sealed class Replay(StoredAnswer stored) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = stored.Status;
            httpContext.Response.Headers["Idempotency-Replayed"] = "true";
            if (!string.IsNullOrEmpty(stored.Location))
                httpContext.Response.Headers.Location = stored.Location;
            if (!string.IsNullOrEmpty(stored.Etag))
                httpContext.Response.Headers.ETag = stored.Etag;
            if (stored.Body is null)
                return;
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            await httpContext.Response.WriteAsync(stored.Body, httpContext.RequestAborted);
        }
    }
}

/// <summary>Marks an endpoint that honours <see cref="Idempotency.Header"/>, for its documentation.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IdempotentAttribute : Attribute;
