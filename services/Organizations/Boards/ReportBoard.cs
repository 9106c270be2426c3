using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>The council learns of a new board, against a receipt; 15 days after its election it is late.</summary>
internal static class ReportBoard
{
    public static void MapReportBoard(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/board/report", HandleAsync).WithName("ReportBoard")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Recibir el informe de la nueva junta directiva y dar su recibo");

    internal sealed record Request(DateOnly ReportedOn)
    {
        public static Request Example => new(new DateOnly(2026, 12, 16));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.ReportedOn, change.Now, "/reportedOn");
            // The board that waits for it longest; otherwise the last one, to say why it needs none.
            var terms = change.Db.BoardTerms.Where(t => t.AssociationId == id);
            var term = await terms.Where(t => t.ReportDue != null && t.ReportedOn == null).OrderBy(t => t.FirstDay).FirstOrDefaultAsync(cancellation)
                ?? await terms.OrderByDescending(t => t.FirstDay).FirstOrDefaultAsync(cancellation);
            Rule.State(term is not null, "no_board", "La asociación no tiene junta directiva electa.");
            var receipt = await Receipt.DrawAsync(change.Db, id, ReceiptKind.BoardReport, request.ReportedOn, change.Caller, change.Now, cancellation);
            association.ReportBoard(term!, request.ReportedOn, receipt.Text, change.Now);
        });
}
