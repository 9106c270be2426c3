using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.People;

/// <summary>An adult with a DUI, or a minor without one under a responsible adult.</summary>
internal static class RegisterPerson
{
    private const int AdultAge = 18;

    public static void MapRegisterPerson(this IEndpointRouteBuilder people) =>
        people.MapPost("/", HandleAsync).WithName("RegisterPerson").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Registrar a una persona")
            .WithDescription("Una persona adulta lleva DUI. Una menor de edad no lo lleva: indique responsiblePersonId.");

    internal sealed record Request(
        [Text(80)] string GivenNames,
        [Text(80)] string Surnames,
        DateOnly BirthDate,
        Sex Sex,
        [Dui] string? Dui = null,
        [Phone] string? Phone = null,
        Guid? PlaceId = null,
        Guid? ResponsiblePersonId = null);

    private static async Task<Results<Created<PersonView>, ProblemHttpResult>> HandleAsync(
        Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var today = time.Today();
        Rule.That(request.BirthDate <= today && request.BirthDate > today.AddYears(-125), "birth_date_out_of_range",
            "Revise la fecha de nacimiento: es futura o demasiado antigua.", "/birthDate");
        var isMinor = Person.AgeOn(request.BirthDate, today) < AdultAge;
        Rule.That(isMinor || request.Dui is not null, "adult_needs_dui", "Una persona adulta lleva DUI.", "/dui");
        Rule.That(!isMinor || request.Dui is null, "minor_has_no_dui", "Una persona menor de edad no tiene DUI.", "/dui");
        Rule.That(!isMinor || request.ResponsiblePersonId is not null, "minor_needs_responsible_adult",
            "Indique la persona adulta responsable.", "/responsiblePersonId");
        if (request.ResponsiblePersonId is { } responsible)
        {
            var birthDate = await db.People.Where(p => p.Id == responsible).Select(p => (DateOnly?)p.BirthDate).SingleOrDefaultAsync(cancellation);
            Rule.That(birthDate is { } born && Person.AgeOn(born, today) >= AdultAge, "responsible_not_an_adult",
                "La persona responsable no está registrada o no es adulta.", "/responsiblePersonId");
        }
        if (request.PlaceId is { } place)
            Rule.That(await db.Places.AnyAsync(p => p.Id == place, cancellation), "place_unknown", "Ese lugar no está registrado.", "/placeId");

        var dui = Dui.Parse(request.Dui);
        if (dui is not null && await db.Identities.AnyAsync(i => i.Dui == dui, cancellation))
            return Problems.Of(409, OrganizationsDb.Constraints["person_identity_dui_key"].Code, OrganizationsDb.Constraints["person_identity_dui_key"].Detail, "/dui");

        var person = new Person
        {
            GivenNames = request.GivenNames.Trim(),
            Surnames = request.Surnames.Trim(),
            BirthDate = request.BirthDate,
            Sex = request.Sex,
            PlaceId = request.PlaceId,
            ResponsiblePersonId = request.ResponsiblePersonId,
            CreatedAt = time.GetUtcNow(),
        };
        db.Add(person);
        db.Add(new PersonIdentity { PersonId = person.Id, Dui = dui, Phone = request.Phone is null ? null : PhoneAttribute.Parse(request.Phone) });
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(person.Version);
        return TypedResults.Created($"/v1/organizations/people/{person.Id}", PersonView.Of(person, dui));
    }
}

/// <summary>A person as staff see one: the DUI masked, no telephone.</summary>
internal sealed record PersonView(
    Guid Id, string GivenNames, string Surnames, DateOnly BirthDate, Sex Sex, string? MaskedDui, Guid? PlaceId, Guid? ResponsiblePersonId)
{
    public static PersonView Of(Person person, string? dui) => new(
        person.Id, person.GivenNames, person.Surnames, person.BirthDate, person.Sex, dui is null ? null : Dui.Mask(dui),
        person.PlaceId, person.ResponsiblePersonId);
}
