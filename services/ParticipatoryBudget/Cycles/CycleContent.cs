using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

/// <summary>The phases of a cycle, in their order; each begins the day after the one before it ends.</summary>
internal enum CyclePhase
{
    /// <summary>The ceiling is agreed, zones and team are named.</summary>
    Preparation,

    /// <summary>Assemblies of the zones; residents propose.</summary>
    Proposals,

    /// <summary>Technicians assess.</summary>
    Assessment,

    /// <summary>Residents vote on what can be done; from here on everybody sees what each would cost.</summary>
    Voting,

    /// <summary>The council approves what was chosen.</summary>
    Approval,

    /// <summary>Committees execute and watch; accounts are given.</summary>
    Execution,
}

internal sealed record SourceContent([PublicText(150)] string Name, decimal Amount)
{
    public static SourceContent Example => new("FODES 75 %", 60_000);
}

/// <param name="Name">Of the zone.</param>
/// <param name="Place">Its place with those that contain it, as other services name it.</param>
/// <param name="Population">People who live there.</param>
/// <param name="Need">Unmet need, in points of the municipality's own map.</param>
internal sealed record ZoneContent([PublicText(100)] string Name, [PublicText(300)] string Place, [Between(0, 10_000_000)] int Population, decimal Need)
{
    public static ZoneContent Example => new("Zona norte", "Cantón Las Lomas, San Ensayo, Prueba", 3200, 41.5m);
}

internal sealed record PhaseContent(CyclePhase Phase, DateOnly FirstDay, DateOnly LastDay)
{
    public static PhaseContent Example => new(CyclePhase.Preparation, new(2026, 6, 1), new(2026, 7, 31));
}

/// <summary>What is declared before the first ballot and holds from then on.</summary>
/// <param name="Style">How ballots speak.</param>
/// <param name="Method">How they decide.</param>
/// <param name="MostMarks">How many projects a ballot names at most; for a knapsack the money is the limit.</param>
/// <param name="Points">That a cumulative ballot shares out.</param>
/// <param name="MinimumPoints">That a project needs to be chosen.</param>
/// <param name="MostProjects">Chosen in a zone at most; null for as many as the money allows.</param>
/// <param name="TieBreaks">In their order; the draw always comes last.</param>
/// <param name="SeedSource">Where the draw's seed will come from, which nobody here can choose.</param>
/// <param name="Satisfaction">What a project is worth to who named it (equal shares).</param>
/// <param name="Increment">By how much a voter's share grows at a time for what is left over, in US dollars (equal shares).</param>
internal sealed record CycleRules(
    BallotStyle Style, DecisionMethod Method, [PublicText(300)] string SeedSource, [Between(1, 100)] int? MostMarks = null, [Between(1, 1000)] int? Points = null,
    [Between(0, 1_000_000)] int MinimumPoints = 0, [Between(1, 1000)] int? MostProjects = null, [Count(0, 3)] IReadOnlyList<TieBreak>? TieBreaks = null,
    Satisfaction Satisfaction = Satisfaction.Cost, decimal Increment = 1)
{
    public static CycleRules Example => new(
        BallotStyle.Approval, DecisionMethod.Greedy, "Número del primer premio del sorteo de la Lotería Nacional siguiente al cierre de la votación", 3, null, 10, null, [TieBreak.MoreBallots, TieBreak.LowerCost]);

    /// <summary>As events tell them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public VotingRules Told => new(
        Choice<BallotStyle>.NameOf(Style), Choice<DecisionMethod>.NameOf(Method), SeedSource, MostMarks, Points, MinimumPoints, MostProjects,
        [.. (TieBreaks ?? []).Append(TieBreak.Draw).Distinct().Select(Choice<TieBreak>.NameOf)], Method == DecisionMethod.EqualShares ? Choice<Satisfaction>.NameOf(Satisfaction) : null,
        Method == DecisionMethod.EqualShares ? Increment : null);

    public void Check(string at)
    {
        Rule.That((MostMarks is null) == (Style == BallotStyle.Knapsack), "marks_of_style", "Indique cuántos proyectos marca una papeleta a lo más; en la de mochila el límite es el dinero.", at + "/mostMarks");
        Rule.That((Points is not null) == (Style == BallotStyle.Cumulative), "points_of_style", "Los puntos por repartir son de la papeleta acumulativa, y solo de ella.", at + "/points");
        Rule.That(Increment is >= 0.01m and <= 1_000_000 && decimal.Round(Increment, 2) == Increment, "increment_amount", "El aumento va de 0.01 a 1,000,000, con dos decimales.", at + "/increment");
        Rule.That((TieBreaks ?? []).Distinct().Count() == (TieBreaks ?? []).Count, "tie_break_twice", "Un desempate aparece dos veces.", at + "/tieBreaks");
        Rule.That(!(TieBreaks ?? []).SkipLast(1).Contains(TieBreak.Draw), "draw_decides", "El sorteo decide todo empate: va de último.", at + "/tieBreaks");
    }
}

/// <summary>Who looks at a criterion.</summary>
internal enum Aspect
{
    Technical,
    Social,
    Environmental,
    Legal,
}

/// <param name="Name">What is assessed, as "Personas beneficiadas".</param>
/// <param name="Aspect">Whose evaluator gives its points.</param>
/// <param name="Weight">In percent of the whole.</param>
internal sealed record Criterion([PublicText(150)] string Name, Aspect Aspect, [Between(1, 100)] int Weight)
{
    public static Criterion Example => new("Personas beneficiadas", Aspect.Social, 30);
}

/// <summary>A question that whoever proposes answers before presenting.</summary>
/// <param name="Text">As "La tierra está a nombre de la comunidad o de la alcaldía".</param>
/// <param name="Required">Without it nothing is presented.</param>
/// <param name="Paper">Whether an attachment proves it.</param>
internal sealed record ChecklistItem([PublicText(200)] string Text, bool Required, bool Paper)
{
    public static ChecklistItem Example => new("La tierra está a nombre de la comunidad o de la alcaldía", true, true);
}

/// <summary>How proposals are admitted and assessed in a cycle.</summary>
/// <param name="Criteria">Their weights are 100 together; each aspect has one at least.</param>
/// <param name="Checklist">What a proposal is asked.</param>
/// <param name="MinimumSignatures">People who support one that no association presents.</param>
/// <param name="PassingScore">Of 100; below it a proposal is not feasible.</param>
/// <param name="CorrectionDays">To correct what was observed.</param>
internal sealed record AssessmentRules(
    [Count(1, 30)] IReadOnlyList<Criterion> Criteria, [Count(0, 30)] IReadOnlyList<ChecklistItem> Checklist, [Between(0, 100_000)] int MinimumSignatures = 10,
    [Between(0, 100)] int PassingScore = 60, [Between(1, 90)] int CorrectionDays = 10)
{
    public static AssessmentRules Example => new(
        [new("Factibilidad técnica", Aspect.Technical, 30), Criterion.Example, new("Impacto ambiental", Aspect.Environmental, 20), new("Legalidad del terreno", Aspect.Legal, 20)], [ChecklistItem.Example]);

    public void Check(string at)
    {
        Rule.That(Criteria.Sum(c => c.Weight) == 100, "weights_not_100", $"Los pesos de los criterios suman {Criteria.Sum(c => c.Weight)}: deben sumar 100.", at + "/criteria");
        foreach (var (aspect, name) in new[] { (Aspect.Technical, "técnico"), (Aspect.Social, "social"), (Aspect.Environmental, "ambiental"), (Aspect.Legal, "legal") })
            Rule.That(Criteria.Any(c => c.Aspect == aspect), "aspect_missing", $"Falta un criterio {name}: cada propuesta se valora en lo técnico, lo social, lo ambiental y lo legal.", at + "/criteria");
    }
}

/// <summary>The terms by which a cycle's projects are received and watched: data, because they change and old cycles keep theirs.</summary>
/// <param name="FinalReceptionDays">From the provisional reception to the final one at most (practice of public works).</param>
/// <param name="AnswerDays">
/// For the municipality to answer a finding; as many has the committee to notify it, and to say whether the answer does.
/// </param>
internal sealed record ExecutionRules([Between(1, 365)] int FinalReceptionDays = 60, [Between(1, 60)] int AnswerDays = 15)
{
    public static ExecutionRules Example => new();
}

/// <summary>An amount of US dollars with two decimals at most, never negative.</summary>
internal static class Money
{
    public const decimal Largest = 1_000_000_000m;

    public static bool IsMoney(decimal amount) => amount is >= 0 and <= Largest && decimal.Round(amount, 2) == amount;

    public static void Require(decimal amount, string at) =>
        Rule.That(IsMoney(amount) && amount > 0, "amount", "El monto es mayor que cero, con dos decimales a lo más.", at);
}

/// <summary>A cycle as somebody writes it.</summary>
internal sealed record CycleContent(
    [Between(2000, 2100)] int FiscalYear, [PublicText(150)] string Title, decimal Ceiling, [Count(1, 20)] IReadOnlyList<SourceContent> Sources, ShareFormula Formula,
    [Count(1, 100)] IReadOnlyList<ZoneContent> Zones, [Count(6, 6)] IReadOnlyList<PhaseContent> Phases, CycleRules Rules, AssessmentRules Assessment,
    ExecutionRules? Execution = null)
{

    public static CycleContent Example => new(
        2027, "Presupuesto de inversión participativo 2027", 60_000, [SourceContent.Example], ShareFormula.Example, [ZoneContent.Example, ZoneContent.Example with { Name = "Zona sur" }],
        [
            PhaseContent.Example, new(CyclePhase.Proposals, new(2026, 8, 1), new(2026, 9, 15)), new(CyclePhase.Assessment, new(2026, 9, 16), new(2026, 9, 30)),
            new(CyclePhase.Voting, new(2026, 10, 1), new(2026, 10, 31)), new(CyclePhase.Approval, new(2026, 11, 1), new(2026, 12, 31)), new(CyclePhase.Execution, new(2027, 1, 1), new(2027, 12, 31)),
        ], CycleRules.Example, AssessmentRules.Example, ExecutionRules.Example);

    public void Check()
    {
        Rule.That(Money.IsMoney(Ceiling) && Ceiling > 0, "ceiling_amount", "El techo es mayor que cero, con dos decimales a lo más.", "/ceiling");
        foreach (var (index, source) in Sources.Index())
            Rule.That(Money.IsMoney(source.Amount) && source.Amount > 0, "source_amount", "Cada fuente aporta más que cero, con dos decimales a lo más.", $"/sources/{index}/amount");
        Rule.That(Sources.Sum(s => s.Amount) == Ceiling, "sources_not_ceiling", $"Las fuentes suman {Sources.Sum(s => s.Amount):0.00} y el techo es {Ceiling:0.00}: deben ser iguales.", "/sources");
        Rule.That(Formula.Equally + Formula.ByPopulation + Formula.ByNeed == 100, "formula_not_100", "Las tres partes de la fórmula suman 100.", "/formula");
        Rule.That(Zones.Select(z => z.Name.Trim().ToLowerInvariant()).Distinct().Count() == Zones.Count, "zone_twice", "Una zona aparece dos veces.", "/zones");
        foreach (var (index, zone) in Zones.Index())
            Rule.That(zone.Need is >= 0 and <= 1_000_000 && decimal.Round(zone.Need, 2) == zone.Need, "need_amount", "La necesidad no es negativa y lleva dos decimales a lo más.", $"/zones/{index}/need");
        foreach (var (index, phase) in Phases.Index())
        {
            Rule.That((int)phase.Phase == index, "phases_out_of_order", $"Las fases van en este orden: {string.Join(", ", Enum.GetValues<CyclePhase>().Select(Choice<CyclePhase>.NameOf))}.", $"/phases/{index}/phase");
            Rule.That(phase.FirstDay <= phase.LastDay && phase.FirstDay.Year >= 2000 && phase.LastDay.Year <= 2110, "phase_days", "Cada fase termina el día que comienza o después.", $"/phases/{index}/lastDay");
            Rule.That(index == 0 || phase.FirstDay == Phases[index - 1].LastDay.AddDays(1), "phases_not_contiguous",
                index == 0 ? "" : $"La fase anterior termina el {Phases[index - 1].LastDay.Day()}: esta comienza al día siguiente.", $"/phases/{index}/firstDay");
        }
        Rule.That(
            Phases[^1].FirstDay.Year <= FiscalYear && Phases[^1].LastDay.Year >= FiscalYear, "other_fiscal_year", $"La ejecución ocurre en el año fiscal {FiscalYear}, o lo toca.", "/phases/5/firstDay");
        Rules.Check("/rules");
        Assessment.Check("/assessment");
    }
}
