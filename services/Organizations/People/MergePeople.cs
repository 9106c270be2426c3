using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Committees;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.People;

/// <summary>
/// Somebody who was registered twice becomes one person: what the duplicate was, held and is responsible for is the
/// survivor's. The duplicate's id stays and leads to the survivor.
/// </summary>
internal static class MergePeople
{
    public static void MapMergePeople(this IEndpointRouteBuilder people)
    {
        people.MapPost("/{id:guid}/merges", MergeAsync).WithName("MergePeople")
            .Allow("organizations.write", Roles.UnitHead, Roles.Secretary)
            .WithSummary("Unir a esta persona un registro duplicado")
            .WithDescription("Esta persona conserva sus datos; del duplicado toma el DUI y el teléfono que le falten, y todo lo que se registró con él.");
        people.MapGet("/{id:guid}/merges", ListAsync).WithName("ListMerges")
            .Allow("organizations.read", Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Qué duplicados se unieron a esta persona, cuándo, quién y por qué");
    }

    internal sealed record Request(Guid DuplicateId, [Text(300)] string Reason)
    {
        public static Request Example => new(Examples.OtherId, "Se registró dos veces: la segunda sin el segundo apellido.");
    }

    internal sealed record MergeView(Guid DuplicateId, string Reason, string Moved, string MergedBy, DateTimeOffset MergedAt)
    {
        public static MergeView Example => new(
            Examples.OtherId, "Se registró dos veces: la segunda sin el segundo apellido.", "membresías: 1, cargos: 0, comités: 1", "hugo.secretario", Examples.Instant);
    }

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> MergeAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var (now, duplicateId) = (time.GetUtcNow(), request.DuplicateId);
        Rule.That(duplicateId != id, "merge_with_self", "El duplicado es la misma persona.", "/duplicateId");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM person WHERE id IN ({id}, {duplicateId}) ORDER BY id FOR UPDATE", cancellation);
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (person is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, person.Version);
        var duplicate = await db.People.SingleOrDefaultAsync(p => p.Id == duplicateId, cancellation);
        Rule.That(duplicate is not null, "person_unknown", "El duplicado no está registrado, o ya se unió a otra persona.", "/duplicateId");

        var identities = await db.Identities.Where(i => i.PersonId == id || i.PersonId == duplicateId).ToDictionaryAsync(i => i.PersonId, cancellation);
        var (own, other) = (identities[id], identities[duplicateId]);
        Rule.That(own.Dui is null || other.Dui is null, "merge_two_duis", "Cada registro tiene su DUI: son dos personas. Si uno está mal copiado, corríjalo primero.", "/duplicateId");
        var (dui, phone) = (own.Dui ?? other.Dui, own.Phone ?? other.Phone);
        db.Remove(other);
        await RequireNoConflictAsync(db, id, duplicateId, cancellation);

        var memberships = await MoveMembershipsAsync(db, person, duplicateId, now, cancellation);
        var seats = await db.BoardSeats.Where(s => s.PersonId == duplicateId).ExecuteUpdateAsync(s => s.SetProperty(x => x.PersonId, id), cancellation);
        var committees = await MoveCommitteeSeatsAsync(db, person, duplicateId, now, cancellation);
        await db.People.Where(p => p.ResponsiblePersonId == duplicateId).ExecuteUpdateAsync(p => p.SetProperty(x => x.ResponsiblePersonId, id), cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE person_affiliation SET person_id = {id} WHERE person_id = {duplicateId};
            INSERT INTO person_kinship SELECT {id}, relative_id, relation FROM person_kinship WHERE person_id = {duplicateId} AND relative_id <> {id} ON CONFLICT DO NOTHING;
            INSERT INTO person_kinship SELECT person_id, {id}, relation FROM person_kinship WHERE relative_id = {duplicateId} AND person_id <> {id} ON CONFLICT DO NOTHING;
            DELETE FROM person_kinship WHERE person_id = {duplicateId} OR relative_id = {duplicateId}
            """, cancellation);
        person.Absorb(duplicate!, now);
        db.Add(new PersonMerge
        {
            DuplicateId = duplicateId, SurvivorId = id, Reason = request.Reason.Trim(), Moved = $"membresías: {memberships}, cargos: {seats}, comités: {committees}",
            MergedBy = Access.CallerOf(http.User), MergedAt = now,
        });
        await db.SaveChangesAsync(cancellation); // Frees the duplicate's DUI before the survivor takes it; refused when something was written with its id meanwhile.
        (own.Dui, own.Phone) = (dui, phone);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(person.Version);
        return TypedResults.Ok(PersonView.Of(person, dui));
    }

    private static async Task<Results<Ok<List<MergeView>>, ProblemHttpResult>> ListAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.People.IgnoreQueryFilters().AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        return TypedResults.Ok(await db.PersonMerges.AsNoTracking().Where(m => m.SurvivorId == id).OrderBy(m => m.MergedAt).Take(Page.MaximumSize)
            .Select(m => new MergeView(m.DuplicateId, m.Reason, m.Moved, m.MergedBy, m.MergedAt)).ToListAsync(cancellation));
    }

    // Two posts or two seats at one time cannot both have been one person's: somebody must decide which was.
    private static async Task RequireNoConflictAsync(OrganizationsDb db, Guid id, Guid duplicate, CancellationToken cancellation)
    {
        var inBoards = await (from one in db.BoardSeats
                              from other in db.BoardSeats
                              where one.PersonId == id && other.PersonId == duplicate && one.FirstDay <= other.LastDay && other.FirstDay <= one.LastDay
                                  && (one.BoardTermId == other.BoardTermId || (one.Exclusive && other.Exclusive))
                              select one).AnyAsync(cancellation);
        Rule.State(!inBoards, "merge_conflict", "Los dos registros tienen cargos en las mismas fechas. Registre primero el relevo en uno de ellos.");
        var inCommittees = await (from one in db.CommitteeMembers
                                  from other in db.CommitteeMembers
                                  where one.PersonId == id && other.PersonId == duplicate
                                      && (one.CommitteeId == other.CommitteeId || (one.ProjectId != null && one.ProjectId == other.ProjectId))
                                      && (other.LeftOn == null || one.JoinedOn <= other.LeftOn) && (one.LeftOn == null || other.JoinedOn <= one.LeftOn)
                                  select one).AnyAsync(cancellation);
        Rule.State(!inCommittees, "merge_conflict", "Los dos registros integran el mismo comité, o los dos comités de una obra, en las mismas fechas. Registre primero la salida de uno de ellos.");
    }

    /// <summary>Memberships of one association that overlap become one, from the first day of both to the last.</summary>
    private static async Task<int> MoveMembershipsAsync(OrganizationsDb db, Person person, Guid duplicate, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = await db.Members.Where(m => m.PersonId == duplicate).Select(m => m.AssociationId).Distinct().Order().ToListAsync(cancellation);
        var moved = 0;
        foreach (var association in ids)
        {
            await db.LockAsync<Association>(association, cancellation);
            var theirs = db.Members.Where(m => m.AssociationId == association && (m.PersonId == person.Id || m.PersonId == duplicate));
            var periods = await theirs.AsNoTracking().OrderBy(m => m.JoinedOn).ToListAsync(cancellation);
            moved += periods.Count(m => m.PersonId == duplicate);
            await theirs.ExecuteDeleteAsync(cancellation);
            var joined = await db.Associations.Include(a => a.Place).SingleAsync(a => a.Id == association, cancellation);
            foreach (var (from, until) in Union(periods))
                db.Add(joined.Readmit(person, from, until, now));
        }
        return moved;
    }

    private static async Task<int> MoveCommitteeSeatsAsync(OrganizationsDb db, Person person, Guid duplicate, DateTimeOffset now, CancellationToken cancellation)
    {
        var seats = db.CommitteeMembers.Where(m => m.PersonId == duplicate);
        var taken = await seats.AsNoTracking().OrderBy(m => m.CommitteeId).ToListAsync(cancellation);
        foreach (var own in taken.GroupBy(m => m.CommitteeId))
        {
            await db.LockAsync<Committee>(own.Key, cancellation);
            var committee = await db.Committees.Include(c => c.Place).SingleAsync(c => c.Id == own.Key, cancellation);
            foreach (var seat in own)
                committee.Reassign(seat, person, now);
        }
        await seats.ExecuteUpdateAsync(m => m.SetProperty(x => x.PersonId, person.Id), cancellation);
        return taken.Count;
    }

    internal static IEnumerable<(DateOnly From, DateOnly? Until)> Union(IEnumerable<Member> periods)
    {
        (DateOnly From, DateOnly? Until)? open = null;
        foreach (var period in periods.OrderBy(p => p.JoinedOn))
        {
            if (open is { } current && (current.Until is null || period.JoinedOn <= current.Until))
            {
                open = (current.From, current.Until is null || period.LeftOn is null ? null : period.LeftOn > current.Until ? period.LeftOn : current.Until);
                continue;
            }
            if (open is { } done)
                yield return done;
            open = (period.JoinedOn, period.LeftOn);
        }
        if (open is { } last)
            yield return last;
    }
}

/// <summary>The trace of a merge.</summary>
internal sealed class PersonMerge
{
    public required Guid DuplicateId { get; init; }
    public required Guid SurvivorId { get; init; }
    public required string Reason { get; init; }
    public required string Moved { get; init; }
    public required string MergedBy { get; init; }
    public required DateTimeOffset MergedAt { get; init; }
}
