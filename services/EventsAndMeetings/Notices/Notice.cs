using MimeKit;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

internal enum NoticeAbout
{
    Convened,
    Rescheduled,
    Cancelled,
    AgreementOverdue,
    SeatConfirmed,
    EventChanged,
    EventCancelled,
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

/// <summary>
/// What somebody is told, once for each reason: a person of a meeting, by e-mail where they left an address and on
/// paper otherwise; who registered for an event, by e-mail.
/// </summary>
internal sealed class Notice
{
    public required Guid Id { get; init; }
    public Guid? MeetingId { get; init; }
    public Guid? PersonId { get; init; }
    public Guid? RegistrationId { get; init; }
    public required NoticeAbout About { get; init; }

    /// <summary>Number of the agreement, or of the event's change; 0 for what happens once.</summary>
    public int Occasion { get; init; }
    public required NoticeChannel Channel { get; init; }
    public NoticeState State { get; init; }
    public int Attempts { get; init; }
    public DateTimeOffset? NextAttemptAt { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>Where a person wants to be written to.</summary>
internal sealed class NoticeAddress
{
    public required Guid PersonId { get; init; }
    public required string Email { get; set; }
    public required string SetBy { get; set; }
    public required DateTimeOffset SetAt { get; set; }

    /// <summary>An address alone, without a name or a second one, in letters that every mail server takes; or none.</summary>
    public static void Require(string? email, string pointer) =>
        Rule.That(email is null || (MailboxAddress.TryParse(email, out var parsed) && parsed.Address == email && email.Contains('@', StringComparison.Ordinal) && email.All(char.IsAscii)),
            "email_form", "El correo va como nombre@dominio.", pointer);
}
