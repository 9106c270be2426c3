using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Distribution;

/// <summary>An event of a day on which packages are delivered at a centre; its subject is the day.</summary>
public abstract record DeliveryDayEvent : DomainEvent
{
    /// <summary>The day at the centre.</summary>
    public required Guid DeliveryDayId { get; init; }

    /// <summary>The campaign.</summary>
    public Guid? CampaignId { get; init; }

    /// <summary>Campaign, as "Paquete de maíz 2026".</summary>
    public required string Campaign { get; init; }

    /// <summary>Name of the centre.</summary>
    public required string Centre { get; init; }

    /// <summary>Where the centre is.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>The date.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Local hour at which it opens.</summary>
    public required TimeOnly Opens { get; init; }

    /// <summary>Local hour at which it closes.</summary>
    public required TimeOnly Closes { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => DeliveryDayId;
}

/// <summary>A delivery day was set, or has other hours, another date or another centre.</summary>
[PublicEvent("distribution.delivery-day.scheduled.v1")]
public sealed record DeliveryDayScheduled : DeliveryDayEvent;

/// <summary>A delivery day will not take place.</summary>
[PublicEvent("distribution.delivery-day.cancelled.v1")]
public sealed record DeliveryDayCancelled : DeliveryDayEvent;

/// <summary>A delivery day is over and its centre's account closed.</summary>
[PublicEvent("distribution.delivery-day.closed.v1")]
public sealed record DeliveryDayClosed : DeliveryDayEvent
{
    /// <summary>Packages that were delivered.</summary>
    public required int Delivered { get; init; }
}
