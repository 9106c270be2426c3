using System.Security.Cryptography;
using System.Text;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>By which rule the ballots decide.</summary>
internal enum DecisionMethod
{
    Greedy,
    EqualShares,
}

/// <summary>Which of two with the same points goes first. What is declared comes before the draw; the draw always decides.</summary>
internal enum TieBreak
{
    /// <summary>The one that costs less.</summary>
    LowerCost,

    /// <summary>The one on more ballots.</summary>
    MoreBallots,

    /// <summary>By the published seed.</summary>
    Draw,
}

/// <summary>What a cycle declared before its first ballot and is held to.</summary>
/// <param name="TieBreaks">In their order.</param>
/// <param name="Seed">Published; of anybody's making, as the number of a lottery ticket drawn after the voting.</param>
/// <param name="MinimumPoints">Who has fewer is not chosen.</param>
/// <param name="MostProjects">How many are chosen at most; null for as many as the money allows.</param>
internal sealed record ResultRules(IReadOnlyList<TieBreak> TieBreaks, string Seed, decimal MinimumPoints = 0, int? MostProjects = null)
{
    /// <summary>
    /// Those with the most points first; among equals as declared, and at last by the draw, in which anybody can check a
    /// candidate's lot: SHA-256 of the seed, a line feed and its id, in UTF-8. The smallest comes first.
    /// </summary>
    public IReadOnlyList<Tally> Order(IEnumerable<Tally> tallies) => Order(tallies.OrderByDescending(t => t.Points));

    /// <summary>As declared among those that are equal by another measure than their points.</summary>
    public IReadOnlyList<Tally> OrderEquals(IEnumerable<Tally> tallies) => Order(tallies.OrderBy(_ => 0));

    private IReadOnlyList<Tally> Order(IOrderedEnumerable<Tally> order)
    {
        foreach (var rule in TieBreaks)
        {
            order = rule switch
            {
                TieBreak.LowerCost => order.ThenBy(t => t.Candidate.Cost),
                TieBreak.MoreBallots => order.ThenByDescending(t => t.Ballots),
                _ => order.ThenBy(t => LotOf(t.Candidate.Id), StringComparer.Ordinal),
            };
        }
        return [.. order.ThenBy(t => LotOf(t.Candidate.Id), StringComparer.Ordinal)];
    }

    /// <summary>A candidate's lot in the draw, in hexadecimal digits.</summary>
    public string LotOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}\n{id}")));
}
