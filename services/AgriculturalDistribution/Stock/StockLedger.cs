using System.ComponentModel.DataAnnotations.Schema;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.AgriculturalDistribution.Stock;

/// <summary>What came together, of one article.</summary>
internal sealed class Lot
{
    public required Guid CampaignId { get; init; }
    public required int Number { get; init; }
    public required int Article { get; init; }
    public required string Code { get; init; }
    public required string Supplier { get; init; }

    /// <summary>Its last day; null for what does not expire.</summary>
    public DateOnly? ExpiresOn { get; init; }
}

internal enum StockKind
{
    Receipt,
    TransferIn,
    TransferOut,
    Damage,

    /// <summary>Given back to its owner.</summary>
    Return,

    /// <summary>What was counted wrongly; either way.</summary>
    Correction,
    Delivery,

    /// <summary>A delivery that was not: it comes back.</summary>
    Reversal,

    /// <summary>What a closing act found missing, or too much.</summary>
    Difference,
}

/// <summary>A line of a centre's ledger, which stays.</summary>
internal sealed class StockEntry
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid CampaignId { get; init; }
    public required int Centre { get; init; }
    public required int Lot { get; init; }
    public required StockKind Kind { get; init; }

    /// <summary>In the article's unit: what comes is positive, what leaves negative.</summary>
    public required decimal Quantity { get; init; }
    public Guid? Transfer { get; init; }
    public string? Document { get; init; }
    public string? Note { get; init; }
    public required DateOnly HappenedOn { get; init; }
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Quantities have two decimals and are no wonders.</summary>
    public static void RequireQuantity(decimal quantity, string at) =>
        Rule.That(quantity is > 0 and <= 100_000_000 && decimal.Round(quantity, 2) == quantity, "quantity", "La cantidad es mayor que cero, con dos decimales a lo más.", at);
}

/// <summary>What became of a lot at a centre; the database keeps it from the ledger.</summary>
internal sealed class StockBalance
{
    public required Guid CampaignId { get; init; }
    public required int Centre { get; init; }
    public required int Lot { get; init; }
    public decimal Received { get; private init; }
    public decimal Delivered { get; private init; }
    public decimal Returned { get; private init; }
    public decimal Damaged { get; private init; }

    /// <summary>What the closing act found: below nothing where something is missing.</summary>
    public decimal Difference { get; private init; }

    [DatabaseGenerated(DatabaseGeneratedOption.Computed)]
    public decimal Remaining { get; private init; }
}
