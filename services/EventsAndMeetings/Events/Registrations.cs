using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
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
            .WithDescription("A nombre de una persona adulta. Si no hay cupo, o hay quien espera, queda en lista de espera y entra en su orden.");
        events.MapGet("/{id:guid}/registrations", ListAsync).WithName("ListRegistrations").Allow("agenda.read", Staff)
            .WithSummary("Inscripciones de un evento, en su orden");
        events.MapPost("/{id:guid}/registrations/{code}/cancellation", CancelAsync).WithName("CancelRegistration").Allow("agenda.write", [.. Staff, Roles.Resident])
            .WithSummary("Cancelar una inscripción: el cupo pasa a quien espera");
        events.MapPost("/{id:guid}/registrations/{code}/check-in", CheckInAsync).WithName("CheckInToEvent").Allow("agenda.write", Staff)
            .WithSummary("Anotar que llegó quien tiene este código");
    }

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
        Rule.That(email is null || (MailboxAddress.TryParse(email, out var parsed) && parsed.Address == email && email.Contains('@', StringComparison.Ordinal)), "email_form", "El correo va como nombre@dominio.", "/email");
        await using var transaction = await db.BeginStepAsync(cancellation);
        var of = await db.LockEventAsync(id, cancellation);
        if (of is null)
            return Problems.NotFound();
        // As many as an event has seats and people who wait.
        var others = await db.Registrations.Where(r => r.EventId == id).ToListAsync(cancellation);
        var registration = of.Register(request.Name.Trim(), email, request.Seats, others, Access.CallerOf(http.User), time.GetUtcNow());
        db.Add(registration);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/agenda/events/{id}/registrations", RegistrationView.Of(registration));
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

    private static Task<Results<Ok<RegistrationView>, ProblemHttpResult>> CancelAsync(Guid id, string code, AgendaDb db, CancellationToken cancellation) =>
        ApplyAsync(db, id, code, (of, registration, all) =>
        {
            Rule.State(of.State is CommunityEventState.Planned or CommunityEventState.Announced, "event_over", "El evento ya se realizó o se canceló.");
            Rule.State(registration.CheckedInAt is null, "registration_used", "Esa inscripción ya se usó.");
            registration.State = RegistrationState.Cancelled;
            of.Promote(all);
        }, cancellation);

    private static Task<Results<Ok<RegistrationView>, ProblemHttpResult>> CheckInAsync(
        Guid id, string code, AgendaDb db, TimeProvider time, CancellationToken cancellation) =>
        ApplyAsync(db, id, code, (of, registration, _) =>
        {
            Rule.State(of.State != CommunityEventState.Cancelled, "event_over", "El evento se canceló.");
            Rule.State(registration.State == RegistrationState.Confirmed, "registration_not_confirmed",
                registration.State == RegistrationState.Waiting ? "Esa inscripción está en lista de espera." : "Esa inscripción se canceló.");
            registration.CheckedInAt ??= time.GetUtcNow(); // A code that is shown twice is one party.
        }, cancellation);

    private static async Task<Results<Ok<RegistrationView>, ProblemHttpResult>> ApplyAsync(
        AgendaDb db, Guid id, string code, Action<CommunityEvent, Registration, IReadOnlyList<Registration>> step, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var of = await db.LockEventAsync(id, cancellation);
        var all = await db.Registrations.Where(r => r.EventId == id).ToListAsync(cancellation);
        var registration = all.SingleOrDefault(r => r.Code == code);
        if (of is null || registration is null)
            return Problems.Of(404, "not_found", "El evento no tiene una inscripción con ese código.");
        step(of, registration, all);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(RegistrationView.Of(registration));
    }
}
