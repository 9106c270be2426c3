using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.Organizations.Calendar;
using ProyeccionSocial.Organizations.Data;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class DeadlinesTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private static readonly Gen<DateOnly> Dates = Gen.Choose(0, 20_000).Select(n => new DateOnly(1990, 1, 1).AddDays(n));

    [Fact]
    public void A_term_of_calendar_days_ends_that_many_days_later() => Prop.ForAll(Dates.Zip(Gen.Choose(0, 60)).ToArbitrary(), c =>
        Deadlines.After(c.Item1, c.Item2, DayCounting.CalendarDays, new HashSet<DateOnly>()) == c.Item1.AddDays(c.Item2)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_term_of_business_days_holds_that_many_of_them_and_ends_on_one()
    {
        var cases = from act in Dates
                    from days in Gen.Choose(1, 40)
                    from off in Gen.Choose(1, 60).ListOf(12)
                    select (act, days, Holidays: off.Select(act.AddDays).ToHashSet());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var last = Deadlines.After(c.act, c.days, DayCounting.BusinessDays, c.Holidays);
            var counted = Enumerable.Range(1, last.DayNumber - c.act.DayNumber).Select(c.act.AddDays).Count(d => IsBusiness(d, c.Holidays));
            return counted == c.days && IsBusiness(last, c.Holidays);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("2017-02-01", 15, "2017-02-16")] // Calendar days.
    [InlineData("2019-02-12", 15, "2019-02-27")] // The last day of the old counting.
    [InlineData("2019-02-13", 15, "2019-03-06")] // The first of the new one.
    [InlineData("2024-07-26", 15, "2024-08-22")] // Over the August holidays, a Tuesday to a Thursday and a Friday of which fall on working days.
    [InlineData("2024-12-20", 15, "2025-01-22")] // Over the end of the year.
    public async Task The_count_in_force_on_the_day_of_the_act_is_used(string act, int days, string last) => Assert.Equal(
        DateOnly.Parse(last, null), await service.InDatabaseAsync(db => db.LastDayAsync(DateOnly.Parse(act, null), days, CancellationToken.None)));

    private static bool IsBusiness(DateOnly day, HashSet<DateOnly> holidays) =>
        day.DayOfWeek is not DayOfWeek.Saturday and not DayOfWeek.Sunday && !holidays.Contains(day);
}
