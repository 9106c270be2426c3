using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>The credential with which a board works: it names the board and its term, and expires with it.</summary>
internal static class IssueCredential
{
    public static void MapIssueCredential(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/credential", HandleAsync).WithName("IssueCredential")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Entregar la credencial a la junta directiva")
            .WithDescription("La credencial anterior del mismo período queda sin efecto. Para imprimirla, vea los documentos de la asociación.");

    internal sealed record Request(DateOnly IssuedOn)
    {
        public static Request Example => new(new DateOnly(2025, 4, 7));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.IssuedOn, change.Now, "/issuedOn");
            // The board in its term; else the one that was elected and is to begin; else the last one, which is over.
            var terms = change.Db.BoardTerms.AsNoTracking().Include(t => t.Seats).Where(t => t.AssociationId == id);
            var term = await terms.Where(t => t.LastDay >= request.IssuedOn).OrderBy(t => t.FirstDay).FirstOrDefaultAsync(cancellation)
                ?? await terms.OrderByDescending(t => t.FirstDay).FirstOrDefaultAsync(cancellation);
            Rule.State(term is not null, "no_board", "La asociación no tiene junta directiva electa en esa fecha.");
            var entry = await (from e in change.Db.BookEntries.AsNoTracking()
                               join b in change.Db.Books on e.BookId equals b.Id
                               where e.AssociationId == id
                               select new { Book = b.Number, e.Entry }).SingleOrDefaultAsync(cancellation);
            Rule.State(entry is not null, "not_registered", "Antes de la credencial, inscriba la asociación en el libro.");
            // Book and entry identify the association, the term's first year and a count its credentials.
            var number = string.Create(CultureInfo.InvariantCulture, $"{entry!.Book}-{entry.Entry:000}-{term!.FirstDay.Year}");
            var issued = await change.Db.Documents.CountAsync(d => d.AssociationId == id && d.Kind == DocumentKind.Credential && d.Number.StartsWith(number), cancellation);
            if (issued > 0)
                number += string.Create(CultureInfo.InvariantCulture, $"-{issued + 1}");
            association.IssueCredential(number, term, request.IssuedOn, change.Now);
            await Document.WithdrawCredentialAsync(change.Db, term.Id, request.IssuedOn, cancellation);
            change.Db.Add(Document.OfCredential(number, term, request.IssuedOn, change.Caller, change.Now));
        });
}
