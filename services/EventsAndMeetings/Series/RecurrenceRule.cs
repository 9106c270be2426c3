using System.Globalization;
using System.Text.RegularExpressions;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Series;

internal enum Frequency
{
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// <summary>A weekday, or the n-th of its kind in the month or the year (from the end when negative).</summary>
internal readonly record struct WeekdayPlace(DayOfWeek Day, int? Ordinal);

/// <summary>
/// A recurrence rule of RFC 5545 for days: <c>DAILY</c> to <c>YEARLY</c> with <c>INTERVAL</c>, <c>BYMONTH</c>,
/// <c>BYMONTHDAY</c>, <c>BYDAY</c>, <c>BYSETPOS</c>, <c>WKST</c>, <c>COUNT</c> and <c>UNTIL</c>. Whole days of the country's one zone,
/// so that no hour is ever missing or twice. Weeks and days of the year by number, and parts of a day, are refused:
/// nobody meets by them.
/// </summary>
internal sealed partial class RecurrenceRule
{
    private const int LongestText = 200;
    private static readonly string[] Codes = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    public Frequency Frequency { get; private init; }
    public int Interval { get; private init; } = 1;
    public IReadOnlyList<int> Months { get; private init; } = [];
    public IReadOnlyList<int> MonthDays { get; private init; } = [];
    public IReadOnlyList<WeekdayPlace> Weekdays { get; private init; } = [];
    public IReadOnlyList<int> Positions { get; private init; } = [];
    public DayOfWeek WeekStart { get; private init; } = DayOfWeek.Monday;
    public int? Count { get; private init; }
    public DateOnly? Until { get; private init; }

    /// <summary>The rule without its end, which the series keeps as its last day.</summary>
    public string Endless { get; private init; } = "";

    /// <exception cref="FormatException">It is no rule, or one that is not offered; the message says why, in Spanish.</exception>
    public static RecurrenceRule Parse(string text)
    {
        if (text.Length > LongestText || !Shape().IsMatch(text))
            throw new FormatException("La regla va como FREQ=MONTHLY;BYDAY=1TH: partes NOMBRE=VALOR separadas por punto y coma.");
        var parts = text.Split(';').Select(p => p.Split('=')).ToArray();
        if (parts.DistinctBy(p => p[0]).Count() != parts.Length)
            throw new FormatException("Una parte de la regla está dos veces.");
        var by = parts.ToDictionary(p => p[0], p => p[1]);
        if (parts.FirstOrDefault(p => !Known.Contains(p[0])) is [var unknown, ..])
            throw new FormatException($"{unknown} no se usa aquí. Se aceptan {string.Join(", ", Known)}.");
        var rule = new RecurrenceRule
        {
            Frequency = by.GetValueOrDefault("FREQ") switch
            {
                "DAILY" => Frequency.Daily,
                "WEEKLY" => Frequency.Weekly,
                "MONTHLY" => Frequency.Monthly,
                "YEARLY" => Frequency.Yearly,
                _ => throw new FormatException("FREQ es DAILY, WEEKLY, MONTHLY o YEARLY."),
            },
            Interval = Numbers(by, "INTERVAL", 1, 99, single: true).FirstOrDefault(1),
            Months = Numbers(by, "BYMONTH", 1, 12),
            MonthDays = Numbers(by, "BYMONTHDAY", -31, 31),
            Positions = Numbers(by, "BYSETPOS", -366, 366),
            Weekdays = by.TryGetValue("BYDAY", out var days) ? [.. days.Split(',').Select(Weekday)] : [],
            WeekStart = by.TryGetValue("WKST", out var start) ? Weekday(start) is { Ordinal: null, Day: var day } ? day : throw new FormatException("WKST es un día, como MO.") : DayOfWeek.Monday,
            Count = by.ContainsKey("COUNT") ? Numbers(by, "COUNT", 1, 2000, single: true)[0] : null,
            Until = by.TryGetValue("UNTIL", out var until) ? UntilDay(until) : null,
            Endless = string.Join(';', parts.Where(p => p[0] is not ("COUNT" or "UNTIL")).Select(p => $"{p[0]}={p[1]}")),
        };
        rule.RequireSense();
        return rule;
    }

    /// <summary>The days from <paramref name="start"/>, from which intervals count, to <paramref name="last"/>, both included.</summary>
    public IEnumerable<DateOnly> Between(DateOnly start, DateOnly last)
    {
        var end = Until < last ? Until.Value : last;
        var left = Count ?? int.MaxValue;
        for (var period = PeriodOf(start); period.First <= end; period = Next(period.First))
        {
            foreach (var day in In(period, start).Where(d => d >= start && d <= end))
            {
                if (left-- == 0)
                    yield break;
                yield return day;
            }
        }
    }

    private static readonly string[] Known = ["FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL"];

    private void RequireSense()
    {
        if (Count is not null && Until is not null)
            throw new FormatException("Una regla termina por COUNT o por UNTIL, no por los dos.");
        if (Frequency is Frequency.Daily or Frequency.Weekly && Weekdays.Any(d => d.Ordinal is not null))
            throw new FormatException("Un día con número, como 1TH, va con MONTHLY o YEARLY.");
        if (Frequency == Frequency.Weekly && MonthDays.Count > 0)
            throw new FormatException("BYMONTHDAY no va con WEEKLY.");
        if (Weekdays.Any(d => Math.Abs(d.Ordinal ?? 1) > (Frequency == Frequency.Monthly || Months.Count > 0 ? 5 : 53)))
            throw new FormatException("Un mes no tiene más de cinco de un mismo día.");
        if (Positions.Count > 0 && Months.Count + MonthDays.Count + Weekdays.Count == 0)
            throw new FormatException("BYSETPOS escoge entre los días que otra parte da: agregue BYDAY o BYMONTHDAY.");
    }

    private (DateOnly First, DateOnly Last) PeriodOf(DateOnly day) => Frequency switch
    {
        Frequency.Daily => (day, day),
        Frequency.Weekly => Week(day.AddDays(-(((int)day.DayOfWeek - (int)WeekStart + 7) % 7))),
        Frequency.Monthly => Month(new(day.Year, day.Month, 1)),
        _ => Year(new(day.Year, 1, 1)),
    };

    private (DateOnly First, DateOnly Last) Next(DateOnly first) => Frequency switch
    {
        Frequency.Daily => (first.AddDays(Interval), first.AddDays(Interval)),
        Frequency.Weekly => Week(first.AddDays(7 * Interval)),
        Frequency.Monthly => Month(first.AddMonths(Interval)),
        _ => Year(first.AddYears(Interval)),
    };

    private static (DateOnly, DateOnly) Week(DateOnly first) => (first, first.AddDays(6));

    private static (DateOnly, DateOnly) Month(DateOnly first) => (first, first.AddMonths(1).AddDays(-1));

    private static (DateOnly, DateOnly) Year(DateOnly first) => (first, first.AddYears(1).AddDays(-1));

    // Every part but the period is a question to each of its days; a rule that names no day means those of its start.
    private IEnumerable<DateOnly> In((DateOnly First, DateOnly Last) period, DateOnly start)
    {
        var namesDay = MonthDays.Count + Weekdays.Count > 0;
        var days = Enumerable.Range(0, period.Last.DayNumber - period.First.DayNumber + 1).Select(period.First.AddDays).Where(d =>
            (Months.Count > 0 ? Months.Contains(d.Month) : namesDay || Frequency != Frequency.Yearly || d.Month == start.Month)
            && (MonthDays.Count > 0 ? MonthDays.Contains(d.Day) || MonthDays.Contains(d.Day - 1 - DateTime.DaysInMonth(d.Year, d.Month))
                : namesDay || Frequency is not (Frequency.Monthly or Frequency.Yearly) || d.Day == start.Day)
            && (Weekdays.Count > 0 ? Weekdays.Any(w => IsAt(d, w)) : namesDay || Frequency != Frequency.Weekly || d.DayOfWeek == start.DayOfWeek));
        if (Positions.Count == 0)
            return days;
        var set = days.ToArray();
        return set.Where((_, i) => Positions.Contains(i + 1) || Positions.Contains(i - set.Length));
    }

    private bool IsAt(DateOnly day, WeekdayPlace place)
    {
        if (day.DayOfWeek != place.Day)
            return false;
        if (place.Ordinal is not { } ordinal)
            return true;
        var inMonth = Frequency == Frequency.Monthly || Months.Count > 0;
        var (number, length) = inMonth ? (day.Day, DateTime.DaysInMonth(day.Year, day.Month)) : (day.DayOfYear, DateTime.IsLeapYear(day.Year) ? 366 : 365);
        return ordinal > 0 ? (number - 1) / 7 + 1 == ordinal : (length - number) / 7 + 1 == -ordinal;
    }

    private static List<int> Numbers(Dictionary<string, string> by, string part, int from, int to, bool single = false)
    {
        if (!by.TryGetValue(part, out var text))
            return [];
        var numbers = new List<int>();
        foreach (var one in text.Split(','))
        {
            if (!int.TryParse(one, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < from || number > to || number == 0 || (single && numbers.Count > 0))
                throw new FormatException($"{part} lleva {(single ? "un número" : "números")} de {from} a {to}{(from < 0 ? ", sin el cero" : "")}.");
            numbers.Add(number);
        }
        return numbers;
    }

    private static WeekdayPlace Weekday(string text)
    {
        var match = PlaceOfWeekday().Match(text);
        var ordinal = match.Groups[1].Length == 0 ? (int?)null : int.Parse(match.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return match.Success && ordinal != 0
            ? new((DayOfWeek)Array.IndexOf(Codes, match.Groups[2].Value), ordinal)
            : throw new FormatException("Los días son SU, MO, TU, WE, TH, FR y SA, con un número delante si hace falta: 1TH, -1FR.");
    }

    // In UTC it is an instant, whose day here may be the one before.
    private static DateOnly UntilDay(string text) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : DateTime.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant) && instant.Year > 1 ? DateOnly.FromDateTime(instant + LocalTime.Offset)
        : DateTime.TryParseExact(text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) ? DateOnly.FromDateTime(local)
        : throw new FormatException("UNTIL es un día, como 20171231.");

    [GeneratedRegex(@"^[A-Z]+=[A-Z0-9,+\-]+(;[A-Z]+=[A-Z0-9,+\-]+)*\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^([+\-]?[0-9]{1,2})?(SU|MO|TU|WE|TH|FR|SA)\z")]
    private static partial Regex PlaceOfWeekday();
}
