using System.Globalization;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

/// <param name="Candidate">Number on the ballot.</param>
/// <param name="Points">On a cumulative ballot only.</param>
internal sealed record MarkContent([Between(1, 100_000)] int Candidate, [Between(1, 1000)] int? Points = null)
{
    public static MarkContent Example => new(3);
}

/// <summary>How ballots are read, the same wherever they are cast.</summary>
internal static class BallotContent
{
    /// <summary>
    /// The points that a ballot gives to each candidate; an empty one is blank and counts as a vote. On a ranked ballot the
    /// order of the marks is the order of preference, and the first gets as many points as may be named.
    /// </summary>
    /// <param name="marks">As somebody made them.</param>
    /// <param name="rules">Of the cycle.</param>
    /// <param name="money">Of the zone, in US dollars.</param>
    /// <param name="costs">Of the zone's candidates by their numbers.</param>
    /// <exception cref="RuleViolationException">422: the ballot does not follow the rules, and says where.</exception>
    public static (int[] Candidates, int[] Points) Read(IReadOnlyList<MarkContent> marks, CycleRules rules, decimal money, IReadOnlyDictionary<int, decimal> costs)
    {
        foreach (var (index, mark) in marks.Index())
        {
            Rule.That(costs.ContainsKey(mark.Candidate), "not_on_ballot", $"La propuesta {mark.Candidate.ToString(CultureInfo.InvariantCulture)} no está en la papeleta de esa zona.", $"/marks/{index}/candidate");
            Rule.That((mark.Points is not null) == (rules.Style == BallotStyle.Cumulative), "points_of_style",
                rules.Style == BallotStyle.Cumulative ? "Diga cuántos puntos da a cada propuesta." : "En esta votación no se reparten puntos.", $"/marks/{index}/points");
        }
        Rule.That(marks.Select(m => m.Candidate).Distinct().Count() == marks.Count, "marked_twice", "Una propuesta está marcada dos veces.", "/marks");
        if (rules.Style == BallotStyle.Knapsack)
        {
            var cost = marks.Sum(m => costs[m.Candidate]);
            Rule.That(cost <= money, "over_money", string.Create(CultureInfo.InvariantCulture, $"Lo que marcó cuesta ${cost:N2} y la zona tiene ${money:N2}: quite alguna."), "/marks");
        }
        else
        {
            Rule.That(marks.Count <= rules.MostMarks, "too_many_marks", $"Se marcan {rules.MostMarks} propuestas a lo más: quite alguna.", "/marks");
        }
        var given = marks.Sum(m => m.Points ?? 0);
        Rule.That(rules.Style != BallotStyle.Cumulative || given <= rules.Points, "too_many_points", $"Repartió {given} puntos de {rules.Points}: quite algunos.", "/marks");
        return ([.. marks.Select(m => m.Candidate)], [.. marks.Select((m, i) => rules.Style switch
        {
            BallotStyle.Cumulative => m.Points!.Value,
            BallotStyle.Ranked => rules.MostMarks!.Value - i,
            _ => 1,
        })]);
    }
}
