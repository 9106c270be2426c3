using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.People;

internal enum Sex
{
    Female,
    Male,
}

/// <summary>What is written of a person besides what identifies it.</summary>
internal sealed record PersonData(string GivenNames, string Surnames, DateOnly BirthDate, Sex Sex, Guid? PlaceId, Guid? ResponsiblePersonId);

internal sealed class Person : Aggregate
{
    /// <summary>From this age on a person has a DUI.</summary>
    public const int AdultAge = 18;

    private Person()
    {
    }

    public string GivenNames { get; private set; } = "";
    public string Surnames { get; private set; } = "";
    public DateOnly BirthDate { get; private set; }
    public Sex Sex { get; private set; }
    public Guid? PlaceId { get; private set; }
    public Guid? ResponsiblePersonId { get; private set; }
    public Guid? MergedIntoId { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    public string FullName => $"{GivenNames} {Surnames}";

    public static Person Register(PersonData data, DateTimeOffset now)
    {
        var person = new Person { CreatedAt = now };
        person.Take(data);
        return person;
    }

    public void Correct(PersonData data, DateTimeOffset now)
    {
        Rule.That(data.ResponsiblePersonId != Id, "responsible_not_an_adult", "Nadie es responsable de sí mismo.", "/responsiblePersonId");
        Take(data);
        Raise(new PersonCorrected { PersonId = Id, PersonName = FullName }, now);
    }

    /// <summary>The other registration was this same person.</summary>
    public void Absorb(Person duplicate, DateTimeOffset now)
    {
        duplicate.MergedIntoId = Id;
        duplicate.Touch();
        Raise(new PersonMerged { PersonId = Id, PersonName = FullName, DuplicateId = duplicate.Id }, now);
    }

    public int AgeOn(DateOnly date) => AgeOn(BirthDate, date);

    public static int AgeOn(DateOnly birthDate, DateOnly date)
    {
        var years = date.Year - birthDate.Year;
        return birthDate.AddYears(years) > date ? years - 1 : years;
    }

    private void Take(PersonData data) =>
        (GivenNames, Surnames, BirthDate, Sex, PlaceId, ResponsiblePersonId) =
            (data.GivenNames, data.Surnames, data.BirthDate, data.Sex, data.PlaceId, data.ResponsiblePersonId);
}

/// <summary>What identifies a person, apart from the rest; every read of it unmasked is written down.</summary>
internal sealed class PersonIdentity
{
    public required Guid PersonId { get; init; }
    public string? Dui { get; set; }
    public string? Phone { get; set; }
}

internal sealed class IdentityRead
{
    public long Id { get; init; }
    public required Guid PersonId { get; init; }
    public required string Reader { get; init; }
    public required string Purpose { get; init; }
    public required DateTimeOffset ReadAt { get; init; }
}
