using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Documents;

namespace ProyeccionSocial.Organizations.Associations;

internal enum ReceiptKind
{
    Application,
    Correction,
    BoardReport,
    AnnualFiling,
}

/// <summary>Proof that the municipality received a filing, with date and hour.</summary>
internal sealed class Receipt
{
    public required int Year { get; init; }
    public required int Number { get; init; }
    public required Guid AssociationId { get; init; }
    public required ReceiptKind Kind { get; init; }
    /// <summary>The day on which it was brought; <see cref="ReceivedAt"/> is when it was entered here, later for old paper.</summary>
    public required DateOnly FiledOn { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required string ReceivedBy { get; init; }
    /// <summary>Last day for the answer that the filing waits for.</summary>
    public DateOnly? Due { get; init; }

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Year}-{Number:0000}");

    /// <summary>
    /// Draws the year's next number. The counter's row stays locked until the transaction ends, so a number whose
    /// filing fails is given to the next one and no gap remains.
    /// </summary>
    public static async Task<Receipt> DrawAsync(
        OrganizationsDb db, Guid association, ReceiptKind kind, DateOnly filedOn, string receivedBy, DateTimeOffset receivedAt,
        CancellationToken cancellation, DateOnly? due = null)
    {
        var numbers = await db.Database.SqlQuery<int>(
            $"""
            INSERT INTO receipt_counter AS c (year, last) VALUES ({filedOn.Year}, 1)
            ON CONFLICT (year) DO UPDATE SET last = c.last + 1 RETURNING last AS "Value"
            """).ToListAsync(cancellation);
        var receipt = new Receipt
        {
            Year = filedOn.Year,
            Number = numbers.Single(),
            AssociationId = association,
            Kind = kind,
            FiledOn = filedOn,
            ReceivedAt = receivedAt,
            ReceivedBy = receivedBy,
            Due = due,
        };
        db.Add(receipt);
        db.Add(Document.OfReceipt(receipt));
        return receipt;
    }
}
