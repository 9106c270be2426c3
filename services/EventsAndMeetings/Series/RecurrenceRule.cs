using System.Globalization;
using System.Text.RegularExpressions;

namespace ProyeccionSocial.EventsAndMeetings.Series;

/// <summary>
/// The recurrence rules of RFC 5545 that bodies of a municipality meet by: a weekday of the month by its place
/// ("the first Thursday", <c>BYDAY=1TH</c>; from the end, <c>-1FR</c>) or a day of the month (<c>BYMONTHDAY=15</c>).
/// A month that has no such day is left out, as the RFC says.
/// </summary>
internal sealed partial record RecurrenceRule(int? Ordinal, DayOfWeek? Weekday, int? MonthDay)
{
    private static readonly string[] Codes = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    public static RecurrenceRule? Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
            return null;
        if (match.Groups["monthday"].Success)
        {
            var day = int.Parse(match.Groups["monthday"].Value, CultureInfo.InvariantCulture);
            return day is >= 1 and <= 31 ? new(null, null, day) : null;
        }
        var ordinal = int.Parse(match.Groups["ordinal"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return new(ordinal, (DayOfWeek)Array.IndexOf(Codes, match.Groups["weekday"].Value), null);
    }

    /// <summary>The dates from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public IEnumerable<DateOnly> Between(DateOnly first, DateOnly last)
    {
        for (var month = new DateOnly(first.Year, first.Month, 1); month <= last; month = month.AddMonths(1))
        {
            if (In(month) is { } date && date >= first && date <= last)
                yield return date;
        }
    }

    private DateOnly? In(DateOnly month)
    {
        var days = DateTime.DaysInMonth(month.Year, month.Month);
        var day = MonthDay ?? (Ordinal > 0 ? FromStart(month) : FromEnd(month.AddDays(days - 1), days));
        return day >= 1 && day <= days ? month.AddDays(day - 1) : null;
    }

    private int FromStart(DateOnly first) => 1 + ((int)Weekday! - (int)first.DayOfWeek + 7) % 7 + 7 * (Ordinal!.Value - 1);

    private int FromEnd(DateOnly last, int days) => days - ((int)last.DayOfWeek - (int)Weekday! + 7) % 7 + 7 * (Ordinal!.Value + 1);

    [GeneratedRegex("^FREQ=MONTHLY;(BYDAY=(?<ordinal>[+-]?[1-5])(?<weekday>SU|MO|TU|WE|TH|FR|SA)|BYMONTHDAY=(?<monthday>[0-9]{1,2}))\\z")]
    private static partial Regex Pattern();
}
