using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

/// <summary>
/// Sends what waits. A notice is taken with a lease that grows with each attempt, so that neither two replicas nor one
/// that died hold it; it is then sent and marked. A crash between the two sends it again, under the same message id.
/// What cannot be sent after ten attempts, or is refused for good, has failed: it is printed and stands in the work list.
/// </summary>
internal sealed partial class SendNotices(IServiceScopeFactory scopes, INotifier notifier, IConfiguration configuration, TimeProvider time, ILogger<SendNotices> logger) : BackgroundService
{
    private const int MostAttempts = 10;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    while (await SendNextAsync(stoppingToken))
                    {
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogPostponed(failure); // The database is away: what waits is in it.
                }
                await Task.Delay(Look, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Takes the next notice and sends it; false when none waits.</summary>
    internal async Task<bool> SendNextAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AgendaDb>();
        var now = time.GetUtcNow();
        var taken = (await db.Notices.FromSql(
            $"""
            UPDATE notice SET attempts = attempts + 1, next_attempt_at = {now} + least(interval '30 seconds' * 2 ^ attempts, interval '1 hour')
            WHERE id = (SELECT id FROM notice WHERE state = 'pending' AND next_attempt_at <= {now} ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING *
            """).AsNoTracking().ToListAsync(cancellation)).SingleOrDefault();
        if (taken is null)
            return false;
        try
        {
            await notifier.NotifyAsync(await ComposeAsync(db, taken, cancellation), cancellation);
            await db.Database.ExecuteSqlAsync($"UPDATE notice SET state = 'sent', sent_at = {time.GetUtcNow()}, last_error = NULL WHERE id = {taken.Id}", cancellation);
        }
        catch (UndeliverableException never)
        {
            LogFailed(taken.Id, never.Message);
            await db.Database.ExecuteSqlAsync($"UPDATE notice SET state = 'failed', last_error = {never.Message} WHERE id = {taken.Id}", cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            var state = taken.Attempts >= MostAttempts ? "failed" : "pending";
            LogRefused(taken.Id, taken.Attempts, failure.GetType().Name);
            await db.Database.ExecuteSqlAsync($"UPDATE notice SET state = {state}, last_error = {failure.GetType().Name} WHERE id = {taken.Id}", cancellation);
        }
        return true;
    }

    /// <exception cref="UndeliverableException">It would be of no use any more.</exception>
    private Task<Message> ComposeAsync(AgendaDb db, Notice notice, CancellationToken cancellation) =>
        notice.RegistrationId is { } registration ? OfEventAsync(db, notice, registration, cancellation) : OfMeetingAsync(db, notice, cancellation);

    private async Task<Message> OfMeetingAsync(AgendaDb db, Notice notice, CancellationToken cancellation)
    {
        var address = await db.NoticeAddresses.AsNoTracking().SingleOrDefaultAsync(a => a.PersonId == notice.PersonId, cancellation)
            ?? throw new UndeliverableException("the address was taken back");
        var meeting = await db.Meetings.AsNoTracking().Include(m => m.Body).SingleAsync(m => m.Id == notice.MeetingId, cancellation);
        if (notice.About == NoticeAbout.Convened && (meeting.State != MeetingState.Convened || meeting.StartsAt <= time.GetUtcNow().Local()))
            throw new UndeliverableException("the meeting is not ahead any more");
        var invitation = await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.MeetingId == notice.MeetingId && i.PersonId == notice.PersonId, cancellation);
        var name = invitation?.Name ?? await db.BodyMembers.Where(m => m.PersonId == notice.PersonId).Select(m => m.Name).FirstOrDefaultAsync(cancellation) ?? "";
        var about = $"{meeting.Title}, {meeting.Body.Name}";
        var when = $"{meeting.StartsAt.InWords()}, en {meeting.Venue}";
        var (subject, text) = notice.About switch
        {
            NoticeAbout.Convened => ($"Convocatoria: {about}", $"""
                Se le convoca a {about}.

                Cuándo y dónde: {when}.

                Agenda:
                {string.Join('\n', meeting.Points.Select((p, i) => $"  {i + 1}. {p}"))}

                Su código para anotar la asistencia: {invitation?.Code}
                {configuration.PublicAddress($"/v1/agenda/public/invitations/{invitation?.Code}")}
                """),
            NoticeAbout.Rescheduled => ($"Cambio de fecha: {about}", $"""
                {about}, prevista para el {when}, pasa a otra fecha: {await NewDateAsync(db, meeting, cancellation)}.

                Motivo: {meeting.Reason}

                Recibirá otra convocatoria.
                """),
            NoticeAbout.Cancelled => ($"Cancelada: {about}", $"""
                {about}, prevista para el {when}, no se realizará.

                Motivo: {meeting.Reason}
                """),
            _ => ($"Acuerdo vencido: {about}", await OverdueAsync(db, notice, cancellation)),
        };
        return Signed(notice, address.Email, name, subject, $"{text}\n\nUnidad de Proyección Social\nSi ya no quiere recibir estos avisos por correo, dígalo a su promotora o promotor social.");
    }

    private async Task<Message> OfEventAsync(AgendaDb db, Notice notice, Guid id, CancellationToken cancellation)
    {
        var registration = await db.Registrations.AsNoTracking().SingleAsync(r => r.Id == id, cancellation);
        var of = await db.Events.AsNoTracking().SingleAsync(e => e.Id == registration.EventId, cancellation);
        if (registration.State == RegistrationState.Cancelled || of.EndsAt <= time.GetUtcNow().Local() || (of.State == CommunityEventState.Cancelled && notice.About != NoticeAbout.EventCancelled))
            throw new UndeliverableException("the registration or the event is not ahead any more");
        var when = $"{of.StartsAt.InWordsUntil(of.EndsAt)}, en {of.Where}";
        var seats = registration.State == RegistrationState.Waiting ? "Sigue en lista de espera." : $"Tiene {(registration.Seats == 1 ? "un cupo" : $"{registration.Seats} cupos")}.";
        var (subject, text) = notice.About switch
        {
            NoticeAbout.SeatConfirmed => ($"Ya tiene cupo: {of.Title}", $"Estaba en lista de espera para «{of.Title}» y ya tiene cupo: {when}."),
            NoticeAbout.EventChanged => ($"Cambio: {of.Title}", $"«{of.Title}» cambió: ahora es el {when}."),
            _ => ($"Cancelado: {of.Title}", $"«{of.Title}», previsto para el {when}, no se realizará.\n\nMotivo: {of.Reason}"),
        };
        if (notice.About != NoticeAbout.EventCancelled)
            text += $"\n\n{seats} Si ya no puede venir, cancele su inscripción para que otra persona ocupe el lugar.\n\nSu código: {registration.Code}\n{configuration.PublicAddress($"/v1/agenda/public/registrations/{registration.Code}")}";
        return Signed(notice, registration.Email!, registration.Name, subject, $"{text}\n\nUnidad de Proyección Social");
    }

    private static Message Signed(Notice notice, string address, string name, string subject, string text) => new(notice.Id, address, name, subject, $"Buen día, {name}.\n\n{text}\n");

    private static async Task<string> NewDateAsync(AgendaDb db, Meeting meeting, CancellationToken cancellation) =>
        (await db.Meetings.Where(m => m.Id == meeting.SuccessorId).Select(m => m.StartsAt).SingleAsync(cancellation)).InWords();

    private static async Task<string> OverdueAsync(AgendaDb db, Notice notice, CancellationToken cancellation)
    {
        var agreement = await db.Agreements.AsNoTracking().SingleAsync(a => a.MeetingId == notice.MeetingId && a.Number == notice.Occasion, cancellation);
        return $"El acuerdo «{agreement.Text}», a cargo de {agreement.Responsible}, venció el {agreement.DueOn.Day()} y no consta que se haya cumplido.\n\nSi ya se cumplió, avise a la unidad para anotarlo.";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {Notice} was refused on attempt {Attempt}: {Failure}")]
    private partial void LogRefused(Guid notice, int attempt, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {Notice} cannot be delivered: {Failure}")]
    private partial void LogFailed(Guid notice, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notices wait for the next look")]
    private partial void LogPostponed(Exception failure);
}
