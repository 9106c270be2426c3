using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

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
