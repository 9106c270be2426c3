using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Minutes;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

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
    public int DurationMinutes { get; private init; } = 120;
    public MinutesDraft? Draft { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Its name in people's calendars, which another date does not change.</summary>
    public Guid CalendarUid { get; private set; }

    /// <summary>How often people's calendars were told of a change.</summary>
    public int CalendarSequence { get; private set; }

    public DateOnly Date => DateOnly.FromDateTime(StartsAt);

    public static Meeting Plan(string kind, OrganizedBody body, string title, DateTime startsAt, int minutes, string venue, string[] points, DateTimeOffset now)
    {
        var meeting = new Meeting
        {
            Kind = kind,
            Title = title,
            BodyId = body.Id,
            Body = body,
            StartsAt = startsAt,
            DurationMinutes = minutes,
            Venue = venue,
            Points = points,
            CreatedAt = now,
        };
        meeting.CalendarUid = meeting.Id;
        meeting.Raise(new MeetingPlanned
        {
            MeetingId = meeting.Id, Kind = kind, Title = title, BodyId = body.Id, BodyName = body.Name, StartsAt = startsAt, Venue = venue,
        }, now);
        return meeting;
    }

    /// <summary>The notice goes out, neither too late nor so early that it is forgotten.</summary>
    public void Convene(MeetingRule rule, string kindName, DateOnly convenedOn, DateTimeOffset now)
    {
        Rule.State(State == MeetingState.Planned, "not_planned", "Solo se convoca una reunión planificada.");
        Body.RequireStanding(Date);
        var days = Date.DayNumber - convenedOn.DayNumber;
        Rule.That(days >= rule.NoticeMinDays && days <= rule.NoticeMaxDays, "notice_term",
            $"La convocatoria de «{kindName}» va de {rule.NoticeMinDays} a {rule.NoticeMaxDays} días antes, y faltan {days}.", "/convenedOn");
        State = MeetingState.Convened;
        ConvenedOn = convenedOn;
        CalendarSequence++;
        Raise(new MeetingConvened
        {
            MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue, ConvenedOn = convenedOn,
        }, now);
    }

    /// <summary>Who was asked to come changed.</summary>
    public void InviteAnew()
    {
        Rule.State(State == MeetingState.Convened, "not_convened", "Solo se invita a una reunión convocada.");
        Body.RequireStanding(Date);
        Touch();
    }

    /// <summary>
    /// Attendance can be written and corrected until the minutes are closed; once the meeting was held, not below the
    /// quorum that it was held with.
    /// </summary>
    /// <param name="attendance">Seats that were filled.</param>
    public void TakeAttendance(int attendance)
    {
        Rule.State(State != MeetingState.Held || attendance >= Quorum, "below_quorum",
            $"La reunión se celebró con un quórum de {Quorum}: con esa corrección quedarían {attendance} asistentes.");
        Touch();
    }

    public void RequireOpenForAttendance(DateOnly today)
    {
        Rule.State(State is MeetingState.Convened or MeetingState.Held or MeetingState.NoQuorum, "not_convened", "La asistencia se toma en una reunión convocada y con el acta abierta.");
        Rule.State(Date <= today, "meeting_in_future", "La reunión todavía no ha llegado.");
    }

    /// <summary>
    /// A call is made and its quorum taken down: the meeting is held with it, or without it waits for the second call,
    /// or ends without quorum when no further call is left.
    /// </summary>
    public MeetingCall Count(MeetingRule rule, int call, int attendance, int members, MeetingCall? first, string by, DateOnly today, DateTimeOffset now)
    {
        Rule.State(State == MeetingState.Convened, "not_convened", "El quórum se comprueba en una reunión convocada.");
        Rule.State(Date <= today, "meeting_in_future", "La reunión todavía no ha llegado.");
        Rule.That(call == 1 || rule.SecondCall, "no_second_call", "Este tipo de reunión no tiene segunda convocatoria.", "/call");
        Rule.State(call == 1 || first is not null, "first_call_missing", "Anote antes la primera convocatoria.");
        Rule.State(call == 2 || first is null, "first_call_made", "La primera convocatoria ya está anotada: queda la segunda.");
        var taken = new MeetingCall
        {
            MeetingId = Id, Call = call, Attendance = attendance, Members = members, Quorum = rule.Required(members, call), RecordedBy = by, RecordedAt = now,
        };
        (Call, Attendance, Members, Quorum) = (call, attendance, members, taken.Quorum);
        if (taken.IsReached)
        {
            State = MeetingState.Held;
            Raise(new MeetingHeld
            {
                MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
                Attendance = attendance, Members = members, Quorum = taken.Quorum, Call = call,
            }, now);
        }
        else if (call == 2 || !rule.SecondCall)
        {
            State = MeetingState.NoQuorum;
            Raise(new MeetingWithoutQuorum
            {
                MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
                Attendance = attendance, Quorum = taken.Quorum,
            }, now);
        }
        else
        {
            Touch();
        }
        return taken;
    }

    /// <summary>What the minutes will say, as far as it is written.</summary>
    public void Write(MinutesDraft draft)
    {
        RequireOver();
        Rule.That(draft.Development is null || draft.Development.Count <= Points.Length, "points_exceeded", $"La agenda tiene {Points.Length} puntos.", "/development");
        foreach (var (index, agreement) in (draft.Agreements ?? []).Index())
            Rule.That(agreement.DueOn >= Date && agreement.DueOn.Year <= 2100, "due_before_meeting", "El plazo de un acuerdo vence el día de la reunión o después.", $"/agreements/{index}/dueOn");
        Rule.That(State == MeetingState.Held || draft.Agreements is null or [], "agreements_without_quorum", "Sin quórum no se toman acuerdos.", "/agreements");
        Rule.That(draft.StartedAt is null || draft.EndedAt is null || draft.StartedAt < draft.EndedAt, "hours_out_of_order", "La hora de fin va después de la de inicio.", "/endedAt");
        Draft = draft;
        Touch();
    }

    /// <summary>The minutes are closed; the number is known once they are saved.</summary>
    public void CloseMinutes(int number, int? corrects, int agreements, DateTimeOffset now) => Raise(new MinutesClosed
    {
        MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
        Number = number, Corrects = corrects, Agreements = agreements,
    }, now);

    /// <param name="number">Of the act in the body's book.</param>
    /// <param name="content">Its public version.</param>
    /// <param name="now">The moment.</param>
    public void PublishMinutes(int number, MinutesContent content, DateTimeOffset now) => Raise(new MinutesPublished
    {
        MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue, Number = number,
        Corrects = content.Corrects, Correction = content.Correction, Attendance = content.Corrects is null ? content.Attendance : null,
        Points = [.. content.Points.Select(p => new MinutesPoint(p.Point, p.Development))], Agreements = [.. content.Agreements.Select(a => new MinutesAgreement(a.Number, a.Text, a.DueOn))],
    }, now);

    /// <summary>An agreement went a step further.</summary>
    public void Follow(Agreement agreement, DateTimeOffset now) => Raise(new AgreementFollowed
    {
        MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
        Number = agreement.Number, State = Choice<AgreementState>.NameOf(agreement.State), DueOn = agreement.DueOn, Escalated = agreement.EscalatedOn is not null,
    }, now);

    public void RequireOver() => Rule.State(State is MeetingState.Held or MeetingState.NoQuorum, "not_held", "El acta se levanta de una reunión celebrada, o que no tuvo quórum.");

    /// <summary>The meeting gets another date: this one is kept with its reason, a new one takes its place.</summary>
    public Meeting Reschedule(DateTime startsAt, string reason, DateTimeOffset now)
    {
        RequireAhead();
        Rule.That(startsAt != StartsAt, "same_date", "La reunión ya es en esa fecha y hora.", "/startsAt");
        var successor = Plan(Kind, Body, Title, startsAt, DurationMinutes, Venue, Points, now);
        (successor.CalendarUid, successor.CalendarSequence) = (CalendarUid, CalendarSequence + 1);
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
        CalendarSequence++;
        Raise(new MeetingCancelled
        {
            MeetingId = Id, Kind = Kind, Title = Title, BodyId = BodyId, BodyName = Body.Name, StartsAt = StartsAt, Venue = Venue,
        }, now);
    }

    private void RequireAhead() =>
        Rule.State(State is MeetingState.Planned or MeetingState.Convened, "meeting_closed", "La reunión ya se realizó, se reprogramó o se canceló.");
}

/// <summary>The quorum as it was at a call.</summary>
internal sealed class MeetingCall
{
    public required Guid MeetingId { get; init; }
    public required int Call { get; init; }
    public required int Attendance { get; init; }
    public required int Members { get; init; }
    public required int Quorum { get; init; }
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }

    public bool IsReached => Attendance >= Quorum;
}

internal enum AttendedBy
{
    List,
    Code,
}

internal sealed class Attendance
{
    public required Guid MeetingId { get; init; }
    public required Guid PersonId { get; init; }
    public AttendedBy How { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
}

/// <summary>Somebody who came and is no member: heard, and not counted.</summary>
internal sealed class Guest
{
    public required Guid MeetingId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public string? Institution { get; init; }
}
