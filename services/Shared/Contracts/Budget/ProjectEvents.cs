using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Budget;

/// <summary>An event of an investment project; its subject is the project.</summary>
public abstract record ProjectEvent : DomainEvent
{
    /// <summary>The project.</summary>
    public required Guid ProjectId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where its works are.</summary>
    public required PlaceRef Place { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => ProjectId;
}

/// <summary>A proposal that the council approved became a project.</summary>
[PublicEvent("budget.project.created.v1")]
public sealed record ProjectCreated : ProjectEvent
{
    /// <summary>The cycle that pays for it.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Its zone in the cycle.</summary>
    public required int Zone { get; init; }

    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>What the cycle gives it, in US dollars.</summary>
    public required decimal Granted { get; init; }
}

/// <summary>
/// The council approved a project's dossier. Before works start, its community forms one executing and one oversight
/// committee.
/// </summary>
[PublicEvent("budget.project.approved.v1")]
public sealed record ProjectApproved : ProjectEvent
{
    /// <summary>Date of the agreement.</summary>
    public required DateOnly ApprovedOn { get; init; }
}

/// <summary>A project went on in its way.</summary>
[PublicEvent("budget.project.changed.v1")]
public sealed record ProjectChanged : ProjectEvent
{
    /// <summary>
    /// <c>profile</c>, <c>dossier-in-preparation</c>, <c>in-procurement</c>, <c>direct-administration</c>, <c>awarded</c>, <c>start-ordered</c>, <c>in-execution</c>,
    /// <c>suspended</c>, <c>provisional-reception</c>, <c>final-reception</c>, <c>settled</c>, <c>closed</c>, <c>void</c> or <c>cancelled</c>.
    /// </summary>
    public required string State { get; init; }

    /// <summary>On which day.</summary>
    public required DateOnly On { get; init; }

    /// <summary>Why, where a reason is due.</summary>
    public string? Cause { get; init; }

    /// <summary>Who builds it: a firm, from the award on. Never a natural person's number.</summary>
    public string? Contractor { get; init; }

    /// <summary>Day on which works end by plan.</summary>
    public DateOnly? EndsOn { get; init; }
}

/// <summary>A project's money as it stands: approved, committed and paid, in US dollars with two decimals.</summary>
[PublicEvent("budget.project.money-changed.v1")]
public sealed record ProjectMoneyChanged : ProjectEvent
{
    /// <summary>By the dossier.</summary>
    public required decimal Approved { get; init; }

    /// <summary>Never more than approved.</summary>
    public required decimal Committed { get; init; }

    /// <summary>Never more than committed.</summary>
    public required decimal Paid { get; init; }

    /// <summary>What the community gave so far, in US dollars.</summary>
    public required decimal Contributed { get; init; }
}

/// <summary>A part of the works was reached.</summary>
[PublicEvent("budget.project.milestone-reached.v1")]
public sealed record MilestoneReached : ProjectEvent
{
    /// <summary>Of the milestone in its project.</summary>
    public required int Number { get; init; }

    /// <summary>What it is.</summary>
    public required string Milestone { get; init; }

    /// <summary>On which day.</summary>
    public required DateOnly On { get; init; }

    /// <summary>How much of the works is done, in percent.</summary>
    public required int Progress { get; init; }

    /// <summary>A photo of it: <c>/v1/budget/public/projects/{projectId}/photos/{photoId}</c>.</summary>
    public Guid? PhotoId { get; init; }
}

/// <summary>The oversight committee visited the works.</summary>
[PublicEvent("budget.project.visited.v1")]
public sealed record ProjectVisited : ProjectEvent
{
    /// <summary>Of the visit in its project.</summary>
    public required int Number { get; init; }

    /// <summary>On which day.</summary>
    public required DateOnly On { get; init; }

    /// <summary>What the committee reports.</summary>
    public required string Report { get; init; }

    /// <summary>A photo of it: <c>/v1/budget/public/projects/{projectId}/photos/{photoId}</c>.</summary>
    public Guid? PhotoId { get; init; }
}

/// <summary>A finding of the oversight committee went on in its way.</summary>
[PublicEvent("budget.project.finding-changed.v1")]
public sealed record FindingChanged : ProjectEvent
{
    /// <summary>Of the finding in its project.</summary>
    public required int Number { get; init; }

    /// <summary>What was found.</summary>
    public required string Finding { get; init; }

    /// <summary><c>open</c>, <c>notified</c>, <c>answered</c>, <c>resolved</c> or <c>escalated</c>.</summary>
    public required string State { get; init; }

    /// <summary>Day until which an answer is due.</summary>
    public DateOnly? AnswerDue { get; init; }

    /// <summary>The municipality's answer, or the decision that resolved it.</summary>
    public string? Answer { get; init; }
}
