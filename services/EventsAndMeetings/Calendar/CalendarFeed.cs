using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Calendar;

/// <summary>Which part of the calendar somebody subscribes to: all of it, a body's, or a place's with those below it.</summary>
internal sealed record FeedScope(string Name, Guid? BodyId, string? Place, DateOnly From, DateOnly To)
{
    public string Key => $"{(BodyId is null ? Place is null ? "unit" : "place" : "body")}|{BodyId}|{Place}|{From:yyyyMMdd}|{To:yyyyMMdd}";
}

/// <summary>
/// The calendar as other programs read it. What was written stays in memory until something of it changes, which one
/// question to the database tells: versions only grow, and no row goes away.
/// </summary>
internal sealed class CalendarFeed(IConfiguration configuration) : IDisposable
{
    private const int LargestMemory = 64 * 1024 * 1024;

    private readonly MemoryCache _written = new(new MemoryCacheOptions { SizeLimit = LargestMemory });

    // A feed of thousands is written once, not by everyone who waits for it; who waits for another one seldom waits here.
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    public sealed record Written(string Stamp, byte[] Content);

    public async Task<Written> ReadAsync(AgendaDb db, FeedScope scope, CancellationToken cancellation)
    {
        var stamp = await StampAsync(db, scope, cancellation);
        if (_written.Get<Written>(scope.Key) is { } known && known.Stamp == stamp)
            return known;
        var writing = _writing[(uint)scope.Key.GetHashCode(StringComparison.Ordinal) % _writing.Length];
        await writing.WaitAsync(cancellation);
        try
        {
            if (_written.Get<Written>(scope.Key) is { } meanwhile && meanwhile.Stamp == stamp)
                return meanwhile;
            var content = ICalendar.Write(scope.Name, [.. await SeriesAsync(db, scope, cancellation), .. await MeetingsAsync(db, scope, cancellation), .. await EventsAsync(db, scope, cancellation)]);
            return _written.Set(scope.Key, new Written(stamp, content), new MemoryCacheEntryOptions { Size = content.Length, SlidingExpiration = TimeSpan.FromHours(6) });
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose()
    {
        _written.Dispose();
        foreach (var writing in _writing)
            writing.Dispose();
    }

    private static Task<string> StampAsync(AgendaDb db, FeedScope scope, CancellationToken cancellation) => db.Database.SqlQuery<string>(
        $"""
        SELECT concat_ws('-', m.count, m.sum, s.count, s.sum, e.count, e.sum, d.count, d.sum, b.count, b.sum, t.count, n.count, n.taken_back) AS "Value"
        FROM (SELECT count(*), sum(version) FROM meeting WHERE starts_at >= {scope.From}) m,
             (SELECT count(*), sum(version) FROM meeting_series) s,
             (SELECT count(*), sum(version) FROM community_event WHERE starts_at >= {scope.From}) e,
             (SELECT count(*), sum(version) FROM delivery_day WHERE date >= {scope.From}) d,
             (SELECT count(*), sum(version) FROM organized_body) b,
             (SELECT count(*) FROM published_event WHERE leaf IS NOT NULL) t,
             (SELECT count(*), count(*) FILTER (WHERE taken_back) AS taken_back FROM public_news WHERE type LIKE 'distribution.delivery-day.%') n
        """).SingleAsync(cancellation);

    private async Task<List<ICalendarEvent>> SeriesAsync(AgendaDb db, FeedScope scope, CancellationToken cancellation)
    {
        var (below, place) = (", " + scope.Place, scope.Place);
        var all = await db.Series.AsNoTracking().Include(s => s.Body).Include(s => s.Templates).Include(s => s.Occurrences).AsSplitQuery()
            .Where(s => (scope.BodyId == null || s.BodyId == scope.BodyId) && (place == null || (s.Body != null && (s.Body.Place == place || s.Body.Place.EndsWith(below))))
                && s.Occurrences.Any(o => o.Date >= scope.From && o.Date <= scope.To))
            .OrderBy(s => s.Id).ToListAsync(cancellation);
        var gone = await db.TakenBackAsync([.. all.Select(s => s.Id)], cancellation);
        all.RemoveAll(s => Told.IsGone(gone, s));
        var opened = all.SelectMany(s => s.Occurrences).Select(o => o.MeetingId).OfType<Guid>().ToArray();
        var meetings = await db.Meetings.AsNoTracking().Where(m => opened.Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellation);
        return [.. from series in all from template in series.Templates.OrderBy(t => t.Number) from one in Of(series, template, meetings) select one];
    }

    /// <summary>A template is a recurring entry; what a person changed of an occurrence stands beside it under the start it had.</summary>
    private IEnumerable<ICalendarEvent> Of(MeetingSeries series, SeriesTemplate template, Dictionary<Guid, Meeting> meetings)
    {
        var own = series.Occurrences.Where(o => o.Template == template.Number).OrderBy(o => o.OriginalDate).ToArray();
        if (own.Length == 0)
            yield break;
        var ruled = RecurrenceRule.Parse(template.Rule).Between(template.FirstDay, template.LastDay).ToArray();
        var originals = own.Select(o => o.OriginalDate).ToHashSet();
        var first = ruled.Length > 0 ? ruled[0] : own[0].OriginalDate;
        var description = series.Body is { } body ? $"{body.Name}, {body.Place}" : "";
        var master = new ICalendarEvent(
            $"{series.Id:N}-{template.Number}@proyeccion-social", series.Templates.Count - template.Number, series.CreatedAt, At(first), At(first).AddMinutes(template.DurationMinutes),
            template.Title, template.Venue, Described(description, template.Points), configuration.PublicAddress($"/v1/agenda/public/calendar/series/{series.Id}"), "Reunión", ICalendarStatus.Confirmed)
        {
            Rule = ruled.Length == 0 ? null : $"{template.Rule};UNTIL={ICalendar.Until(template.LastDay)}",
            Except = [.. ruled.Where(d => !originals.Contains(d)).Select(At)],
            Besides = [.. originals.Where(d => d != first && Array.BinarySearch(ruled, d) < 0).Order().Select(At)],
        };
        yield return master;
        foreach (var occurrence in own)
        {
            var meeting = occurrence.MeetingId is { } id ? meetings.GetValueOrDefault(id) : null;
            var starts = meeting?.StartsAt ?? At(occurrence.Date);
            if (occurrence is { State: OccurrenceState.Scheduled, Sequence: 0 } && starts == At(occurrence.OriginalDate))
                continue;
            yield return master with
            {
                RecurrenceId = At(occurrence.OriginalDate), Rule = null, Except = [], Besides = [], Sequence = master.Sequence + occurrence.Sequence,
                Starts = starts, Ends = starts.AddMinutes(meeting?.DurationMinutes ?? template.DurationMinutes), Summary = meeting?.Title ?? template.Title, Location = meeting?.Venue ?? template.Venue,
                Status = occurrence.State switch
                {
                    OccurrenceState.Cancelled => ICalendarStatus.Cancelled,
                    OccurrenceState.NeedsDecision => ICalendarStatus.Tentative,
                    _ => ICalendarStatus.Confirmed,
                },
            };
        }

        DateTime At(DateOnly day) => day.ToDateTime(template.Starts);
    }

    private async Task<List<ICalendarEvent>> MeetingsAsync(AgendaDb db, FeedScope scope, CancellationToken cancellation)
    {
        var (from, to) = (scope.From.ToDateTime(TimeOnly.MinValue), scope.To.ToDateTime(TimeOnly.MaxValue));
        var (below, place) = (", " + scope.Place, scope.Place);
        var meetings = await db.Meetings.AsNoTracking().Include(m => m.Body)
            .Where(m => m.StartsAt >= from && m.StartsAt <= to && m.State != MeetingState.Rescheduled && !db.Occurrences.Any(o => o.MeetingId == m.Id)
                && (scope.BodyId == null || m.BodyId == scope.BodyId) && (place == null || m.Body.Place == place || m.Body.Place.EndsWith(below)))
            .OrderBy(m => m.StartsAt).ThenBy(m => m.Id).ToListAsync(cancellation);
        var gone = await db.TakenBackAsync([.. meetings.Select(m => m.Id)], cancellation);
        meetings.RemoveAll(m => Told.IsGone(gone, m));
        return meetings.ConvertAll(m => new ICalendarEvent(
            $"{m.CalendarUid:N}@proyeccion-social", m.CalendarSequence, m.CreatedAt, m.StartsAt, m.StartsAt.AddMinutes(m.DurationMinutes), m.Title, m.Venue,
            Described($"{m.Body.Name}, {m.Body.Place}", m.Points), configuration.PublicAddress($"/v1/agenda/public/calendar/meeting/{m.Id}"), "Reunión", m.State switch
            {
                MeetingState.Planned => ICalendarStatus.Tentative,
                MeetingState.Cancelled => ICalendarStatus.Cancelled,
                _ => ICalendarStatus.Confirmed,
            }));
    }

    private async Task<List<ICalendarEvent>> EventsAsync(AgendaDb db, FeedScope scope, CancellationToken cancellation)
    {
        if (scope.BodyId is not null)
            return [];
        var (from, to) = (scope.From.ToDateTime(TimeOnly.MinValue), scope.To.ToDateTime(TimeOnly.MaxValue));
        var (below, place) = (", " + scope.Place, scope.Place);
        var events = await db.Events.AsNoTracking()
            .Where(e => e.StartsAt >= from && e.StartsAt <= to && e.AnnouncedAt != null && (place == null || (e.Place != null && (e.Place == place || e.Place.EndsWith(below)))))
            .OrderBy(e => e.StartsAt).ThenBy(e => e.Id).ToListAsync(cancellation);
        var gone = await db.TakenBackAsync([.. events.Select(e => e.Id)], cancellation);
        events.RemoveAll(e => Told.IsGone(gone, e));
        var days = await db.DeliveryDays.AsNoTracking().Where(d => d.Date >= scope.From && d.Date <= scope.To && (place == null || d.Place == place || d.Place.EndsWith(below)))
            .OrderBy(d => d.Date).ThenBy(d => d.Id).ToListAsync(cancellation);
        var goneDays = await db.TakenBackDaysAsync([.. days.Select(d => d.Id)], cancellation);
        days.RemoveAll(d => Told.IsGone(goneDays, d));
        return
        [
            .. events.Select(e => new ICalendarEvent(
                $"{e.Id:N}@proyeccion-social", e.CalendarSequence, e.CreatedAt, e.StartsAt, e.EndsAt, e.Title, e.Where,
                $"{Told.Promotion(gone, e)}\n\n{string.Join(", ", e.Partners.Prepend(e.Organiser))}".Trim(), configuration.PublicAddress($"/v1/agenda/public/calendar/event/{e.Id}"), KindOf(e.Kind),
                e.State == CommunityEventState.Cancelled ? ICalendarStatus.Cancelled : ICalendarStatus.Confirmed)),
            .. days.Select(d => new ICalendarEvent(
                $"{d.Id:N}@proyeccion-social", (int)d.Version, new DateTimeOffset(d.Date.ToDateTime(TimeOnly.MinValue), LocalTime.Offset), d.Date.ToDateTime(d.Opens), d.Date.ToDateTime(d.Closes),
                $"Entrega de {d.Campaign}", $"{d.Centre}, {d.Place}", "Lleve su DUI.", configuration.PublicAddress($"/v1/agenda/public/calendar/delivery-day/{d.Id}"), "Entrega de paquetes",
                d.State == "cancelled" ? ICalendarStatus.Cancelled : ICalendarStatus.Confirmed)),
        ];
    }

    public static string KindOf(CommunityEventKind kind) => kind switch
    {
        CommunityEventKind.Cultural => "Cultura",
        CommunityEventKind.Artistic => "Arte",
        CommunityEventKind.Sports => "Deporte",
        CommunityEventKind.Training => "Formación",
        _ => "Comunidad",
    };

    private static string Described(string who, string[] points) =>
        points.Length == 0 ? who : $"{who}\n\nAgenda:\n{string.Join('\n', points.Select((p, i) => $"{i + 1}. {p}"))}";
}
