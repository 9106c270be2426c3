using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.People;

/// <summary>A person masked for staff, a look-up by DUI that keeps the number out of the URL, and the audited full read.</summary>
internal static class ReadPerson
{
    public static void MapReadPerson(this IEndpointRouteBuilder people)
    {
        people.MapGet("/{id:guid}", MaskedAsync).WithName("GetPerson")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver a una persona, con el DUI enmascarado");
        people.MapPost("/lookup", LookUpAsync).WithName("LookUpPerson")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Buscar a una persona por su DUI")
            .WithDescription("El DUI va en el cuerpo para que no quede en direcciones ni bitácoras.");
        people.MapPost("/{id:guid}/identity-reads", IdentityAsync).WithName("ReadIdentity")
            .Allow("organizations.identity", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Leer el DUI y el teléfono completos; la lectura queda registrada con su motivo");
    }

    internal sealed record LookUp([Dui] string Dui);

    internal sealed record IdentityRequest([Text(200)] string Purpose);

    internal sealed record IdentityView(Guid PersonId, string? Dui, string? Phone);

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> MaskedAsync(
        Guid id, OrganizationsDb db, HttpContext http, CancellationToken cancellation)
    {
        var found = await (from person in db.People.AsNoTracking()
                           join identity in db.Identities.AsNoTracking() on person.Id equals identity.PersonId
                           where person.Id == id
                           select new { person, identity.Dui }).SingleOrDefaultAsync(cancellation);
        if (found is null)
            return Problems.NotFound();
        http.Response.SetETag(found.person.Version);
        return TypedResults.Ok(PersonView.Of(found.person, found.Dui));
    }

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> LookUpAsync(
        LookUp request, OrganizationsDb db, CancellationToken cancellation)
    {
        var dui = Dui.Parse(request.Dui);
        var person = await (from p in db.People.AsNoTracking()
                            join identity in db.Identities on p.Id equals identity.PersonId
                            where identity.Dui == dui
                            select p).SingleOrDefaultAsync(cancellation);
        return person is null ? Problems.NotFound() : TypedResults.Ok(PersonView.Of(person, dui));
    }

    private static async Task<Results<Ok<IdentityView>, ProblemHttpResult>> IdentityAsync(
        Guid id, IdentityRequest request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var identity = await db.Identities.AsNoTracking().SingleOrDefaultAsync(i => i.PersonId == id, cancellation);
        if (identity is null)
            return Problems.NotFound();
        db.Add(new IdentityRead { PersonId = id, Reader = Access.CallerOf(http.User), Purpose = request.Purpose, ReadAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Ok(new IdentityView(id, identity.Dui, identity.Phone));
    }
}
