namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>Whom no roster lists: who was left out of one, who collects for somebody else.</summary>
internal sealed class Outsider
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Dui { get; init; }
    public required string Names { get; init; }
}
