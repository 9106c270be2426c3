using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

internal enum CycleState
{
    Draft,
    Open,

    /// <summary>Its accounts were given: nothing of it changes any more.</summary>
    Finished,
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
    public AssessmentRules Assessment { get; private set; } = null!;
    public ExecutionRules Execution { get; private set; } = null!;
    public CycleState State { get; private set; }
    public int? CouncilMinutes { get; private set; }
    public int? CouncilAgreement { get; private set; }
    public DateOnly? CouncilDate { get; private set; }

    /// <summary>When what residents vote on was fixed.</summary>
    public DateTimeOffset? BallotPublishedAt { get; private set; }

    /// <summary>What the drawing gave that the cycle had announced; no result is counted before everybody can read it.</summary>
    public string? Seed { get; private set; }
    public DateOnly? FinishedOn { get; private set; }
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
        (FiscalYear, Title, Ceiling, Formula) = (content.FiscalYear, content.Title.Trim(), content.Ceiling, content.Formula);
        (Rules, Assessment, Execution) = (content.Rules, content.Assessment, content.Execution ?? new());
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
        var proposals = PhaseOf(CyclePhase.Proposals);
        Rule.State(now.LocalDate() <= proposals.LastDay, "calendar_over", $"La fase de propuestas terminó el {proposals.LastDay.Day()}: corrija el calendario antes de abrir el ciclo, porque después ya no cambia.");
        (State, CouncilMinutes, CouncilAgreement, CouncilDate) = (CycleState.Open, agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        Raise(new CycleOpened
        {
            CycleId = Id, FiscalYear = FiscalYear, Title = Title, Ceiling = Ceiling, CouncilReference = Agreement!,
            Zones = [.. Zones.OrderBy(z => z.Number).Select(z => new ZoneShare(z.Number, z.Name, z.Place, z.Amount))],
            Phases = [.. Phases.OrderBy(p => p.Position).Select(p => new PhaseDates(Choice<CyclePhase>.NameOf(p.Phase), p.FirstDay, p.LastDay))],
            Sources = [.. Sources.OrderBy(s => s.Number).Select(s => new MoneySource(s.Name, s.Amount))], Formula = new(Formula.Equally, Formula.ByPopulation, Formula.ByNeed), Rules = Rules.Told,
        }, now);
    }

    public void PublishBallot(IReadOnlyList<BallotCandidate> candidates, IReadOnlyList<CandidateExclusion> exclusions, DateTimeOffset now)
    {
        RequirePhase(CyclePhase.Voting, now.LocalDate());
        Rule.State(BallotPublishedAt is null, "ballot_published", "La papeleta ya se publicó: lo que está en ella, y lo que no, ya no cambia.");
        Rule.State(candidates.Count > 0, "nothing_to_vote", "Ninguna propuesta es viable: no hay qué votar.");
        BallotPublishedAt = now;
        Raise(new BallotPublished
        {
            CycleId = Id, FiscalYear = FiscalYear, Title = Title,
            Lines = [.. candidates.Select(c => new BallotLine(c.Zone, c.Number, c.ProposalId, c.Name, c.Cost, CandidateExclusions.Of(c.Number, exclusions)))],
        }, now);
    }

    /// <summary>Until somebody has voted; the database says no to whoever is later.</summary>
    public void ChangeRules(CycleRules rules, CouncilAgreement agreement, DateTimeOffset now)
    {
        Rule.State(State == CycleState.Open, "cycle_not_open", "El ciclo no está abierto.");
        Rule.State(Seed is null && now.LocalDate() <= PhaseOf(CyclePhase.Voting).LastDay, "rules_frozen", "La votación terminó: las reglas con que se decide ya no cambian.");
        Rule.That(agreement.Date >= CouncilDate, "before_last_step", $"El ciclo se abrió con el acuerdo del {CouncilDate!.Value.Day()}.", "/agreement/date");
        rules.Check("/rules");
        Rules = rules;
        Raise(new CycleRulesChanged
        {
            CycleId = Id, FiscalYear = FiscalYear, Title = Title, Style = Choice<BallotStyle>.NameOf(rules.Style), Method = Choice<DecisionMethod>.NameOf(rules.Method),
            CouncilReference = new(agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date), Rules = Rules.Told,
        }, now);
    }

    public void Finish(DateOnly on, DateOnly? lastEnded, decimal approved, decimal paid, int projects, DateTimeOffset now)
    {
        Rule.State(State == CycleState.Open, "cycle_not_open", "El ciclo no está abierto.");
        var first = CouncilDate!.Value;
        if (BallotPublishedAt is not null) // Where nothing was put to the vote, there is nothing to wait for.
        {
            RequireVotingOver(now.LocalDate());
            first = PhaseOf(CyclePhase.Voting).LastDay.AddDays(1);
        }
        first = lastEnded > first ? lastEnded.Value : first;
        Rule.That(on >= first, "before_last_step", $"El ciclo no termina antes del {first.Day()}, cuando terminó lo último de él.", "/on");
        (State, FinishedOn) = (CycleState.Finished, on);
        Raise(new CycleFinished { CycleId = Id, FiscalYear = FiscalYear, Title = Title, FinishedOn = on, Approved = approved, Paid = paid, Projects = projects }, now);
    }

    /// <summary>Nothing is known of what was voted before the last day has passed.</summary>
    public void RequireVotingOver(DateOnly today)
    {
        var voting = PhaseOf(CyclePhase.Voting);
        Rule.State(State != CycleState.Draft && BallotPublishedAt is not null, "ballot_not_published", "La papeleta no se publicó: no hay votos que contar.");
        Rule.State(today > voting.LastDay, "voting_open", $"La votación termina el {voting.LastDay.Day()}: hasta entonces nadie ve conteo alguno.");
    }

    /// <summary>Published before anybody has seen a count, so that nobody picks the seed that suits them.</summary>
    public void DrawSeed(string seed, DateTimeOffset now)
    {
        RequireVotingOver(now.LocalDate());
        Rule.State(Seed is null, "seed_drawn", "La semilla del sorteo ya se publicó: no cambia.");
        Seed = seed;
        Raise(new SeedDrawn { CycleId = Id, FiscalYear = FiscalYear, Title = Title, Seed = seed, Source = Rules.SeedSource }, now);
    }

    /// <summary>Counts are looked at once the seed is known to everybody.</summary>
    public string RequireSeed()
    {
        Rule.State(Seed is not null, "seed_missing", $"Primero publique la semilla del sorteo: {Rules.SeedSource}.");
        return Seed!;
    }

    /// <summary>A zone's result is told; told again when the council chose otherwise.</summary>
    public void Tell(ZoneResult result, IReadOnlyList<BallotCandidate> candidates, DateTimeOffset now)
    {
        var zone = Zone(result.Zone, "");
        Raise(new ResultDeclared
        {
            CycleId = Id, FiscalYear = FiscalYear, Title = Title, Zone = zone.Number, ZoneName = zone.Name, Money = zone.Amount, Ballots = result.Ballots, Seed = result.Seed,
            OverrideReason = result.OverrideReason, Override = result.Override, Rules = Rules.Told,
            Lines =
            [
                .. from line in result.Lines
                   orderby line.Position
                   join candidate in candidates on line.Number equals candidate.Number
                   select new ResultLine(line.Number, candidate.Name, candidate.Cost, line.Points, Choice<Verdict>.NameOf(line.Verdict), line.Chosen),
            ],
        }, now);
    }

    public ScheduledPhase PhaseOf(CyclePhase phase) => Phases.Single(p => p.Phase == phase);

    public CycleZone Zone(int number, string at) =>
        Zones.SingleOrDefault(z => z.Number == number) ?? throw new RuleViolationException(422, "unknown_zone", "El ciclo no tiene una zona con ese número.") { Pointer = at };

    /// <summary>Whether everybody may see what proposals would cost.</summary>
    public bool ShowsCosts(DateOnly today) => today >= PhaseOf(CyclePhase.Voting).FirstDay;

    /// <summary>Something happens in its phase and in no other.</summary>
    public void RequirePhase(CyclePhase phase, DateOnly today)
    {
        var days = PhaseOf(phase);
        Rule.State(
            State == CycleState.Open && today >= days.FirstDay && today <= days.LastDay, "wrong_phase",
            $"Eso se hace en la fase de {Words[phase]}, del {days.FirstDay.Day()} al {days.LastDay.Day()}, en un ciclo abierto.");
    }

    private static readonly Dictionary<CyclePhase, string> Words = new()
    {
        [CyclePhase.Preparation] = "preparación", [CyclePhase.Proposals] = "propuestas", [CyclePhase.Assessment] = "valoración", [CyclePhase.Voting] = "votación",
        [CyclePhase.Approval] = "aprobación", [CyclePhase.Execution] = "ejecución",
    };

    public static string InWords(CyclePhase phase) => Words[phase];

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
