using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using Require = ProyeccionSocial.ServiceDefaults.Errors.Rule;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal enum ObjectiveScope
{
    Plan,
    Unit,
}

/// <summary>What a plan says about when. What it does not say stays unscheduled and is never invented.</summary>
internal enum ActivitySchedule
{
    /// <summary>No word about when.</summary>
    Unscheduled,

    /// <summary>Done once, "puntual", without a date.</summary>
    OneOff,

    /// <summary>A week of a month.</summary>
    Week,

    /// <summary>Every month, the day not stated.</summary>
    Monthly,

    /// <summary>By a rule of RFC 5545.</summary>
    Recurring,

    /// <summary>Quantities by month, or by month and week.</summary>
    Programmed,
}

/// <summary>How a month is divided: days 7k-6 to 7k, or weeks from Monday to Sunday.</summary>
internal enum PlanWeeks
{
    Sevenths,
    Calendar,
}

/// <summary>A plan as somebody writes it: what an import reads, a change says, an edition keeps and a copy takes.</summary>
internal sealed record PlanContent(IReadOnlyList<ObjectiveContent> Objectives, IReadOnlyList<ActivityContent> Activities)
{
    public const int MostActivities = 500;
    public const int MostObjectives = 50;
}

internal sealed record ObjectiveContent(ObjectiveScope Scope, [PublicText(1000)] string Text)
{
    public static ObjectiveContent Example => new(ObjectiveScope.Unit, "Fortalecer la organización de las comunidades.");
}

/// <summary>A quantity programmed in a month, and in a week of it where that is stated.</summary>
internal sealed record ProgrammeCell([Between(1, 12)] int Month, decimal Quantity, [Between(1, 6)] int? Week = null)
{
    public static ProgrammeCell Example => new(4, 1, 3);
}

internal sealed record ActivityContent(
    [PublicText(1000)] string Text,
    ActivitySchedule Schedule = ActivitySchedule.Unscheduled,
    [PublicText(200)] string? ScheduleSource = null,
    [Text(200)] string? Rule = null,
    [Count(0, 72)] IReadOnlyList<ProgrammeCell>? Programme = null,
    int? Objective = null,
    decimal? Target = null,
    [PublicText(60)] string? UnitOfMeasure = null,
    [PublicText(150)] string? Responsible = null,
    decimal? Budget = null,
    [PublicText(300)] string? Indicator = null,
    [PublicText(300)] string? MeansOfVerification = null,
    [PublicText(1000)] string? Remarks = null)
{
    private const decimal Largest = 1_000_000_000m;

    public static ActivityContent Example => new(
        "Reunión mensual con el comité de prevención", ActivitySchedule.Recurring, "1º jueves de cada mes", "FREQ=MONTHLY;BYDAY=1TH", null, 1, 12, "reuniones",
        "Promoción social", 150m, "Reuniones realizadas", "Actas y listas de asistencia", null);

    /// <summary>The same with what follows from it: the programme of its rule, the target of its programme.</summary>
    /// <param name="year">The plan's.</param>
    /// <param name="weeks">How the plan divides a month.</param>
    /// <param name="objectives">How many objectives the plan has.</param>
    /// <param name="at">Where it stands in the request.</param>
    public ActivityContent Completed(int year, PlanWeeks weeks, int objectives, string at)
    {
        Require.That(Objective is null || (Objective >= 1 && Objective <= objectives), "objective_unknown", "El plan no tiene un objetivo con ese número.", at + "/objective");
        Require.That(IsAmount(Target, 0.01m), "target_amount", "La meta es mayor que cero, con dos decimales a lo más.", at + "/target");
        Require.That(IsAmount(Budget, 0), "budget_amount", "El presupuesto no es negativo y lleva dos decimales a lo más.", at + "/budget");
        var programme = Scheduled(year, weeks, at);
        var sum = programme.Sum(c => c.Quantity);
        Require.That(programme.Count == 0 || Target is null || Target == sum, "programme_not_target",
            $"La programación suma {sum:0.##} y la meta dice {Target:0.##}: deben ser iguales.", at + "/target");
        return this with
        {
            Text = Text.Trim(), Rule = Schedule == ActivitySchedule.Recurring ? Rule : null, Programme = programme,
            Target = Target ?? (programme.Count > 0 ? sum : null),
        };
    }

    public static int WeekOf(PlanWeeks weeks, DateOnly day) => weeks == PlanWeeks.Sevenths
        ? (day.Day - 1) / 7 + 1
        : (day.Day - 1 + ((int)new DateOnly(day.Year, day.Month, 1).DayOfWeek + 6) % 7) / 7 + 1;

    /// <summary>The last day of a week of a month, or of the month.</summary>
    public static DateOnly LastDayOf(PlanWeeks weeks, int year, int month, int? week)
    {
        var last = new DateOnly(year, month, DateTime.DaysInMonth(year, month));
        return week is null ? last
            : Enumerable.Range(1, last.Day).Select(d => new DateOnly(year, month, d)).LastOrDefault(d => WeekOf(weeks, d) <= week, last);
    }

    private List<ProgrammeCell> Scheduled(int year, PlanWeeks weeks, string at)
    {
        var given = Programme ?? [];
        foreach (var (index, cell) in given.Index())
            Require.That(IsAmount(cell.Quantity, 0.01m), "programme_amount", "Cada cantidad es mayor que cero, con dos decimales a lo más.", $"{at}/programme/{index}/quantity");
        Require.That(given.DistinctBy(c => (c.Month, c.Week)).Count() == given.Count, "programme_twice", "Un mismo mes y semana aparecen dos veces.", at + "/programme");
        switch (Schedule)
        {
            case ActivitySchedule.Recurring:
                var rule = ReadRule(at);
                return [.. rule.Between(new(year, 1, 1), new(year, 12, 31)).GroupBy(d => (d.Month, Week: WeekOf(weeks, d)))
                    .Select(g => new ProgrammeCell(g.Key.Month, g.Count(), g.Key.Week))];
            case ActivitySchedule.Monthly when given.Count == 0:
                return [.. Enumerable.Range(1, 12).Select(m => new ProgrammeCell(m, 1))];
            case ActivitySchedule.Unscheduled or ActivitySchedule.OneOff:
                Require.That(given.Count == 0, "programme_of_unscheduled", "Una actividad sin programación no lleva meses: use programmed.", at + "/programme");
                return [];
            default:
                Require.That(given.Count > 0, "programme_missing", "Indique las cantidades por mes, o por mes y semana.", at + "/programme");
                return [.. given.OrderBy(c => c.Month).ThenBy(c => c.Week)];
        }
    }

    private RecurrenceRule ReadRule(string at)
    {
        try
        {
            return RecurrenceRule.Parse(Rule ?? "");
        }
        catch (FormatException unreadable)
        {
            throw new RuleViolationException(422, "rule_not_supported", unreadable.Message) { Pointer = at + "/rule" };
        }
    }

    private static bool IsAmount(decimal? amount, decimal least) =>
        amount is null || (amount >= least && amount <= Largest && decimal.Round(amount.Value, 2) == amount);
}
