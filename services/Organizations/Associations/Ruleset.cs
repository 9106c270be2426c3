namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The law's numbers for associations, as they were in a time: members, ages, board, terms in days.</summary>
internal sealed class Ruleset
{
    public required string Code { get; init; }
    public bool Enabled { get; set; }
    public DateOnly EffectiveFrom { get; set; }
    public DateOnly? EffectiveTo { get; set; }
    public int MinimumMembers { get; init; }
    public int MinimumAge { get; init; }
    public int BoardMinimum { get; init; }
    public int BoardMaximum { get; init; }
    public int BoardTermMonths { get; init; }
    public int ResolutionDays { get; init; }
    public int CorrectionDays { get; init; }
    public int SubstitutesMaximum { get; init; }
    public int? ConsecutiveTermsMaximum { get; init; }
    public bool OneBoardPerPerson { get; init; }
    public int DissolutionVotes { get; init; }
    public int DissolutionOf { get; init; }
    public int BoardReportDays { get; init; }
    public required int[] ExpiryWarningDays { get; init; }
    public required string Source { get; set; }

    /// <summary>The law's defaults, with what the statutes set otherwise.</summary>
    public BoardRules With(Statutes? statutes) => new(
        statutes?.BoardMinimum ?? BoardMinimum,
        statutes?.BoardMaximum ?? BoardMaximum,
        statutes?.BoardTermMonths ?? BoardTermMonths,
        statutes?.SubstitutesMaximum ?? SubstitutesMaximum,
        statutes?.ConsecutiveTermsMaximum ?? ConsecutiveTermsMaximum,
        OneBoardPerPerson,
        statutes?.DissolutionVotes ?? DissolutionVotes,
        statutes?.DissolutionOf ?? DissolutionOf);
}

/// <summary>What a board must be and what a dissolution needs, for one association on one day.</summary>
internal sealed record BoardRules(
    int BoardMinimum, int BoardMaximum, int TermMonths, int SubstitutesMaximum, int? ConsecutiveTermsMaximum, bool OneBoardPerPerson,
    int DissolutionVotes, int DissolutionOf);

/// <summary>What an association's statutes set otherwise than the law's defaults, from a day on. Absent: as the law has it.</summary>
internal sealed class Statutes
{
    public required Guid AssociationId { get; init; }
    public required DateOnly EffectiveFrom { get; init; }
    public required int MinutesNumber { get; init; }
    public int? BoardMinimum { get; init; }
    public int? BoardMaximum { get; init; }
    public int? BoardTermMonths { get; init; }
    public int? SubstitutesMaximum { get; init; }
    public int? ConsecutiveTermsMaximum { get; init; }
    public int? DissolutionVotes { get; init; }
    public int? DissolutionOf { get; init; }
}
