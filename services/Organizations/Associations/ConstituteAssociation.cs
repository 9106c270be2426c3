using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
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

    internal sealed record Request(
        DateOnly AssemblyDate,
        [Between(1, 99999)] int MinutesNumber,
        bool ConvenedForIt,
        [Text(120)] string PresidedBy,
        [Count(1, 12)] IReadOnlyList<StatutesTopic> StatutesTopics,
        [Count(1, 20)] IReadOnlyList<ElectedSeat> Board)
    {
        public static Request Example => new(
            new(2025, 1, 20), 1, true, "Delegada del alcalde", Associations.StatutesTopics.All, ElectedSeat.ExampleBoard);
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.AssemblyDate, change.Now, "/assemblyDate");
            var act = new Constitution(
                request.AssemblyDate, request.MinutesNumber, request.ConvenedForIt, request.PresidedBy.Trim(), request.StatutesTopics,
                await change.ElectedAsync(association, request.AssemblyDate, request.Board, cancellation));
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            var term = association.Constitute(
                act, await change.MembersOnAsync(association, request.AssemblyDate, cancellation), ruleset, ruleset.With(null), change.Now);
            await change.RequireFreeAsync(id, [.. term.Seats], cancellation);
            change.Db.Add(term);
            change.Db.OpenBooks(association, act.AssemblyDate, act.MinutesNumber);
            await change.Db.SaveChangesAsync(cancellation); // The books, before the first entry.
            await change.MinutesOfAsync(
                association, act.AssemblyDate, act.MinutesNumber, "Constitución",
                $"En asamblea general extraordinaria convocada para ello, presidida por {act.PresidedBy}, se constituyó la asociación comunal {association.Name}, se aprobaron sus estatutos y se eligió su primera junta directiva.", cancellation);
        });
}
