using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ProyeccionSocial.Messaging.Http;

/// <summary>What a constraint of the database means to the person who ran into it.</summary>
/// <param name="Code">Stable English code.</param>
/// <param name="Detail">Spanish; says what to do.</param>
public sealed record ConstraintProblem(string Code, string Detail);

/// <summary>A service's constraints by name. One that is missing here still answers 409 or 422, with general words.</summary>
public sealed class ConstraintProblems : Dictionary<string, ConstraintProblem>;

/// <summary>
/// The database's "no" as a problem: the handler's check gives the message in peace time, this one when two requests
/// race and the constraint decides.
/// </summary>
internal sealed class DatabaseProblemHandler(IProblemDetailsService problems, ConstraintProblems constraints) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            DbUpdateConcurrencyException => new ProblemDetails { Status = 412 },
            _ when FindPostgres(exception) is { } refused => Explain(refused),
            _ when IsUnavailable(exception) => new ProblemDetails { Status = 503 },
            _ => null,
        };
        if (problem is null)
            return false;
        if (problem.Status == 503)
            httpContext.Response.Headers.RetryAfter = "2";
        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private ProblemDetails? Explain(PostgresException refused)
    {
        if (refused.ConstraintName is { } name && constraints.TryGetValue(name, out var known))
        {
            var status = refused.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation ? 409 : 422;
            return new ProblemDetails { Status = status, Title = "Los datos no cumplen una regla", Detail = known.Detail, Extensions = { ["code"] = known.Code } };
        }
        return refused.SqlState switch
        {
            PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation => new ProblemDetails { Status = 409 },
            // Another request changed the same rows at the same time: nothing was saved, and a new try sees its result.
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => new ProblemDetails { Status = 409 },
            _ when refused.SqlState.StartsWith("23", StringComparison.Ordinal) => new ProblemDetails { Status = 422 },
            // Class 22: a value that no column can hold, as a text with a NUL or a date out of range.
            _ when refused.SqlState.StartsWith("22", StringComparison.Ordinal) => new ProblemDetails { Status = 400 },
            // The server was told to stop it, by whomever: nothing was saved.
            PostgresErrorCodes.QueryCanceled => new ProblemDetails { Status = 503 },
            _ when refused.IsTransient || refused.SqlState.StartsWith("57P", StringComparison.Ordinal) => new ProblemDetails { Status = 503 },
            _ => null,
        };
    }

    private static PostgresException? FindPostgres(Exception? exception) =>
        exception as PostgresException ?? (exception?.InnerException is { } inner ? FindPostgres(inner) : null);

    private static bool IsUnavailable(Exception? exception) =>
        exception is NpgsqlException or TimeoutException || (exception?.InnerException is { } inner && IsUnavailable(inner));
}
