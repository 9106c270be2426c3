using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

internal enum NoticeAbout
{
    Convened,
    Rescheduled,
    Cancelled,
    AgreementOverdue,
}

internal enum NoticeChannel
{
    Email,
    Print,
}

internal enum NoticeState
{
    Pending,
    Sent,
    Failed,
    Print,
}

/// <summary>What a person is told of a meeting, once for each reason: by e-mail where they left an address, on paper otherwise.</summary>
internal sealed class Notice
{
    public required Guid Id { get; init; }
    public required Guid MeetingId { get; init; }
    public required Guid PersonId { get; init; }
    public required NoticeAbout About { get; init; }
    public int Agreement { get; init; }
    public required NoticeChannel Channel { get; init; }
    public NoticeState State { get; init; }
    public int Attempts { get; init; }
    public DateTimeOffset? NextAttemptAt { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Tells everybody who was invited, in the transaction of what happened; nobody twice.</summary>
    public static Task QueueAsync(AgendaDb db, Guid meeting, NoticeAbout about, DateTimeOffset now, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO notice (id, meeting_id, person_id, about, channel, state, next_attempt_at, created_at)
        SELECT gen_random_uuid(), i.meeting_id, i.person_id, {Choice<NoticeAbout>.NameOf(about)},
               CASE WHEN a.person_id IS NULL THEN 'print' ELSE 'email' END, CASE WHEN a.person_id IS NULL THEN 'print' ELSE 'pending' END,
               CASE WHEN a.person_id IS NULL THEN NULL ELSE {now}::timestamptz END, {now}
        FROM meeting_invitation i LEFT JOIN notice_address a USING (person_id)
        WHERE i.meeting_id = {meeting} ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
        """, cancellation);

    /// <summary>Tells who is responsible that an agreement is late; nobody where no person of the register is named.</summary>
    public static Task QueueOverdueAsync(AgendaDb db, Guid meeting, int agreement, DateTimeOffset now, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO notice (id, meeting_id, person_id, about, agreement, channel, state, next_attempt_at, created_at)
        SELECT gen_random_uuid(), g.meeting_id, a.person_id, 'agreement-overdue', g.number, 'email', 'pending', {now}::timestamptz, {now}
        FROM meeting_agreement g JOIN notice_address a ON a.person_id = g.responsible_id
        WHERE g.meeting_id = {meeting} AND g.number = {agreement} ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
        """, cancellation);
}

/// <summary>Where a person wants to be written to.</summary>
internal sealed class NoticeAddress
{
    public required Guid PersonId { get; init; }
    public required string Email { get; set; }
    public required string SetBy { get; set; }
    public required DateTimeOffset SetAt { get; set; }
}
