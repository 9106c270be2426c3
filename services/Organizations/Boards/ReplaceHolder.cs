using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>A post falls vacant in the middle of a term, and is filled or not. The credential, which names the board, is no longer good.</summary>
internal static class ReplaceHolder
{
    public static void MapReplaceHolder(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/board/reliefs", HandleAsync).WithName("ReplaceBoardHolder")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar que alguien deja su cargo y quién lo releva")
            .WithDescription("Sin successorId el cargo queda vacante. Para llenar una vacante, lastDay es el día anterior a quien la toma. Si quien releva ya tiene un cargo en la junta, lo deja. La credencial queda sin efecto: entregue otra.");

    internal sealed record Request([Text(40)] string Post, DateOnly LastDay, ReliefReason Reason, Guid? SuccessorId = null)
    {
        public static Request Example => new("secretary", new(2026, 3, 31), ReliefReason.Resignation, Examples.Id);
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.LastDay, change.Now, "/lastDay");
            var term = await change.Db.BoardTerms.Include(t => t.Seats)
                    .SingleOrDefaultAsync(t => t.AssociationId == id && t.FirstDay <= request.LastDay && t.LastDay >= request.LastDay, cancellation)
                ?? throw new RuleViolationException(422, "no_board", "La asociación no tenía junta directiva en esa fecha.") { Pointer = "/lastDay" };
            Person? successor = null;
            var from = request.LastDay.AddDays(1);
            if (request.SuccessorId is { } successorId)
            {
                var roll = change.Db.Members.Where(m => m.AssociationId == id).ActiveOn(from);
                successor = await change.Db.People.SingleOrDefaultAsync(p => p.Id == successorId && roll.Any(m => m.PersonId == p.Id), cancellation);
                Rule.That(successor is not null, "board_member_not_a_member", "Quien releva no es miembro en esa fecha.", "/successorId");
            }
            var ids = term.Seats.Select(seat => seat.PersonId).ToArray();
            var people = await change.Db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
            if (successor is not null)
                people[successor.Id] = successor;
            var taken = association.ReplaceHolder(term, new(request.Post, request.LastDay, request.Reason, successor), people, change.Now);
            await change.RequireFreeAsync(id, taken is null ? [] : [taken], cancellation);
            await Document.WithdrawCredentialAsync(change.Db, term.Id, change.Now.LocalDate(), cancellation);
        });
}
