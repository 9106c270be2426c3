namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>How ballots speak.</summary>
internal enum BallotStyle
{
    /// <summary>What is named; its costs together stay within the heading's money.</summary>
    Knapsack,

    /// <summary>What is named, up to a number.</summary>
    Approval,

    /// <summary>Points that are shared out.</summary>
    Cumulative,

    /// <summary>An order: the first gets as many points as may be named, the next one less, and so on.</summary>
    Ranked,
}

/// <summary>What is voted on under a heading.</summary>
/// <param name="Id">Of the project, as the ballots name it.</param>
/// <param name="Name">In words.</param>
/// <param name="Cost">In US dollars.</param>
/// <param name="Excludes">Ids of those with which it cannot be done.</param>
internal sealed record Candidate(string Id, string Name, decimal Cost, IReadOnlyList<string>? Excludes = null);

/// <summary>What a ballot gives to one candidate, by its number in the election.</summary>
internal readonly record struct Mark(int Candidate, decimal Points);

/// <summary>Ballots that say the same: how many, and what.</summary>
internal sealed record Ballot(IReadOnlyList<Mark> Marks, int Count = 1);

/// <summary>A heading that was voted on: its money, what could be chosen, and the ballots, without whose they were.</summary>
internal sealed record Election(BallotStyle Style, decimal Money, IReadOnlyList<Candidate> Candidates, IReadOnlyList<Ballot> Ballots)
{
    /// <summary>Ballots that were cast, blank ones too.</summary>
    public int Voters => Ballots.Sum(b => b.Count);

    /// <summary>Points of each candidate, and on how many ballots it stands.</summary>
    public IReadOnlyList<Tally> Tally()
    {
        var (points, ballots) = (new decimal[Candidates.Count], new int[Candidates.Count]);
        foreach (var ballot in Ballots)
        {
            foreach (var mark in ballot.Marks)
            {
                points[mark.Candidate] += mark.Points * ballot.Count;
                ballots[mark.Candidate] += ballot.Count;
            }
        }
        return [.. Candidates.Select((c, i) => new Tally(c, points[i], ballots[i]))];
    }
}

/// <summary>What a candidate was given.</summary>
internal sealed record Tally(Candidate Candidate, decimal Points, int Ballots);
