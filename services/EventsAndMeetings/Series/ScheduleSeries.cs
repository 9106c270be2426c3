using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Series;

/// <summary>Recurring meetings, with the holidays they run into.</summary>
internal static class ScheduleSeries
{
    private const int LongestYears = 5;

    public static void MapSeries(this IEndpointRouteBuilder series)
    {
        series.MapPost("/", ScheduleAsync).WithName("ScheduleSeries").Idempotent()
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Programar una reunión periódica; señala las fechas que caen en asueto")
            .WithDescription("rule es una regla RFC 5545 mensual: FREQ=MONTHLY;BYDAY=1TH o FREQ=MONTHLY;BYMONTHDAY=15.");
        series.MapGet("/{id:guid}", GetAsync).WithName("GetSeries")
            .Allow("agenda.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver una serie y sus reuniones");
        series.MapPost("/{id:guid}/occurrences/{originalDate}/decision", DecideAsync).WithName("DecideOccurrence")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Decidir sobre una reunión de la serie: mantenerla, moverla o cancelarla");
    }

    internal sealed record Request(
        [PublicText(150)] string Title, [Text(100)] string Rule, DateOnly FirstDay, DateOnly LastDay, TimeOnly Starts,
        [PublicText(150)] string Venue, Guid? BodyId = null);

    internal sealed record Decision(OccurrenceDecision Action, DateOnly? Date = null, [Text(500)] string? Reason = null);

    internal sealed record OccurrenceView(
        DateOnly OriginalDate, DateOnly Date, OccurrenceState State, string? Holiday, IReadOnlyList<DateOnly> Proposals, string? Reason);

    internal sealed record SeriesView(
        Guid Id, long Version, string Title, string Rule, DateOnly FirstDay, DateOnly LastDay, TimeOnly Starts, string Venue, Guid? BodyId,
        IReadOnlyList<OccurrenceView> Occurrences);

    private static async Task<Results<Created<SeriesView>, ProblemHttpResult>> ScheduleAsync(
        Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
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
        if (request.BodyId is { } body)
            Rule.That(await db.Bodies.AnyAsync(b => b.Id == body, cancellation), "body_unknown", "Esa instancia no está registrada.", "/bodyId");
        var (from, to) = (request.FirstDay.AddDays(-31), request.LastDay.AddDays(62)); // Room for the proposals.
        var holidays = await db.Holidays.AsNoTracking().Where(h => h.Date >= from && h.Date <= to)
            .GroupBy(h => h.Date).Select(g => new { g.Key, Name = g.Min(h => h.Name)! }).ToDictionaryAsync(h => h.Key, h => h.Name, cancellation);
        var series = MeetingSeries.Schedule(
            request.Title.Trim(), request.Rule, rule, request.FirstDay, request.LastDay, request.Starts, request.Venue.Trim(), request.BodyId,
            holidays, time.GetUtcNow());
        db.Add(series);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(series.Version);
        return TypedResults.Created($"/v1/agenda/series/{series.Id}", View(series));
    }

    private static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> GetAsync(
        Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var series = await db.Series.AsNoTracking().Include(s => s.Occurrences).SingleOrDefaultAsync(s => s.Id == id, cancellation);
        if (series is null)
            return Problems.NotFound();
        http.Response.SetETag(series.Version);
        return TypedResults.Ok(View(series));
    }

    private static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> DecideAsync(
        Guid id, DateOnly originalDate, Decision request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http,
        TimeProvider time, CancellationToken cancellation)
    {
        var series = await db.Series.Include(s => s.Occurrences).SingleOrDefaultAsync(s => s.Id == id, cancellation);
        if (series is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, series.Version);
        series.Decide(originalDate, request.Action, request.Date, request.Reason, time.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(series.Version);
        return TypedResults.Ok(View(series));
    }

    private static SeriesView View(MeetingSeries s) => new(
        s.Id, s.Version, s.Title, s.Rule, s.FirstDay, s.LastDay, s.Starts, s.Venue, s.BodyId,
        [.. s.Occurrences.OrderBy(o => o.OriginalDate).Select(o => new OccurrenceView(o.OriginalDate, o.Date, o.State, o.Holiday, o.Proposals, o.Reason))]);
}
