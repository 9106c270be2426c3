using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The last two steps: the Diario Oficial, and the credential with which the board begins to work.</summary>
internal static class PublishAndActivate
{
    public static void MapPublishAndActivate(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/publication", PublishAsync).WithName("PublishAssociation")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Registrar la publicación en el Diario Oficial");
        associations.MapPost("/{id:guid}/credential", ActivateAsync).WithName("IssueCredential")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Entregar la credencial a la junta directiva");
    }

    internal sealed record Publication([Between(1, 9999)] int GazetteNumber, [Between(1, 9999)] int GazetteVolume, DateOnly PublishedOn);

    internal sealed record Credential(DateOnly IssuedOn);

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> PublishAsync(
        Guid id, Publication request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            change.NotInFuture(request.PublishedOn, "/publishedOn");
            association.Publish(request.GazetteNumber, request.GazetteVolume, request.PublishedOn, change.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ActivateAsync(
        Guid id, Credential request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            change.NotInFuture(request.IssuedOn, "/issuedOn");
            var term = await change.Db.BoardTerms.AsNoTracking()
                .Where(t => t.AssociationId == id && t.FirstDay <= request.IssuedOn)
                .OrderByDescending(t => t.FirstDay).FirstOrDefaultAsync(cancellation);
            Rule.State(term is not null, "no_board", "La asociación no tiene junta directiva electa en esa fecha.");
            var entry = await change.Db.RegisterEntries.AsNoTracking().SingleOrDefaultAsync(e => e.AssociationId == id, cancellation);
            Rule.State(entry is not null, "not_registered", "Antes de la credencial, inscriba la asociación en el libro.");
            // Book and entry identify the association; the term's first year tells its credentials apart.
            var number = string.Create(CultureInfo.InvariantCulture, $"{entry!.Book}-{entry.Entry:000}-{term!.FirstDay.Year}");
            association.Activate(number, term, request.IssuedOn, change.Now);
        });
}
