using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>A group of residents begins to form an association, with the members it already has.</summary>
internal static class RegisterAssociation
{
    public static void MapRegisterAssociation(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/", HandleAsync).WithName("RegisterAssociation").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar una asociación en formación, con sus primeros miembros");

    internal sealed record Request(
        [PublicText(150)] string Name, Guid PlaceId, DateOnly FormedOn, [Count(0, 1000)] IReadOnlyList<Guid>? MemberIds = null)

    {
        public static Request Example => new("ADESCO El Ejemplo", Examples.OtherId, new(2025, 1, 10), [Examples.Id]);
    }

    private static async Task<Results<Created<AssociationView>, ProblemHttpResult>> HandleAsync(
        Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Rule.NotInFuture(request.FormedOn, now, "/formedOn");
        var place = await db.Places.SingleOrDefaultAsync(p => p.Id == request.PlaceId, cancellation);
        Rule.That(place is not null, "place_unknown", "Ese lugar no está registrado.", "/placeId");
        var ruleset = await db.Rulesets.AsNoTracking().SingleOrDefaultAsync(
            r => r.Enabled && r.EffectiveFrom <= request.FormedOn && (r.EffectiveTo == null || r.EffectiveTo >= request.FormedOn), cancellation);
        Rule.That(ruleset is not null, "no_ruleset", "No hay reglas registradas para esa fecha.", "/formedOn");

        var association = Association.Form(request.Name.Trim(), place!, ruleset!, request.FormedOn, Access.CallerOf(http.User), now);
        db.Add(association);
        var ids = request.MemberIds ?? [];
        Rule.That(ids.Distinct().Count() == ids.Count, "member_twice", "Una persona aparece dos veces en la nómina.", "/memberIds");
        var people = await db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var (index, id) in ids.Index())
        {
            Rule.That(people.ContainsKey(id), "person_unknown", "Esa persona no está registrada.", $"/memberIds/{index}");
            db.Add(association.Admit(people[id], request.FormedOn, ruleset!, now));
        }
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(association.Version);
        return TypedResults.Created($"/v1/organizations/associations/{association.Id}", AssociationView.Of(association));
    }
}
