using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Documents;

// What the pages show, in the words that they show it in. These are public because Razor makes its components so.

/// <summary>What every printed document has.</summary>
public sealed record Paper(
    string Title, string Number, string Association, string Place, string? WithdrawnOn, string IssuedAt, string? ValidUntil, Uri Verify)
{
    internal static Paper Of(Document document, Association association, Uri verify) => new(
        Document.InSpanish(document.Kind), document.Number, association.Name, association.Place.Path, document.WithdrawnOn?.Day(),
        document.IssuedAt.DayAndHour(), document.ValidUntil?.Day(), verify);
}

/// <summary>A board with its posts.</summary>
public sealed record PrintedBoard(string ElectedOn, int MinutesNumber, string FirstDay, string LastDay, IReadOnlyList<(string Post, string Name)> Posts)
{
    internal static PrintedBoard Of(ReadBoards.BoardView board) => new(
        board.ElectedOn.Day(), board.MinutesNumber, board.FirstDay.Day(), board.LastDay.Day(), [.. board.Seats.Select(s => (BoardTerm.InSpanish(s.Post), s.FullName))]);
}

/// <summary>What was received, when (and on which day before, when it was entered later), by whom, and until when the answer is due.</summary>
public sealed record PrintedReceipt(string? FiledOn, string ReceivedAt, string ReceivedBy, IReadOnlyList<string> Papers, string? Due)
{
    internal static PrintedReceipt Of(Receipt receipt) => new(
        receipt.FiledOn == receipt.ReceivedAt.LocalDate() ? null : receipt.FiledOn.Day(),
        receipt.ReceivedAt.DayAndHour(), receipt.ReceivedBy, receipt.Kind switch
        {
            ReceiptKind.Application => ["Acta de constitución", "Estatutos", "Nómina de miembros"],
            ReceiptKind.Correction => ["Subsanación de las observaciones notificadas"],
            ReceiptKind.BoardReport => ["Informe de la nueva junta directiva, con el acta de su elección"],
            _ => ["Nómina de miembros del año", "Plan de trabajo del año"],
        }, receipt.Due?.Day());
}

/// <summary>A line of a member roll, with the DUI masked.</summary>
public sealed record RollLine(string Name, string MaskedDui, string JoinedOn)
{
    internal static RollLine Of(string surnames, string givenNames, string? dui, DateOnly joinedOn) =>
        new($"{surnames}, {givenNames}", dui is null ? "—" : Dui.Mask(dui), joinedOn.Day());
}

/// <summary>An entry of a book.</summary>
public sealed record PrintedEntry(string Book, int BookNumber, bool IsMunicipal, string Folios, int Number, string DatedOn, string Title, string Text, int? Corrects, string ClosedOn)
{
    internal static PrintedEntry Of(Book book, BookEntry entry) => new(
        Books.Books.InSpanish(book.Kind), book.Number, book.Kind == BookKind.Register,
        entry.Pages == 1 ? $"folio {entry.Folio}" : $"folios {entry.Folio} a {entry.Folio + entry.Pages - 1}",
        entry.Entry, entry.DatedOn.Day(), entry.Title, entry.Text, entry.CorrectsEntry, entry.ClosedAt!.Value.LocalDate().Day());
}

/// <summary>What the public page says of a document.</summary>
public sealed record Verdict(
    bool IsGood, string Words, string Document, string Association, string Place, string IssuedOn, string? ValidUntil, IReadOnlyList<(string Post, string Name)> Posts)
{
    internal static Verdict Of(Document document, Association association, DateOnly today, ReadBoards.BoardView? board) => new(
        document.IsGoodOn(today),
        document.WithdrawnOn is { } withdrawn ? $"Sin efecto desde el {withdrawn.Day()}"
            : !document.IsGoodOn(today) ? $"Venció el {document.ValidUntil!.Value.Day()}"
            : document.ValidUntil is null ? "Documento auténtico" : "Documento vigente",
        $"{Documents.Document.InSpanish(document.Kind)} No. {document.Number}", association.Name, association.Place.Path, document.IssuedAt.LocalDate().Day(),
        document.ValidUntil?.Day(), board is null ? [] : PrintedBoard.Of(board).Posts);
}
