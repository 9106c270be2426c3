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
}

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
