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
        people.MapGet("/", ListAsync).WithName("ListPeople")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Buscar personas por el comienzo de sus apellidos y nombres, sin importar tildes");
        people.MapGet("/{id:guid}/identity-reads", ReadsAsync).WithName("ListIdentityReads")
            .Allow("organizations.audit", Roles.UnitHead, Roles.Auditor)
            .WithSummary("Quién leyó el DUI y el teléfono de una persona, y para qué");
        people.MapPost("/lookup", LookUpAsync).WithName("LookUpPerson")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Buscar a una persona por su DUI")
            .WithDescription("El DUI va en el cuerpo para que no quede en direcciones ni bitácoras.");
        people.MapPost("/{id:guid}/identity-reads", IdentityAsync).WithName("ReadIdentity")
            .Allow("organizations.identity", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Leer el DUI y el teléfono completos; la lectura queda registrada con su motivo");
    }

    internal sealed record LookUp([Dui] string Dui)
    {
        public static LookUp Example => new("90000001-7");
    }

    internal sealed record IdentityRequest([Text(200)] string Purpose)
    {
        public static IdentityRequest Example => new("Cotejar la nómina con los documentos presentados");
    }

    internal sealed record IdentityView(Guid PersonId, string? Dui, string? Phone)
    {
        public static IdentityView Example => new(Examples.Id, "90000001-7", "+50370000000");
    }

    private static async Task<Ok<Page<PersonView>>> ListAsync(
        OrganizationsDb db, string? search = null, Guid? placeId = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = from person in db.People.AsNoTracking()
                    join identity in db.Identities on person.Id equals identity.PersonId
                    select new { person, identity.Dui };
        if (Search.PrefixPattern(search) is { } pattern)
            query = query.Where(p => EF.Functions.Like(OrganizationsDb.Plain(p.person.Surnames + " " + p.person.GivenNames), pattern));
        if (placeId is not null)
            query = query.Where(p => p.person.PlaceId == placeId);
        if (after is not null)
            query = query.Where(p => p.person.Id > after);
        var items = await query.OrderBy(p => p.person.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(p => PersonView.Of(p.person, p.Dui))], size, p => p.Id.ToString()));
    }

    private static async Task<Results<Ok<Page<ReadView>>, ProblemHttpResult>> ReadsAsync(
        Guid id, OrganizationsDb db, long after = 0, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.People.IgnoreQueryFilters().AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        var items = await db.IdentityReads.AsNoTracking().Where(r => r.PersonId == id && r.Id > after).OrderBy(r => r.Id).Take(size + 1)
            .Select(r => new ReadView(r.Id, r.Reader, r.Purpose, r.ReadAt)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, r => r.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    internal sealed record ReadView(long Id, string Reader, string Purpose, DateTimeOffset ReadAt)
    {
        public static ReadView Example => new(12, "hugo.secretario", "Cotejar la nómina con los documentos presentados", Examples.Instant);
    }

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> MaskedAsync(
        Guid id, OrganizationsDb db, HttpContext http, CancellationToken cancellation)
    {
        var found = await (from person in db.People.IgnoreQueryFilters().AsNoTracking()
                           from identity in db.Identities.Where(i => i.PersonId == person.Id).DefaultIfEmpty() // A merged one has none.
                           where person.Id == id
                           select new { person, identity!.Dui }).SingleOrDefaultAsync(cancellation);
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
