using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

internal enum CycleState
{
    Draft,
    Open,
}

/// <summary>The participatory investment budget of a fiscal year.</summary>
internal sealed class Cycle : Aggregate
{
    private Cycle()
    {
    }

    public int FiscalYear { get; private set; }
    public string Title { get; private set; } = "";
    public decimal Ceiling { get; private set; }
    public ShareFormula Formula { get; private set; } = null!;
    public CycleRules Rules { get; private set; } = null!;
    public CycleState State { get; private set; }
    public int? CouncilMinutes { get; private set; }
    public int? CouncilAgreement { get; private set; }
    public DateOnly? CouncilDate { get; private set; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<CycleSource> Sources { get; private init; } = [];
    public IList<CycleZone> Zones { get; private init; } = [];
    public IList<ScheduledPhase> Phases { get; private init; } = [];

    public CouncilReference? Agreement => CouncilDate is { } date ? new(CouncilMinutes!.Value, CouncilAgreement!.Value, date) : null;

    public static Cycle Draft(CycleContent content, string by, DateTimeOffset now)
    {
        var cycle = new Cycle { CreatedBy = by, CreatedAt = now };
        cycle.Write(content);
        return cycle;
    }

    /// <summary>While it is a draft, it is whatever was written last.</summary>
    public void Write(CycleContent content)
    {
        RequireDraft();
        content.Check();
        (FiscalYear, Title, Ceiling, Formula, Rules) = (content.FiscalYear, content.Title.Trim(), content.Ceiling, content.Formula, content.Rules);
        Replace(Sources, content.Sources.Select((s, i) => new CycleSource { CycleId = Id, Number = i + 1, Name = s.Name.Trim(), Amount = s.Amount }));
        var amounts = content.Formula.Divide(content.Ceiling, [.. content.Zones.Select(z => (z.Population, z.Need))]);
        Replace(Zones, content.Zones.Select((z, i) => new CycleZone
        {
            CycleId = Id, Number = i + 1, Name = z.Name.Trim(), Place = z.Place.Trim(), Population = z.Population, Need = z.Need, Amount = amounts[i],
        }));
        Replace(Phases, content.Phases.Select(p => new ScheduledPhase { CycleId = Id, Phase = p.Phase, Position = (int)p.Phase, FirstDay = p.FirstDay, LastDay = p.LastDay }));
        Touch();
    }

    /// <summary>The council agreed to the ceiling, the zones and the calendar: they are published and hold.</summary>
    public void Open(CouncilAgreement agreement, DateTimeOffset now)
    {
        RequireDraft();
        (State, CouncilMinutes, CouncilAgreement, CouncilDate) = (CycleState.Open, agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        Raise(new CycleOpened
        {
            CycleId = Id, FiscalYear = FiscalYear, Title = Title, Ceiling = Ceiling, CouncilReference = Agreement!,
            Zones = [.. Zones.OrderBy(z => z.Number).Select(z => new ZoneShare(z.Number, z.Name, z.Place, z.Amount))],
            Phases = [.. Phases.OrderBy(p => p.Position).Select(p => new PhaseDates(Choice<CyclePhase>.NameOf(p.Phase), p.FirstDay, p.LastDay))],
        }, now);
    }

    public void RequireDraft() =>
        Rule.State(State == CycleState.Draft, "cycle_opened", "El ciclo ya se abrió con acuerdo del concejo: su techo, sus zonas y sus fechas ya no cambian.");

    private static void Replace<T>(IList<T> old, IEnumerable<T> written)
    {
        old.Clear();
        foreach (var one in written)
            old.Add(one);
    }
}

/// <summary>Where money of the ceiling comes from.</summary>
internal sealed class CycleSource
{
    public required Guid CycleId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public required decimal Amount { get; init; }
}

/// <summary>A zone with its heading: what may be spent there.</summary>
internal sealed class CycleZone
{
    public required Guid CycleId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public required string Place { get; init; }
    public required int Population { get; init; }
    public required decimal Need { get; init; }
    public required decimal Amount { get; init; }
}

internal sealed class ScheduledPhase
{
    public required Guid CycleId { get; init; }
    public required CyclePhase Phase { get; init; }
    public required int Position { get; init; }
    public required DateOnly FirstDay { get; init; }
    public required DateOnly LastDay { get; init; }
}
