using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Documents;

internal enum DocumentKind
{
    Credential,
    Receipt,
    MemberRoll,
    BookPage,
}

/// <summary>A paper that was handed out. Its code, printed as a QR, leads to the page that says whether it is still good.</summary>
internal sealed class Document
{
    public string Code { get; private init; } = Codes.New(16);
    public DocumentKind Kind { get; private init; }
    public string Number { get; private init; } = "";
    public Guid AssociationId { get; private init; }
    public Guid? BoardTermId { get; private init; }
    public int? ReceiptYear { get; private init; }
    public int? ReceiptNumber { get; private init; }
    public Guid? BookId { get; private init; }
    public int? BookEntry { get; private init; }
    /// <summary>The day whose facts it states.</summary>
    public DateOnly AsOf { get; private init; }
    public DateOnly? ValidUntil { get; private init; }
    public DateOnly? WithdrawnOn { get; set; }
    public string IssuedBy { get; private init; } = "";
    public DateTimeOffset IssuedAt { get; private init; }

    public bool IsGoodOn(DateOnly date) => WithdrawnOn is null && !(ValidUntil < date);

    /// <summary>It names the board as it is after the last change of a seat that is known when it is issued.</summary>
    public static Document OfCredential(string number, BoardTerm term, DateOnly issuedOn, string by, DateTimeOffset at) => new()
    {
        Kind = DocumentKind.Credential, Number = number, AssociationId = term.AssociationId, BoardTermId = term.Id,
        AsOf = term.Seats.Where(s => s.LastDay < term.LastDay).Select(s => s.LastDay.AddDays(1)).Append(issuedOn).Append(term.FirstDay).Max(), ValidUntil = term.LastDay, IssuedBy = by, IssuedAt = at,
    };

    public static Document OfReceipt(Receipt receipt) => new()
    {
        Kind = DocumentKind.Receipt, Number = receipt.Text, AssociationId = receipt.AssociationId, ReceiptYear = receipt.Year, ReceiptNumber = receipt.Number,
        AsOf = receipt.ReceivedAt.LocalDate(), IssuedBy = receipt.ReceivedBy, IssuedAt = receipt.ReceivedAt,
    };

    public static Document OfRoll(Guid association, DateOnly on, string by, DateTimeOffset at) => new()
    {
        Kind = DocumentKind.MemberRoll, Number = on.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), AssociationId = association,
        AsOf = on, IssuedBy = by, IssuedAt = at,
    };

    public static Document OfPage(Guid association, Guid book, int bookNumber, int entry, DateOnly datedOn, string by, DateTimeOffset at) => new()
    {
        Kind = DocumentKind.BookPage, Number = $"{bookNumber}-{entry}", AssociationId = association, BookId = book, BookEntry = entry, AsOf = datedOn, IssuedBy = by, IssuedAt = at,
    };

    /// <summary>The credential of a board is no longer good: another takes its place, or the board changed.</summary>
    public static Task<int> WithdrawCredentialAsync(OrganizationsDb db, Guid term, DateOnly on, CancellationToken cancellation) =>
        db.Documents.Where(d => d.BoardTermId == term && d.WithdrawnOn == null)
            .ExecuteUpdateAsync(d => d.SetProperty(x => x.WithdrawnOn, on), cancellation);

    /// <summary>The term that a credential goes with ends earlier than it says.</summary>
    public static Task<int> ShortenCredentialAsync(OrganizationsDb db, Guid term, DateOnly lastDay, CancellationToken cancellation) =>
        db.Documents.Where(d => d.BoardTermId == term && d.WithdrawnOn == null && d.ValidUntil > lastDay)
            .ExecuteUpdateAsync(d => d.SetProperty(x => x.ValidUntil, lastDay), cancellation);

    public static string InSpanish(DocumentKind kind) => kind switch
    {
        DocumentKind.Credential => "Credencial de junta directiva",
        DocumentKind.Receipt => "Recibo",
        DocumentKind.MemberRoll => "Nómina de asociados",
        DocumentKind.BookPage => "Certificación de asiento de libro",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
