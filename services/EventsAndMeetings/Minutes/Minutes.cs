using ProyeccionSocial.EventsAndMeetings.Meetings;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

// What the minutes say is public, because Razor makes its components so.

/// <summary>A call with its quorum.</summary>
public sealed record CallLine(int Call, int Attendance, int Members, int Quorum);

/// <summary>A point of the agenda and what was said to it.</summary>
public sealed record PointLine(string Point, string? Development);

/// <summary>An agreement; in the public version without who does it.</summary>
public sealed record AgreementLine(int Number, string Text, string? Responsible, DateOnly DueOn);

/// <summary>
/// The minutes as they were closed: with the names of that day, whatever changes later. In the public version nobody is
/// named: attendees are counted, guests are their institutions.
/// </summary>
public sealed record MinutesContent(
    string Book, int Number, string Kind, string Title, string Body, string Place, string Venue, DateTime StartsAt, TimeOnly? StartedAt, TimeOnly? EndedAt, string? PresidedBy,
    string? Secretary, bool HadQuorum, IReadOnlyList<CallLine> Calls, int Attendance, IReadOnlyList<string> Attendees, IReadOnlyList<string> Guests,
    IReadOnlyList<PointLine> Points, IReadOnlyList<AgreementLine> Agreements, int? Corrects = null, string? Correction = null)
{
    /// <summary>How a public version looks.</summary>
    public static MinutesContent Example => new(
        "Actas de comité", 7, "Reunión de comité", "Reunión de marzo", "Comité de prevención", "San Ensayo, Prueba", "Alcaldía", new(2026, 3, 5, 14, 0, 0), new(14, 10), new(15, 30), null, null,
        true, [new(1, 7, 9, 5)], 7, [], ["Unidad de salud"], [new("Seguimiento de acuerdos", "Se revisaron los tres pendientes.")], [new(1, "Limpiar la quebrada", null, new(2026, 4, 30))]);
}

/// <summary>An act in a body's book: of a meeting, or of the correction of one. It is closed from the start and never changes.</summary>
internal sealed class MinutesAct
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid MeetingId { get; init; }
    public required Guid BodyId { get; init; }
    public required MinutesBook Book { get; init; }

    /// <summary>Given by the database when it is saved: the next of the book.</summary>
    public int Number { get; private set; }
    public int? Corrects { get; init; }
    public required MinutesContent Content { get; init; }
    public required string ClosedBy { get; init; }
    public required DateTimeOffset ClosedAt { get; init; }
    public MinutesContent? PublicContent { get; set; }
    public string? PublishedBy { get; set; }
    public DateTimeOffset? PublishedAt { get; set; }

    public static string InSpanish(MinutesBook book) => book switch
    {
        MinutesBook.Assembly => "Actas de asamblea",
        MinutesBook.Coordination => "Actas de coordinación",
        _ => "Actas de comité",
    };
}
