using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

internal enum MeetingState
{
    Planned,
    Convened,
    Held,
    NoQuorum,
    Rescheduled,
    Cancelled,
}

/// <summary>A kind of meeting: how long before it the notice goes out, and whether and how it needs a quorum.</summary>
internal sealed class MeetingKind
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public int NoticeMinDays { get; init; }
    public int NoticeMaxDays { get; init; }
    public bool NeedsQuorum { get; init; }
    public bool SecondCall { get; init; }
}

/// <summary>How many must be there, and how many are.</summary>
internal static class Quorum
{
    /// <summary>First call: half plus one of the members. Second call: those present, at least one.</summary>
    public static int Required(MeetingKind kind, int members, int call) =>
        kind.NeedsQuorum && call == 1 ? members / 2 + 1 : 1;
}

internal sealed class Meeting : Aggregate
{
    private Meeting()
    {
    }

    public string Kind { get; private init; } = "";
    public string Title { get; private init; } = "";
    public Guid BodyId { get; private init; }
    public OrganizedBody Body { get; private init; } = null!;
    public DateTime StartsAt { get; private init; }
    public string Venue { get; private init; } = "";
    public string[] Points { get; private init; } = [];
    public MeetingState State { get; private set; }
    public DateOnly? ConvenedOn { get; private set; }
    public int? Call { get; private set; }
    public int? Attendance { get; private set; }
    public int? Members { get; private set; }
    public int? Quorum { get; private set; }
    public string? Reason { get; private set; }
    public Guid? SuccessorId { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    public DateOnly Date => DateOnly.FromDateTime(StartsAt);

    public static Meeting Plan(MeetingKind kind, OrganizedBody body, string title, DateTime startsAt, string venue, string[] points, DateTimeOffset now)
    {
        var meeting = new Meeting
        {
            Kind = kind.Code,
            Title = title,
            BodyId = body.Id,
            Body = body,
            StartsAt = startsAt,
            Venue = venue,
            Points = points,
            CreatedAt = now,
        };
        meeting.Raise(new MeetingPlanned
        {
            MeetingId = meeting.Id, Kind = kind.Code, Title = title, BodyId = body.Id, BodyName = body.Name, StartsAt = startsAt, Venue = venue,
        }, now);
        return meeting;
    }

    /// <summary>The notice goes out, neither too late nor so early that it is forgotten.</summary>
    public void Convene(MeetingKind kind, DateOnly convenedOn, DateTimeOffset now)
    {
        Rule.State(State == MeetingState.Planned, "not_planned", "Solo se convoca una reunión planificada.");
        var days = Date.DayNumber - convenedOn.DayNumber;
        Rule.That(days >= kind.NoticeMinDays && days <= kind.NoticeMaxDays, "notice_term",
            $"La convocatoria de «{kind.Name}» va de {kind.NoticeMinDays} a {kind.NoticeMaxDays} días antes, y faltan {days}.", "/convenedOn");
        State = MeetingState.Convened;
        ConvenedOn = convenedOn;
        Raise(new MeetingConvened
        {
            MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue, ConvenedOn = convenedOn,
        }, now);
    }

    /// <summary>Attendance can be written and corrected until the meeting is closed.</summary>
    public void TakeAttendance(DateOnly today)
    {
        RequireOpenForAttendance(today);
        Touch();
    }

    private void RequireOpenForAttendance(DateOnly today)
    {
        Rule.State(State == MeetingState.Convened, "not_convened", "La asistencia se toma en una reunión convocada y sin cerrar.");
        Rule.State(Date <= today, "meeting_in_future", "La reunión todavía no ha llegado.");
    }

    /// <summary>
    /// Closes the meeting on one of its calls: held with quorum, or without it when no further call is left. A first
    /// call without quorum leaves it open for the second.
    /// </summary>
    public void Close(MeetingKind kind, int call, int attendance, int members, DateOnly today, DateTimeOffset now)
    {
        RequireOpenForAttendance(today);
        Rule.That(call == 1 || kind.SecondCall, "no_second_call", $"«{kind.Name}» no tiene segunda convocatoria.", "/call");
        var required = Meetings.Quorum.Required(kind, members, call);
        Rule.State(attendance >= required || call == 2 || !kind.SecondCall, "quorum_missing",
            $"Hay {attendance} asistentes y se necesitan {required}. Espere la segunda convocatoria.");
        (Call, Attendance, Members, Quorum) = (call, attendance, members, required);
        if (attendance >= required)
        {
            State = MeetingState.Held;
            Raise(new MeetingHeld
            {
                MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
                Attendance = attendance, Members = members, Quorum = required, Call = call,
            }, now);
        }
        else
        {
            State = MeetingState.NoQuorum;
            Raise(new MeetingWithoutQuorum
            {
                MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
                Attendance = attendance, Quorum = required,
            }, now);
        }
    }

    /// <summary>The meeting gets another date: this one is kept with its reason, a new one takes its place.</summary>
    public Meeting Reschedule(MeetingKind kind, DateTime startsAt, string reason, DateTimeOffset now)
    {
        RequireAhead();
        Rule.That(startsAt != StartsAt, "same_date", "La reunión ya es en esa fecha y hora.", "/startsAt");
        var successor = Plan(kind, Body, Title, startsAt, Venue, Points, now);
        State = MeetingState.Rescheduled;
        Reason = reason;
        SuccessorId = successor.Id;
        Raise(new MeetingRescheduled
        {
            MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = startsAt, Venue = Venue, PreviousStartsAt = StartsAt, SuccessorId = successor.Id,
        }, now);
        return successor;
    }

    public void Cancel(string reason, DateTimeOffset now)
    {
        RequireAhead();
        State = MeetingState.Cancelled;
        Reason = reason;
        Raise(new MeetingCancelled
        {
            MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
        }, now);
    }

    private void RequireAhead() =>
        Rule.State(State is MeetingState.Planned or MeetingState.Convened, "meeting_closed", "La reunión ya se realizó, se reprogramó o se canceló.");
}

internal sealed class Attendance
{
    public required Guid MeetingId { get; init; }
    public required Guid PersonId { get; init; }
}
