using Microsoft.EntityFrameworkCore;

namespace ProyeccionSocial.Messaging;

/// <summary>The frame around every step of an aggregate.</summary>
public static class Steps
{
    /// <summary>
    /// Locks the aggregate, loads it, checks the version that the caller saw, lets the step happen and saves it with its
    /// events, all in one transaction. What the checks or the step throw undoes everything.
    /// </summary>
    /// <param name="db">The service's database.</param>
    /// <param name="id">Of the aggregate.</param>
    /// <param name="whole">The aggregates with all that the step needs of them.</param>
    /// <param name="require">Checks the version where the step could undo another's; null where steps add up.</param>
    /// <param name="step">What happens.</param>
    /// <param name="view">The answer, once everything is saved.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <param name="before">Locks what is always locked before the aggregate; null where that is nothing.</param>
    /// <returns>The aggregate's new version and the answer; null when there is no such aggregate.</returns>
    public static async Task<(long Version, TView View)?> StepAsync<TAggregate, TResult, TView>(
        this MessagingDbContext db, Guid id, IQueryable<TAggregate> whole, Action<TAggregate>? require, Func<TAggregate, CancellationToken, Task<TResult>> step,
        Func<TResult, TView> view, CancellationToken cancellation, Func<Task>? before = null)
        where TAggregate : Aggregate
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (before is not null)
            await before();
        await db.LockAsync<TAggregate>(id, cancellation);
        var aggregate = await whole.SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (aggregate is null)
            return null;
        require?.Invoke(aggregate);
        var result = await step(aggregate, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (aggregate.Version, view(result));
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
