using ProyeccionSocial.Messaging;

namespace ProyeccionSocial.Organizations.People;

internal enum Sex
{
    Female,
    Male,
}

internal sealed class Person : Aggregate
{
    public required string GivenNames { get; init; }
    public required string Surnames { get; init; }
    public required DateOnly BirthDate { get; init; }
    public required Sex Sex { get; init; }
    public Guid? PlaceId { get; init; }
    public Guid? ResponsiblePersonId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public string FullName => $"{GivenNames} {Surnames}";

    public int AgeOn(DateOnly date) => AgeOn(BirthDate, date);

    public static int AgeOn(DateOnly birthDate, DateOnly date)
    {
        var years = date.Year - birthDate.Year;
        return birthDate.AddYears(years) > date ? years - 1 : years;
    }
}

/// <summary>What identifies a person, apart from the rest; every read of it unmasked is written down.</summary>
internal sealed class PersonIdentity
{
    public required Guid PersonId { get; init; }
    public string? Dui { get; init; }
    public string? Phone { get; init; }
}

internal sealed class IdentityRead
{
    public long Id { get; init; }
    public required Guid PersonId { get; init; }
    public required string Reader { get; init; }
    public required string Purpose { get; init; }
    public required DateTimeOffset ReadAt { get; init; }
}
