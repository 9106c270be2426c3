namespace ProyeccionSocial.EventsAndMeetings.Plans;

internal enum EvidenceFact
{
    /// <summary>A person says so, and shows a paper or a photo.</summary>
    Manual,
    MeetingHeld,
    CommitteeFormed,
    EventHeld,
    ProposalEvaluated,
    DeliveryDayClosed,
    EditionPosted,
}

/// <summary>Something that a service told and that may be evidence of a planned activity. The description is public.</summary>
internal sealed class PlanFact
{
    public required EvidenceFact Fact { get; init; }
    public required Guid Id { get; init; }
    public required DateOnly Date { get; init; }

    /// <summary>Kind of meeting, committee or event.</summary>
    public required string Kind { get; init; }

    /// <summary>Kind of the body that did it: <c>association</c>, or a committee's kind; <c>-</c> where there is none.</summary>
    public string BodyKind { get; init; } = NoBody;
    public required string Description { get; init; }

    public const string NoBody = "-";
}

/// <summary>Facts of this kind, about bodies of this kind, are evidence of the activity; <c>*</c> is any.</summary>
internal sealed class EvidenceRule
{
    public const string Any = "*";

    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }
    public EvidenceFact Fact { get; init; }
    public string Kind { get; init; } = Any;
    public string BodyKind { get; init; } = Any;
}

internal sealed class Evidence
{
    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }
    public EvidenceFact Fact { get; init; }
    public Guid FactId { get; init; }
    public DateOnly FactDate { get; init; }
    public required string Description { get; init; }
    public decimal Quantity { get; init; } = 1;
    public string? Place { get; init; }
    public Guid? FileId { get; init; }
    public Guid? PhotoId { get; init; }
    public string? RecordedBy { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
    public DateTimeOffset? WithdrawnAt { get; set; }
    public string? WithdrawnReason { get; set; }
}

/// <summary>What an activity has done, as the database keeps it.</summary>
internal sealed class ActivityProgress
{
    public const int WeeksInMonth = 6;

    public Guid PlanId { get; init; }
    public int ActivityNumber { get; init; }

    /// <summary>Pieces of evidence, by month of their date.</summary>
    public required int[] Pieces { get; init; }

    /// <summary>What they add up to, by week of month.</summary>
    public required decimal[] Executed { get; init; }

    public decimal InMonth(int month) => Executed.AsSpan((month - 1) * WeeksInMonth, WeeksInMonth).ToArray().Sum();
}

/// <summary>What the unit says of an activity's quarter.</summary>
internal sealed class QuarterNote
{
    public required Guid PlanId { get; init; }
    public required int ActivityNumber { get; init; }
    public required int Quarter { get; init; }
    public string? Cause { get; set; }
    public string? CorrectiveAction { get; set; }
    public decimal? Spent { get; set; }
    public required string NotedBy { get; set; }
    public required DateTimeOffset NotedAt { get; set; }
}
