using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>A person whom an assembly elected for a post.</summary>
internal sealed record ElectedSeat([Text(40)] string Post, Guid PersonId)
{
    public static IReadOnlyList<ElectedSeat> ExampleBoard { get; } =
        [new("president", Examples.Id), new("secretary", new("01936d0a-7c00-7000-8000-000000000003")), new("treasurer", new("01936d0a-7c00-7000-8000-000000000004")),
         new("syndic", new("01936d0a-7c00-7000-8000-000000000005")), new("member-1", new("01936d0a-7c00-7000-8000-000000000006"))];
}

/// <summary>A general assembly elects the next board; its minutes are in the book.</summary>
internal static class ElectBoard
{
    public static void MapElectBoard(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/elections", HandleAsync).WithName("ElectBoard")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar la elección de una nueva junta directiva")
            .WithDescription("Sin minutesNumber, el acta es la siguiente del libro. Sin firstDay, el período comienza al día siguiente del anterior, o el día de la asamblea.");

    internal sealed record Request(
        DateOnly HeldOn,
        [Between(1, 2)] int Call,
        [Between(1, 100000)] int Attendees,
        [Count(1, 20)] IReadOnlyList<ElectedSeat> Board,
        [Between(1, 99999)] int? MinutesNumber = null,
        DateOnly? FirstDay = null,
        bool EndsCurrentTerm = false)
    {
        public static Request Example => new(new(2026, 12, 12), 1, 38, ElectedSeat.ExampleBoard, 14, new(2027, 1, 20));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.HeldOn, change.Now, "/heldOn");
            Rule.That(association.AssemblyDate is null || request.HeldOn >= association.AssemblyDate, "election_before_constitution",
                $"La asociación se constituyó el {association.AssemblyDate:dd/MM/yyyy}: la elección no puede ser anterior.", "/heldOn");
            var board = await change.ElectedAsync(association, request.HeldOn, request.Board, cancellation);
            var earlier = await change.TermsOfAsync(association, cancellation);
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            var last = earlier.FirstOrDefault()?.LastDay;
            var firstDay = request.FirstDay
                ?? (last >= request.HeldOn && !request.EndsCurrentTerm ? last.Value.AddDays(1) : request.HeldOn);
            Rule.State(association.AssemblyDate is not null, "no_election_now",
                "La primera junta se elige en la asamblea de constitución.");
            var minutes = await change.MinutesOfAsync(
                association, request.HeldOn, request.MinutesNumber, "Elección de junta directiva",
                $"En asamblea general, en {(request.Call == 1 ? "primera" : "segunda")} convocatoria y con {request.Attendees} asistentes, se eligió la junta directiva: "
                + string.Join("; ", board.OrderBy(s => BoardTerm.RankOf(s.Post)).Select(s => $"{BoardTerm.InSpanish(s.Post)}, {s.Person.FullName}")) + ".", cancellation);
            var election = new Election(new(request.HeldOn, minutes, request.Call, request.Attendees), firstDay, request.EndsCurrentTerm, board);
            var term = association.Elect(
                election, earlier, await change.MembersOnAsync(association, request.HeldOn, cancellation),
                await change.RulesOnAsync(association, request.HeldOn, cancellation),
                await change.LastDayAsync(request.HeldOn, ruleset.BoardReportDays, cancellation), change.Now);
            await change.RequireFreeAsync(id, [.. term.Seats], cancellation);
            if (earlier is [var before, ..] && before.EndedBecause is not null)
                await Document.ShortenCredentialAsync(change.Db, before.Id, before.LastDay, cancellation);
            await change.Db.SaveChangesAsync(cancellation); // What the assembly ended, before what takes its place.
            change.Db.Add(term);
        });
}
