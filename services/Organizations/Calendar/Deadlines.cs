using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;

namespace ProyeccionSocial.Organizations.Calendar;

internal enum DayCounting
{
    CalendarDays,
    BusinessDays,
}

/// <summary>From when on the terms of the law are counted in which days.</summary>
internal sealed class DayCountPolicy
{
    public DateOnly EffectiveFrom { get; init; }
    public DayCounting Counting { get; init; }
    public required string Source { get; init; }
}

internal sealed class Holiday
{
    public DateOnly Date { get; init; }
    public required string Name { get; init; }
    public required string Scope { get; init; }
}

/// <summary>Terms in days: the day of the act does not count, the last day is still in time.</summary>
internal static class Deadlines
{
    public static DateOnly After(DateOnly act, int days, DayCounting counting, IReadOnlySet<DateOnly> holidays)
    {
        if (counting == DayCounting.CalendarDays)
            return act.AddDays(days);
        var day = act;
        while (days > 0)
        {
            day = day.AddDays(1);
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !holidays.Contains(day))
                days--;
        }
        return day;
    }

    /// <summary>The last day of a term of <paramref name="days"/> after an act, by the policy of the act's day.</summary>
    public static async Task<DateOnly> LastDayAsync(this OrganizationsDb db, DateOnly act, int days, CancellationToken cancellation)
    {
        var counting = await db.DayCountPolicies.AsNoTracking()
            .Where(p => p.EffectiveFrom <= act).OrderByDescending(p => p.EffectiveFrom).Select(p => p.Counting)
            .FirstOrDefaultAsync(cancellation);
        // Three days of calendar for one of work, and a month: more than any run of holidays takes away.
        var horizon = act.AddDays(days * 3 + 30);
        var holidays = await db.Holidays.AsNoTracking()
            .Where(h => h.Date > act && h.Date <= horizon).Select(h => h.Date).ToListAsync(cancellation);
        return After(act, days, counting, holidays.ToHashSet());
    }
}
