using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Books;

/// <summary>
/// The books of an association: an entry is written as a draft, which has its number from the start, corrected while it
/// is one, and closed. A closed entry is corrected only by a later one.
/// </summary>
internal static class KeepBooks
{
    private static readonly string[] Writers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary];
    private static readonly string[] Readers = [.. Writers, Roles.Auditor];

    public static void MapKeepBooks(this IEndpointRouteBuilder associations)
    {
        associations.MapGet("/{id:guid}/books", ListAsync).WithName("ListBooks").Allow("organizations.read", Readers)
            .WithSummary("Libros de la asociación");
        associations.MapPost("/{id:guid}/books", OpenAsync).WithName("OpenNextBook").Idempotent().Allow("organizations.write", Writers)
            .WithSummary("Cerrar el libro en uso de un tipo y abrir el siguiente");
        var entries = associations.MapGroup("/{id:guid}/books/{kind}/entries");
        entries.MapGet("/", EntriesAsync).WithName("ListBookEntries").Allow("organizations.read", Readers)
            .WithSummary("Asientos de un libro, del primero al último");
        entries.MapPost("/", WriteAsync).WithName("WriteBookEntry").Idempotent().Allow("organizations.write", Writers)
            .WithSummary("Escribir el siguiente asiento, como borrador")
            .WithDescription("El libro da el número y el folio. correctsEntry dice a qué asiento cerrado corrige.");
        entries.MapPut("/{number:int}", ReviseAsync).WithName("ReviseBookEntry").Allow("organizations.write", Writers)
            .WithSummary("Corregir un asiento que todavía es borrador");
        entries.MapPost("/{number:int}/closing", CloseAsync).WithName("CloseBookEntry").Allow("organizations.write", Roles.Secretary, Roles.UnitHead, Roles.Promoter)
            .WithSummary("Cerrar un asiento: ya no cambia");
    }

    public static void MapRegisterBooks(this IEndpointRouteBuilder books)
    {
        books.MapGet("/", RegistersAsync).WithName("ListRegisterBooks").Allow("organizations.read", Readers)
            .WithSummary("Libros de registro de la municipalidad");
        books.MapPost("/", OpenRegisterAsync).WithName("OpenRegisterBook").Idempotent().Allow("organizations.write", Roles.Secretary)
            .WithSummary("Cerrar el libro de registro en uso y abrir el siguiente");
    }

    internal sealed record BookView(BookKind Kind, string Name, int Number, int Folios, int LastEntry, int LastFolio, DateOnly OpenedOn, DateOnly? ClosedOn)
    {
        public static BookView Example => new(BookKind.AssemblyMinutes, "Actas de asamblea general", 1, 200, 14, 31, new(2025, 1, 20), null);

        public static BookView Of(Book b) => new(b.Kind, Books.InSpanish(b.Kind), b.Number, b.Folios, b.LastEntry, b.LastFolio, b.OpenedOn, b.ClosedOn);
    }

    internal sealed record Opening(BookKind Kind, [Between(10, 1000)] int Folios, DateOnly OpenedOn)
    {
        public static Opening Example => new(BookKind.AssemblyMinutes, 200, new(2026, 3, 2));
    }

    internal sealed record RegisterOpening([Between(10, 1000)] int Folios, DateOnly OpenedOn)
    {
        public static RegisterOpening Example => new(200, new(2026, 3, 2));
    }

    internal sealed record Draft(DateOnly DatedOn, [Text(200)] string Title, [Text(20000)] string Text, [Between(1, 50)] int Pages = 1, [Between(1, 100000)] int? CorrectsEntry = null)
    {
        public static Draft Example => new(new(2026, 3, 2), "Asamblea general ordinaria", "En el caserío El Ejemplo, a las catorce horas…", 2);
    }

    internal sealed record Revision(DateOnly DatedOn, [Text(200)] string Title, [Text(20000)] string Text)
    {
        public static Revision Example => new(new(2026, 3, 2), "Asamblea general ordinaria", "En el caserío El Ejemplo, a las catorce horas…");
    }

    internal sealed record EntryView(
        int Book, int Entry, long Version, int Folio, int LastFolio, DateOnly DatedOn, string Title, string Text, int? CorrectsEntry,
        string RecordedBy, DateTimeOffset RecordedAt, DateTimeOffset? ClosedAt)
    {
        public static EntryView Example => new(
            1, 15, 1, 32, 33, new(2026, 3, 2), "Asamblea general ordinaria", "En el caserío El Ejemplo, a las catorce horas…", null, "marta.promotora", Examples.Instant, null);

        public static EntryView Of(int book, BookEntry e) => new(
            book, e.Entry, e.Version, e.Folio, e.Folio + e.Pages - 1, e.DatedOn, e.Title, e.Text, e.CorrectsEntry, e.RecordedBy, e.RecordedAt, e.ClosedAt);
    }

    private static async Task<Results<Ok<List<BookView>>, ProblemHttpResult>> ListAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.Associations.AnyAsync(a => a.Id == id, cancellation))
            return Problems.NotFound();
        // Six, and one more for each that was filled.
        var books = await db.Books.AsNoTracking().Where(b => b.AssociationId == id).OrderBy(b => b.Kind).ThenBy(b => b.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        return TypedResults.Ok(books.ConvertAll(BookView.Of));
    }

    private static async Task<Ok<List<BookView>>> RegistersAsync(OrganizationsDb db, CancellationToken cancellation)
    {
        var books = await db.Books.AsNoTracking().Where(b => b.Kind == BookKind.Register).OrderBy(b => b.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        return TypedResults.Ok(books.ConvertAll(BookView.Of));
    }

    private static async Task<Results<Created<BookView>, ProblemHttpResult>> OpenAsync(
        Guid id, Opening request, OrganizationsDb db, TimeProvider time, CancellationToken cancellation)
    {
        if (!await db.Associations.AnyAsync(a => a.Id == id && a.AssemblyDate != null, cancellation))
            return Problems.NotFound();
        Rule.That(request.Kind != BookKind.Register, "book_of_the_municipality", "Ese libro es de la municipalidad.", "/kind");
        var book = await OpenNextAsync(db, id, request.Kind, request.Folios, request.OpenedOn, time, cancellation);
        return TypedResults.Created($"/v1/organizations/associations/{id}/books", BookView.Of(book));
    }

    private static async Task<Created<BookView>> OpenRegisterAsync(RegisterOpening request, OrganizationsDb db, TimeProvider time, CancellationToken cancellation) =>
        TypedResults.Created("/v1/organizations/register-books", BookView.Of(
            await OpenNextAsync(db, null, BookKind.Register, request.Folios, request.OpenedOn, time, cancellation)));

    private static async Task<Book> OpenNextAsync(
        OrganizationsDb db, Guid? association, BookKind kind, int folios, DateOnly on, TimeProvider time, CancellationToken cancellation)
    {
        Rule.NotInFuture(on, time.GetUtcNow(), "/openedOn");
        // The lock keeps numbers from being drawn meanwhile.
        await using var transaction = await db.BeginStepAsync(cancellation);
        var open = Choice<BookKind>.NameOf(kind);
        await db.Database.ExecuteSqlAsync(
            $"SELECT 1 FROM book WHERE association_id IS NOT DISTINCT FROM {association}::uuid AND kind = {open} AND closed_on IS NULL FOR UPDATE", cancellation);
        var last = await db.Books.Where(b => b.AssociationId == association && b.Kind == kind).OrderByDescending(b => b.Number).FirstAsync(cancellation);
        Rule.That(on >= last.OpenedOn, "opened_before_the_last", $"El libro anterior se abrió el {last.OpenedOn:dd/MM/yyyy}.", "/openedOn");
        Rule.State(!await db.BookEntries.AnyAsync(e => e.BookId == last.Id && e.ClosedAt == null, cancellation), "book_has_drafts",
            "El libro en uso tiene asientos sin cerrar. Ciérrelos primero.");
        last.ClosedOn = on;
        await db.SaveChangesAsync(cancellation); // Before the next one is opened: of a kind, one is open.
        var next = new Book { AssociationId = association, Kind = kind, Number = last.Number + 1, Folios = folios, LastEntry = last.LastEntry, OpenedOn = on };
        db.Add(next);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    private static async Task<Results<Ok<Page<EntryView>>, ProblemHttpResult>> EntriesAsync(
        Guid id, string kind, OrganizationsDb db, int after = 0, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (KindOf(kind) is not { } wanted || !await db.Associations.AnyAsync(a => a.Id == id, cancellation))
            return Problems.NotFound();
        var items = await (from entry in db.BookEntries.AsNoTracking()
                           join book in db.Books on entry.BookId equals book.Id
                           where book.AssociationId == id && book.Kind == wanted && entry.Entry > after
                           orderby entry.Entry
                           select new { book.Number, entry }).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(i => EntryView.Of(i.Number, i.entry))], size, e => e.Entry.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Created<EntryView>, ProblemHttpResult>> WriteAsync(
        Guid id, string kind, Draft request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.DatedOn, time.GetUtcNow(), "/datedOn");
        if (KindOf(kind) is not { } wanted)
            return Problems.NotFound();
        var book = await db.Books.AsNoTracking().SingleOrDefaultAsync(b => b.AssociationId == id && b.Kind == wanted && b.ClosedOn == null, cancellation);
        if (book is null)
            return Problems.NotFound();
        Guid? correctsBook = null;
        if (request.CorrectsEntry is { } corrected)
        {
            // Numbers go on over the books of a kind, so the number tells the entry, also in a book that is full.
            correctsBook = await (from e in db.BookEntries
                                  join b in db.Books on e.BookId equals b.Id
                                  where b.AssociationId == id && b.Kind == wanted && e.Entry == corrected && e.ClosedAt != null
                                  select (Guid?)b.Id).SingleOrDefaultAsync(cancellation);
            Rule.That(correctsBook is not null, "corrects_no_closed_entry", "Ese asiento no está cerrado en estos libros. Un borrador se corrige en sí mismo.", "/correctsEntry");
        }
        var entry = new BookEntry
        {
            Pages = request.Pages, DatedOn = request.DatedOn, Title = request.Title.Trim(), Text = request.Text, CorrectsBookId = correctsBook, CorrectsEntry = request.CorrectsEntry,
            RecordedBy = Access.CallerOf(http.User), RecordedAt = time.GetUtcNow(),
        };
        var place = await db.WriteAsync(book.Id, entry, cancellation);
        http.Response.SetETag(1);
        var written = await db.BookEntries.AsNoTracking().SingleAsync(e => e.BookId == book.Id && e.Entry == place.Entry, cancellation);
        return TypedResults.Created($"/v1/organizations/associations/{id}/books/{kind}/entries/{place.Entry}", EntryView.Of(book.Number, written));
    }

    private static Task<Results<Ok<EntryView>, ProblemHttpResult>> ReviseAsync(
        Guid id, string kind, int number, Revision request, [FromHeader(Name = "If-Match")] string? ifMatch, OrganizationsDb db, HttpContext http,
        TimeProvider time, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.DatedOn, time.GetUtcNow(), "/datedOn");
        return ChangeAsync(id, kind, number, ifMatch, db, http, (entry, _) =>
        {
            (entry.DatedOn, entry.Title, entry.Text) = (request.DatedOn, request.Title.Trim(), request.Text);
            return Task.CompletedTask;
        }, cancellation);
    }

    private static Task<Results<Ok<EntryView>, ProblemHttpResult>> CloseAsync(
        Guid id, string kind, int number, [FromHeader(Name = "If-Match")] string? ifMatch, OrganizationsDb db, HttpContext http,
        TimeProvider time, CancellationToken cancellation) =>
        ChangeAsync(id, kind, number, ifMatch, db, http, async (entry, book) =>
        {
            var now = time.GetUtcNow();
            (entry.ClosedBy, entry.ClosedAt) = (Access.CallerOf(http.User), now);
            var association = await db.Associations.Include(a => a.Place).SingleAsync(a => a.Id == id, cancellation);
            association.CloseBookEntry(book.Kind, book.Number, entry.Entry, entry.DatedOn, now);
        }, cancellation);

    private static async Task<Results<Ok<EntryView>, ProblemHttpResult>> ChangeAsync(
        Guid id, string kind, int number, string? ifMatch, OrganizationsDb db, HttpContext http, Func<BookEntry, Book, Task> change, CancellationToken cancellation)
    {
        var wanted = KindOf(kind);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Closing speaks in the association's name: entries that are closed at once take turns.
        await db.LockAsync<Association>(id, cancellation);
        var found = wanted is null ? null : await (from e in db.BookEntries
                                                   join b in db.Books on e.BookId equals b.Id
                                                   where b.AssociationId == id && b.Kind == wanted && e.Entry == number
                                                   select new { Entry = e, Book = b }).SingleOrDefaultAsync(cancellation);
        if (found is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, found.Entry.Version);
        Rule.State(found.Entry.ClosedAt is null, "book_entry_immutable", "El asiento está cerrado. Corríjalo con un asiento nuevo.");
        await change(found.Entry, found.Book);
        found.Entry.Version++;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(found.Entry.Version);
        return TypedResults.Ok(EntryView.Of(found.Book.Number, found.Entry));
    }

    private static BookKind? KindOf(string kind) =>
        Choice<BookKind>.TryParse(kind, null, out var choice) && choice.Value != BookKind.Register ? choice.Value : null;
}
