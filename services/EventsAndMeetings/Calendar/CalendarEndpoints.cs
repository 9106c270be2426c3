using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Calendar;

/// <summary>The calendar: for staff with what collides, for anybody as a page, for other programs as a feed.</summary>
internal static class CalendarEndpoints
{
    private const int LongestSpan = 62;
    private const int MostEntries = 2000;
    private const int LongestFeedYears = 5;

    public static void MapCalendar(this IEndpointRouteBuilder api)
    {
        api.MapGet("/calendar", ReadAsync).WithName("GetCalendar").WithTags("calendar").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Todo lo que tiene día y hora entre dos fechas, con los asuetos y lo que choca de lugar o de gente")
            .WithDescription($"Hasta {LongestSpan} días. Choca lo que coincide en el tiempo en un mismo lugar (venue), en uno que se llama igual en otro sitio (venue-name: confírmelo), o con una misma persona o instancia (people).");
        api.MapGet("/holidays", HolidaysAsync).WithName("ListHolidays").WithTags("calendar").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Asuetos de un año");
        api.MapPut("/holidays/{date}", WriteHolidayAsync).WithName("WriteHoliday").WithTags("calendar").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Agregar un asueto que una ley decretó").WithDescription("Las reuniones ya programadas ese día se ven con él en el calendario; las series nuevas lo señalan.");
    }

    public static void MapPublicCalendar(this IEndpointRouteBuilder pages)
    {
        const string About = "iCalendar (RFC 5545) de hace un año a dentro de dos, o entre los meses de from y to. Suscríbase con esta dirección: se actualiza sola.";
        pages.MapGet("/calendar/unit.ics", (AgendaDb db, CalendarFeed feed, HttpContext http, TimeProvider time, DateOnly? from = null, DateOnly? to = null, CancellationToken cancellation = default) =>
                FeedAsync(db, feed, http, Scope("Agenda de Proyección Social", null, null, from, to, time), cancellation))
            .WithName("GetUnitFeed").AllowAnonymous().Produces<string>(200, "text/calendar").WithSummary("Calendario de toda la unidad").WithDescription(About);
        pages.MapGet("/calendar/bodies/{id:guid}.ics", BodyFeedAsync).WithName("GetBodyFeed").AllowAnonymous().Produces<string>(200, "text/calendar")
            .WithSummary("Calendario de una asociación o comité").WithDescription(About);
        pages.MapGet("/calendar/places.ics", PlaceFeedAsync).WithName("GetPlaceFeed").AllowAnonymous().Produces<string>(200, "text/calendar")
            .WithSummary("Calendario de un lugar y de los que están en él").WithDescription("place es el lugar con los que lo contienen, como «Cantón Las Lomas, San Ensayo, Prueba». " + About);
        pages.MapGet("/calendar/{kind}/{id:guid}", PageAsync).WithName("GetPublicEntry").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html")
            .WithSummary("Página pública de una reunión (meeting), serie (series), evento (event) o entrega (delivery-day)");
    }

    internal enum EntryKind
    {
        Meeting,
        Occurrence,
        Event,
        DeliveryDay,
    }

    internal enum PublicKind
    {
        Meeting,
        Series,
        Event,
        DeliveryDay,
    }

    internal enum ConflictOf
    {
        Venue,
        VenueName,
        People,
    }

    internal sealed record ConflictView(ConflictOf Of, EntryKind With, Guid WithId, string Title, DateTime StartsAt);

    internal sealed record EntryView(
        EntryKind Kind, Guid Id, DateOnly? OriginalDate, string Title, Guid? BodyId, string? BodyName, string? Place, string Venue, DateTime StartsAt, DateTime EndsAt, string State,
        IReadOnlyList<string> Holidays, IReadOnlyList<ConflictView> Conflicts);

    internal sealed record HolidayView(DateOnly Date, string Name, string Scope)
    {
        public static HolidayView Example => new(new(2026, 8, 6), "Divino Salvador del Mundo", "national");
    }

    internal sealed record HolidayRequest([PublicText(100)] string Name, bool National = true)
    {
        public static HolidayRequest Example => new("Duelo nacional");
    }

    internal sealed record CalendarView(DateOnly From, DateOnly To, IReadOnlyList<EntryView> Entries, IReadOnlyList<HolidayView> Holidays)
    {
        public static CalendarView Example => new(
            new(2026, 8, 1), new(2026, 8, 31),
            [new(EntryKind.Occurrence, Examples.Id, new(2026, 8, 6), "Reunión mensual de prevención", Examples.OtherId, "Comité de prevención", "San Ensayo, Prueba", "Alcaldía",
                new(2026, 8, 6, 14, 0, 0), new(2026, 8, 6, 16, 0, 0), "needs-decision", ["Divino Salvador del Mundo"], [])],
            [HolidayView.Example]);
    }

    private sealed record Row(
        string Kind, Guid Id, DateOnly? OriginalDate, string Title, Guid? BodyId, string? BodyName, string? Place, string Venue, DateTime StartsAt, DateTime EndsAt, string State);

    private sealed record Clash(string Kind, Guid Id, DateOnly? OriginalDate, string WithKind, Guid WithId, string WithTitle, DateTime WithStartsAt, string Of);

    private static async Task<Results<Ok<CalendarView>, ProblemHttpResult>> ReadAsync(
        AgendaDb db, TimeProvider time, DateOnly? from = null, DateOnly? to = null, Guid? bodyId = null, CancellationToken cancellation = default)
    {
        var first = from ?? time.Today();
        var last = to ?? (first.Year > 2100 ? first : first.AddDays(30));
        if (last < first || last.DayNumber - first.DayNumber > LongestSpan || first.Year < 1990 || last.Year > 2100)
            throw new RuleViolationException(400, "span_out_of_range", $"Pida de 1 a {LongestSpan} días, de 1990 a 2100.");
        var (start, end) = (first.AddDays(-CommunityEvent.LongestDays), last.AddDays(1)); // What began before the first day may go on.
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT kind AS "Kind", id AS "Id", original_date AS "OriginalDate", title AS "Title", body_id AS "BodyId", body_name AS "BodyName", place AS "Place", venue AS "Venue",
                   starts_at AS "StartsAt", ends_at AS "EndsAt", state AS "State"
            FROM calendar_entry WHERE starts_at >= {start} AND starts_at < {end} AND ends_at > {first} AND ({bodyId}::uuid IS NULL OR body_id = {bodyId}) ORDER BY starts_at, id LIMIT {MostEntries + 1}
            """).ToListAsync(cancellation);
        if (rows.Count > MostEntries)
            throw new RuleViolationException(400, "span_out_of_range", $"Hay más de {MostEntries} entradas entre esas fechas: pida menos días.");
        // What does not take place collides with nothing.
        var clashes = (await db.Database.SqlQuery<Clash>(
            $"""
            WITH e AS (SELECT * FROM calendar_entry WHERE starts_at >= {start} AND starts_at < {end} AND ends_at > {first} AND state NOT IN ('cancelled', 'no-quorum'))
            SELECT a.kind AS "Kind", a.id AS "Id", a.original_date AS "OriginalDate", b.kind AS "WithKind", b.id AS "WithId", b.title AS "WithTitle", b.starts_at AS "WithStartsAt", c.of AS "Of"
            FROM e a JOIN e b ON (a.kind, a.id, coalesce(a.original_date, 'infinity')) <> (b.kind, b.id, coalesce(b.original_date, 'infinity'))
                AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
            CROSS JOIN LATERAL (SELECT CASE
                WHEN lower(btrim(a.venue)) = lower(btrim(b.venue)) AND (a.place IS NULL OR b.place IS NULL OR a.place = b.place
                    OR right(a.place, length(b.place) + 2) = ', ' || b.place OR right(b.place, length(a.place) + 2) = ', ' || a.place) THEN 'venue'
                WHEN a.body_id = b.body_id OR EXISTS (
                    SELECT 1 FROM body_member x JOIN body_member y ON y.person_id = x.person_id AND y.body_id = b.body_id
                    WHERE x.body_id = a.body_id AND a.starts_at::date BETWEEN x.joined_on AND coalesce(x.left_on, 'infinity')
                        AND b.starts_at::date BETWEEN y.joined_on AND coalesce(y.left_on, 'infinity')) THEN 'people'
                WHEN lower(btrim(a.venue)) = lower(btrim(b.venue)) THEN 'venue-name' END AS of) c
            WHERE c.of IS NOT NULL AND ({bodyId}::uuid IS NULL OR a.body_id = {bodyId}) ORDER BY c.of = 'venue-name', b.starts_at, b.id LIMIT {MostEntries}
            """).ToListAsync(cancellation)).ToLookup(c => (c.Kind, c.Id, c.OriginalDate));
        var holidays = await db.Holidays.AsNoTracking().Where(h => h.Date >= first && h.Date <= last).OrderBy(h => h.Date).ThenBy(h => h.Name).ToListAsync(cancellation);
        var byDay = holidays.ToLookup(h => h.Date, h => h.Name);
        return TypedResults.Ok(new CalendarView(
            first, last,
            [.. rows.Select(r => new EntryView(
                Choice<EntryKind>.Parse(r.Kind), r.Id, r.OriginalDate, r.Title, r.BodyId, r.BodyName, r.Place, r.Venue, r.StartsAt, r.EndsAt, r.State, [.. byDay[DateOnly.FromDateTime(r.StartsAt)]],
                [.. clashes[(r.Kind, r.Id, r.OriginalDate)].Select(c => new ConflictView(
                    Choice<ConflictOf>.Parse(c.Of), Choice<EntryKind>.Parse(c.WithKind), c.WithId, c.WithTitle, c.WithStartsAt))]))],
            [.. holidays.Select(h => new HolidayView(h.Date, h.Name, h.Scope))]));
    }

    private static async Task<Ok<List<HolidayView>>> HolidaysAsync(AgendaDb db, TimeProvider time, int? year = null, CancellationToken cancellation = default)
    {
        var of = year ?? time.Today().Year;
        return TypedResults.Ok(await db.Holidays.AsNoTracking().Where(h => h.Date.Year == of).OrderBy(h => h.Date).ThenBy(h => h.Name)
            .Select(h => new HolidayView(h.Date, h.Name, h.Scope)).ToListAsync(cancellation));
    }

    private static async Task<Ok<HolidayView>> WriteHolidayAsync(DateOnly date, HolidayRequest request, AgendaDb db, CancellationToken cancellation)
    {
        Rule.That(date.Year is >= 1990 and <= 2100, "holiday_year", "El asueto va de 1990 a 2100.", "/date");
        var (name, scope) = (request.Name.Trim(), request.National ? "national" : "public-sector");
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO holiday (date, name, scope) VALUES ({date}, {name}, {scope}) ON CONFLICT (date, name) DO UPDATE SET scope = excluded.scope", cancellation);
        return TypedResults.Ok(new HolidayView(date, name, scope));
    }

    private static async Task<IResult> BodyFeedAsync(
        Guid id, AgendaDb db, CalendarFeed feed, HttpContext http, TimeProvider time, DateOnly? from = null, DateOnly? to = null, CancellationToken cancellation = default) =>
        await db.Bodies.Where(b => b.Id == id).Select(b => b.Name).SingleOrDefaultAsync(cancellation) is { } name
            ? await FeedAsync(db, feed, http, Scope(name, id, null, from, to, time), cancellation)
            : Problems.NotFound();

    private static async Task<IResult> PlaceFeedAsync(
        string place, AgendaDb db, CalendarFeed feed, HttpContext http, TimeProvider time, DateOnly? from = null, DateOnly? to = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(place) || place.Length > 300)
            throw new RuleViolationException(400, "place_length", "El lugar lleva de 1 a 300 caracteres.");
        return await FeedAsync(db, feed, http, Scope($"Agenda de {place}", null, place.Trim(), from, to, time), cancellation);
    }

    private static FeedScope Scope(string name, Guid? body, string? place, DateOnly? from, DateOnly? to, TimeProvider time)
    {
        var today = time.Today();
        var (first, last) = (from ?? today.AddYears(-1), to ?? today.AddYears(2));
        if (last < first || first.Year < 1990 || last.Year > 2110 || last > first.AddYears(LongestFeedYears))
            throw new RuleViolationException(400, "span_out_of_range", $"Las fechas van en orden, de 1990 a 2110, y hasta {LongestFeedYears} años.");
        // Whole months, so that many who ask on different days are given the same.
        return new(name, body, place, new(first.Year, first.Month, 1), new(last.Year, last.Month, DateTime.DaysInMonth(last.Year, last.Month)));
    }

    private static async Task<IResult> FeedAsync(AgendaDb db, CalendarFeed feed, HttpContext http, FeedScope scope, CancellationToken cancellation)
    {
        var written = await feed.ReadAsync(db, scope, cancellation);
        var etag = $"\"{written.Stamp}\"";
        http.Response.Headers.ETag = etag;
        http.Response.Headers.CacheControl = "public, max-age=300";
        if (http.Request.Headers.IfNoneMatch.Contains(etag))
            return TypedResults.StatusCode(304);
        return TypedResults.Bytes(written.Content, "text/calendar; charset=utf-8");
    }

    private static async Task<IResult> PageAsync(Choice<PublicKind> kind, Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var entry = kind.Value switch
        {
            PublicKind.Meeting => await MeetingAsync(db, id, cancellation),
            PublicKind.Series => await SeriesAsync(db, id, cancellation),
            PublicKind.Event => await EventAsync(db, id, cancellation),
            _ => await DeliveryDayAsync(db, id, cancellation),
        };
        return Html.Page<EntryPage>(http, new() { ["Entry"] = entry }, entry is null ? 404 : 200);
    }

    private static async Task<PublicEntry?> MeetingAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().Include(m => m.Body).SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null || Told.IsGone(await db.TakenBackAsync([id], cancellation), meeting))
            return null;
        var stands = await db.StandingAsync(id, cancellation);
        var published = (await db.Minutes.Where(m => m.MeetingId == id && m.PublishedAt != null).OrderBy(m => m.Number).Select(m => m.Number).ToListAsync(cancellation)).Where(n => stands("agenda.meeting.minutes-published.v1", n));
        var word = meeting.State switch
        {
            MeetingState.Cancelled => "Cancelada",
            MeetingState.Rescheduled => "Cambió de fecha",
            MeetingState.Held => "Realizada",
            MeetingState.NoQuorum => "No hubo quórum",
            MeetingState.Convened => "Convocada",
            _ => "Prevista",
        };
        return new(
            meeting.Title, word, meeting.State is MeetingState.Cancelled or MeetingState.Rescheduled, $"{meeting.Body.Name}, {meeting.Body.Place}", meeting.StartsAt.InWords(), meeting.Venue, "", meeting.Points,
            [.. published.Select(n => ($"Acta No. {n}, versión pública", $"/v1/agenda/public/meetings/{id}/minutes/{n}"))]);
    }

    private static async Task<PublicEntry?> SeriesAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var series = await db.WholeSeries(id).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (series is null || Told.IsGone(await db.TakenBackAsync([id], cancellation), series))
            return null;
        var opened = series.Occurrences.Select(o => o.MeetingId).OfType<Guid>().ToArray();
        var hours = await db.Meetings.Where(m => opened.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.StartsAt, cancellation);
        var dates = series.Occurrences.Select(o => (Occurrence: o, At: o.MeetingId is { } meeting ? hours[meeting] : o.Date.ToDateTime(series.Templates.Single(t => t.Number == o.Template).Starts))).OrderBy(d => d.At);
        return new(
            series.Title, "Reunión periódica", false, series.Body is { } body ? $"{body.Name}, {body.Place}" : "", "", series.Current.Venue, "",
            [.. dates.Select(d => d.At.InWords() + d.Occurrence.State switch { OccurrenceState.Cancelled => ": cancelada", OccurrenceState.NeedsDecision => ": por confirmar", OccurrenceState.Moved => ": fecha cambiada", _ => "" })], []);
    }

    private static async Task<PublicEntry?> EventAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var e = await db.Events.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id && e.AnnouncedAt != null, cancellation);
        var gone = await db.TakenBackAsync([id], cancellation);
        if (e is null || Told.IsGone(gone, e))
            return null;
        var taken = await db.Registrations.Where(r => r.EventId == id && r.State == RegistrationState.Confirmed).SumAsync(r => r.Seats, cancellation);
        return new(
            e.Title, e.State switch { CommunityEventState.Cancelled => "Cancelado", CommunityEventState.Held => "Realizado", _ => $"Anunciado ({CalendarFeed.KindOf(e.Kind).ToLowerInvariant()})" }, e.State == CommunityEventState.Cancelled,
            string.Join(", ", e.Partners.Prepend(e.Organiser)), e.StartsAt.InWordsUntil(e.EndsAt), e.Where,
            e.State == CommunityEventState.Held ? $"{Told.Promotion(gone, e)}\n\n{Told.Results(gone, e)}".Trim() : e is { Capacity: { } capacity, State: CommunityEventState.Announced } ? $"{Told.Promotion(gone, e)}\n\nCupos libres: {capacity - taken} de {capacity}.".Trim() : Told.Promotion(gone, e), [], []);
    }

    private static async Task<PublicEntry?> DeliveryDayAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var day = await db.DeliveryDays.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellation);
        return day is null || Told.IsGone(await db.TakenBackDaysAsync([id], cancellation), day) ? null : new(
            $"Entrega de {day.Campaign}", day.State switch { "cancelled" => "Cancelada", "closed" => "Realizada", _ => "Prevista" }, day.State == "cancelled", "",
            $"{day.Date.ToDateTime(day.Opens).InWords()} hasta las {day.Closes.ToString("HH:mm", CultureInfo.InvariantCulture)}", $"{day.Centre}, {day.Place}", "Lleve su DUI.", [], []);
    }
}

/// <summary>What the public page of an entry shows. Public, because Razor makes its components so.</summary>
public sealed record PublicEntry(
    string Title, string Word, bool IsOff, string Who, string When, string Venue, string Text, IReadOnlyList<string> Lines, IReadOnlyList<(string Text, string Address)> Links);
