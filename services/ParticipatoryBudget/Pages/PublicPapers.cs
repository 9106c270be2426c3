using System.Globalization;
using ProyeccionSocial.ParticipatoryBudget.Accountability;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Pages;

/// <summary>A cycle as its public page shows it.</summary>
public sealed record CyclePaper(
    string Title, string Ceiling, string? Agreement, IReadOnlyList<(string Phase, string Days)> Phases, IReadOnlyList<(string Name, string Amount, string? Act)> Zones, string Formula,
    IReadOnlyList<(string Name, string Amount)> Sources, string HowToVote, IReadOnlyList<(string Name, string State, string Page)> Works, string Accounts)
{
    internal static CyclePaper Of(Cycle cycle, IReadOnlyCollection<int> declared, IReadOnlyList<(Guid Id, string Name, ProjectState State)> projects, DateOnly today) => new(
        cycle.Title, Words.Money(cycle.Ceiling), cycle.Agreement is { } a ? $"Acuerdo No. {a.AgreementNumber} del Acta No. {a.MinutesNumber}, {a.Date.Day()}." : null,
        [
            .. cycle.Phases.OrderBy(p => p.Position).Select(p => (
                Words.Capital(Cycle.InWords(p.Phase)) + (today >= p.FirstDay && today <= p.LastDay ? " (ahora)" : ""), $"Del {p.FirstDay.Day()} al {p.LastDay.Day()}")),
        ],
        [.. cycle.Zones.OrderBy(z => z.Number).Select(z => (z.Name, Words.Money(z.Amount), declared.Contains(z.Number) ? $"/v1/budget/public/cycles/{cycle.Id}/zones/{z.Number}/act" : null))],
        $"{cycle.Formula.Equally} % por igual, {cycle.Formula.ByPopulation} % según cuánta gente vive en cada zona y {cycle.Formula.ByNeed} % según su necesidad",
        [.. cycle.Sources.OrderBy(s => s.Number).Select(s => (s.Name, Words.Money(s.Amount)))], $"{Words.Style(cycle.Rules)} {Words.Method(cycle.Rules)}",
        [.. projects.Select(p => (p.Name, ProjectWords.Of(p.State).ToLowerInvariant(), $"/v1/budget/public/projects/{p.Id}"))], $"/v1/budget/public/cycles/{cycle.Id}/accountability");
}

/// <summary>A zone's result as its act prints it.</summary>
public sealed record ActPaper(
    string Cycle, string Zone, string Place, string Year, string FirstDay, string LastDay, string Money, string Spent, int Ballots, string Channels, string? OverrideReason, string? Override,
    IReadOnlyList<ActPaper.Line> Lines, string HowVoted, string Ties, string Seed, string SeedSource, string Tied, IReadOnlyList<ActPaper.PlaceCount> Counts, string DeclaredAt, Uri? Address)
{
    /// <summary>A candidate of the result.</summary>
    public sealed record Line(int Number, string Name, string Points, string Cost, string Outcome, string Left, bool Chosen);

    /// <summary>A place whose ballots were counted by hand.</summary>
    public sealed record PlaceCount(string Name, int Counted, int Written, string Comparison);

    private static readonly Dictionary<string, string> ChannelWords = new() { ["assembly"] = "en asamblea", ["booth"] = "en mesa de votación", ["individual"] = "en línea" };

    internal static ActPaper Of(Cycle cycle, CycleZone zone, DeclareResult.ResultView result, IReadOnlyList<PlaceCount> counts, Uri? address)
    {
        var voting = cycle.PhaseOf(CyclePhase.Voting);
        return new(
            cycle.Title, zone.Name, zone.Place, cycle.FiscalYear.ToString(CultureInfo.InvariantCulture), voting.FirstDay.Day(), voting.LastDay.Day(), Words.Money(result.Money), Words.Money(result.Spent),
            result.Ballots, result.ByChannel.Count == 0 ? "" : ": " + string.Join(", ", result.ByChannel.Select(c => $"{c.Value} {ChannelWords[c.Key]}")), result.OverrideReason,
            result.Override is { } o ? $"Acuerdo No. {o.AgreementNumber} del Acta No. {o.MinutesNumber}, {o.Date.Day()}" : null,
            [
                .. result.Lines.Select(l => new Line(
                    l.Number, l.Name, l.Points.ToString("N0", CultureInfo.InvariantCulture), Words.Money(l.Cost), Words.Of(l.Verdict, l.Chosen), Words.Money(l.Left), l.Chosen)),
            ],
            $"{Words.Style(cycle.Rules)} {Words.Method(cycle.Rules)}", Words.Ties(cycle.Rules), result.Seed, cycle.Rules.SeedSource,
            result.DecidedByTie.Count == 0 ? "No hizo falta desempatar." : $"Se desempató entre: {string.Join("; ", result.DecidedByTie.Select(t => string.Join(", ", t)))}.",
            counts, result.DeclaredAt.DayAndHour(), address);
    }
}

/// <summary>The rules of a vote and its outcome in words that anybody reads.</summary>
internal static class Words
{
    public static string Money(decimal amount) => amount.ToString("$#,##0.00", CultureInfo.InvariantCulture);

    public static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    public static string Style(CycleRules rules) => rules.Style switch
    {
        BallotStyle.Knapsack => "Cada persona marca las propuestas que quiera, mientras juntas no cuesten más que el dinero de la zona.",
        BallotStyle.Cumulative => $"Cada persona reparte {rules.Points} puntos entre {rules.MostMarks} propuestas a lo más.",
        BallotStyle.Ranked => $"Cada persona ordena hasta {rules.MostMarks} propuestas: la primera recibe {rules.MostMarks} puntos, la siguiente uno menos, y así.",
        _ => rules.MostMarks == 1 ? "Cada persona marca una propuesta." : $"Cada persona marca hasta {rules.MostMarks} propuestas.",
    };

    public static string Method(CycleRules rules) =>
        (rules.Method == DecisionMethod.Greedy
            ? "Gana la que tiene más puntos; después la siguiente que todavía alcance con el dinero que queda, y así: lo que ya no alcanza se salta."
            : $"El dinero se reparte por igual entre quienes votaron. Una propuesta gana cuando quienes la quieren la pagan con su parte; primero la que menos les pide. Con lo que sobra se aumenta la parte de cada quien, de {Money(rules.Increment)} en {Money(rules.Increment)} y mil veces a lo más, y se decide de nuevo.")
        + (rules.MinimumPoints > 0 ? $" Se piden {rules.MinimumPoints} puntos por lo menos." : "")
        + (rules.MostProjects is { } most ? $" Ganan {most} a lo más." : "");

    public static string Ties(CycleRules rules) =>
        $"Entre iguales {string.Join("; después, ", (rules.TieBreaks ?? []).Where(t => t != TieBreak.Draw).Select(t => t == TieBreak.LowerCost ? "va primero la que cuesta menos" : "va primero la que está en más papeletas").Append("decide el sorteo"))}.";

    public static string Of(Verdict verdict, bool chosen) => (verdict, chosen) switch
    {
        (Verdict.Wins, true) => "Gana",
        (Verdict.Wins, false) => "Ganaba; el concejo eligió otra",
        (_, true) => "La eligió el concejo",
        (Verdict.TooExpensive, _) => "Ya no alcanza el dinero",
        (Verdict.BelowMinimum, _) => "No llega al mínimo",
        (Verdict.Incompatible, _) => "No puede hacerse junto a otra que ganó",
        (Verdict.LimitReached, _) => "Ya ganaron tantas como se puede",
        _ => "Quienes la quieren no la pagan con su parte",
    };
}
