using ProyeccionSocial.Contracts;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>A zone's result as it was declared. It is not counted anew; the council may choose otherwise, once, and says why.</summary>
internal sealed class ZoneResult
{
    private ZoneResult()
    {
    }

    public Guid CycleId { get; private init; }
    public int Zone { get; private init; }
    public string Seed { get; private init; } = "";
    public int Ballots { get; private init; }

    /// <summary>Ballots by how they came: in an assembly, at a booth, or by oneself (individual).</summary>
    public IReadOnlyDictionary<string, int> ByChannel { get; private init; } = null!;

    /// <summary>Numbers of those with the same points between which the declared rule decided.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Tied { get; private init; } = [];
    public string DeclaredBy { get; private init; } = "";
    public DateTimeOffset DeclaredAt { get; private init; }
    public string? OverrideReason { get; private set; }
    public int? OverrideMinutes { get; private set; }
    public int? OverrideAgreement { get; private set; }
    public DateOnly? OverrideDate { get; private set; }
    public IList<ResultRow> Lines { get; private init; } = [];

    public CouncilReference? Override => OverrideDate is { } date ? new(OverrideMinutes!.Value, OverrideAgreement!.Value, date) : null;

    public static ZoneResult Declare(Cycle cycle, int zone, string seed, int ballots, IReadOnlyDictionary<string, int> byChannel, Outcome outcome, string by, DateTimeOffset now)
    {
        var result = new ZoneResult
        {
            CycleId = cycle.Id, Zone = zone, Seed = seed, Ballots = ballots, ByChannel = byChannel, DeclaredBy = by, DeclaredAt = now,
            Tied = [.. outcome.DecidedByTie.Select(g => g.Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)).ToArray())],
        };
        foreach (var (index, line) in outcome.Lines.Index())
        {
            result.Lines.Add(new()
            {
                CycleId = cycle.Id, Zone = zone, Position = index + 1, Number = int.Parse(line.Tally.Candidate.Id, System.Globalization.CultureInfo.InvariantCulture),
                Points = (int)line.Tally.Points, Ballots = line.Tally.Ballots, Verdict = line.Verdict, Remaining = line.Left, Chosen = line.Verdict == Verdict.Wins,
            });
        }
        return result;
    }

    public void ChooseOtherwise(
        IReadOnlyCollection<int> chosen, IReadOnlyList<BallotCandidate> candidates, IReadOnlyList<CandidateExclusion> exclusions, decimal money, int? mostProjects, string reason, CouncilAgreement agreement)
    {
        Rule.State(OverrideReason is null, "already_overridden", "El concejo ya eligió otra cosa en esa zona.");
        foreach (var (index, number) in chosen.Index())
            Rule.That(Lines.Any(l => l.Number == number), "not_on_ballot", "Esa propuesta no está en la papeleta de esa zona.", $"/chosen/{index}");
        Rule.That(chosen.Distinct().Count() == chosen.Count, "marked_twice", "Una propuesta aparece dos veces.", "/chosen");
        Rule.That(Lines.Any(l => l.Chosen != chosen.Contains(l.Number)), "same_choice", "Eso es lo que ya decidieron las papeletas.", "/chosen");
        var cost = candidates.Where(c => chosen.Contains(c.Number)).Sum(c => c.Cost);
        Rule.That(cost <= money, "over_money", $"Lo elegido cuesta {cost:0.00} y la zona tiene {money:0.00}.", "/chosen");
        Rule.That(mostProjects is null || chosen.Count <= mostProjects, "limit_reached", $"En cada zona van {mostProjects} a lo más.", "/chosen");
        Rule.That(!exclusions.Any(e => chosen.Contains(e.Number) && chosen.Contains(e.Other)), "incompatible", "Dos de ellas no pueden hacerse juntas.", "/chosen");
        foreach (var line in Lines)
            line.Chosen = chosen.Contains(line.Number);
        (OverrideReason, OverrideMinutes, OverrideAgreement, OverrideDate) = (reason, agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
    }
}

internal sealed class ResultRow
{
    public required Guid CycleId { get; init; }
    public required int Zone { get; init; }

    /// <summary>In the order of the walk.</summary>
    public required int Position { get; init; }
    public required int Number { get; init; }
    public required int Points { get; init; }
    public required int Ballots { get; init; }
    public required Verdict Verdict { get; init; }
    public required decimal Remaining { get; init; }

    /// <summary>Whether it goes to the council; other than the verdict says only by an override.</summary>
    public required bool Chosen { get; set; }
}
