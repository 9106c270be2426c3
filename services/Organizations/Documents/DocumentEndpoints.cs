using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Documents;

/// <summary>Papers to print, as HTML with print styles, and the public page that their QR leads to.</summary>
internal static class DocumentEndpoints
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary];

    public static void MapDocuments(this IEndpointRouteBuilder associations)
    {
        associations.MapGet("/{id:guid}/documents", ListAsync).WithName("ListDocuments").Allow("organizations.read", Readers)
            .WithSummary("Documentos emitidos a una asociación, el último primero");
        associations.MapPost("/{id:guid}/documents", IssueAsync).WithName("IssueDocument").Idempotent().Allow("organizations.write", Readers)
            .WithSummary("Emitir una nómina de asociados o la certificación de un asiento de libro")
            .WithDescription("Los recibos y las credenciales se emiten solos con su trámite. Una nómina lleva on; una certificación, book y entry de un asiento cerrado.");
    }

    public static void MapPrintAndVerify(this IEndpointRouteBuilder api)
    {
        api.MapGet("/documents/{code}", PrintAsync).WithName("PrintDocument").WithTags("documents").Allow("organizations.read", Readers)
            .Produces<string>(200, "text/html")
            .WithSummary("Un documento listo para imprimir");
        api.MapGet("/verify/{code}", VerifyAsync).WithName("VerifyDocument").WithTags("documents").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html")
            .WithSummary("Página pública que dice si un documento está vigente");
    }

    internal sealed record IssuedView(
        string Code, DocumentKind Kind, string Number, DateOnly AsOf, DateOnly? ValidUntil, DateOnly? WithdrawnOn, DateTimeOffset IssuedAt, string Print, string Verify)

    {
        public static IssuedView Example => new(
            "7k3mq9xw2hvt5rnp", DocumentKind.Credential, "1-007-2025", new(2025, 4, 7), new(2027, 1, 19), null, Examples.Instant,
            "/v1/organizations/documents/7k3mq9xw2hvt5rnp", "/v1/organizations/verify/7k3mq9xw2hvt5rnp");

        public static IssuedView Of(Document d) => new(
            d.Code, d.Kind, d.Number, d.AsOf, d.ValidUntil, d.WithdrawnOn, d.IssuedAt, $"/v1/organizations/documents/{d.Code}", $"/v1/organizations/verify/{d.Code}");
    }

    internal sealed record Request(DocumentKind Kind, DateOnly? On = null, BookKind? Book = null, [Between(1, 100000)] int? Entry = null)
    {
        public static Request Example => new(DocumentKind.MemberRoll, new(2026, 1, 15));
    }

    private static async Task<Results<Ok<Page<IssuedView>>, ProblemHttpResult>> ListAsync(
        Guid id, OrganizationsDb db, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Associations.AnyAsync(a => a.Id == id, cancellation))
            return Problems.NotFound();
        var query = db.Documents.AsNoTracking().Where(d => d.AssociationId == id);
        if (after is not null)
        {
            var last = await db.Documents.AsNoTracking().Where(d => d.Code == after).Select(d => (DateTimeOffset?)d.IssuedAt).SingleOrDefaultAsync(cancellation)
                ?? throw Page.BadCursor();
            query = query.Where(d => EF.Functions.LessThan(ValueTuple.Create(d.IssuedAt, d.Code), ValueTuple.Create(last, after)));
        }
        var items = await query.OrderByDescending(d => d.IssuedAt).ThenByDescending(d => d.Code).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(IssuedView.Of)], size, d => d.Code));
    }

    private static async Task<Results<Created<IssuedView>, ProblemHttpResult>> IssueAsync(
        Guid id, Request request, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var association = await db.Associations.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (association is null)
            return Problems.NotFound();
        var (by, now) = (Access.CallerOf(http.User), time.GetUtcNow());
        Document document;
        if (request.Kind == DocumentKind.MemberRoll)
        {
            var on = request.On ?? now.LocalDate();
            Rule.NotInFuture(on, now, "/on");
            document = Document.OfRoll(id, on, by, now);
        }
        else
        {
            Rule.That(request.Kind == DocumentKind.BookPage, "document_comes_by_itself", "Los recibos y las credenciales se emiten con su trámite.", "/kind");
            Rule.That(request is { Book: not null, Entry: not null }, "book_entry_missing", "Indique de qué libro y qué asiento.", "/entry");
            var entry = await (from e in db.BookEntries.AsNoTracking()
                               join b in db.Books on e.BookId equals b.Id
                               where b.Kind == request.Book && e.ClosedAt != null && (b.AssociationId == id ? e.Entry == request.Entry : b.Kind == BookKind.Register && e.AssociationId == id && e.Entry == request.Entry)
                               select new { b.Id, b.Number, e.Entry, e.DatedOn }).SingleOrDefaultAsync(cancellation);
            Rule.That(entry is not null, "book_entry_not_closed", "Ese asiento no existe o todavía es borrador: solo se certifica lo cerrado.", "/entry");
            document = Document.OfPage(id, entry!.Id, entry.Number, entry.Entry, entry.DatedOn, by, now);
        }
        db.Add(document);
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Created($"/v1/organizations/documents/{document.Code}", IssuedView.Of(document));
    }

    private static async Task<IResult> PrintAsync(
        string code, OrganizationsDb db, IConfiguration configuration, HttpContext http, CancellationToken cancellation)
    {
        var document = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Code == code, cancellation);
        if (document is null)
            return Problems.NotFound();
        var association = await db.Associations.AsNoTracking().Include(a => a.Place).SingleAsync(a => a.Id == document.AssociationId, cancellation);
        var verify = new Uri($"{(configuration["PublicUrl"] ?? "http://localhost:8080").TrimEnd('/')}/v1/organizations/verify/{code}");
        var paper = Paper.Of(document, association, verify);
        switch (document.Kind)
        {
            case DocumentKind.Credential:
                // The seats of the credential's day; a term that was cut short before it began had none.
                var board = await ReadBoards.ReadAsync(db, association.Id, document.AsOf, cancellation);
                return board is null
                    ? Problems.NotFound()
                    : Html.Page<CredentialPage>(http, new() { ["Paper"] = paper, ["Personality"] = PersonalityOf(association), ["Board"] = PrintedBoard.Of(board) });
            case DocumentKind.Receipt:
                var receipt = await db.Receipts.AsNoTracking().SingleAsync(r => r.Year == document.ReceiptYear && r.Number == document.ReceiptNumber, cancellation);
                return Html.Page<ReceiptPage>(http, new() { ["Paper"] = paper, ["Receipt"] = PrintedReceipt.Of(receipt) });
            case DocumentKind.MemberRoll:
                return Html.Page<MemberRollPage>(http, new() { ["Paper"] = paper, ["AsOf"] = document.AsOf.Day(), ["Lines"] = await RollAsync(db, document, cancellation) });
            default:
                var book = await db.Books.AsNoTracking().SingleAsync(b => b.Id == document.BookId, cancellation);
                var entry = await db.BookEntries.AsNoTracking().SingleAsync(e => e.BookId == book.Id && e.Entry == document.BookEntry, cancellation);
                return Html.Page<BookPage>(http, new() { ["Paper"] = paper, ["Entry"] = PrintedEntry.Of(book, entry) });
        }
    }

    private static string PersonalityOf(Association association) => association.GrantedByLaw
        ? $"concedida por ministerio de ley desde el {association.RecognizedOn!.Value.Day()}"
        : $"según Acuerdo No. {association.CouncilAgreementNumber} del Acta No. {association.CouncilMinutesNumber}, del {association.CouncilDate!.Value.Day()}";

    private static async Task<IResult> VerifyAsync(string code, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var document = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Code == code, cancellation);
        if (document is null)
            return Html.Page<UnknownDocumentPage>(http, [], 404);
        var association = await db.Associations.AsNoTracking().Include(a => a.Place).SingleAsync(a => a.Id == document.AssociationId, cancellation);
        var today = time.Today();
        var board = document.Kind == DocumentKind.Credential && document.IsGoodOn(today)
            ? await ReadBoards.ReadAsync(db, association.Id, document.AsOf, cancellation)
            : null;
        return Html.Page<VerificationPage>(http, new() { ["Verdict"] = Verdict.Of(document, association, today, board) });
    }

    /// <summary>The roll of a day by surname.</summary>
    private static async Task<List<RollLine>> RollAsync(OrganizationsDb db, Document document, CancellationToken cancellation)
    {
        var members = await (from member in db.Members.AsNoTracking().ActiveOn(document.AsOf)
                             join person in db.People on member.PersonId equals person.Id
                             join identity in db.Identities on person.Id equals identity.PersonId
                             where member.AssociationId == document.AssociationId
                             orderby person.Surnames, person.GivenNames, person.Id
                             select new { person.Surnames, person.GivenNames, identity.Dui, member.JoinedOn }).ToListAsync(cancellation);
        return members.ConvertAll(m => RollLine.Of(m.Surnames, m.GivenNames, m.Dui, m.JoinedOn));
    }
}
