using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Calendar;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Events;

/// <summary>Who takes part in an event: seats, the waiting list, and the code that lets a party in.</summary>
internal static class Registrations
{
    private static readonly string[] Staff = [Roles.Promoter, Roles.UnitHead];

    public static void MapRegistrations(this IEndpointRouteBuilder events)
    {
        events.MapPost("/{id:guid}/registrations", RegisterAsync).WithName("RegisterForEvent").Idempotent().Allow("agenda.write", [.. Staff, Roles.Resident])
            .WithSummary("Inscribir a una persona, con quienes la acompañan, en un evento")
            .WithDescription("A nombre de una persona adulta. Si no hay cupo, o hay quien espera, queda en lista de espera y entra en su orden. "
                + "A quien deja su correo se le avisa cuando tiene cupo, o si el evento cambia o se cancela. Quien se inscribe por su cuenta lo hace una vez.");
        events.MapGet("/{id:guid}/registrations/{code}", GetAsync).WithName("GetRegistration").Allow("agenda.read", [.. Staff, Roles.Resident])
            .WithSummary("Ver una inscripción por su código: si tiene cupo o espera");
        events.MapGet("/{id:guid}/registrations", ListAsync).WithName("ListRegistrations").Allow("agenda.read", Staff)
            .WithSummary("Inscripciones de un evento, en su orden");
        events.MapPost("/{id:guid}/registrations/{code}/cancellation", CancelAsync).WithName("CancelRegistration").Allow("agenda.write", [.. Staff, Roles.Resident])
            .WithSummary("Cancelar una inscripción: el cupo pasa a quien espera");
        events.MapPost("/{id:guid}/registrations/{code}/check-in", CheckInAsync).WithName("CheckInToEvent").Allow("agenda.write", Staff)
            .WithSummary("Anotar que llegó quien tiene este código");
    }

    public static void MapPublicRegistrations(this IEndpointRouteBuilder pages) =>
        pages.MapGet("/registrations/{code}", PageAsync).WithName("GetPublicRegistration").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de una inscripción: si tiene cupo o espera, sin nombres");

    internal sealed record Request([Text(150)] string Name, [Between(1, 10)] int Seats, [Text(254)] string? Email = null)
    {
        public static Request Example => new("Marta Inventada", 3, "marta@example.org");
    }

    internal sealed record RegistrationView(int Number, string Name, int Seats, string Code, RegistrationState State, DateTimeOffset? CheckedInAt, DateTimeOffset RegisteredAt)
    {
        public static RegistrationView Example => new(12, "Marta Inventada", 3, "7k3mq9xw2h", RegistrationState.Confirmed, null, Examples.Instant);

        public static RegistrationView Of(Registration r) => new(r.Number, r.Name, r.Seats, r.Code, r.State, r.CheckedInAt, r.RegisteredAt);
    }

    private static async Task<Results<Created<RegistrationView>, ProblemHttpResult>> RegisterAsync(
        Guid id, Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var email = request.Email?.Trim();
        NoticeAddress.Require(email, "/email");
        await using var transaction = await db.BeginStepAsync(cancellation);
        var of = await db.LockEventAsync(id, cancellation);
        if (of is null)
            return Problems.NotFound();
        var registration = of.Register(
            request.Name.Trim(), email, request.Seats, await db.SeatsTakenAsync(id, cancellation), Access.CallerOf(http.User), http.User.IsInRole(Roles.Resident) && !Staff.Any(http.User.IsInRole), time.GetUtcNow());
        db.Add(registration);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/agenda/events/{id}/registrations/{registration.Code}", RegistrationView.Of(registration));
    }

    private static async Task<Results<Ok<RegistrationView>, ProblemHttpResult>> GetAsync(Guid id, string code, AgendaDb db, CancellationToken cancellation) =>
        await db.Registrations.AsNoTracking().SingleOrDefaultAsync(r => r.EventId == id && r.Code == code, cancellation) is { } registration
            ? TypedResults.Ok(RegistrationView.Of(registration))
            : Unknown;

    private static async Task<IResult> PageAsync(string code, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var registration = await db.Registrations.AsNoTracking().SingleOrDefaultAsync(r => r.Code == code, cancellation);
        if (registration is null)
            return Html.Page<EntryPage>(http, [], 404);
        var of = await db.Events.AsNoTracking().SingleAsync(e => e.Id == registration.EventId, cancellation);
        var before = await db.Registrations.CountAsync(r => r.EventId == of.Id && r.State == RegistrationState.Waiting && r.Number < registration.Number, cancellation);
        var (word, off) = (of.State, registration.State) switch
        {
            (CommunityEventState.Cancelled, _) => ("El evento se canceló", true),
            (_, RegistrationState.Cancelled) => ("Inscripción cancelada", true),
            (_, RegistrationState.Waiting) => ($"En lista de espera, lugar {before + 1}", false),
            _ => (registration.Seats == 1 ? "Tiene un cupo" : $"Tiene {registration.Seats} cupos", false),
        };
        return Html.Page<EntryPage>(http, new()
        {
            ["Entry"] = new PublicEntry(
                of.Title, word, off, of.Organiser, $"{of.StartsAt.DayAndHour()}", of.Where, "", [],
                [("Más sobre el evento", $"/v1/agenda/public/calendar/event/{of.Id}")]),
        });
    }

    private static async Task<Results<Ok<Page<RegistrationView>>, ProblemHttpResult>> ListAsync(
        Guid id, AgendaDb db, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Events.AnyAsync(e => e.Id == id, cancellation))
            return Problems.NotFound();
        var items = await db.Registrations.AsNoTracking().Where(r => r.EventId == id && (after == null || r.Number > after)).OrderBy(r => r.Number).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(RegistrationView.Of), size, r => r.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Task<Results<Ok<RegistrationView>, ProblemHttpResult>> CancelAsync(Guid id, string code, AgendaDb db, NoticeQueue notices, CancellationToken cancellation) =>
        ApplyAsync(db, id, code, async (of, registration) =>
        {
            Rule.State(of.State is CommunityEventState.Planned or CommunityEventState.Announced, "event_over", "El evento ya se realizó o se canceló.");
            Rule.State(registration.CheckedInAt is null, "registration_used", "Esa inscripción ya se usó.");
            registration.State = RegistrationState.Cancelled;
            await db.SaveChangesAsync(cancellation); // Freed before they are given.
            await PromoteAsync(db, notices, of, cancellation);
        }, cancellation);

    private static Task<Results<Ok<RegistrationView>, ProblemHttpResult>> CheckInAsync(
        Guid id, string code, AgendaDb db, TimeProvider time, CancellationToken cancellation) =>
        ApplyAsync(db, id, code, (of, registration) =>
        {
            Rule.State(of.State != CommunityEventState.Cancelled, "event_over", "El evento se canceló.");
            Rule.State(registration.State == RegistrationState.Confirmed, "registration_not_confirmed",
                registration.State == RegistrationState.Waiting ? "Esa inscripción está en lista de espera." : "Esa inscripción se canceló.");
            registration.CheckedInAt ??= time.GetUtcNow(); // A code that is shown twice is one party.
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>Gives free seats to those who wait, and tells them.</summary>
    public static async Task PromoteAsync(AgendaDb db, NoticeQueue notices, CommunityEvent of, CancellationToken cancellation)
    {
        var waiting = await db.Registrations.Where(r => r.EventId == of.Id && r.State == RegistrationState.Waiting).OrderBy(r => r.Number).ToListAsync(cancellation);
        var promoted = of.Promote(waiting, (await db.SeatsTakenAsync(of.Id, cancellation)).Confirmed);
        await db.SaveChangesAsync(cancellation);
        await notices.TellRegisteredAsync(of.Id, NoticeAbout.SeatConfirmed, 0, [.. promoted.Select(r => r.Id)], cancellation);
    }

    private static async Task<Results<Ok<RegistrationView>, ProblemHttpResult>> ApplyAsync(
        AgendaDb db, Guid id, string code, Func<CommunityEvent, Registration, Task> step, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var of = await db.LockEventAsync(id, cancellation);
        var registration = await db.Registrations.SingleOrDefaultAsync(r => r.EventId == id && r.Code == code, cancellation);
        if (of is null || registration is null)
            return Unknown;
        await step(of, registration);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(RegistrationView.Of(registration));
    }

    private static ProblemHttpResult Unknown => Problems.Of(404, "not_found", "El evento no tiene una inscripción con ese código.");
}
