using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

/// <summary>
/// Says who is to be told, in the transaction of what happened; nobody twice. Without a mail server, or when what is
/// told of is over, nothing waits to be sent.
/// </summary>
internal sealed class NoticeQueue(AgendaDb db, IEnumerable<INotifier> notifiers, TimeProvider time)
{
    private readonly bool _hasMail = notifiers.Any();

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Everybody who was invited to a meeting.</summary>
    /// <param name="meeting">Its id.</param>
    /// <param name="about">What happened to it.</param>
    /// <param name="until">After this local hour the news is of no use to anybody.</param>
    /// <param name="cancellation">Of the request.</param>
    public Task TellInvitedAsync(Guid meeting, NoticeAbout about, DateTime until, CancellationToken cancellation)
    {
        var byMail = _hasMail && until > Now.Local();
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO notice (id, meeting_id, person_id, about, channel, state, next_attempt_at, created_at)
            SELECT gen_random_uuid(), i.meeting_id, i.person_id, {Choice<NoticeAbout>.NameOf(about)}, CASE WHEN mail THEN 'email' ELSE 'print' END,
                   CASE WHEN mail THEN 'pending' ELSE 'print' END, CASE WHEN mail THEN {Now}::timestamptz END, {Now}
            FROM meeting_invitation i LEFT JOIN notice_address a USING (person_id) CROSS JOIN LATERAL (SELECT {byMail} AND a.person_id IS NOT NULL AS mail) m
            WHERE i.meeting_id = {meeting} ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
            """, cancellation);
    }

    /// <summary>Who answers for an agreement that is late; nobody where no person of the register is named. Paper has the work list.</summary>
    public Task TellResponsibleAsync(Guid meeting, int agreement, CancellationToken cancellation) => !_hasMail ? Task.CompletedTask : db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO notice (id, meeting_id, person_id, about, occasion, channel, state, next_attempt_at, created_at)
        SELECT gen_random_uuid(), g.meeting_id, a.person_id, 'agreement-overdue', g.number, 'email', 'pending', {Now}, {Now}
        FROM meeting_agreement g JOIN notice_address a ON a.person_id = g.responsible_id
        WHERE g.meeting_id = {meeting} AND g.number = {agreement} ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
        """, cancellation);

    /// <summary>Who registered for an event and left an address; of those, the given ones where only they are concerned.</summary>
    public Task TellRegisteredAsync(Guid community, NoticeAbout about, int occasion, Guid[]? only, CancellationToken cancellation) => !_hasMail ? Task.CompletedTask : db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO notice (id, registration_id, about, occasion, channel, state, next_attempt_at, created_at)
        SELECT gen_random_uuid(), r.id, {Choice<NoticeAbout>.NameOf(about)}, {occasion}, 'email', 'pending', {Now}, {Now}
        FROM event_registration r WHERE r.event_id = {community} AND r.email IS NOT NULL AND r.state <> 'cancelled' AND ({only}::uuid[] IS NULL OR r.id = ANY({only}::uuid[]))
        ON CONFLICT ON CONSTRAINT notice_of_registration_once DO NOTHING
        """, cancellation);
}
