using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Budget;

/// <summary>An event of a participatory budget's cycle; its subject is the cycle.</summary>
public abstract record CycleEvent : DomainEvent
{
    /// <summary>The cycle.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Year in which it is spent.</summary>
    public required int FiscalYear { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => CycleId;
}

/// <summary>The council agreed to the ceiling, the zones with their shares, and the calendar.</summary>
[PublicEvent("budget.cycle.opened.v1")]
public sealed record CycleOpened : CycleEvent
{
    /// <summary>What may be spent in all zones together, in US dollars with two decimals.</summary>
    public required decimal Ceiling { get; init; }

    /// <summary>The zones; their amounts together are the ceiling.</summary>
    public required IReadOnlyList<ZoneShare> Zones { get; init; }

    /// <summary>The phases in their order, without a gap between them.</summary>
    public required IReadOnlyList<PhaseDates> Phases { get; init; }

    /// <summary>The council's agreement.</summary>
    public required CouncilReference CouncilReference { get; init; }

    /// <summary>Where the ceiling's money comes from.</summary>
    public IReadOnlyList<MoneySource>? Sources { get; init; }

    /// <summary>By which the ceiling was divided among the zones.</summary>
    public DivisionFormula? Formula { get; init; }

    /// <summary>How residents vote and how ballots decide; they hold until <see cref="CycleRulesChanged"/>.</summary>
    public VotingRules? Rules { get; init; }
}

/// <summary>Where money comes from.</summary>
/// <param name="Name">As <c>FODES 75 %</c>.</param>
/// <param name="Amount">In US dollars with two decimals.</param>
public sealed record MoneySource(string Name, decimal Amount);

/// <summary>The parts of the ceiling that are divided equally, by people and by unmet need, in percent; 100 together.</summary>
/// <param name="Equally">Percent.</param>
/// <param name="ByPopulation">Percent.</param>
/// <param name="ByNeed">Percent.</param>
public sealed record DivisionFormula(int Equally, int ByPopulation, int ByNeed);

/// <summary>All that anybody needs to decide a vote again, besides its ballots and its seed.</summary>
/// <param name="Style"><c>knapsack</c>, <c>approval</c>, <c>cumulative</c> or <c>ranked</c>.</param>
/// <param name="Method"><c>greedy</c> or <c>equal-shares</c>.</param>
/// <param name="SeedSource">Where the draw's seed comes from.</param>
/// <param name="MostMarks">How many projects a ballot names at most; absent for a knapsack.</param>
/// <param name="Points">That a cumulative ballot shares out.</param>
/// <param name="MinimumPoints">That a project needs.</param>
/// <param name="MostProjects">Chosen in a zone at most.</param>
/// <param name="TieBreaks">In their order: <c>lower-cost</c>, <c>more-ballots</c>, <c>draw</c>.</param>
/// <param name="Satisfaction"><c>points</c> or <c>cost</c> (equal shares).</param>
/// <param name="Increment">By how much a voter's share grows at a time, in US dollars (equal shares).</param>
public sealed record VotingRules(
    string Style, string Method, string SeedSource, int? MostMarks, int? Points, int MinimumPoints, int? MostProjects, IReadOnlyList<string> TieBreaks, string? Satisfaction, decimal? Increment);

/// <summary>What may be spent in a zone.</summary>
/// <param name="Number">Of the zone in its cycle, from 1.</param>
/// <param name="Name">Of the zone.</param>
/// <param name="Place">Its place with those that contain it.</param>
/// <param name="Amount">In US dollars with two decimals.</param>
public sealed record ZoneShare(int Number, string Name, string Place, decimal Amount);

/// <summary>When a phase is.</summary>
/// <param name="Phase"><c>preparation</c>, <c>proposals</c>, <c>assessment</c>, <c>voting</c>, <c>approval</c> or <c>execution</c>.</param>
/// <param name="FirstDay">First day.</param>
/// <param name="LastDay">Last day.</param>
public sealed record PhaseDates(string Phase, DateOnly FirstDay, DateOnly LastDay);

/// <summary>The council agreed to other rules of voting, before anybody had voted.</summary>
[PublicEvent("budget.cycle.rules-changed.v1")]
public sealed record CycleRulesChanged : CycleEvent
{
    /// <summary><c>knapsack</c>, <c>approval</c>, <c>cumulative</c> or <c>ranked</c>.</summary>
    public required string Style { get; init; }

    /// <summary><c>greedy</c> or <c>equal-shares</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The council's agreement.</summary>
    public required CouncilReference CouncilReference { get; init; }

    /// <summary>The rules as they are now.</summary>
    public VotingRules? Rules { get; init; }
}

/// <summary>The drawing that the cycle had announced took place: the seed by which equals are told apart, before any count is known.</summary>
[PublicEvent("budget.cycle.seed-drawn.v1")]
public sealed record SeedDrawn : CycleEvent
{
    /// <summary>What came out.</summary>
    public required string Seed { get; init; }

    /// <summary>Of which drawing.</summary>
    public required string Source { get; init; }
}

/// <summary>What residents vote on is fixed, with what each would cost.</summary>
[PublicEvent("budget.cycle.ballot-published.v1")]
public sealed record BallotPublished : CycleEvent
{
    /// <summary>In the order of their numbers.</summary>
    public required IReadOnlyList<BallotLine> Lines { get; init; }
}

/// <summary>A line of the ballot.</summary>
/// <param name="Zone">Of the cycle.</param>
/// <param name="Number">Of the proposal in the cycle.</param>
/// <param name="ProposalId">The proposal.</param>
/// <param name="Name">Its name.</param>
/// <param name="Cost">In US dollars with two decimals.</param>
/// <param name="Excludes">Numbers of those with which it cannot be done.</param>
public sealed record BallotLine(int Zone, int Number, Guid ProposalId, string Name, decimal Cost, IReadOnlyList<int> Excludes);

/// <summary>A zone's result, from which and from the ballots' file anybody can decide it again.</summary>
[PublicEvent("budget.cycle.result-declared.v1")]
public sealed record ResultDeclared : CycleEvent
{
    /// <summary>The zone's number.</summary>
    public required int Zone { get; init; }

    /// <summary>Its name.</summary>
    public required string ZoneName { get; init; }

    /// <summary>What could be spent, in US dollars.</summary>
    public required decimal Money { get; init; }

    /// <summary>Ballots that were cast.</summary>
    public required int Ballots { get; init; }

    /// <summary>Seed of the draw between equals.</summary>
    public required string Seed { get; init; }

    /// <summary>In the order in which they were decided.</summary>
    public required IReadOnlyList<ResultLine> Lines { get; init; }

    /// <summary>Why the council chose otherwise; absent where the ballots alone decided.</summary>
    public string? OverrideReason { get; init; }

    /// <summary>The council's agreement to choose otherwise.</summary>
    public CouncilReference? Override { get; init; }

    /// <summary>The rules that decided.</summary>
    public VotingRules? Rules { get; init; }
}

/// <summary>A line of a result.</summary>
/// <param name="Number">Of the proposal in the cycle.</param>
/// <param name="Name">Its name.</param>
/// <param name="Cost">In US dollars.</param>
/// <param name="Points">That the ballots gave it.</param>
/// <param name="Verdict">What the rule says: <c>wins</c>, <c>too-expensive</c>, <c>below-minimum</c>, <c>incompatible</c>, <c>limit-reached</c> or <c>not-supported</c>.</param>
/// <param name="Chosen">Whether it goes to the council; other than the rule says only by an override.</param>
public sealed record ResultLine(int Number, string Name, decimal Cost, decimal Points, string Verdict, bool Chosen);

/// <summary>Everything of the cycle is settled: nothing of it changes any more.</summary>
[PublicEvent("budget.cycle.finished.v1")]
public sealed record CycleFinished : CycleEvent
{
    /// <summary>Date of the accountability session.</summary>
    public required DateOnly FinishedOn { get; init; }

    /// <summary>What projects were approved for, in US dollars.</summary>
    public required decimal Approved { get; init; }

    /// <summary>What was paid, in US dollars.</summary>
    public required decimal Paid { get; init; }

    /// <summary>Projects that were closed.</summary>
    public required int Projects { get; init; }
}
