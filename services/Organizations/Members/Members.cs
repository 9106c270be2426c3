using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Members;

/// <summary>The member roll: joining, leaving, and who was a member on a date.</summary>
internal static class Members
{
    public static void MapMembers(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/members", AdmitAsync).WithName("AdmitMember")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead).WithSummary("Agregar a una persona a la nómina");
        associations.MapPost("/{id:guid}/members/{personId:guid}/departure", ReleaseAsync).WithName("ReleaseMember")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead).WithSummary("Registrar el último día de una persona en la nómina");
        associations.MapGet("/{id:guid}/members", ListAsync).WithName("ListMembers")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Miembros activos en una fecha; hoy, si no se indica");
    }

    internal sealed record Admission(Guid PersonId, DateOnly JoinedOn)
    {
        public static Admission Example => new(Examples.Id, new(2026, 3, 1));
    }

    internal sealed record Departure(DateOnly LeftOn)
    {
        public static Departure Example => new(new DateOnly(2026, 3, 31));
    }

    internal sealed record MemberView(Guid PersonId, string FullName, DateOnly JoinedOn, DateOnly? LeftOn)
    {
        public static MemberView Example => new(Examples.Id, "Ana Lucía Prueba Ficticia", new(2025, 1, 10), null);
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> AdmitAsync(
        Guid id, Admission request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.JoinedOn, change.Now, "/joinedOn");
            var person = await change.Db.People.SingleOrDefaultAsync(p => p.Id == request.PersonId, cancellation);
            Rule.That(person is not null, "person_unknown", "Esa persona no está registrada.", "/personId");
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            change.Db.Add(association.Admit(person!, request.JoinedOn, ruleset, change.Now));
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ReleaseAsync(
        Guid id, Guid personId, Departure request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            var member = await change.Db.Members.Where(m => m.AssociationId == id && m.PersonId == personId)
                    .OrderByDescending(m => m.JoinedOn).FirstOrDefaultAsync(cancellation)
                ?? throw new RuleViolationException(404, "not_a_member", "Esa persona no está en la nómina.");
            var person = await change.Db.People.SingleAsync(p => p.Id == personId, cancellation);
            var seat = await (from held in change.Db.BoardSeats
                              join term in change.Db.BoardTerms on held.BoardTermId equals term.Id
                              where term.AssociationId == id && held.PersonId == personId
                              orderby held.LastDay descending
                              select held).FirstOrDefaultAsync(cancellation);
            association.Release(member, person, seat, request.LeftOn, change.Now);
        });

    private static async Task<Results<Ok<Page<MemberView>>, ProblemHttpResult>> ListAsync(
        Guid id, OrganizationsDb db, TimeProvider time, DateOnly? on = null, Guid? after = null, int limit = 100, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Associations.AnyAsync(a => a.Id == id, cancellation))
            return Problems.NotFound();
        var date = on ?? time.Today();
        var items = await (from member in db.Members.AsNoTracking().ActiveOn(date)
                           join person in db.People on member.PersonId equals person.Id
                           where member.AssociationId == id && (after == null || member.PersonId > after)
                           orderby member.PersonId
                           select new MemberView(member.PersonId, person.GivenNames + " " + person.Surnames, member.JoinedOn, member.LeftOn))
            .Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, m => m.PersonId.ToString("D", CultureInfo.InvariantCulture)));
    }

    /// <summary>Members on a date: an end date that lies ahead of it does not end the membership.</summary>
    public static IQueryable<Member> ActiveOn(this IQueryable<Member> members, DateOnly date) =>
        members.Where(m => m.JoinedOn <= date && (m.LeftOn == null || m.LeftOn >= date));
}
