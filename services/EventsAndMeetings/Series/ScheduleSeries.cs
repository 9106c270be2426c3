using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Series;

/// <summary>Recurring meetings, with the holidays they run into.</summary>
internal static class ScheduleSeries
{
    private const int LongestYears = 5;
    private const string AboutRules = "rule es una regla RFC 5545 por días: FREQ=MONTHLY;BYDAY=1TH (primer jueves), FREQ=MONTHLY;BYMONTHDAY=15, FREQ=WEEKLY;INTERVAL=2;BYDAY=MO… "
        + "Termina en lastDay, o antes con COUNT o UNTIL. exceptDays son días que se saltan.";

    public static void MapSeries(this IEndpointRouteBuilder series)
    {
        series.MapPost("/", ScheduleAsync).WithName("ScheduleSeries").Idempotent()
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Programar una reunión periódica; señala las fechas que caen en asueto")
            .WithDescription(AboutRules + " Con bodyId y kind, cada fecha puede abrirse como reunión.");
        series.MapGet("/", ListAsync).WithName("ListSeries").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Reuniones periódicas, por instancia");
        series.MapGet("/{id:guid}", GetAsync).WithName("GetSeries").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Ver una serie y sus reuniones");
        series.MapPost("/{id:guid}/changes", ChangeAsync).WithName("ChangeSeries").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cambiar la serie desde un día: su regla, hora, lugar, agenda o fin")
            .WithDescription("Lo anterior a ese día no cambia, ni lo que ya se decidió o se abrió. Lo que no se indica sigue igual. " + AboutRules);
        series.MapPost("/{id:guid}/occurrences/{originalDate}/decision", DecideAsync).WithName("DecideOccurrence")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Decidir sobre una reunión de la serie: mantenerla, moverla o cancelarla");
        series.MapPost("/{id:guid}/occurrences/{originalDate}/meeting", OpenAsync).WithName("OpenOccurrence")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Abrir una fecha de la serie como reunión, para convocarla y celebrarla")
            .WithDescription("Desde entonces se mueve o se cancela la reunión, y la serie la sigue.");
    }

    internal sealed record Request(
        [PublicText(150)] string Title, [Text(200)] string Rule, DateOnly FirstDay, DateOnly LastDay, TimeOnly Starts,
        [PublicText(150)] string Venue, Guid? BodyId = null, [Text(60)] string? Kind = null, [Between(5, 1440)] int DurationMinutes = 120,
        [Count(0, 30)] IReadOnlyList<string>? Points = null, [Count(0, 400)] IReadOnlyList<DateOnly>? ExceptDays = null)
    {
        public static Request Example => new(
            "Reunión mensual de prevención", "FREQ=MONTHLY;BYDAY=1TH", new(2026, 1, 1), new(2026, 12, 31), new(14, 0), "Alcaldía", Examples.Id, "committee-meeting", 120, ["Seguimiento de acuerdos"]);
    }

    internal sealed record ChangeRequest(
        DateOnly From, [Text(200)] string? Rule = null, DateOnly? LastDay = null, [PublicText(150)] string? Title = null, TimeOnly? Starts = null,
        [PublicText(150)] string? Venue = null, [Text(60)] string? Kind = null, [Between(5, 1440)] int? DurationMinutes = null,
        [Count(0, 30)] IReadOnlyList<string>? Points = null, [Count(0, 400)] IReadOnlyList<DateOnly>? ExceptDays = null)
    {
        public static ChangeRequest Example => new(new(2026, 7, 1), Starts: new TimeOnly(9, 0), Venue: "Casa comunal");
    }

    internal sealed record Decision(OccurrenceDecision Action, DateOnly? Date = null, [Text(500)] string? Reason = null)
    {
        public static Decision Example => new(OccurrenceDecision.Move, new(2026, 8, 13), "Fiestas agostinas");
    }

    internal sealed record OccurrenceView(
        DateOnly OriginalDate, DateOnly Date, OccurrenceState State, int Template, string? Holiday, IReadOnlyList<DateOnly> Proposals, string? Reason, Guid? MeetingId);

    internal sealed record TemplateView(
        int Number, DateOnly FirstDay, DateOnly LastDay, string Rule, IReadOnlyList<DateOnly> ExceptDays, string Title, string? Kind, TimeOnly Starts, int DurationMinutes, string Venue,
        IReadOnlyList<string> Points);

    internal sealed record SeriesSummary(Guid Id, string Title, Guid? BodyId, string? BodyName, string Rule, DateOnly LastDay)
    {
        public static SeriesSummary Example => new(Examples.Id, "Reunión mensual de prevención", Examples.OtherId, "Comité de prevención", "FREQ=MONTHLY;BYDAY=1TH", new(2026, 12, 31));
    }

    internal sealed record SeriesView(
        Guid Id, long Version, string Title, Guid? BodyId, IReadOnlyList<TemplateView> Templates, IReadOnlyList<OccurrenceView> Occurrences)
    {
        public static SeriesView Example => new(
            Examples.Id, 1, "Reunión mensual de prevención", Examples.OtherId,
            [new(1, new(2026, 1, 1), new(2026, 12, 31), "FREQ=MONTHLY;BYDAY=1TH", [], "Reunión mensual de prevención", "committee-meeting", new(14, 0), 120, "Alcaldía", ["Seguimiento de acuerdos"])],
            [new(new(2026, 8, 6), new(2026, 8, 6), OccurrenceState.NeedsDecision, 1, "Divino Salvador del Mundo", [new(2026, 8, 7), new(2026, 8, 13)], null, null)]);

        public static SeriesView Of(MeetingSeries s) => new(
            s.Id, s.Version, s.Title, s.BodyId,
            [.. s.Templates.OrderBy(t => t.Number).Select(t => new TemplateView(
                t.Number, t.FirstDay, t.LastDay, t.Rule, t.ExceptDays, t.Title, t.Kind, t.Starts, t.DurationMinutes, t.Venue, t.Points))],
            [.. s.Occurrences.OrderBy(o => o.OriginalDate).Select(o => new OccurrenceView(
                o.OriginalDate, o.Date, o.State, o.Template, o.Holiday, o.Proposals, o.Reason, o.MeetingId))]);
    }

    /// <summary>A series with its templates and occurrences.</summary>
    public static IQueryable<MeetingSeries> WholeSeries(this AgendaDb db, Guid id) =>
        db.Series.Include(s => s.Body).Include(s => s.Templates).Include(s => s.Occurrences).AsSplitQuery().Where(s => s.Id == id);

    private static async Task<Results<Created<SeriesView>, ProblemHttpResult>> ScheduleAsync(
        Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var body = request.BodyId is { } id ? await db.Bodies.SingleOrDefaultAsync(b => b.Id == id, cancellation) : null;
        Rule.That(request.BodyId is null || body is not null, "body_unknown", "Esa instancia no está registrada.", "/bodyId");
        body?.RequireStanding(request.FirstDay);
        var seriesId = Guid.CreateVersion7();
        var template = await TemplateAsync(db, seriesId, 1, request, cancellation);
        var series = MeetingSeries.Schedule(template, body, seriesId, await HolidaysAsync(db, template, cancellation), time.GetUtcNow());
        db.Add(series);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(series.Version);
        return TypedResults.Created($"/v1/agenda/series/{series.Id}", SeriesView.Of(series));
    }

    private static Task<Results<Ok<SeriesView>, ProblemHttpResult>> ChangeAsync(
        Guid id, ChangeRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, async (series, cancellation) =>
        {
            var old = series.Current;
            series.Body?.RequireStanding(request.From);
            Rule.That(request.From > old.FirstDay, "change_before_template", "El cambio rige desde un día posterior al del cambio anterior.", "/from");
            var last = request.LastDay ?? old.LastDay;
            Rule.That(last >= request.From && last.Year <= 2110, "days_out_of_order", "El último día va después del día desde el que rige el cambio.", "/lastDay");
            var rule = request.Rule ?? old.Rule;
            // Every second week stays every second week: intervals count from a day that the rule gave.
            var from = request.Rule is null
                ? RecurrenceRule.Parse(rule).Between(old.FirstDay, last).Cast<DateOnly?>().FirstOrDefault(d => d >= request.From) ?? request.From
                : request.From;
            var template = await TemplateAsync(db, id, old.Number + 1, new(
                request.Title ?? old.Title, rule, from, last, request.Starts ?? old.Starts, request.Venue ?? old.Venue, series.BodyId, request.Kind ?? old.Kind,
                request.DurationMinutes ?? old.DurationMinutes, request.Points ?? old.Points, request.ExceptDays ?? old.ExceptDays), cancellation);
            series.Change(template, await HolidaysAsync(db, template, cancellation), time.GetUtcNow());
        });

    private static Task<Results<Ok<SeriesView>, ProblemHttpResult>> DecideAsync(
        Guid id, DateOnly originalDate, Decision request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, (series, _) =>
        {
            series.Decide(originalDate, request.Action, request.Date, request.Reason, time.GetUtcNow());
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<SeriesView>, ProblemHttpResult>> OpenAsync(
        Guid id, DateOnly originalDate, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, async (series, cancellation) =>
        {
            var meeting = series.Open(originalDate, time.GetUtcNow());
            meeting.Body.RequireStanding(meeting.Date);
            Rule.State(await db.RuleOnAsync(meeting.Kind, meeting.Date, cancellation) is not null, "meeting_kind_unknown", "Ese tipo de reunión no rige en esa fecha.");
            db.Add(meeting);
        });

    private static async Task<Ok<Page<SeriesSummary>>> ListAsync(
        AgendaDb db, Guid? bodyId = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var items = await db.Series.AsNoTracking().Where(s => (bodyId == null || s.BodyId == bodyId) && (after == null || s.Id > after)).OrderBy(s => s.Id).Take(size + 1)
            .Select(s => new { s.Id, s.Title, s.BodyId, BodyName = s.Body == null ? null : s.Body.Name, Last = s.Templates.OrderByDescending(t => t.Number).Select(t => new { t.Rule, t.LastDay }).First() })
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(s => new SeriesSummary(s.Id, s.Title, s.BodyId, s.BodyName, s.Last.Rule, s.Last.LastDay)), size, s => s.Id.ToString()));
    }

    private static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> GetAsync(
        Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var series = await db.WholeSeries(id).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (series is null)
            return Problems.NotFound();
        http.Response.SetETag(series.Version);
        return TypedResults.Ok(SeriesView.Of(series));
    }

    private static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> ApplyAsync(AgendaDb db, HttpContext http, Guid id, string? ifMatch, Func<MeetingSeries, CancellationToken, Task> step) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeSeries(id), series => Preconditions.Require(ifMatch, series.Version), async (series, cancellation) =>
        {
            await step(series, cancellation);
            return series;
        }, SeriesView.Of, http.RequestAborted));

    private static async Task<SeriesTemplate> TemplateAsync(AgendaDb db, Guid series, int number, Request request, CancellationToken cancellation)
    {
        RecurrenceRule rule;
        try
        {
            rule = RecurrenceRule.Parse(request.Rule);
        }
        catch (FormatException unreadable)
        {
            throw new RuleViolationException(422, "rule_not_supported", unreadable.Message) { Pointer = "/rule" };
        }
        Rule.That(
            request.FirstDay.Year is >= 1990 and <= 2100 && request.LastDay >= request.FirstDay && request.LastDay <= request.FirstDay.AddYears(LongestYears),
            "days_out_of_order", $"El último día va después del primero y a no más de {LongestYears} años.", "/lastDay");
        Rule.That(request.Kind is null || await db.MeetingKinds.AnyAsync(k => k.Code == request.Kind, cancellation), "meeting_kind_unknown", "Ese tipo de reunión no está registrado.", "/kind");
        PlanMeeting.RequirePoints(request.Points ?? []);
        // The end is kept as a day, whether the rule counts or names it.
        DateOnly? last = rule is { Count: null, Until: null } ? request.LastDay : rule.Between(request.FirstDay, request.LastDay).Cast<DateOnly?>().LastOrDefault();
        Rule.That(last is not null, "no_occurrence", "La regla no da ninguna fecha entre esos días.", "/rule");
        return new()
        {
            SeriesId = series, Number = number, FirstDay = request.FirstDay, LastDay = last!.Value, Rule = rule.Endless, ExceptDays = [.. (request.ExceptDays ?? []).Distinct().Order()],
            Title = request.Title.Trim(), Kind = request.Kind, Starts = request.Starts, DurationMinutes = request.DurationMinutes, Venue = request.Venue.Trim(),
            Points = [.. (request.Points ?? []).Select(p => p.Trim())],
        };
    }

    private static Task<Dictionary<DateOnly, string>> HolidaysAsync(AgendaDb db, SeriesTemplate template, CancellationToken cancellation)
    {
        var (from, to) = (template.FirstDay.AddDays(-31), template.LastDay.AddDays(62)); // Room for the proposals.
        return db.Holidays.AsNoTracking().Where(h => h.Date >= from && h.Date <= to)
            .GroupBy(h => h.Date).Select(g => new { g.Key, Name = g.Min(h => h.Name)! }).ToDictionaryAsync(h => h.Key, h => h.Name, cancellation);
    }
}
