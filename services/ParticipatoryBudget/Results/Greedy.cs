namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>
/// The common rule: from the most points down, whatever can still be paid wins, whatever cannot is skipped, and the walk
/// goes on. Nothing but the totals matters, so the database counts and this decides.
/// </summary>
internal static class Greedy
{
    public static Outcome Decide(IEnumerable<Tally> tallies, decimal money, ResultRules rules)
    {
        var left = money;
        var won = new HashSet<string>();
        var lines = new List<OutcomeLine>();
        foreach (var tally in rules.Order(tallies))
        {
            var candidate = tally.Candidate;
            var verdict =
                tally.Points <= 0 || tally.Points < rules.MinimumPoints ? Verdict.BelowMinimum
                : won.Count >= rules.MostProjects ? Verdict.LimitReached
                : IsExcluded(candidate, lines) ? Verdict.Incompatible
                : candidate.Cost > left ? Verdict.TooExpensive
                : Verdict.Wins;
            if (verdict == Verdict.Wins)
            {
                left -= candidate.Cost;
                won.Add(candidate.Id);
            }
            lines.Add(new(tally, verdict, left));
        }
        var equals = lines.Where(l => l.Verdict is not Verdict.BelowMinimum).GroupBy(l => l.Tally.Points).Select(g => g.Select(l => l.Tally.Candidate.Id).ToArray()).Where(g => g.Length > 1);
        return new(lines, money, [.. equals]);
    }

    /// <summary>Whether one that won cannot be done with it; either of the two may say so.</summary>
    public static bool IsExcluded(Candidate candidate, IEnumerable<OutcomeLine> before) => before.Any(l =>
        l.Verdict == Verdict.Wins && ((candidate.Excludes?.Contains(l.Tally.Candidate.Id) ?? false) || (l.Tally.Candidate.Excludes?.Contains(candidate.Id) ?? false)));
}
