using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class RecurrenceTests
{
    private static readonly string[] Days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    /// <summary>10,000 rules of every form that is offered, each over ten years, against another implementation.</summary>
    [Fact]
    public async Task Random_rules_give_the_days_that_the_rrule_package_gives()
    {
        var random = new Random(20170105);
        var cases = Enumerable.Range(0, 10_000).Select(_ => RandomCase(random)).ToArray();
        var input = string.Join('\n', cases.Select(c => $"{c.Rule} {c.Start:yyyy-MM-dd} {c.Start.AddYears(10):yyyy-MM-dd}")) + "\n";
        var expected = (await Node.RunAsync("tests/EventsAndMeetings.Tests/node", ["recurrence.mjs"], input)).TrimEnd('\n').Split('\n');
        Assert.Equal(cases.Length, expected.Length);

        var wrong = cases.Zip(expected).Where(c => Dates(RecurrenceRule.Parse(c.First.Rule), c.First.Start, c.First.Start.AddYears(10)) != c.Second).Select(c => c.First).ToArray();
        Assert.True(wrong.Length == 0, $"{wrong.Length} differ, as {string.Join("; ", wrong.Take(5))}");
        // Most rules give days: the comparison is not one of empty lists.
        Assert.True(expected.Count(e => e.Length > 0) > 8_000, $"Only {expected.Count(e => e.Length > 0)} rules give days.");
    }

    [Theory]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH", "2017-01-01", "2017-04-30", "2017-01-05,2017-02-02,2017-03-02,2017-04-06")]
    [InlineData("FREQ=MONTHLY;BYDAY=-1FR", "2017-01-28", "2017-03-31", "2017-02-24,2017-03-31")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=31", "2017-01-01", "2017-06-30", "2017-01-31,2017-03-31,2017-05-31")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2017-01-01", "2017-12-31", "2017-01-31,2017-02-28,2017-03-31")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "2017-01-05", "2017-01-31", "2017-01-05,2017-01-17,2017-01-19,2017-01-31")]
    [InlineData("FREQ=WEEKLY;BYDAY=SA;UNTIL=20170114", "2017-01-01", "2017-12-31", "2017-01-07,2017-01-14")]
    [InlineData("FREQ=WEEKLY;BYDAY=SA;UNTIL=20170114T050000Z", "2017-01-01", "2017-12-31", "2017-01-07")] // 23:00 of the 13th here.
    [InlineData("FREQ=YEARLY", "2016-02-29", "2024-12-31", "2016-02-29,2020-02-29,2024-02-29")]
    [InlineData("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "2017-01-01", "2018-12-31", "2017-05-14,2018-05-13")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2017-01-01", "2017-03-31", "2017-01-31,2017-02-28,2017-03-31")]
    // The package holds a day to both kinds of BYDAY at once; the RFC asks for either.
    [InlineData("FREQ=MONTHLY;BYDAY=1TH,FR", "2017-01-01", "2017-01-20", "2017-01-05,2017-01-06,2017-01-13,2017-01-20")]
    public void Rules_worked_out_by_hand(string rule, string start, string last, string days) =>
        Assert.Equal(days, Dates(RecurrenceRule.Parse(rule), Day(start), Day(last)));

    [Theory]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=32")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0")]
    [InlineData("FREQ=MONTHLY;BYDAY=6TH")]
    [InlineData("FREQ=MONTHLY;BYDAY=0TH")]
    [InlineData("FREQ=MONTHLY;BYDAY=XX")]
    [InlineData("FREQ=WEEKLY;BYDAY=1TH")]
    [InlineData("FREQ=WEEKLY;BYMONTHDAY=3")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=١")]
    [InlineData("FREQ=MONTHLY;BYDAY=1TH\n")]
    [InlineData("FREQ=MONTHLY;FREQ=WEEKLY")]
    [InlineData("FREQ=HOURLY")]
    [InlineData("BYDAY=1TH")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=3")]
    [InlineData("FREQ=MONTHLY;BYSETPOS=1")]
    [InlineData("FREQ=MONTHLY;COUNT=3;UNTIL=20170101")]
    [InlineData("FREQ=MONTHLY;UNTIL=20170230")]
    [InlineData("FREQ=MONTHLY;UNTIL=00010101T000000Z")]
    [InlineData("FREQ=MONTHLY;INTERVAL=0")]
    [InlineData("FREQ=MONTHLY;WKST=1MO")]
    [InlineData("")]
    public void What_is_not_offered_is_refused_in_words(string text) =>
        Assert.False(string.IsNullOrWhiteSpace(Assert.Throws<FormatException>(() => RecurrenceRule.Parse(text)).Message));

    [Fact]
    public void Any_other_text_is_refused_and_does_not_break() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => Assert.Throws<FormatException>(() => RecurrenceRule.Parse(text ?? ""))).QuickCheckThrowOnFailure();

    private static (string Rule, DateOnly Start) RandomCase(Random random)
    {
        var (rule, start) = (RandomRule(random), new DateOnly(2010, 1, 1).AddDays(random.Next(5000)));
        // The package counts the positions of the first week from the start; we count those of the whole week, as the RFC's set of an interval is. They agree where a week starts.
        if (rule.StartsWith("FREQ=WEEKLY", StringComparison.Ordinal) && rule.Contains("BYSETPOS", StringComparison.Ordinal))
            start = start.AddDays(-(((int)start.DayOfWeek - (int)RecurrenceRule.Parse(rule).WeekStart + 7) % 7));
        return (rule, start);
    }

    // Of rules that give no day only a few: the package looks for one until the year 9999.
    private static string RandomRule(Random random)
    {
        var frequency = random.GetItems(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"], 1)[0];
        var parts = new List<string> { $"FREQ={frequency}" };
        if (random.Next(2) == 0)
            parts.Add($"INTERVAL={random.Next(1, 7)}");
        var byMonth = random.Next(4) == 0;
        if (byMonth)
            parts.Add($"BYMONTH={Some(random, () => random.Next(1, 13))}");
        var byMonthDay = frequency != "WEEKLY" && random.Next(3) == 0;
        var lastMonthDay = byMonth || frequency == "DAILY" ? 28 : 31;
        if (byMonthDay)
            parts.Add($"BYMONTHDAY={Some(random, () => (random.Next(2) == 0 ? 1 : -1) * random.Next(1, lastMonthDay + 1))}");
        var byDay = random.Next(2) == 0;
        var numbered = byDay && !byMonthDay && frequency is "MONTHLY" or "YEARLY" && random.Next(2) == 0;
        if (byDay)
            parts.Add($"BYDAY={Some(random, () => (numbered ? $"{(random.Next(3) == 0 ? -1 : 1) * random.Next(1, frequency == "YEARLY" && !byMonth ? 54 : 6)}" : "") + Days[random.Next(7)])}");
        if ((byDay || byMonthDay) && random.Next(3) == 0 && frequency != "DAILY")
            parts.Add($"BYSETPOS={(random.Next(2) == 0 ? 1 : -1) * (numbered || byMonthDay || frequency == "WEEKLY" ? 1 : random.Next(1, 5))}"); // One: the package gives a day twice that two positions meet in.
        if (frequency == "WEEKLY" && random.Next(3) == 0)
            parts.Add($"WKST={Days[random.Next(7)]}");
        if (random.Next(4) == 0)
            parts.Add(random.Next(2) == 0 ? $"COUNT={random.Next(1, 50)}" : $"UNTIL={new DateOnly(2012, 1, 1).AddDays(random.Next(5000)):yyyyMMdd}");
        return string.Join(';', parts);
    }

    private static string Some<T>(Random random, Func<T> one) => string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => one()).Distinct());

    private static string Dates(RecurrenceRule rule, DateOnly start, DateOnly last) =>
        string.Join(',', rule.Between(start, last).Select(d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

    private static DateOnly Day(string text) => DateOnly.Parse(text, CultureInfo.InvariantCulture);
}
