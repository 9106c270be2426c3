using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using Require = ProyeccionSocial.ServiceDefaults.Errors.Rule;

namespace ProyeccionSocial.EventsAndMeetings.Series;

internal enum OccurrenceState
{
    Scheduled,

    /// <summary>It falls on a holiday: a person decides.</summary>
    NeedsDecision,
    Moved,
    Cancelled,
}

internal enum OccurrenceDecision
{
    Keep,
    Move,
    Cancel,
}

/// <summary>A recurring meeting: the rule, and its occurrences, which keep their original date as their name.</summary>
internal sealed class MeetingSeries : Aggregate
{
    private MeetingSeries()
    {
    }

    public string Title { get; private init; } = "";
    public string Rule { get; private init; } = "";
    public DateOnly FirstDay { get; private init; }
    public DateOnly LastDay { get; private init; }
    public TimeOnly Starts { get; private init; }
    public string Venue { get; private init; } = "";
    public Guid? BodyId { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<Occurrence> Occurrences { get; private init; } = [];

    public static MeetingSeries Schedule(
        string title, string ruleText, RecurrenceRule rule, DateOnly first, DateOnly last, TimeOnly starts, string venue, Guid? bodyId,
        IReadOnlyDictionary<DateOnly, string> holidays, DateTimeOffset now)
    {
        var series = new MeetingSeries
        {
            Title = title, Rule = ruleText, FirstDay = first, LastDay = last, Starts = starts, Venue = venue, BodyId = bodyId, CreatedAt = now,
        };
        foreach (var date in rule.Between(first, last))
        {
            var holiday = holidays.GetValueOrDefault(date);
            series.Occurrences.Add(new Occurrence
            {
                SeriesId = series.Id,
                OriginalDate = date,
                Date = date,
                State = holiday is null ? OccurrenceState.Scheduled : OccurrenceState.NeedsDecision,
                Holiday = holiday,
                Proposals = holiday is null ? [] : Propose(date, holidays),
            });
        }
        Require.That(series.Occurrences.Count > 0, "no_occurrence", "La regla no da ninguna fecha entre esos días.", "/rule");
        series.Raise(new SeriesScheduled
        {
            SeriesId = series.Id,
            Title = title,
            Rule = ruleText,
            Dates = [.. series.Occurrences.Select(o => o.Date)],
            HolidayCollisions = [.. series.Occurrences.Where(o => o.Holiday is not null).Select(o => o.Date)],
        }, now);
        return series;
    }

    /// <summary>A person decides on an occurrence: it stays in spite of the holiday, moves, or is cancelled. It is never removed.</summary>
    public Occurrence Decide(DateOnly originalDate, OccurrenceDecision decision, DateOnly? newDate, string? reason, DateTimeOffset now)
    {
        var occurrence = Occurrences.SingleOrDefault(o => o.OriginalDate == originalDate)
            ?? throw new RuleViolationException(404, "occurrence_unknown", "La serie no tiene reunión en esa fecha original.");
        Require.State(occurrence.State != OccurrenceState.Cancelled, "occurrence_cancelled", "Esa reunión ya fue cancelada.");
        switch (decision)
        {
            case OccurrenceDecision.Keep:
                occurrence.Date = occurrence.OriginalDate;
                (occurrence.State, occurrence.Reason) = (OccurrenceState.Scheduled, reason);
                break;
            case OccurrenceDecision.Move:
                Require.That(newDate is not null, "date_missing", "Indique la nueva fecha.", "/date");
                Require.That(!string.IsNullOrWhiteSpace(reason), "reason_missing", "Indique el motivo.", "/reason");
                Require.That(
                    Occurrences.All(o => o == occurrence || o.State == OccurrenceState.Cancelled || o.Date != newDate), "occurrence_collides",
                    "La serie ya tiene otra reunión ese día.", "/date");
                occurrence.Date = newDate!.Value;
                (occurrence.State, occurrence.Reason) = (OccurrenceState.Moved, reason);
                break;
            case OccurrenceDecision.Cancel:
                Require.That(!string.IsNullOrWhiteSpace(reason), "reason_missing", "Indique el motivo.", "/reason");
                (occurrence.State, occurrence.Reason) = (OccurrenceState.Cancelled, reason);
                break;
        }
        Raise(new OccurrenceDecided
        {
            SeriesId = Id,
            Title = Title,
            OriginalDate = originalDate,
            Date = occurrence.Date,
            Cancelled = occurrence.State == OccurrenceState.Cancelled,
        }, now);
        return occurrence;
    }

    /// <summary>Other days, nearest first: the working days next to it, and the same weekday a week later.</summary>
    private static DateOnly[] Propose(DateOnly date, IReadOnlyDictionary<DateOnly, string> holidays)
    {
        return [.. new[] { Next(-1), Next(1), Week(7) }.Distinct().OrderBy(d => Math.Abs(d.DayNumber - date.DayNumber))];

        DateOnly Next(int step)
        {
            var day = date.AddDays(step);
            while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || holidays.ContainsKey(day))
                day = day.AddDays(step);
            return day;
        }

        DateOnly Week(int step)
        {
            var day = date.AddDays(step);
            while (holidays.ContainsKey(day))
                day = day.AddDays(step);
            return day;
        }
    }
}

internal sealed class Occurrence
{
    public required Guid SeriesId { get; init; }
    public required DateOnly OriginalDate { get; init; }
    public required DateOnly Date { get; set; }
    public required OccurrenceState State { get; set; }
    public string? Holiday { get; init; }
    public required DateOnly[] Proposals { get; init; }
    public string? Reason { get; set; }
}
