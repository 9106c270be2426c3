using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>What every change of a committee needs, within the frame of <see cref="Steps"/>: its kind and its members.</summary>
internal sealed class CommitteeChange(OrganizationsDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public OrganizationsDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    public async Task<Results<Ok<CommitteeView>, ProblemHttpResult>> ApplyAsync(
        Guid id, string? ifMatch, Func<Committee, CommitteeKind, List<CommitteeMember>, CancellationToken, Task> step) =>
        accessor.HttpContext!.Response.Versioned(await db.StepAsync(id, db.Committees.Include(c => c.Place), committee => Preconditions.Require(ifMatch, committee.Version), async (committee, cancellation) =>
        {
            var kind = await db.CommitteeKinds.AsNoTracking().SingleAsync(k => k.Code == committee.Kind, cancellation);
            // Some hundred at most, over all its years.
            var members = await db.CommitteeMembers.Where(m => m.CommitteeId == id).ToListAsync(cancellation);
            await step(committee, kind, members, cancellation);
            await db.SaveChangesAsync(cancellation);
            var today = Now.LocalDate();
            return CommitteeView.Of(committee, await db.CommitteeMembers.CountAsync(m => m.CommitteeId == id && !m.Alternate && (m.LeftOn == null || m.LeftOn >= today), cancellation));
        }, view => view, accessor.HttpContext.RequestAborted));

    public async Task<Person> PersonAsync(Guid id, string pointer, CancellationToken cancellation)
    {
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        Rule.That(person is not null, "person_unknown", "Esa persona no está registrada.", pointer);
        return person!;
    }
}
