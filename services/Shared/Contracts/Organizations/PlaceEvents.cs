using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Organizations;

/// <summary>Where on the map a place is, or is after all.</summary>
[PublicEvent("organizations.place.located.v1")]
public sealed record PlaceLocated : DomainEvent
{
    /// <summary>The place, as it is called now.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>Degrees north (WGS 84), four decimals: some ten metres.</summary>
    public required decimal Latitude { get; init; }

    /// <summary>Degrees east, below zero in this country; four decimals.</summary>
    public required decimal Longitude { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => Place.Id;
}
