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
        // Between equals the declared rule decided where one that lost would have won if it had stood first among them.
        var equals = lines.Where(l => l.Verdict is not Verdict.BelowMinimum).GroupBy(l => l.Tally.Points).Where(g => g.Any(l => l.Verdict != Verdict.Wins && WouldWinFirst(l, g.First())));
        return new(lines, money, [.. equals.Select(g => g.Select(l => l.Tally.Candidate.Id).ToArray())]);

        bool WouldWinFirst(OutcomeLine line, OutcomeLine first)
        {
            var before = lines[..lines.IndexOf(first)];
            return before.Count(l => l.Verdict == Verdict.Wins) < (rules.MostProjects ?? int.MaxValue) && line.Tally.Candidate.Cost <= (before.Count == 0 ? money : before[^1].Left) && !IsExcluded(line.Tally.Candidate, before);
        }
    }

    /// <summary>Whether one that won cannot be done with it; either of the two may say so.</summary>
    public static bool IsExcluded(Candidate candidate, IEnumerable<OutcomeLine> before) => before.Any(l =>
        l.Verdict == Verdict.Wins && ((candidate.Excludes?.Contains(l.Tally.Candidate.Id) ?? false) || (l.Tally.Candidate.Excludes?.Contains(candidate.Id) ?? false)));
}
