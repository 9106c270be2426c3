using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Places;

internal enum PlaceKind
{
    Department,
    Municipality,
    District,
    Canton,
    Hamlet,
    Barrio,
    Colonia,
}

/// <summary>A place as its last version has it, under its parent; in force from its first version to the end of its last.</summary>
internal sealed class Place
{
    public Guid Id { get; init; }
    public required string Code { get; init; }
    public PlaceKind Kind { get; init; }
    public required string Name { get; init; }
    public required string Path { get; init; }
    public Guid? ParentId { get; init; }
    public DateOnly ValidFrom { get; init; }
    public DateOnly? ValidTo { get; init; }

    public PlaceRef ToRef() => new(Id, Choice<PlaceKind>.NameOf(Kind), Name, Path);

    public bool ExistsOn(DateOnly date) => ValidFrom <= date && (ValidTo is null || ValidTo >= date);
}

/// <summary>What a place was called, what it was and what it lay in, for a time.</summary>
internal sealed class PlaceVersion
{
    public Guid PlaceId { get; init; }
    public Place Place { get; init; } = null!;
    public PlaceKind Kind { get; init; }
    public required string Name { get; init; }
    public Guid? ParentId { get; init; }
    public DateOnly ValidFrom { get; init; }
    public DateOnly? ValidTo { get; init; }
}
