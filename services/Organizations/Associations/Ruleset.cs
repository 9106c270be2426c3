namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The law's numbers for associations, as they were in a time: members, ages, board, terms in days.</summary>
internal sealed class Ruleset
{
    public required string Code { get; init; }
    public bool Enabled { get; init; }
    public DateOnly EffectiveFrom { get; init; }
    public DateOnly? EffectiveTo { get; init; }
    public int MinimumMembers { get; init; }
    public int MinimumAge { get; init; }
    public int BoardMinimum { get; init; }
    public int BoardMaximum { get; init; }
    public int BoardTermMonths { get; init; }
    public int ResolutionDays { get; init; }
    public int CorrectionDays { get; init; }
    public required string Source { get; init; }
}
