using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Distribution;

/// <summary>An event of a campaign that hands out packages; its subject is the campaign. None tells of a person.</summary>
public abstract record CampaignEvent : DomainEvent
{
    /// <summary>The campaign.</summary>
    public required Guid CampaignId { get; init; }

    /// <summary>Its name, as "Paquete agrícola 2027".</summary>
    public required string Campaign { get; init; }

    /// <summary>Whose packages they are, as "Ministerio de Agricultura y Ganadería".</summary>
    public required string Owner { get; init; }

    /// <summary>As "Mayo de 2027".</summary>
    public required string Season { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly FirstDay { get; init; }

    /// <summary>Last day.</summary>
    public required DateOnly LastDay { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => CampaignId;
}

/// <summary>A campaign was approved: what it hands out, where, and to how many.</summary>
[PublicEvent("distribution.campaign.announced.v1")]
public sealed record CampaignAnnounced : CampaignEvent
{
    /// <summary>The packages.</summary>
    public required IReadOnlyList<PackageOffer> Packages { get; init; }

    /// <summary>Where they are handed out.</summary>
    public required IReadOnlyList<CentreOffer> Centres { get; init; }
}

/// <summary>A package that is handed out.</summary>
/// <param name="Name">As "Paquete de maíz".</param>
/// <param name="Contents">In words, as "22 lb de Semilla de maíz, 100 lb de Fertilizante".</param>
/// <param name="People">How many may receive it.</param>
public sealed record PackageOffer(string Name, string Contents, int People);

/// <summary>A centre at which packages are handed out.</summary>
/// <param name="Name">As "Casa comunal Las Lomas".</param>
/// <param name="Place">Where it is.</param>
public sealed record CentreOffer(string Name, PlaceRef Place);

/// <summary>What became of a package: how many people it was for, and how many have it.</summary>
/// <param name="Package">As "Paquete de maíz".</param>
/// <param name="Programmed">People who could receive it.</param>
/// <param name="Delivered">People who have all of it.</param>
/// <param name="Partly">People who have a part of it.</param>
/// <param name="NotCollected">People who were called and did not come for it, or did not want it.</param>
/// <param name="NotSummoned">People who never had a turn: the sum of the four is programmed.</param>
public sealed record PackageTotal(string Package, int Programmed, int Delivered, int Partly, int NotCollected, int NotSummoned = 0);

/// <summary>What became of an article at a centre: <c>received + difference = delivered + returned + damaged + remaining</c>.</summary>
/// <param name="Article">As "Semilla de maíz".</param>
/// <param name="Unit">As "lb".</param>
/// <param name="Received">What came, less what went to other centres.</param>
/// <param name="Delivered">What was handed over.</param>
/// <param name="Returned">What went back to its owner.</param>
/// <param name="Damaged">What was lost.</param>
/// <param name="Remaining">What is left, as counted.</param>
/// <param name="Difference">
/// What the closing act found beside its ledger, and explains: below nothing where something is missing.
/// Received + difference = delivered + returned + damaged + remaining.
/// </param>
public sealed record ArticleTotal(string Article, string Unit, decimal Received, decimal Delivered, decimal Returned, decimal Damaged, decimal Remaining, decimal Difference = 0);

/// <summary>A centre gave its account of a campaign.</summary>
[PublicEvent("distribution.campaign.centre-closed.v1")]
public sealed record CentreClosed : CampaignEvent
{
    /// <summary>The centre.</summary>
    public required string Centre { get; init; }

    /// <summary>Where it is.</summary>
    public required PlaceRef Place { get; init; }

    /// <summary>By package, of the people of this centre.</summary>
    public required IReadOnlyList<PackageTotal> Packages { get; init; }

    /// <summary>By article.</summary>
    public required IReadOnlyList<ArticleTotal> Articles { get; init; }
}

/// <summary>Every centre gave its account, and nothing of the campaign changes any more.</summary>
[PublicEvent("distribution.campaign.closed.v1")]
public sealed record CampaignClosed : CampaignEvent
{
    /// <summary>By package, of all centres.</summary>
    public required IReadOnlyList<PackageTotal> Packages { get; init; }
}

/// <summary>A campaign that had been announced will not take place.</summary>
[PublicEvent("distribution.campaign.cancelled.v1")]
public sealed record CampaignCancelled : CampaignEvent;
