using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.People;

/// <summary>An adult with a DUI, or a minor without one under a responsible adult: registered, and corrected.</summary>
internal static class WritePerson
{
    public static void MapWritePerson(this IEndpointRouteBuilder people)
    {
        people.MapPost("/", RegisterAsync).WithName("RegisterPerson").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Registrar a una persona")
            .WithDescription("Una persona adulta lleva DUI. Una menor de edad no lo lleva: indique responsiblePersonId.");
        people.MapPut("/{id:guid}", CorrectAsync).WithName("CorrectPerson")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Corregir los datos de una persona")
            .WithDescription("Lleva todos los datos menos DUI y teléfono: los que no se envían quedan como están. Quien cumplió la mayoría de edad recibe así su DUI.");
    }

    internal sealed record Request(
        [Text(80)] string GivenNames,
        [Text(80)] string Surnames,
        DateOnly BirthDate,
        Sex Sex,
        [Dui] string? Dui = null,
        [Phone] string? Phone = null,
        Guid? PlaceId = null,
        Guid? ResponsiblePersonId = null)
    {
        public static Request Example => new("Ana Lucía", "Prueba Ficticia", new(1980, 5, 1), Sex.Female, "90000001-7", "7000-0000", Examples.OtherId);

        public PersonData ToData() => new(GivenNames.Trim(), Surnames.Trim(), BirthDate, Sex, PlaceId, ResponsiblePersonId);
    }

    private static async Task<Results<Created<PersonView>, ProblemHttpResult>> RegisterAsync(
        Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var dui = Dui.Parse(request.Dui);
        await RequireSoundAsync(request, dui, db, time.Today(), cancellation);
        if (dui is not null && await db.Identities.AnyAsync(i => i.Dui == dui, cancellation))
            return DuiTaken();

        var person = Person.Register(request.ToData(), time.GetUtcNow());
        db.Add(person);
        db.Add(new PersonIdentity { PersonId = person.Id, Dui = dui, Phone = request.Phone is null ? null : PhoneAttribute.Parse(request.Phone) });
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(person.Version);
        return TypedResults.Created($"/v1/organizations/people/{person.Id}", PersonView.Of(person, dui));
    }

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> CorrectAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (person is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, person.Version);
        var identity = await db.Identities.SingleAsync(i => i.PersonId == id, cancellation);
        var dui = Dui.Parse(request.Dui) ?? identity.Dui;
        await RequireSoundAsync(request, dui, db, time.Today(), cancellation);
        if (dui is not null && await db.Identities.AnyAsync(i => i.Dui == dui && i.PersonId != id, cancellation))
            return DuiTaken();
        person.Correct(request.ToData(), time.GetUtcNow());
        identity.Dui = dui;
        identity.Phone = request.Phone is null ? identity.Phone : PhoneAttribute.Parse(request.Phone);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(person.Version);
        return TypedResults.Ok(PersonView.Of(person, dui));
    }

    private static async Task RequireSoundAsync(Request request, string? dui, OrganizationsDb db, DateOnly today, CancellationToken cancellation)
    {
        Rule.That(request.BirthDate <= today && request.BirthDate > today.AddYears(-125), "birth_date_out_of_range",
            "Revise la fecha de nacimiento: es futura o demasiado antigua.", "/birthDate");
        var isMinor = Person.AgeOn(request.BirthDate, today) < Person.AdultAge;
        Rule.That(isMinor || dui is not null, "adult_needs_dui", "Una persona adulta lleva DUI.", "/dui");
        Rule.That(!isMinor || dui is null, "minor_has_no_dui", "Una persona menor de edad no tiene DUI.", "/dui");
        Rule.That(!isMinor || request.ResponsiblePersonId is not null, "minor_needs_responsible_adult",
            "Indique la persona adulta responsable.", "/responsiblePersonId");
        if (request.ResponsiblePersonId is { } responsible)
        {
            var birthDate = await db.People.Where(p => p.Id == responsible).Select(p => (DateOnly?)p.BirthDate).SingleOrDefaultAsync(cancellation);
            Rule.That(birthDate is { } born && Person.AgeOn(born, today) >= Person.AdultAge, "responsible_not_an_adult",
                "La persona responsable no está registrada o no es adulta.", "/responsiblePersonId");
        }
        if (request.PlaceId is { } place)
            Rule.That(await db.Places.AnyAsync(p => p.Id == place, cancellation), "place_unknown", "Ese lugar no está registrado.", "/placeId");
    }

    private static ProblemHttpResult DuiTaken()
    {
        var (code, detail) = OrganizationsDb.Constraints["person_identity_dui_key"];
        return Problems.Of(409, code, detail, "/dui");
    }
}

/// <summary>A person as staff see one: the DUI masked, no telephone.</summary>
internal sealed record PersonView(
    Guid Id, string GivenNames, string Surnames, DateOnly BirthDate, Sex Sex, string? MaskedDui, Guid? PlaceId, Guid? ResponsiblePersonId, Guid? MergedIntoId)

{
    public static PersonView Example => new(
        Examples.Id, "Ana Lucía", "Prueba Ficticia", new(1980, 5, 1), Sex.Female, "******01-7", Examples.OtherId, null, null);

    public static PersonView Of(Person person, string? dui) => new(
        person.Id, person.GivenNames, person.Surnames, person.BirthDate, person.Sex, dui is null ? null : Dui.Mask(dui),
        person.PlaceId, person.ResponsiblePersonId, person.MergedIntoId);
}
