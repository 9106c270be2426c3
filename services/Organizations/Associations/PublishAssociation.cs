using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>Agreement and statutes appear in the Diario Oficial.</summary>
internal static class PublishAssociation
{
    public static void MapPublishAssociation(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/publication", HandleAsync).WithName("PublishAssociation")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Registrar la publicación en el Diario Oficial");

    internal sealed record Request([Between(1, 9999)] int GazetteNumber, [Between(1, 9999)] int GazetteVolume, DateOnly PublishedOn)
    {
        public static Request Example => new(44, 446, new(2025, 4, 2));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            Rule.NotInFuture(request.PublishedOn, change.Now, "/publishedOn");
            association.Publish(request.GazetteNumber, request.GazetteVolume, request.PublishedOn, change.Now);
            return Task.CompletedTask;
        });
}
