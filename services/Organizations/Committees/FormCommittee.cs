using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>An assembly forms a committee; one that a project asked for answers that request.</summary>
internal static class FormCommittee
{
    public static void MapFormCommittee(this IEndpointRouteBuilder committees) =>
        committees.MapPost("/", FormAsync).WithName("FormCommittee").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar un comité formado en asamblea")
            .WithDescription("kind es uno de los tipos registrados, como youth (comité de jóvenes de un caserío). Un asiento es de una persona, o de una institución con su delegado y quizá un suplente.");

    internal sealed record Elected(CommitteePost Post, Guid PersonId, [Text(120)] string? Institution = null, Guid? AlternateId = null)
    {
        public static Elected Example => new(CommitteePost.Coordinator, Examples.Id);
    }

    internal sealed record Request(
        [Text(60)] string Kind, [PublicText(150)] string Name, Guid PlaceId, DateOnly FormedOn, [Between(1, 99999)] int MinutesNumber,
        [Count(1, 100)] IReadOnlyList<Elected> Members, Guid? ProjectId = null)
    {
        public static Request Example => new(
            "prevention", "Comité de prevención de San Ensayo", Examples.OtherId, new(2026, 2, 5), 3,
            [Elected.Example, new(CommitteePost.Member, new("01936d0a-7c00-7000-8000-000000000003"), "Policía Nacional Civil", new("01936d0a-7c00-7000-8000-000000000004")),
             new(CommitteePost.Secretary, new("01936d0a-7c00-7000-8000-000000000005"))]);
    }

    private static async Task<Results<Created<CommitteeView>, ProblemHttpResult>> FormAsync(
        Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Rule.NotInFuture(request.FormedOn, now, "/formedOn");
        var kind = await db.CommitteeKinds.AsNoTracking().SingleOrDefaultAsync(k => k.Code == request.Kind, cancellation);
        Rule.That(kind is not null, "committee_kind_unknown", "Ese tipo de comité no está registrado.", "/kind");
        var place = await db.Places.SingleOrDefaultAsync(p => p.Id == request.PlaceId, cancellation);
        Rule.That(place is not null, "place_unknown", "Ese lugar no está registrado.", "/placeId");
        var ids = request.Members.Select(m => m.PersonId).Concat(request.Members.Select(m => m.AlternateId).OfType<Guid>()).ToArray();
        var people = await db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var (index, member) in request.Members.Index())
        {
            Rule.That(people.ContainsKey(member.PersonId), "person_unknown", "Esa persona no está registrada.", $"/members/{index}/personId");
            Rule.That(member.AlternateId is not { } alternate || people.ContainsKey(alternate), "person_unknown", "Esa persona no está registrada.", $"/members/{index}/alternateId");
        }

        var (committee, members) = Committee.Form(
            kind!, request.Name.Trim(), place!, request.ProjectId, request.FormedOn, request.MinutesNumber, Access.CallerOf(http.User),
            [.. request.Members.Select(m => new Seat(m.Post, people[m.PersonId], m.Institution?.Trim(), m.AlternateId is { } id ? people[id] : null))], now);
        if (request.ProjectId is { } projectId)
        {
            var asked = await db.CommitteeRequests.SingleOrDefaultAsync(r => r.ProjectId == projectId && r.Kind == kind!.Code, cancellation);
            Rule.That(asked is not null, "project_not_approved", "No conocemos esa obra, su carpeta todavía no está aprobada, o ya terminó.", "/projectId");
            asked!.CommitteeId = committee.Id;
        }
        await Incompatibilities.RequireNoneAsync(db, kind!, request.ProjectId, request.FormedOn, [.. members.Select(m => m.PersonId)], null, cancellation);
        db.Add(committee);
        db.AddRange(members);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(committee.Version);
        return TypedResults.Created($"/v1/organizations/committees/{committee.Id}", CommitteeView.Of(committee, members.Count(m => !m.Alternate)));
    }
}

/// <summary>A committee as staff see it.</summary>
internal sealed record CommitteeView(
    Guid Id, long Version, string Kind, string Name, Contracts.PlaceRef Place, Guid? ProjectId, string Promoter, DateOnly FormedOn, int MinutesNumber,
    DateOnly? DissolvedOn, int Members)
{
    public static CommitteeView Example => new(
        Examples.Id, 8, "youth", "Comité de Jóvenes El Ejemplo", new(Examples.OtherId, "hamlet", "El Ejemplo", "El Ejemplo, Las Lomas, San Ensayo, Prueba"),
        null, "marta.promotora", new(2026, 2, 5), 3, null, 7);

    public static CommitteeView Of(Committee c, int members) =>
        new(c.Id, c.Version, c.Kind, c.Name, c.Place.ToRef(), c.ProjectId, c.Promoter, c.FormedOn, c.MinutesNumber, c.DissolvedOn, members);
}

/// <summary>Who may not sit in a committee, in words; the database enforces the same.</summary>
internal static class Incompatibilities
{
    public static async Task RequireNoneAsync(
        OrganizationsDb db, CommitteeKind kind, Guid? project, DateOnly from, Guid[] people, Guid? committee, CancellationToken cancellation)
    {
        if (project is not null)
        {
            var shared = await db.CommitteeMembers.AnyAsync(m => m.ProjectId == project && m.CommitteeId != committee && people.Contains(m.PersonId)
                && (m.LeftOn == null || m.LeftOn >= from), cancellation);
            Rule.That(!shared, "sits_in_the_other_committee", "Los comités ejecutor y contralor de una obra no comparten integrantes.", "/members");
        }
        if (!kind.ExcludesOfficials)
            return;
        var official = await db.Database.SqlQuery<Guid>(
            $"""SELECT p AS "Value" FROM unnest({people}) p WHERE official_on(p, {project}, {from}, NULL::date) LIMIT 1""").ToListAsync(cancellation);
        Rule.That(official.Count == 0, "committee_excludes_officials",
            $"En un {kind.Name.ToLowerInvariant()} no puede haber empleados municipales, miembros del concejo, contratistas de la obra ni sus parientes.", "/members");
    }
}
