using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>An edition of the wall newspaper was approved; from now on it does not change. Its subject is the edition.</summary>
[PublicEvent("agenda.wall-newspaper.approved.v1")]
public sealed record WallNewspaperApproved : DomainEvent
{
    /// <summary>The edition.</summary>
    public required Guid EditionId { get; init; }

    /// <summary>Year and number, as <c>2026-3</c>.</summary>
    public required string Edition { get; init; }

    /// <summary>First day of the month that it tells of.</summary>
    public required DateOnly Month { get; init; }

    /// <summary>Where it is issued, for its masthead.</summary>
    public required string IssuedAt { get; init; }

    /// <summary>When it was approved.</summary>
    public required DateOnly ApprovedOn { get; init; }

    /// <summary>What it says, in the order in which it is read.</summary>
    public required IReadOnlyList<NewspaperItem> Items { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => EditionId;
}

/// <summary>A piece of the wall newspaper.</summary>
/// <param name="Section">
/// <c>notices</c>, <c>agenda</c>, <c>projects</c>, <c>participatory-budget</c>, <c>associations</c>, <c>youth-culture-sport</c>, <c>prevention</c>, <c>packages</c>,
/// <c>information-requests</c> or <c>recognitions</c>.
/// </param>
/// <param name="Title">Its heading.</param>
/// <param name="Text">Its words, in plain language.</param>
/// <param name="About">What of this system it tells of; its page is <c>/portal/a/{about}</c>.</param>
public sealed record NewspaperItem(string Section, string Title, string Text, Guid? About = null);

/// <summary>An edition of the wall newspaper was posted at a place; its subject is the edition.</summary>
[PublicEvent("agenda.wall-newspaper.posted.v1")]
public sealed record WallNewspaperPosted : DomainEvent
{
    /// <summary>The edition.</summary>
    public required Guid EditionId { get; init; }

    /// <summary>The posting: an edition is posted at several places.</summary>
    public required Guid PostingId { get; init; }

    /// <summary>Year and number, as <c>2026-3</c>.</summary>
    public required string Edition { get; init; }

    /// <summary>Where.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>When.</summary>
    public required DateOnly PostedOn { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => EditionId;
}

/// <summary>An edition of the wall newspaper was taken down at a place; it stays in the archive.</summary>
[PublicEvent("agenda.wall-newspaper.taken-down.v1")]
public sealed record WallNewspaperTakenDown : DomainEvent
{
    /// <summary>The edition.</summary>
    public required Guid EditionId { get; init; }

    /// <summary>The posting.</summary>
    public required Guid PostingId { get; init; }

    /// <summary>Year and number, as <c>2026-3</c>.</summary>
    public required string Edition { get; init; }

    /// <summary>Where.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>When.</summary>
    public required DateOnly TakenDownOn { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => EditionId;
}
