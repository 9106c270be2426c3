using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.EventsAndMeetings.Series;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class RecurrenceTests
{
    private static readonly string[] Days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    private static readonly Gen<(DateOnly First, DateOnly Last)> Spans =
        from start in Gen.Choose(0, 20_000)
        from length in Gen.Choose(0, 1_000)
        let first = new DateOnly(1990, 1, 1).AddDays(start)
        select (first, first.AddDays(length));

    [Fact]
    public void A_weekday_by_its_place_in_the_month_is_what_a_scan_of_all_days_finds()
    {
        var cases = from span in Spans
                    from ordinal in Gen.Elements(1, 2, 3, 4, 5, -1, -2, -3, -4, -5)
                    from weekday in Gen.Choose(0, 6)
                    select (span.First, span.Last, Ordinal: ordinal, Weekday: (DayOfWeek)weekday);
        Prop.ForAll(cases.ToArbitrary(), c =>
            RecurrenceRule.Parse($"FREQ=MONTHLY;BYDAY={c.Ordinal}{Days[(int)c.Weekday]}")!.Between(c.First, c.Last)
                .SequenceEqual(Scan(c.First, c.Last).Where(d => d.DayOfWeek == c.Weekday && PlaceInMonth(d, c.Ordinal > 0) == Math.Abs(c.Ordinal))))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_day_of_the_month_is_left_out_where_a_month_has_none()
    {
        var cases = from span in Spans from day in Gen.Choose(1, 31) select (span.First, span.Last, Day: day);
        Prop.ForAll(cases.ToArbitrary(), c =>
            RecurrenceRule.Parse($"FREQ=MONTHLY;BYMONTHDAY={c.Day}")!.Between(c.First, c.Last).SequenceEqual(Scan(c.First, c.Last).Where(d => d.Day == c.Day)))
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH", true)]
    [InlineData("FREQ=MONTHLY;BYDAY=+2MO", true)]
    [InlineData("FREQ=MONTHLY;BYDAY=-1FR", true)]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=31", true)]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=32", false)]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0", false)]
    [InlineData("FREQ=MONTHLY;BYDAY=6TH", false)]
    [InlineData("FREQ=MONTHLY;BYDAY=0TH", false)]
    [InlineData("FREQ=MONTHLY;BYDAY=TH", false)]
    [InlineData("FREQ=WEEKLY;BYDAY=TH", false)]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=١", false)]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH\n", false)]
    [InlineData("", false)]
    public void Only_the_rules_that_are_offered_are_read(string text, bool isRead) => Assert.Equal(isRead, RecurrenceRule.Parse(text) is not null);

    [Fact]
    public void Any_other_text_is_no_rule_and_no_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => RecurrenceRule.Parse(text ?? "") is null).QuickCheckThrowOnFailure();

    private static IEnumerable<DateOnly> Scan(DateOnly first, DateOnly last)
    {
        for (var day = first; day <= last; day = day.AddDays(1))
            yield return day;
    }

    private static int PlaceInMonth(DateOnly day, bool fromStart) =>
        1 + (fromStart ? day.Day - 1 : DateTime.DaysInMonth(day.Year, day.Month) - day.Day) / 7;
}
