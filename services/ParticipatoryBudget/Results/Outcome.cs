namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>What became of a candidate.</summary>
internal enum Verdict
{
    Wins,

    /// <summary>It costs more than what was left when its turn came.</summary>
    TooExpensive,

    /// <summary>It has fewer points than the rules ask for, or none.</summary>
    BelowMinimum,

    /// <summary>One with which it cannot be done won before.</summary>
    Incompatible,

    /// <summary>As many as may win had won.</summary>
    LimitReached,

    /// <summary>Those who want it cannot pay for it together (Equal Shares only).</summary>
    NotSupported,
}

/// <summary>A line of the result, in the order of the walk.</summary>
/// <param name="Tally">Whose.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Left">Money left after it.</param>
internal sealed record OutcomeLine(Tally Tally, Verdict Verdict, decimal Left);

/// <summary>A result: every candidate once, with the reason.</summary>
/// <param name="Lines">In the order of the walk.</param>
/// <param name="Money">Of the heading.</param>
/// <param name="Ties">Groups between which only the declared rule could decide: those with the same points, or in Equal Shares the same price.</param>
internal sealed record Outcome(IReadOnlyList<OutcomeLine> Lines, decimal Money, IReadOnlyList<IReadOnlyList<string>> Ties)
{
    public IEnumerable<Candidate> Winners => Lines.Where(l => l.Verdict == Verdict.Wins).Select(l => l.Tally.Candidate);

    public decimal Spent => Winners.Sum(w => w.Cost);

    /// <summary>Groups of equals of which some won and others did not: there the declared rule decided.</summary>
    public IReadOnlyList<IReadOnlyList<string>> DecidedByTie
    {
        get
        {
            var won = Winners.Select(w => w.Id).ToHashSet();
            return [.. Ties.Where(g => g.Any(won.Contains) && !g.All(won.Contains))];
        }
    }
}
