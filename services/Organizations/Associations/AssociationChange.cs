using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>
/// The frame around every step of an association: load it, check the version that the caller saw, let the step
/// happen, and save it with its events in one transaction, in which counters for numbered papers are drawn too.
/// </summary>
internal sealed class AssociationChange(OrganizationsDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public OrganizationsDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    public async Task<Results<Ok<AssociationView>, ProblemHttpResult>> ApplyAsync(
        Guid id, string? ifMatch, Func<Association, CancellationToken, Task> step)
    {
        var http = accessor.HttpContext!;
        var cancellation = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Locked, so that of two changes of one version the second waits, sees the new version and is told so.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM association WHERE id = {id} FOR UPDATE", cancellation);
        var association = await db.Associations.Include(a => a.Place).SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (association is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, association.Version);
        await step(association, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(association.Version);
        return TypedResults.Ok(AssociationView.Of(association));
    }

    /// <summary>The rules that the association began under.</summary>
    public Task<Ruleset> RulesetOfAsync(Association association, CancellationToken cancellation) =>
        db.Rulesets.AsNoTracking().SingleAsync(r => r.Code == association.Ruleset, cancellation);

    /// <summary>A date on which something happened cannot lie ahead.</summary>
    public void NotInFuture(DateOnly date, string pointer) =>
        Rule.That(date <= Now.LocalDate(), "date_in_future", "La fecha todavía no ha llegado.", pointer);
}
