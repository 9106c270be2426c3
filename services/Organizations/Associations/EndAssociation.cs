using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>Its assembly dissolves it and the council takes note, or the council cancels it.</summary>
internal static class EndAssociation
{
    public static void MapEndAssociation(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/dissolution", StartAsync).WithName("StartDissolution")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar la asamblea que decidió disolver la asociación");
        associations.MapPost("/{id:guid}/dissolution/settlement", DissolveAsync).WithName("SettleDissolution")
            .Allow("organizations.write", Roles.Secretary, Roles.Council)
            .WithSummary("Registrar la liquidación y el acuerdo con que la asociación queda disuelta");
        associations.MapPost("/{id:guid}/cancellation", CancelAsync).WithName("CancelAssociation")
            .Allow("organizations.write", Roles.Secretary, Roles.Council)
            .WithSummary("Registrar el acuerdo del concejo que cancela la personería");
        associations.MapGet("/termination-causes", CausesAsync).WithName("ListTerminationCauses")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor)
            .WithSummary("Causas de disolución y de cancelación");
    }

    internal sealed record Dissolution(
        DateOnly HeldOn, [Between(1, 2)] int Call, [Between(1, 100000)] int Attendees, [Between(1, 100000)] int InFavour, [Text(60)] string Cause,
        [Between(1, 99999)] int? MinutesNumber = null)
    {
        public static Dissolution Example => new(new(2026, 4, 18), 1, 30, 29, "members-agreement");
    }

    internal sealed record Settlement(CouncilAgreement Agreement, [Text(500)] string AssetsTo)
    {
        public static Settlement Example => new(CouncilAgreement.Example, "Escuela del caserío El Ejemplo, según acta de liquidación");
    }

    internal sealed record Cancellation([Text(60)] string Cause, CouncilAgreement Agreement, [Text(500)] string AssetsTo)
    {
        public static Cancellation Example => new("object-abandoned", CouncilAgreement.Example, "Municipalidad, para obras del caserío");
    }

    internal sealed record CauseView(string Code, TerminationWay Way, string Name, string Source)
    {
        public static CauseView Example => new("members-agreement", TerminationWay.Dissolution, "Acuerdo de los miembros", "Estatutos; Código Municipal, arts. 120-121");
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> StartAsync(
        Guid id, Dissolution request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.HeldOn, change.Now, "/heldOn");
            Rule.State(association.IsAlive, "not_dissolvable", "Solo se disuelve una asociación con personería jurídica que no se esté disolviendo ya.");
            var cause = await CauseAsync(change, request.Cause, cancellation);
            var minutes = await change.MinutesOfAsync(
                association, request.HeldOn, request.MinutesNumber, "Disolución", $"La asamblea, con {request.Attendees} asistentes, decidió disolver la asociación por {request.InFavour} votos.", cancellation);
            change.Db.Add(association.StartDissolution(
                new(request.HeldOn, minutes, request.Call, request.Attendees), cause, request.InFavour,
                await change.MembersOnAsync(association, request.HeldOn, cancellation), await change.RulesOnAsync(association, request.HeldOn, cancellation), change.Now));
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> DissolveAsync(
        Guid id, Settlement request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.Agreement.Date, change.Now, "/agreement/date");
            var termination = await change.Db.Terminations.SingleOrDefaultAsync(t => t.AssociationId == id, cancellation);
            Rule.State(termination is not null, "not_dissolving", "La asociación no está en disolución.");
            association.Dissolve(termination!, request.Agreement.ToReference(), request.AssetsTo.Trim(), await change.TermsOfAsync(association, cancellation), change.Now);
            await WithdrawAsync(change, id, request.Agreement.Date, cancellation);
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> CancelAsync(
        Guid id, Cancellation request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.Agreement.Date, change.Now, "/agreement/date");
            var begun = await change.Db.Terminations.SingleOrDefaultAsync(t => t.AssociationId == id, cancellation);
            var termination = association.Cancel(
                begun, await CauseAsync(change, request.Cause, cancellation), request.Agreement.ToReference(), request.AssetsTo.Trim(),
                await change.TermsOfAsync(association, cancellation), change.Now);
            if (begun is null)
                change.Db.Add(termination);
            await WithdrawAsync(change, id, request.Agreement.Date, cancellation);
        });

    private static async Task<Ok<List<CauseView>>> CausesAsync(Data.OrganizationsDb db, CancellationToken cancellation) =>
        TypedResults.Ok(await db.TerminationCauses.AsNoTracking().OrderBy(c => c.Way).ThenBy(c => c.Code).Take(Page.MaximumSize)
            .Select(c => new CauseView(c.Code, c.Way, c.Name, c.Source)).ToListAsync(cancellation));

    private static async Task<TerminationCause> CauseAsync(AssociationChange change, string code, CancellationToken cancellation)
    {
        var cause = await change.Db.TerminationCauses.AsNoTracking().SingleOrDefaultAsync(c => c.Code == code, cancellation);
        Rule.That(cause is not null, "cause_unknown", "Esa causa no está registrada. Consulte termination-causes.", "/cause");
        return cause!;
    }

    private static Task<int> WithdrawAsync(AssociationChange change, Guid id, DateOnly on, CancellationToken cancellation) =>
        change.Db.Documents.Where(d => d.AssociationId == id && d.Kind == DocumentKind.Credential && d.WithdrawnOn == null)
            .ExecuteUpdateAsync(d => d.SetProperty(x => x.WithdrawnOn, on), cancellation);
}
