namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>What having a project is worth to somebody who named it.</summary>
internal enum Satisfaction
{
    /// <summary>Its points: every project counts as much as another.</summary>
    Points,

    /// <summary>Its points times its cost: money spent on what one wants.</summary>
    Cost,
}

/// <summary>
/// The Method of Equal Shares (Peters, Pierczyński, Skowron, 2021): every voter has the same share of the money. A project
/// is bought with the shares of those who want it, each paying in proportion to what it is worth to them, up to what they
/// have left; the one whose supporters pay least for their satisfaction is bought first, until none can be paid. What is
/// left over is used by giving everybody a little more and deciding anew, as long as what is bought still costs no more
/// than the money there is.
/// </summary>
/// <remarks>
/// In decimal arithmetic of 28 digits, which gives the same on every machine. Money has two decimals, so a shortage of less
/// than a millionth of a cent is rounding; so is a difference of prices in their sixteenth digit.
/// </remarks>
internal static class EqualShares
{
    /// <summary>How often shares grow at most, which is part of the rule: after so many it ends as it is.</summary>
    public const int MostIncrements = 1000;

    private const decimal Rounding = 0.00000001m;
    private const decimal SameDigits = 1 - 0.000000000000001m;

    /// <param name="election">With its ballots.</param>
    /// <param name="rules">Of which the least points are asked for before anything is bought.</param>
    /// <param name="satisfaction">What a project is worth.</param>
    /// <param name="increment">By how much a voter's share grows at a time, in US dollars; 0 leaves what is left over.</param>
    /// <param name="cancellation">Who asked does not wait any more.</param>
    public static Outcome Decide(Election election, ResultRules rules, Satisfaction satisfaction, decimal increment, CancellationToken cancellation = default)
    {
        var tallies = rules.Order(election.Tally());
        if (election.Voters == 0)
            return Explain(tallies, new([], []), election.Money, rules);
        var purchase = new Purchase(election, tallies, rules, satisfaction, cancellation);
        var share = election.Money / election.Voters;
        var bought = purchase.Buy(share);
        for (var i = 1; i <= MostIncrements && increment > 0 && purchase.CanAdd(bought.Numbers, election.Money); i++)
        {
            var more = purchase.Buy(share + i * increment);
            if (more.Numbers.Sum(c => tallies[c].Candidate.Cost) > election.Money)
                break;
            bought = more;
        }
        return Explain(tallies, bought, election.Money, rules);
    }

    /// <param name="Numbers">In the order in which they were bought.</param>
    /// <param name="Ties">Those that cost the same when one of them was bought.</param>
    private sealed record Bought(List<int> Numbers, List<int[]> Ties);

    private static Outcome Explain(IReadOnlyList<Tally> tallies, Bought purchase, decimal money, ResultRules rules)
    {
        var (bought, left) = (purchase.Numbers, money);
        var lines = new List<OutcomeLine>();
        foreach (var winner in bought)
        {
            left -= tallies[winner].Candidate.Cost;
            lines.Add(new(tallies[winner], Verdict.Wins, left));
        }
        var winners = lines.ToArray();
        foreach (var tally in tallies.Where((_, i) => !bought.Contains(i)))
        {
            var verdict =
                tally.Points <= 0 || tally.Points < rules.MinimumPoints ? Verdict.BelowMinimum
                : winners.Length >= rules.MostProjects ? Verdict.LimitReached
                : Greedy.IsExcluded(tally.Candidate, winners) ? Verdict.Incompatible
                : tally.Candidate.Cost > left ? Verdict.TooExpensive
                : Verdict.NotSupported;
            lines.Add(new(tally, verdict, left));
        }
        return new(lines, money, [.. purchase.Ties.Select(e => e.Select(c => tallies[c].Candidate.Id).ToArray())]);
    }

    /// <summary>One election, bought with different shares.</summary>
    private sealed class Purchase
    {
        private readonly IReadOnlyList<Tally> _tallies;
        private readonly int[] _places; // In the order in which ties are broken.
        private readonly ResultRules _rules;
        private readonly CancellationToken _cancellation;
        private readonly int[] _counts;
        private readonly (int Ballot, decimal Worth)[][] _supporters;

        public Purchase(Election election, IReadOnlyList<Tally> tallies, ResultRules rules, Satisfaction satisfaction, CancellationToken cancellation)
        {
            (_tallies, _rules, _cancellation) = (tallies, rules, cancellation);
            _counts = [.. election.Ballots.Select(b => b.Count)];
            var inOrder = rules.OrderEquals(tallies).Index().ToDictionary(t => t.Item.Candidate.Id, t => t.Index);
            _places = [.. tallies.Select(t => inOrder[t.Candidate.Id])];
            var place = tallies.Select((t, i) => (t.Candidate.Id, i)).ToDictionary(p => p.Id, p => p.i);
            var supporters = tallies.Select(_ => new List<(int, decimal)>()).ToArray();
            foreach (var (index, ballot) in election.Ballots.Index())
            {
                foreach (var mark in ballot.Marks.Where(m => m.Points > 0))
                {
                    var candidate = election.Candidates[mark.Candidate];
                    supporters[place[candidate.Id]].Add((index, satisfaction == Satisfaction.Cost ? mark.Points * candidate.Cost : mark.Points));
                }
            }
            _supporters = [.. supporters.Select(s => s.ToArray())];
        }

        /// <summary>Whether anything that nobody bought would still fit into the money.</summary>
        public bool CanAdd(List<int> bought, decimal money)
        {
            var left = money - bought.Sum(c => _tallies[c].Candidate.Cost);
            return bought.Count < (_rules.MostProjects ?? int.MaxValue)
                && Enumerable.Range(0, _tallies.Count).Except(bought).Any(c => _tallies[c].Candidate.Cost <= left && IsOpen(c, bought));
        }

        public Bought Buy(decimal share)
        {
            var purse = new decimal[_counts.Length];
            Array.Fill(purse, share);
            var (bought, equals) = (new List<int>(), new List<int[]>());
            // A price only rises while purses empty, so one that was dearer than the best of this round need not be asked.
            var price = new decimal[_tallies.Count];
            var open = Enumerable.Range(0, _tallies.Count).Where(c => IsOpen(c, bought)).ToList();
            while (open.Count > 0 && bought.Count < (_rules.MostProjects ?? int.MaxValue))
            {
                var (best, least) = (-1, decimal.MaxValue / 2);
                var asked = new List<int>();
                foreach (var candidate in open.OrderBy(c => price[c]).ToArray())
                {
                    _cancellation.ThrowIfCancellationRequested();
                    if (least < price[candidate] * SameDigits)
                        break;
                    if (PriceOf(candidate, purse) is not { } now)
                    {
                        open.Remove(candidate); // Its supporters will not be richer later.
                        continue;
                    }
                    price[candidate] = now;
                    asked.Add(candidate);
                    if (best < 0 || now < least * SameDigits || (now * SameDigits <= least && _places[candidate] < _places[best]))
                        (best, least) = (candidate, Math.Min(now, least));
                }
                if (best < 0)
                    break;
                if (asked.FindAll(c => price[c] * SameDigits <= least) is { Count: > 1 } same)
                    equals.Add([.. same.Order()]);
                foreach (var (ballot, worth) in _supporters[best])
                    purse[ballot] -= Math.Min(purse[ballot], price[best] * worth);
                bought.Add(best);
                open.RemoveAll(c => c == best || !IsOpen(c, bought));
            }
            return new(bought, equals);
        }

        private bool IsOpen(int candidate, List<int> bought)
        {
            var tally = _tallies[candidate];
            return tally.Points > 0 && tally.Points >= _rules.MinimumPoints
                && !Greedy.IsExcluded(tally.Candidate, bought.Select(b => new OutcomeLine(_tallies[b], Verdict.Wins, 0)));
        }

        /// <summary>What a unit of satisfaction costs those who want it; null when they cannot pay it together.</summary>
        private decimal? PriceOf(int candidate, decimal[] purse)
        {
            var rest = _tallies[candidate].Candidate.Cost;
            if (rest == 0)
                return 0; // And worth nothing where worth is money: it is simply taken.
            var supporters = _supporters[candidate];
            var worth = supporters.Sum(s => s.Worth * _counts[s.Ballot]);
            // From those whose money ends first: they give all they have, the others share what is missing.
            Array.Sort(supporters, (a, b) => (purse[a.Ballot] * b.Worth).CompareTo(purse[b.Ballot] * a.Worth));
            foreach (var (index, (ballot, own)) in supporters.Index())
            {
                if (purse[ballot] * worth >= rest * own || (index == supporters.Length - 1 && purse[ballot] * _counts[ballot] + Rounding >= rest))
                    return rest / worth;
                rest -= purse[ballot] * _counts[ballot];
                worth -= own * _counts[ballot];
            }
            return null;
        }
    }
}
