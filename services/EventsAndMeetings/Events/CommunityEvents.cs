using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Events;

/// <summary>The calendar's events: planned, announced, held with their results, or cancelled.</summary>
internal static class CommunityEvents
{
    public static void MapCommunityEvents(this IEndpointRouteBuilder events)
    {
        events.MapPost("/", PlanAsync).WithName("PlanEvent").Idempotent().Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Planificar un evento cultural, artístico, deportivo o comunitario").WithDescription("startsAt y endsAt son fecha y hora locales, sin zona.");
        events.MapGet("/", ListAsync).WithName("ListEvents").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Eventos, por estado y tipo");
        events.MapGet("/{id:guid}", GetAsync).WithName("GetEvent").Allow("agenda.read", ReadPlans.Readers).WithSummary("Ver un evento con sus cupos");
        events.MapPut("/{id:guid}", ChangeAsync).WithName("ChangeEvent").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cambiar un evento: fecha, lugar, cupo o texto");
        events.MapPost("/{id:guid}/announcement", AnnounceAsync).WithName("AnnounceEvent").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anunciar un evento: desde entonces es público y recibe inscripciones");
        events.MapPost("/{id:guid}/cancellation", CancelAsync).WithName("CancelEvent").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cancelar un evento, con su motivo");
        events.MapPost("/{id:guid}/results", HoldAsync).WithName("RecordEventResults").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar los resultados de un evento realizado");
    }

    internal sealed record Cancellation([Text(500)] string Reason)
    {
        public static Cancellation Example => new("Alerta por lluvias.");
    }

    internal sealed record ResultsRequest([Between(0, 1_000_000)] int Attendance, [PublicText(2000)] string Results)
    {
        public static ResultsRequest Example => new(85, "Participaron ocho equipos; ganó el de Las Lomas.");
    }

    internal sealed record EventView(
        Guid Id, long Version, CommunityEventKind Kind, string Title, string Promotion, DateTime StartsAt, DateTime EndsAt, string Venue, string? Place, string Organiser,
        IReadOnlyList<string> Partners, int? Capacity, int Confirmed, int Waiting, CommunityEventState State, string? Reason, int? Attendance, string? Results)
    {
        public static EventView Example => new(
            Examples.Id, 2, CommunityEventKind.Sports, "Torneo relámpago de fútbol", "Venga a jugar y a ver jugar.", new(2026, 5, 9, 8, 0, 0), new(2026, 5, 9, 17, 0, 0), "Cancha municipal",
            "Las Lomas, San Ensayo, Prueba", "Unidad de Proyección Social", ["Comité de jóvenes"], 120, 35, 0, CommunityEventState.Announced, null, null, null);
    }

    private static async Task<Results<Created<EventView>, ProblemHttpResult>> PlanAsync(
        EventContent request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        Check(request);
        var planned = CommunityEvent.Plan(request, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(planned);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(planned.Version);
        return TypedResults.Created($"/v1/agenda/events/{planned.Id}", View(planned, 0, 0));
    }

    private static async Task<Ok<Page<EventView>>> ListAsync(
        AgendaDb db, Choice<CommunityEventState>? state = null, Choice<CommunityEventKind>? kind = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var (wanted, of) = (state?.Value, kind?.Value);
        var items = await Views(db, db.Events.AsNoTracking().Where(e => (wanted == null || e.State == wanted) && (of == null || e.Kind == of) && (after == null || e.Id > after)).OrderBy(e => e.Id).Take(size + 1))
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(i => View(i.Event, i.Confirmed, i.Waiting)), size, e => e.Id.ToString()));
    }

    private static async Task<Results<Ok<EventView>, ProblemHttpResult>> GetAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var found = await Views(db, db.Events.AsNoTracking().Where(e => e.Id == id)).SingleOrDefaultAsync(cancellation);
        if (found is null)
            return Problems.NotFound();
        http.Response.SetETag(found.Event.Version);
        return TypedResults.Ok(View(found.Event, found.Confirmed, found.Waiting));
    }

    private static Task<Results<Ok<EventView>, ProblemHttpResult>> ChangeAsync(
        Guid id, EventContent request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, NoticeQueue notices, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, async (changed, cancellation) =>
        {
            Check(request);
            var taken = await db.SeatsTakenAsync(id, cancellation);
            Rule.State(request.Capacity is null || request.Capacity >= taken.Confirmed, "capacity_below_confirmed", $"Ya hay {taken.Confirmed} cupos confirmados.");
            if (changed.Change(request, time.GetUtcNow()) && changed.State == CommunityEventState.Announced)
                await notices.TellRegisteredAsync(id, NoticeAbout.EventChanged, changed.CalendarSequence, null, cancellation);
            await db.SaveChangesAsync(cancellation); // The capacity before the seats that need it.
            await Registrations.PromoteAsync(db, notices, changed, cancellation);
        });

    private static Task<Results<Ok<EventView>, ProblemHttpResult>> AnnounceAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, (announced, _) =>
        {
            announced.Announce(time.GetUtcNow());
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<EventView>, ProblemHttpResult>> CancelAsync(
        Guid id, Cancellation request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, NoticeQueue notices, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, async (cancelled, cancellation) =>
        {
            cancelled.Cancel(request.Reason.Trim(), time.GetUtcNow());
            await notices.TellRegisteredAsync(id, NoticeAbout.EventCancelled, 0, null, cancellation);
        });

    private static Task<Results<Ok<EventView>, ProblemHttpResult>> HoldAsync(
        Guid id, ResultsRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, (held, _) =>
        {
            held.Hold(request.Attendance, request.Results.Trim(), time.Today(), time.GetUtcNow());
            return Task.CompletedTask;
        });

    private static async Task<Results<Ok<EventView>, ProblemHttpResult>> ApplyAsync(AgendaDb db, HttpContext http, Guid id, string? ifMatch, Func<CommunityEvent, CancellationToken, Task> step) =>
        http.Response.Versioned(await db.StepAsync(id, db.Events, changed => Preconditions.Require(ifMatch, changed.Version), async (changed, cancellation) =>
        {
            await step(changed, cancellation);
            await db.SaveChangesAsync(cancellation);
            var taken = await db.SeatsTakenAsync(id, cancellation);
            return View(changed, taken.Confirmed, taken.Waiting);
        }, view => view, http.RequestAborted));

    /// <summary>Locked, so that changes and registrations come one after the other.</summary>
    public static async Task<CommunityEvent?> LockEventAsync(this AgendaDb db, Guid id, CancellationToken cancellation) =>
        (await db.Events.FromSql($"SELECT * FROM community_event WHERE id = {id} FOR UPDATE").ToListAsync(cancellation)).SingleOrDefault();

    /// <summary>How the event stands; it is locked.</summary>
    public static async Task<SeatsTaken> SeatsTakenAsync(this AgendaDb db, Guid id, CancellationToken cancellation) =>
        await db.Registrations.Where(r => r.EventId == id).GroupBy(_ => 1).Select(g => new SeatsTaken(
            g.Max(r => r.Number), g.Sum(r => r.State == RegistrationState.Confirmed ? r.Seats : 0), g.Sum(r => r.State == RegistrationState.Waiting ? r.Seats : 0)))
            .SingleOrDefaultAsync(cancellation) ?? new(0, 0, 0);

    private sealed record Found(CommunityEvent Event, int Confirmed, int Waiting);

    private static IQueryable<Found> Views(AgendaDb db, IQueryable<CommunityEvent> events) => events.Select(e => new Found(
        e, db.Registrations.Where(r => r.EventId == e.Id && r.State == RegistrationState.Confirmed).Sum(r => r.Seats),
        db.Registrations.Where(r => r.EventId == e.Id && r.State == RegistrationState.Waiting).Sum(r => r.Seats)));

    private static EventView View(CommunityEvent e, int confirmed, int waiting) => new(
        e.Id, e.Version, e.Kind, e.Title, e.Promotion, e.StartsAt, e.EndsAt, e.Venue, e.Place, e.Organiser, e.Partners, e.Capacity, confirmed, waiting, e.State, e.Reason, e.Attendance, e.Results);

    private static void Check(EventContent content)
    {
        PlanMeeting.RequireLocal(content.StartsAt);
        Rule.That(content.EndsAt.Kind == DateTimeKind.Unspecified && content.EndsAt.Year <= 2100, "ends_at_not_local", "Escriba la fecha y hora local sin zona, como 2017-02-02T16:00:00.", "/endsAt");
        foreach (var (index, partner) in (content.Partners ?? []).Index())
            Rule.That(TextAttribute.IsText(partner, 150) && !PublicTextAttribute.HasPersonalNumber(partner),
                "partner_length", "Cada participante lleva de 1 a 150 caracteres, sin números personales.", $"/partners/{index}");
    }
}
