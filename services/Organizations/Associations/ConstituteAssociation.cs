using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The constitutive assembly's minutes: date, statutes and the first board.</summary>
internal static class ConstituteAssociation
{
    public static void MapConstituteAssociation(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/constitution", HandleAsync).WithName("ConstituteAssociation")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar la asamblea de constitución y la primera junta directiva");

    internal sealed record Seat([Text(40)] string Post, Guid PersonId);

    internal sealed record Request(
        DateOnly AssemblyDate,
        [Between(1, 99999)] int MinutesNumber,
        bool ConvenedForIt,
        [Text(120)] string PresidedBy,
        [Count(1, 12)] IReadOnlyList<StatutesTopic> StatutesTopics,
        [Count(1, 20)] IReadOnlyList<Seat> Board);

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            change.NotInFuture(request.AssemblyDate, "/assemblyDate");
            var roll = change.Db.Members.Where(m => m.AssociationId == id).ActiveOn(request.AssemblyDate);
            var elected = request.Board.Select(s => s.PersonId).ToArray();
            var people = await change.Db.People
                .Where(p => elected.Contains(p.Id) && roll.Any(m => m.PersonId == p.Id))
                .ToDictionaryAsync(p => p.Id, cancellation);
            foreach (var (index, seat) in request.Board.Index())
            {
                Rule.That(people.ContainsKey(seat.PersonId), "board_member_not_a_member",
                    "Esa persona no era miembro en la fecha de la asamblea.", $"/board/{index}/personId");
            }
            var act = new Constitution(
                request.AssemblyDate, request.MinutesNumber, request.ConvenedForIt, request.PresidedBy.Trim(), request.StatutesTopics,
                [.. request.Board.Select(s => (s.Post, people[s.PersonId]))]);
            var term = association.Constitute(
                act, await roll.CountAsync(cancellation), await change.RulesetOfAsync(association, cancellation), change.Now);
            change.Db.Add(term);
        });
}
