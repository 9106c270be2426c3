using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Books;

/// <summary>The books that the law and the statutes ask for: the municipality's register, and six of each association.</summary>
internal enum BookKind
{
    Register,
    Members,
    AssemblyMinutes,
    BoardMinutes,
    Directors,
    Treasury,
    Inventory,
}

/// <summary>A book of numbered folios. Its entries follow each other without a gap; the database numbers them.</summary>
internal sealed class Book
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid? AssociationId { get; init; }
    public BookKind Kind { get; init; }
    public int Number { get; init; }
    public int Folios { get; init; }
    public int LastEntry { get; init; }
    public int LastFolio { get; init; }
    public DateOnly OpenedOn { get; init; }
    public DateOnly? ClosedOn { get; set; }
}

internal sealed class BookEntry
{
    public Guid BookId { get; init; }
    public int Entry { get; init; }
    public long Version { get; set; }
    public int Folio { get; init; }
    public int Pages { get; init; }
    public DateOnly DatedOn { get; set; }
    public required string Title { get; set; }
    public required string Text { get; set; }
    public Guid? AssociationId { get; init; }
    public Guid? CorrectsBookId { get; init; }
    public int? CorrectsEntry { get; init; }
    public required string RecordedBy { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
    public string? ClosedBy { get; set; }
    public DateTimeOffset? ClosedAt { get; set; }
}

/// <summary>Where an entry stands: its number and its first folio.</summary>
internal sealed record BookPlace(int Entry, int Folio);

/// <summary>How entries get into books.</summary>
internal static class Books
{
    /// <summary>Folios of a book, unless one of another size is opened.</summary>
    public const int UsualFolios = 200;

    private static readonly BookKind[] OfAssociations =
        [BookKind.Members, BookKind.AssemblyMinutes, BookKind.BoardMinutes, BookKind.Directors, BookKind.Treasury, BookKind.Inventory];

    /// <summary>Opens the six books with the constitution, whose minutes are the first entry of theirs.</summary>
    public static void OpenBooks(this OrganizationsDb db, Association association, DateOnly on, int firstMinutes) =>
        db.AddRange(OfAssociations.Select(kind => new Book
        {
            AssociationId = association.Id,
            Kind = kind,
            Number = 1,
            Folios = UsualFolios,
            LastEntry = kind == BookKind.AssemblyMinutes ? firstMinutes - 1 : 0,
            OpenedOn = on,
        }));

    /// <summary>
    /// Writes an entry; the database gives its number and folio. The book stays locked until the transaction ends, so
    /// writers take turns, and a number whose writing fails is the next one's.
    /// </summary>
    public static async Task<BookPlace> WriteAsync(this OrganizationsDb db, Guid book, BookEntry entry, CancellationToken cancellation)
    {
        var written = await db.Database.SqlQuery<BookPlace>(
            $"""
            INSERT INTO book_entry (book_id, entry, folio, pages, dated_on, title, text, association_id, corrects_book_id, corrects_entry, recorded_by, recorded_at, closed_by, closed_at)
            VALUES ({book}, 0, 0, {entry.Pages}, {entry.DatedOn}, {entry.Title}, {entry.Text}, {entry.AssociationId}, {entry.CorrectsBookId}, {entry.CorrectsEntry}, {entry.RecordedBy}, {entry.RecordedAt}, {entry.ClosedBy}, {entry.ClosedAt})
            RETURNING entry AS "Entry", folio AS "Folio"
            """).ToListAsync(cancellation);
        return written.Single();
    }

    /// <summary>
    /// The minutes of an assembly that decided something: those with this number and date if they are in the book,
    /// otherwise the book's next entry, closed at once.
    /// </summary>
    /// <exception cref="RuleViolationException">The number is neither the book's next one nor that of minutes of this day.</exception>
    public static async Task<int> MinutesOfAsync(this AssociationChange change, Association association, DateOnly heldOn, int? number, string title, string text, CancellationToken cancellation)
    {
        var book = await change.Db.Books.AsNoTracking()
                .SingleOrDefaultAsync(b => b.AssociationId == association.Id && b.Kind == BookKind.AssemblyMinutes && b.ClosedOn == null, cancellation)
            ?? throw new RuleViolationException(409, "minutes_book_not_open", "El libro de actas de asamblea está cerrado. Abra el siguiente.");
        if (number is { } given && given != book.LastEntry + 1)
        {
            var isThere = await (from e in change.Db.BookEntries
                                 join b in change.Db.Books on e.BookId equals b.Id
                                 where b.AssociationId == association.Id && b.Kind == BookKind.AssemblyMinutes && e.Entry == given && e.DatedOn == heldOn && e.ClosedAt != null
                                 select e).AnyAsync(cancellation);
            Rule.That(isThere, "minutes_number_not_next",
                $"El libro de actas sigue con la número {book.LastEntry + 1}. La número {given} no está cerrada en el libro con esa fecha.", "/minutesNumber");
            return given;
        }
        var place = await change.Db.WriteAsync(book.Id, new BookEntry
        {
            Pages = 1, DatedOn = heldOn, Title = title, Text = text, RecordedBy = change.Caller, RecordedAt = change.Now, ClosedBy = change.Caller, ClosedAt = change.Now,
        }, cancellation);
        // Somebody may have written the next entry since the book was looked at.
        Rule.State(number is null || number == place.Entry, "minutes_number_not_next", $"Alguien escribió en el libro mientras tanto: sigue con la número {place.Entry}.");
        association.CloseBookEntry(BookKind.AssemblyMinutes, book.Number, place.Entry, heldOn, change.Now);
        return place.Entry;
    }

    public static string InSpanish(BookKind kind) => kind switch
    {
        BookKind.Register => "Registro de asociaciones comunales",
        BookKind.Members => "Asociados",
        BookKind.AssemblyMinutes => "Actas de asamblea general",
        BookKind.BoardMinutes => "Actas de junta directiva",
        BookKind.Directors => "Directivos",
        BookKind.Treasury => "Tesorería",
        BookKind.Inventory => "Inventario",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
