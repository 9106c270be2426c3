using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Messaging.Http;

/// <summary>The frame around every step of an aggregate that a request asks for.</summary>
public static class Steps
{
    /// <summary>
    /// Locks the aggregate, loads it, checks the version that the caller saw, lets the step happen and saves it with its
    /// events, all in one transaction. The answer's ETag is the aggregate's new version; 404 when there is none.
    /// </summary>
    /// <param name="db">The service's database.</param>
    /// <param name="http">The request.</param>
    /// <param name="id">Of the aggregate.</param>
    /// <param name="whole">The aggregates with all that the step needs of them.</param>
    /// <param name="require">Checks the version where the step could undo another's; null where steps add up.</param>
    /// <param name="step">What happens.</param>
    /// <param name="view">The answer, once everything is saved.</param>
    /// <exception cref="RuleViolationException">The step, or the version, is refused: nothing is written.</exception>
    public static async Task<Results<Ok<TView>, ProblemHttpResult>> StepAsync<TAggregate, TResult, TView>(
        this MessagingDbContext db, HttpContext http, Guid id, IQueryable<TAggregate> whole, Action<TAggregate>? require,
        Func<TAggregate, CancellationToken, Task<TResult>> step, Func<TResult, TView> view)
        where TAggregate : Aggregate
    {
        var cancellation = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync<TAggregate>(id, cancellation);
        var aggregate = await whole.SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (aggregate is null)
            return Problems.NotFound();
        require?.Invoke(aggregate);
        var result = await step(aggregate, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(aggregate.Version);
        return TypedResults.Ok(view(result));
    }

    /// <summary>
    /// Locks the aggregate until the end of the transaction, so that of two changes of one version the second waits, sees
    /// the new version and is told so.
    /// </summary>
    /// <param name="db">The service's database.</param>
    /// <param name="id">Of the aggregate.</param>
    /// <param name="cancellation">Of the request.</param>
    public static Task LockAsync<TAggregate>(this MessagingDbContext db, Guid id, CancellationToken cancellation)
        where TAggregate : Aggregate
    {
        var table = db.Model.FindEntityType(typeof(TAggregate))!.GetTableName();
#pragma warning disable EF1002 // The table's name is the model's own.
        return db.Database.ExecuteSqlRawAsync($"SELECT 1 FROM {table} WHERE id = {{0}} FOR UPDATE", [id], cancellation);
#pragma warning restore EF1002
    }
}
