using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Meetings;
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

/// <summary>A recurring meeting: what it is like from which day on, and its occurrences, which keep their original date as their name.</summary>
internal sealed class MeetingSeries : Aggregate
{
    private MeetingSeries()
    {
    }

    public string Title { get; private set; } = "";
    public Guid? BodyId { get; private init; }
    public OrganizedBody? Body { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public IList<SeriesTemplate> Templates { get; private init; } = [];
    public IList<Occurrence> Occurrences { get; private init; } = [];

    public SeriesTemplate Current => Templates.MaxBy(t => t.Number)!;

    public static MeetingSeries Schedule(SeriesTemplate first, OrganizedBody? body, Guid id, IReadOnlyDictionary<DateOnly, string> holidays, DateTimeOffset now)
    {
        var series = new MeetingSeries { Id = id, Title = first.Title, BodyId = body?.Id, Body = body, CreatedAt = now };
        series.Templates.Add(first);
        series.Fill(first, holidays);
        series.Raise(series.Scheduled(first), now);
        return series;
    }

    /// <summary>
    /// From a day on the series has another rule or looks otherwise. What lies before that day stays; so does, after it,
    /// what a person has decided or opened already. A day on which one of those falls gets no second one.
    /// </summary>
    public void Change(SeriesTemplate template, IReadOnlyDictionary<DateOnly, string> holidays, DateTimeOffset now)
    {
        var before = Current;
        Require.That(template.FirstDay > before.FirstDay, "change_before_template", "El cambio rige desde un día posterior al del cambio anterior.", "/from");
        before.LastDay = before.LastDay < template.FirstDay ? before.LastDay : template.FirstDay.AddDays(-1);
        foreach (var gone in Occurrences.Where(o => o.OriginalDate >= template.FirstDay && o.IsUntouched).ToArray())
            Occurrences.Remove(gone);
        Templates.Add(template);
        Title = template.Title;
        Fill(template, holidays);
        Raise(Scheduled(template), now);
    }

    /// <summary>A person decides on an occurrence: it stays in spite of the holiday, moves, or is cancelled. It is never removed.</summary>
    public Occurrence Decide(DateOnly originalDate, OccurrenceDecision decision, DateOnly? newDate, string? reason, DateTimeOffset now)
    {
        var occurrence = Find(originalDate);
        Require.State(occurrence.MeetingId is null, "occurrence_opened", "Ya se abrió como reunión: muévala o cancélela ahí.");
        switch (decision)
        {
            case OccurrenceDecision.Keep:
                Require.State(occurrence.State != OccurrenceState.Cancelled, "occurrence_cancelled", "Esa reunión ya fue cancelada.");
                RequireFree(occurrence, occurrence.OriginalDate);
                occurrence.Become(OccurrenceState.Scheduled, occurrence.OriginalDate, reason);
                occurrence.IsDecided = true;
                break;
            case OccurrenceDecision.Move:
                Require.That(newDate is not null, "date_missing", "Indique la nueva fecha.", "/date");
                Require.That(newDate!.Value.Year is >= 1990 and <= 2100, "date_out_of_range", "La nueva fecha va de 1990 a 2100.", "/date");
                Move(occurrence, newDate.Value, reason);
                break;
            default:
                CancelOccurrence(occurrence, reason);
                break;
        }
        Tell(occurrence, now);
        return occurrence;
    }

    /// <summary>The occurrence becomes a meeting to convene and to hold.</summary>
    public Meeting Open(DateOnly originalDate, DateTimeOffset now)
    {
        var occurrence = Find(originalDate);
        Require.State(occurrence.MeetingId is null, "occurrence_opened", "Ya se abrió como reunión.");
        Require.State(occurrence.State is OccurrenceState.Scheduled or OccurrenceState.Moved, "occurrence_not_settled", "Cae en asueto o está cancelada: decida antes qué se hace con ella.");
        var template = Of(occurrence);
        Require.State(Body is not null && template.Kind is not null, "series_without_body", "La serie no dice de qué instancia o de qué tipo son sus reuniones.");
        var meeting = Meeting.Plan(
            template.Kind!, Body!, template.Title, template.StartOn(occurrence.Date), template.DurationMinutes, template.Venue, [.. template.Points.DefaultIfEmpty(template.Title)], now);
        occurrence.MeetingId = meeting.Id;
        Touch();
        return meeting;
    }

    /// <summary>The meeting that an occurrence was opened as has another date, under another id, or none.</summary>
    public void Follow(Guid meeting, Meeting? successor, string reason, DateTimeOffset now)
    {
        var occurrence = Occurrences.Single(o => o.MeetingId == meeting);
        if (successor is null)
        {
            CancelOccurrence(occurrence, reason);
        }
        else
        {
            Move(occurrence, successor.Date, reason, mayStay: true);
            occurrence.MeetingId = successor.Id;
        }
        Tell(occurrence, now);
    }

    private void Move(Occurrence occurrence, DateOnly date, string? reason, bool mayStay = false)
    {
        Require.State(occurrence.State != OccurrenceState.Cancelled, "occurrence_cancelled", "Esa reunión ya fue cancelada.");
        Require.That(!string.IsNullOrWhiteSpace(reason), "reason_missing", "Indique el motivo.", "/reason");
        Require.That(mayStay || date != occurrence.Date, "same_date", "La reunión ya es ese día.", "/date");
        RequireFree(occurrence, date);
        occurrence.Become(date == occurrence.OriginalDate ? OccurrenceState.Scheduled : OccurrenceState.Moved, date, reason);
        occurrence.IsDecided = true;
    }

    private static void CancelOccurrence(Occurrence occurrence, string? reason)
    {
        Require.State(occurrence.State != OccurrenceState.Cancelled, "occurrence_cancelled", "Esa reunión ya fue cancelada.");
        Require.That(!string.IsNullOrWhiteSpace(reason), "reason_missing", "Indique el motivo.", "/reason");
        occurrence.Become(OccurrenceState.Cancelled, occurrence.Date, reason);
        occurrence.IsDecided = true;
    }

    private void RequireFree(Occurrence occurrence, DateOnly date) => Require.State(
        Occurrences.All(o => o == occurrence || o.State == OccurrenceState.Cancelled || o.Date != date), "occurrence_collides", "La serie ya tiene otra reunión ese día.");

    private Occurrence Find(DateOnly originalDate) => Occurrences.SingleOrDefault(o => o.OriginalDate == originalDate)
        ?? throw new RuleViolationException(404, "occurrence_unknown", "La serie no tiene reunión en esa fecha original.");

    private void Fill(SeriesTemplate template, IReadOnlyDictionary<DateOnly, string> holidays)
    {
        var taken = Occurrences.Where(o => o.State != OccurrenceState.Cancelled).Select(o => o.Date).ToHashSet();
        var known = Occurrences.Select(o => o.OriginalDate).ToHashSet();
        var days = template.Days().ToArray();
        Require.That(days.Length > 0, "no_occurrence", "La regla no da ninguna fecha entre esos días.", "/rule");
        HashSet<DateOnly> full = [.. taken, .. days];
        foreach (var date in days.Where(d => !known.Contains(d) && !taken.Contains(d)))
        {
            var holiday = holidays.GetValueOrDefault(date);
            Occurrences.Add(new Occurrence
            {
                SeriesId = Id,
                OriginalDate = date,
                Date = date,
                Template = template.Number,
                State = holiday is null ? OccurrenceState.Scheduled : OccurrenceState.NeedsDecision,
                Holiday = holiday,
                Proposals = holiday is null ? [] : Propose(date, holidays, full),
            });
        }
        // What a person moved and nobody opened looks as the series does now.
        foreach (var kept in Occurrences.Where(o => o.OriginalDate >= template.FirstDay && o.MeetingId is null && o.State != OccurrenceState.Cancelled && days.Contains(o.OriginalDate)))
            kept.Template = template.Number;
    }

    private IEnumerable<Occurrence> Standing => Occurrences.Where(o => o.State != OccurrenceState.Cancelled).OrderBy(o => o.Date);

    private SeriesTemplate Of(Occurrence occurrence) => Templates.Single(t => t.Number == occurrence.Template);

    private SeriesScheduled Scheduled(SeriesTemplate template) => new()
    {
        SeriesId = Id,
        Title = Title,
        Rule = template.Rule,
        BodyId = BodyId,
        BodyName = Body?.Name,
        Venue = template.Venue,
        Dates = [.. Standing.Select(o => o.Date)],
        Occurrences = [.. Standing.Select(o => new SeriesOccurrence(o.OriginalDate, Of(o).StartOn(o.Date), Of(o).EndOn(o.Date), o.MeetingId))],
        HolidayCollisions = [.. Occurrences.Where(o => o.State == OccurrenceState.NeedsDecision).Select(o => o.Date).Order()],
    };

    private void Tell(Occurrence occurrence, DateTimeOffset now) => Raise(new OccurrenceDecided
    {
        SeriesId = Id, Title = Title, OriginalDate = occurrence.OriginalDate, Date = occurrence.Date, StartsAt = Of(occurrence).StartOn(occurrence.Date), EndsAt = Of(occurrence).EndOn(occurrence.Date), Venue = Of(occurrence).Venue,
        MeetingId = occurrence.MeetingId, Cancelled = occurrence.State == OccurrenceState.Cancelled,
    }, now);

    /// <summary>Other days, nearest first: the working days next to it, and the same weekday a week later.</summary>
    private static DateOnly[] Propose(DateOnly date, IReadOnlyDictionary<DateOnly, string> holidays, HashSet<DateOnly> taken)
    {
        return [.. new[] { Next(-1), Next(1), Week(7) }.Distinct().Where(d => !taken.Contains(d)).OrderBy(d => Math.Abs(d.DayNumber - date.DayNumber))];

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

/// <summary>When the meetings of a series are and what they are like, from a day on.</summary>
internal sealed class SeriesTemplate
{
    public required Guid SeriesId { get; init; }
    public required int Number { get; init; }
    public required DateOnly FirstDay { get; init; }
    public required DateOnly LastDay { get; set; }

    /// <summary>Without its end, which is the last day.</summary>
    public required string Rule { get; init; }
    public DateOnly[] ExceptDays { get; init; } = [];
    public required string Title { get; init; }
    public string? Kind { get; init; }
    public required TimeOnly Starts { get; init; }
    public required int DurationMinutes { get; init; }
    public required string Venue { get; init; }
    public string[] Points { get; init; } = [];

    public DateTime StartOn(DateOnly date) => date.ToDateTime(Starts);

    public DateTime EndOn(DateOnly date) => StartOn(date).AddMinutes(DurationMinutes);

    /// <summary>The days of its rule but the exceptions.</summary>
    public IEnumerable<DateOnly> Days() => RecurrenceRule.Parse(Rule).Between(FirstDay, LastDay).Where(d => !ExceptDays.Contains(d));
}

internal sealed class Occurrence
{
    public required Guid SeriesId { get; init; }
    public required DateOnly OriginalDate { get; init; }
    public required DateOnly Date { get; set; }
    public required int Template { get; set; }
    public required OccurrenceState State { get; set; }
    public string? Holiday { get; init; }
    public required DateOnly[] Proposals { get; init; }
    public string? Reason { get; private set; }

    /// <summary>A person said what becomes of it.</summary>
    public bool IsDecided { get; set; }

    /// <summary>How often people's calendars were told of a change.</summary>
    public int Sequence { get; private set; }

    /// <summary>The meeting it was opened as.</summary>
    public Guid? MeetingId { get; set; }

    public bool IsUntouched => !IsDecided && MeetingId is null;

    public void Become(OccurrenceState state, DateOnly date, string? reason) => (State, Date, Reason, Sequence) = (state, date, reason?.Trim(), Sequence + 1);
}
