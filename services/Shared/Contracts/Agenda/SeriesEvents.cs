using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>A recurring meeting was put on the calendar; its subject is the series.</summary>
[PublicEvent("agenda.series.scheduled.v1")]
public sealed record SeriesScheduled : DomainEvent
{
    /// <summary>The series.</summary>
    public required Guid SeriesId { get; init; }

    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>RFC 5545 recurrence rule, as <c>FREQ=MONTHLY;BYDAY=1TH</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>The body that meets; absent where the series names none.</summary>
    public Guid? BodyId { get; init; }

    /// <summary>Name of the body.</summary>
    public string? BodyName { get; init; }

    /// <summary>Venue, from the last change on.</summary>
    public string? Venue { get; init; }

    /// <summary>Local dates of the occurrences.</summary>
    public required IReadOnlyList<DateOnly> Dates { get; init; }

    /// <summary>The same with their hours; absent in events of earlier versions.</summary>
    public IReadOnlyList<SeriesOccurrence>? Occurrences { get; init; }

    /// <summary>Those of them that fall on a holiday and wait for a person's decision.</summary>
    public required IReadOnlyList<DateOnly> HolidayCollisions { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => SeriesId;
}

/// <summary>A meeting of a series.</summary>
/// <param name="OriginalDate">The date that the rule gave it, by which it is known.</param>
/// <param name="StartsAt">Local date and hour (UTC−6).</param>
/// <param name="EndsAt">The same.</param>
/// <param name="MeetingId">The meeting that it was opened as, which has the last word on its hour; absent until then.</param>
public sealed record SeriesOccurrence(DateOnly OriginalDate, DateTime StartsAt, DateTime EndsAt, Guid? MeetingId = null);

/// <summary>A person decided on an occurrence of a series: it stays, moves or is cancelled; it keeps its original date as its name.</summary>
[PublicEvent("agenda.series.occurrence-decided.v1")]
public sealed record OccurrenceDecided : DomainEvent
{
    /// <summary>The series.</summary>
    public required Guid SeriesId { get; init; }

    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>The date that the rule gave it, by which it is known.</summary>
    public required DateOnly OriginalDate { get; init; }

    /// <summary>The date it has now.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Local date and hour (UTC−6) that it has now; absent in events of earlier versions.</summary>
    public DateTime? StartsAt { get; init; }

    /// <summary>The same of its end.</summary>
    public DateTime? EndsAt { get; init; }

    /// <summary>Venue.</summary>
    public string? Venue { get; init; }

    /// <summary>The meeting that it was opened as, which has the last word on its hour; absent until then.</summary>
    public Guid? MeetingId { get; init; }

    /// <summary>True when it will not take place.</summary>
    public required bool Cancelled { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => SeriesId;
}
