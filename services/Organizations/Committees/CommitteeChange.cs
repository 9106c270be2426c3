using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>The frame around a change of a committee: its version, its kind and its members, saved in one transaction.</summary>
internal sealed class CommitteeChange(OrganizationsDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public OrganizationsDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    public async Task<Results<Ok<CommitteeView>, ProblemHttpResult>> ApplyAsync(
        Guid id, string? ifMatch, Func<Committee, CommitteeKind, List<CommitteeMember>, CancellationToken, Task> step)
    {
        var http = accessor.HttpContext!;
        var cancellation = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM committee WHERE id = {id} FOR UPDATE", cancellation);
        var committee = await db.Committees.Include(c => c.Place).SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (committee is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, committee.Version);
        var kind = await db.CommitteeKinds.AsNoTracking().SingleAsync(k => k.Code == committee.Kind, cancellation);
        // Some hundred at most, over all its years.
        var members = await db.CommitteeMembers.Where(m => m.CommitteeId == id).ToListAsync(cancellation);
        await step(committee, kind, members, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(committee.Version);
        var today = Now.LocalDate();
        return TypedResults.Ok(CommitteeView.Of(committee, await db.CommitteeMembers.CountAsync(m => m.CommitteeId == id && !m.Alternate && (m.LeftOn == null || m.LeftOn >= today), cancellation)));
    }

    public async Task<Person> PersonAsync(Guid id, string pointer, CancellationToken cancellation)
    {
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        Rule.That(person is not null, "person_unknown", "Esa persona no está registrada.", pointer);
        return person!;
    }
}
