using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Committees;

internal static class FormCommittee
{
    public static void MapCommittees(this IEndpointRouteBuilder committees)
    {
        committees.MapPost("/", FormAsync).WithName("FormCommittee").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar un comité formado en asamblea")
            .WithDescription("kind es uno de los tipos registrados, como youth (comité de jóvenes de un caserío).");
        committees.MapGet("/{id:guid}", GetAsync).WithName("GetCommittee")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor)
            .WithSummary("Ver un comité");
    }

    internal sealed record Elected(CommitteePost Post, Guid PersonId);

    internal sealed record Request(
        [Text(60)] string Kind, [PublicText(150)] string Name, Guid PlaceId, DateOnly FormedOn, [Between(1, 99999)] int MinutesNumber,
        [Count(1, 100)] IReadOnlyList<Elected> Members);

    internal sealed record CommitteeView(
        Guid Id, long Version, string Kind, string Name, PlaceRef Place, DateOnly FormedOn, int MinutesNumber, int Members);

    private static async Task<Results<Created<CommitteeView>, ProblemHttpResult>> FormAsync(
        Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Rule.That(request.FormedOn <= now.LocalDate(), "date_in_future", "La fecha todavía no ha llegado.", "/formedOn");
        var kind = await db.CommitteeKinds.AsNoTracking().SingleOrDefaultAsync(k => k.Code == request.Kind, cancellation);
        Rule.That(kind is not null, "committee_kind_unknown", "Ese tipo de comité no está registrado.", "/kind");
        var place = await db.Places.SingleOrDefaultAsync(p => p.Id == request.PlaceId, cancellation);
        Rule.That(place is not null, "place_unknown", "Ese lugar no está registrado.", "/placeId");
        var ids = request.Members.Select(m => m.PersonId).ToArray();
        var people = await db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var (index, id) in ids.Index())
            Rule.That(people.ContainsKey(id), "person_unknown", "Esa persona no está registrada.", $"/members/{index}/personId");

        var (committee, members) = Committee.Form(
            kind!, request.Name.Trim(), place!, request.FormedOn, request.MinutesNumber,
            [.. request.Members.Select(m => (m.Post, people[m.PersonId]))], now);
        db.Add(committee);
        db.AddRange(members);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(committee.Version);
        return TypedResults.Created($"/v1/organizations/committees/{committee.Id}", View(committee, members.Count));
    }

    private static async Task<Results<Ok<CommitteeView>, ProblemHttpResult>> GetAsync(
        Guid id, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var committee = await db.Committees.AsNoTracking().Include(c => c.Place).SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (committee is null)
            return Problems.NotFound();
        var today = time.Today();
        var members = await db.CommitteeMembers.CountAsync(m => m.CommitteeId == id && (m.LeftOn == null || m.LeftOn >= today), cancellation);
        http.Response.SetETag(committee.Version);
        return TypedResults.Ok(View(committee, members));
    }

    private static CommitteeView View(Committee c, int members) =>
        new(c.Id, c.Version, c.Kind, c.Name, c.Place.ToRef(), c.FormedOn, c.MinutesNumber, members);
}
