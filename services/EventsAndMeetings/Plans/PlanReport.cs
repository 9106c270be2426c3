using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

// Public, with what they hold, because Razor makes its components so.

/// <summary>Where an activity stands to date: green from 90 %, yellow from 60 %; nothing programmed yet has no light.</summary>
public enum Light
{
    NotApplicable,
    Green,
    Yellow,
    Red,
}

/// <summary>A line of the report. Percentages are of 0 to 100; what was done beyond the programme stands apart.</summary>
/// <param name="Number">Of the activity.</param>
/// <param name="Text">Its words.</param>
/// <param name="Objective">Number of its objective.</param>
/// <param name="Responsible">Who answers for it.</param>
/// <param name="UnitOfMeasure">Of the quantities.</param>
/// <param name="Target">Of the year.</param>
/// <param name="Programmed">In the period, to date.</param>
/// <param name="Executed">In the period.</param>
/// <param name="Percent">Of the period; null when nothing was programmed.</param>
/// <param name="Over">Done in the period beyond what was programmed.</param>
/// <param name="ProgrammedToDate">Since January.</param>
/// <param name="ExecutedToDate">Since January.</param>
/// <param name="PercentToDate">Since January.</param>
/// <param name="Light">By the percentage to date.</param>
/// <param name="Done">The target of the year is reached, and something proves it.</param>
/// <param name="Pieces">Pieces of evidence in the period.</param>
/// <param name="Evidence">The latest of the period.</param>
/// <param name="Cause">Why it fell short.</param>
/// <param name="CorrectiveAction">What is done about it.</param>
/// <param name="Budget">Of the year, in US dollars.</param>
/// <param name="Spent">In the period, in US dollars.</param>
/// <param name="Programme">What is programmed, by month and week.</param>
/// <param name="Cells">What was done, by week of month, six for each month.</param>
public sealed record ReportLine(
    int Number, string Text, int? Objective, string? Responsible, string? UnitOfMeasure, decimal? Target, decimal Programmed, decimal Executed, decimal? Percent, decimal Over,
    decimal ProgrammedToDate, decimal ExecutedToDate, decimal? PercentToDate, Light Light, bool Done, int Pieces, IReadOnlyList<string> Evidence, string? Cause,
    string? CorrectiveAction, decimal? Budget, decimal? Spent, IReadOnlyList<PlannedCell> Programme, IReadOnlyList<decimal> Cells);

/// <summary>A quantity programmed in a month, and in a week of it where that is stated.</summary>
public sealed record PlannedCell(int Month, int? Week, decimal Quantity);

/// <summary>The mean fulfilment of the activities of a group that had something programmed.</summary>
/// <param name="Name">Of the group.</param>
/// <param name="Activities">How many had something programmed.</param>
/// <param name="Percent">0 to 100; null when none had.</param>
/// <param name="Over">How many did more than was programmed.</param>
public sealed record ReportGroup(string Name, int Activities, decimal? Percent, int Over);

/// <summary>What was promised, what happened, what proves it and what is late: for a quarter, or for the year to date.</summary>
public sealed record PlanReport(
    Guid PlanId, string Unit, int Year, string State, CouncilReference? Agreement, int? Quarter, DateOnly AsOf, DateOnly? PresentedOn, decimal? Percent, int Done, int Green,
    int Yellow, int Red, int NotApplicable, decimal? Budget, decimal? Spent, IReadOnlyList<ReportLine> Activities, IReadOnlyList<ReportGroup> ByMonth,
    IReadOnlyList<ReportGroup> ByQuarter, IReadOnlyList<ReportGroup> ByObjective, IReadOnlyList<ReportGroup> ByResponsible)
{
    private const decimal GreenFrom = 90, YellowFrom = 60;

    public static readonly IReadOnlyList<string> Months =
        ["Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"];

    private static readonly string[] Quarters = ["Primer trimestre", "Segundo trimestre", "Tercer trimestre", "Cuarto trimestre"];

    /// <summary>The period in words.</summary>
    public string Period => Quarter is { } quarter ? $"{Quarters[quarter - 1]} de {Year}" : $"Año {Year}";

    public static PlanReport Example { get; } = new(
        Examples.Id, "Unidad de proyección social", 2026, "in-execution", new(16, 15, new(2025, 12, 18)), 1, new(2026, 3, 31), null, 100, 0, 1, 0, 0, 0, 150, 20,
        [new(1, "Reunión mensual con el comité de prevención", 1, "Promoción social", "reuniones", 12, 3, 3, 100, 0, 3, 3, 100, Light.Green, false, 3,
            ["05/03/2026 Reunión de marzo, Comité de prevención, 9 asistentes"], null, null, 150, 20, [new(1, 1, 1)], [.. Enumerable.Repeat(0m, 72)])],
        [new("Enero", 1, 100, 0)], [new("Primer trimestre", 1, 100, 0)], [new("1. Fortalecer la organización", 1, 100, 0)], [new("Promoción social", 1, 100, 0)]);

    /// <param name="plan">Whole.</param>
    /// <param name="progress">By activity.</param>
    /// <param name="notes">Of the year.</param>
    /// <param name="latest">The latest evidence of the period, by activity.</param>
    /// <param name="quarter">1 to 4, or null for the year.</param>
    /// <param name="today">The report never looks ahead of it.</param>
    internal static PlanReport Of(
        AnnualPlan plan, IReadOnlyDictionary<int, ActivityProgress> progress, ILookup<int, QuarterNote> notes, ILookup<int, string> latest, int? quarter, DateOnly today)
    {
        var (from, to) = quarter is { } q ? (3 * q - 2, 3 * q) : (1, 12);
        var end = ActivityContent.LastDayOf(plan.Weeks, plan.Year, to, null);
        var asOf = today < end ? today : end;
        // What each month was to bring, as far as its days are over.
        var due = plan.Standing.ToDictionary(a => a.Number, a =>
        {
            var months = new decimal[12];
            foreach (var cell in a.Programme.Where(c => ActivityContent.LastDayOf(plan.Weeks, plan.Year, c.Month, c.Week == 0 ? null : c.Week) <= asOf))
                months[cell.Month - 1] += cell.Quantity;
            return months;
        });
        var done = plan.Standing.ToDictionary(a => a.Number, a => progress.TryGetValue(a.Number, out var p)
            ? [.. Enumerable.Range(1, 12).Select(m => m <= to ? p.InMonth(m) : 0)]
            : new decimal[12]);
        var lines = plan.Standing.Select(Line).ToArray();
        var objectives = plan.Objectives.ToDictionary(o => o.Number, o => $"{o.Number}. {o.Text}");
        return new(
            plan.Id, plan.Unit, plan.Year, Choice<PlanState>.NameOf(plan.State), plan.Agreement, quarter, asOf, null, Mean(lines.Select(l => l.Percent)),
            lines.Count(l => l.Done), lines.Count(l => l.Light == Light.Green), lines.Count(l => l.Light == Light.Yellow), lines.Count(l => l.Light == Light.Red),
            lines.Count(l => l.Light == Light.NotApplicable), Total(lines.Select(l => l.Budget)), Total(lines.Select(l => l.Spent)), lines,
            [.. Enumerable.Range(from, to - from + 1).Select(m => Span(Months[m - 1], m, m))],
            [.. Enumerable.Range(1, 4).Where(n => quarter is null || n <= quarter).Select(n => Span(Quarters[n - 1], 3 * n - 2, 3 * n))],
            Groups(l => l.Objective is { } o ? objectives[o] : "Sin objetivo asignado"), Groups(l => l.Responsible ?? "Sin responsable asignado"));

        ReportLine Line(PlanActivity a)
        {
            var (programmed, executed) = (Sum(due[a.Number], from, to), Sum(done[a.Number], from, to));
            var (programmedToDate, executedToDate) = (Sum(due[a.Number], 1, to), Sum(done[a.Number], 1, to));
            var toDate = PercentOf(executedToDate, programmedToDate);
            var own = notes[a.Number].Where(n => quarter is null || n.Quarter == quarter).OrderBy(n => n.Quarter).ToArray();
            var pieces = progress.GetValueOrDefault(a.Number)?.Pieces ?? new int[12];
            return new(
                a.Number, a.Text, a.ObjectiveNumber, a.Responsible, a.UnitOfMeasure, a.Target, programmed, executed, PercentOf(executed, programmed),
                programmed > 0 ? Math.Max(0, executed - programmed) : 0, programmedToDate, executedToDate, toDate,
                toDate switch { null => Light.NotApplicable, >= GreenFrom => Light.Green, >= YellowFrom => Light.Yellow, _ => Light.Red },
                PlanView.IsDone(a, pieces[..to].Sum(), executedToDate), pieces[(from - 1)..to].Sum(), [.. latest[a.Number]], Join(own.Select(n => n.Cause)), Join(own.Select(n => n.CorrectiveAction)),
                a.Budget, Total(own.Select(n => n.Spent)), [.. a.Programme.OrderBy(c => c.Month).ThenBy(c => c.Week).Select(c => new PlannedCell(c.Month, c.Week == 0 ? null : c.Week, c.Quantity))],
                progress.GetValueOrDefault(a.Number)?.Executed ?? new decimal[12 * ActivityProgress.WeeksInMonth]);
        }

        ReportGroup Span(string name, int first, int last) =>
            Group(name, plan.Standing.Select(a => (PercentOf(Sum(done[a.Number], first, last), Sum(due[a.Number], first, last)), Sum(done[a.Number], first, last) > Sum(due[a.Number], first, last))));

        IReadOnlyList<ReportGroup> Groups(Func<ReportLine, string> key) =>
            [.. lines.GroupBy(key).Select(g => Group(g.Key, g.Select(l => (l.Percent, l.Over > 0))))];
    }

    private static ReportGroup Group(string name, IEnumerable<(decimal? Percent, bool Over)> activities)
    {
        var applicable = activities.Where(a => a.Percent is not null).ToArray();
        return new(name, applicable.Length, Mean(applicable.Select(a => a.Percent)), applicable.Count(a => a.Over));
    }

    /// <summary>Capped at 100; null when nothing was programmed.</summary>
    internal static decimal? PercentOf(decimal executed, decimal programmed) =>
        programmed == 0 ? null : Math.Min(100, decimal.Round(executed / programmed * 100, 1, MidpointRounding.AwayFromZero));

    private static decimal? Mean(IEnumerable<decimal?> percents)
    {
        var applicable = percents.OfType<decimal>().ToArray();
        return applicable.Length == 0 ? null : decimal.Round(applicable.Average(), 1, MidpointRounding.AwayFromZero);
    }

    private static decimal Sum(decimal[] months, int from, int to) => months.AsSpan(from - 1, to - from + 1).ToArray().Sum();

    private static decimal? Total(IEnumerable<decimal?> amounts)
    {
        var known = amounts.OfType<decimal>().ToArray();
        return known.Length == 0 ? null : known.Sum();
    }

    private static string? Join(IEnumerable<string?> notes) => string.Join(" ", notes.Where(n => n is not null)) is { Length: > 0 } text ? text : null;
}
