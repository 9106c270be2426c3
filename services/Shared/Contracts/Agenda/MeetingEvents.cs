using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>An event of a meeting; its subject is the meeting.</summary>
public abstract record MeetingEvent : DomainEvent
{
    /// <summary>The meeting.</summary>
    public required Guid MeetingId { get; init; }

    /// <summary>Kind of meeting, as <c>ordinary-assembly</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>The body that meets.</summary>
    public required Guid BodyId { get; init; }

    /// <summary>Name of the body.</summary>
    public required string BodyName { get; init; }

    /// <summary>Local date and hour (UTC−6) for which it is set.</summary>
    public required DateTime StartsAt { get; init; }

    /// <summary>Venue.</summary>
    public required string Venue { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => MeetingId;
}

/// <summary>A meeting was planned.</summary>
[PublicEvent("agenda.meeting.planned.v1")]
public sealed record MeetingPlanned : MeetingEvent;

/// <summary>The notice of the meeting went out.</summary>
[PublicEvent("agenda.meeting.convened.v1")]
public sealed record MeetingConvened : MeetingEvent
{
    /// <summary>Date of the notice.</summary>
    public required DateOnly ConvenedOn { get; init; }
}

/// <summary>The meeting was held with quorum.</summary>
[PublicEvent("agenda.meeting.held.v1")]
public sealed record MeetingHeld : MeetingEvent
{
    /// <summary>People who attended with a right to vote.</summary>
    public required int Attendance { get; init; }

    /// <summary>Active members on the date.</summary>
    public required int Members { get; init; }

    /// <summary>Attendance that the rule asked for.</summary>
    public required int Quorum { get; init; }

    /// <summary>1 or 2: the call in which it was held.</summary>
    public required int Call { get; init; }
}

/// <summary>The meeting could not be held for lack of quorum.</summary>
[PublicEvent("agenda.meeting.without-quorum.v1")]
public sealed record MeetingWithoutQuorum : MeetingEvent
{
    /// <summary>People who attended with a right to vote.</summary>
    public required int Attendance { get; init; }

    /// <summary>Attendance that the rule asked for.</summary>
    public required int Quorum { get; init; }
}

/// <summary>The meeting has another date.</summary>
[PublicEvent("agenda.meeting.rescheduled.v1")]
public sealed record MeetingRescheduled : MeetingEvent
{
    /// <summary>Local date and hour it had before.</summary>
    public required DateTime PreviousStartsAt { get; init; }

    /// <summary>The meeting that takes its place, and has the new date.</summary>
    public required Guid SuccessorId { get; init; }
}

/// <summary>The meeting was cancelled. The reason stays with the unit: people write names into it.</summary>
[PublicEvent("agenda.meeting.cancelled.v1")]
public sealed record MeetingCancelled : MeetingEvent;

/// <summary>The minutes of the meeting, or an act that corrects them, were closed and numbered. Their words stay with the unit until they are published.</summary>
[PublicEvent("agenda.meeting.minutes-closed.v1")]
public sealed record MinutesClosed : MeetingEvent
{
    /// <summary>Number in the body's book.</summary>
    public required int Number { get; init; }

    /// <summary>Number of the act that this one corrects.</summary>
    public required int? Corrects { get; init; }

    /// <summary>How many agreements were made.</summary>
    public required int Agreements { get; init; }
}

/// <summary>The public version of the minutes can be read at <c>/v1/agenda/public/meetings/{meetingId}/minutes/{number}</c>.</summary>
[PublicEvent("agenda.meeting.minutes-published.v1")]
public sealed record MinutesPublished : MeetingEvent
{
    /// <summary>Number in the body's book.</summary>
    public required int Number { get; init; }

    /// <summary>Number of the act that this one corrects.</summary>
    public int? Corrects { get; init; }

    /// <summary>What it corrects, in words; nothing else is in an act that corrects.</summary>
    public string? Correction { get; init; }

    /// <summary>Members who attended; nobody is named.</summary>
    public int? Attendance { get; init; }

    /// <summary>The points of the agenda and what was said to each, in the public version.</summary>
    public IReadOnlyList<MinutesPoint>? Points { get; init; }

    /// <summary>The agreements, in the public version: without who does them.</summary>
    public IReadOnlyList<MinutesAgreement>? Agreements { get; init; }
}

/// <summary>A point of the agenda.</summary>
/// <param name="Point">The point.</param>
/// <param name="Development">What was said to it.</param>
public sealed record MinutesPoint(string Point, string? Development);

/// <summary>An agreement of a meeting.</summary>
/// <param name="Number">In the meeting.</param>
/// <param name="Text">What was agreed.</param>
/// <param name="DueOn">Last day.</param>
public sealed record MinutesAgreement(int Number, string Text, DateOnly DueOn);

/// <summary>An agreement of the meeting is in another state. Its words stay with the unit: people write names into them.</summary>
[PublicEvent("agenda.meeting.agreement-followed.v1")]
public sealed record AgreementFollowed : MeetingEvent
{
    /// <summary>Number in the meeting.</summary>
    public required int Number { get; init; }

    /// <summary><c>pending</c>, <c>in-progress</c>, <c>overdue</c> or <c>fulfilled</c>.</summary>
    public required string State { get; init; }

    /// <summary>Last day.</summary>
    public required DateOnly DueOn { get; init; }

    /// <summary>True once it was brought before the head of the unit.</summary>
    public required bool Escalated { get; init; }
}
