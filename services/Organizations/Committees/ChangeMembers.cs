using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>Members come, leave and are replaced, until the committee ends.</summary>
internal static class ChangeMembers
{
    public static void MapChangeMembers(this IEndpointRouteBuilder committees)
    {
        committees.MapPost("/{id:guid}/members", AddAsync).WithName("AddCommitteeMember")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Agregar un integrante a un comité");
        committees.MapPost("/{id:guid}/members/{personId:guid}/replacement", ReplaceAsync).WithName("ReplaceCommitteeMember")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar que alguien deja el comité y quién lo sustituye")
            .WithDescription("Quien sustituye toma el mismo cargo, o el asiento de la misma institución. Sin successorId el asiento queda vacío.");
        committees.MapPost("/{id:guid}/dissolution", DissolveAsync).WithName("DissolveCommittee")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar que un comité terminó");
    }

    internal sealed record Addition(CommitteePost Post, Guid PersonId, DateOnly JoinedOn, [Text(120)] string? Institution = null, Guid? AlternateId = null)
    {
        public static Addition Example => new(CommitteePost.Member, Examples.Id, new(2026, 3, 5), "Salud", Examples.OtherId);
    }

    internal sealed record Replacement(DateOnly LastDay, [Text(300)] string Reason, Guid? SuccessorId = null)
    {
        public static Replacement Example => new(new(2026, 3, 31), "Cambió de domicilio", Examples.OtherId);
    }

    internal sealed record Dissolution(DateOnly DissolvedOn, [Text(300)] string Reason)
    {
        public static Dissolution Example => new(new(2026, 11, 30), "La obra fue liquidada");
    }

    private static Task<Results<Ok<CommitteeView>, ProblemHttpResult>> AddAsync(
        Guid id, Addition request, [FromHeader(Name = "If-Match")] string? ifMatch, CommitteeChange change) =>
        change.ApplyAsync(id, ifMatch, async (committee, kind, members, cancellation) =>
        {
            Rule.NotInFuture(request.JoinedOn, change.Now, "/joinedOn");
            var person = await change.PersonAsync(request.PersonId, "/personId", cancellation);
            var alternate = request.AlternateId is { } alternateId ? await change.PersonAsync(alternateId, "/alternateId", cancellation) : null;
            var joined = committee.Add(kind, new(request.Post, person, request.Institution?.Trim(), alternate), members, request.JoinedOn, change.Now);
            await Incompatibilities.RequireNoneAsync(change.Db, kind, committee.ProjectId, request.JoinedOn, [.. joined.Select(m => m.PersonId)], id, cancellation);
            change.Db.AddRange(joined);
        });

    private static Task<Results<Ok<CommitteeView>, ProblemHttpResult>> ReplaceAsync(
        Guid id, Guid personId, Replacement request, [FromHeader(Name = "If-Match")] string? ifMatch, CommitteeChange change) =>
        change.ApplyAsync(id, ifMatch, async (committee, kind, members, cancellation) =>
        {
            Rule.NotInFuture(request.LastDay, change.Now, "/lastDay");
            var leaving = members.Where(m => m.PersonId == personId).MaxBy(m => m.JoinedOn)
                ?? throw new RuleViolationException(404, "not_a_member", "Esa persona no integra el comité.");
            Rule.State(!(leaving.LeftOn < request.LastDay), "already_left", $"Esa persona dejó el comité el {leaving.LeftOn:dd/MM/yyyy}.");
            var successor = request.SuccessorId is { } successorId ? await change.PersonAsync(successorId, "/successorId", cancellation) : null;
            Rule.That(successor?.Id != personId, "successor_is_the_holder", "Quien sustituye es la misma persona.", "/successorId");
            var left = await change.PersonAsync(personId, "", cancellation);
            var taken = committee.Replace(kind, members, leaving, left, request.LastDay, request.Reason.Trim(), successor, change.Now);
            if (successor is not null)
                await Incompatibilities.RequireNoneAsync(change.Db, kind, committee.ProjectId, request.LastDay.AddDays(1), [successor.Id], id, cancellation);
            await change.Db.SaveChangesAsync(cancellation); // The seat is empty before it is taken.
            change.Db.AddRange(taken);
        });

    private static Task<Results<Ok<CommitteeView>, ProblemHttpResult>> DissolveAsync(
        Guid id, Dissolution request, [FromHeader(Name = "If-Match")] string? ifMatch, CommitteeChange change) =>
        change.ApplyAsync(id, ifMatch, async (committee, _, members, cancellation) =>
        {
            Rule.NotInFuture(request.DissolvedOn, change.Now, "/dissolvedOn");
            var ids = members.Select(m => m.PersonId).ToArray();
            var people = await change.Db.People.IgnoreQueryFilters().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
            committee.Dissolve(request.DissolvedOn, request.Reason.Trim(), [.. members.Select(m => (m, people[m.PersonId]))], change.Now);
            // A project that goes on asks for another one.
            await change.Db.CommitteeRequests.Where(r => r.CommitteeId == id).ExecuteUpdateAsync(r => r.SetProperty(x => x.CommitteeId, (Guid?)null), cancellation);
        });
}
