using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The council's agreement, or the record that it kept silent.</summary>
internal static class ResolveApplication
{
    public static void MapResolveApplication(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/resolution", ResolveAsync).WithName("ResolveApplication")
            .Allow("organizations.write", Roles.Council, Roles.Secretary)
            .WithSummary("Registrar el acuerdo del concejo que concede la personería");
        associations.MapPost("/{id:guid}/grant-by-law", GrantByLawAsync).WithName("GrantByLaw")
            .Allow("organizations.write", Roles.Council, Roles.Secretary)
            .WithSummary("Registrar que el plazo venció en silencio y la ley concedió la personería");
        associations.MapPost("/{id:guid}/archive", ArchiveAsync).WithName("ArchiveApplication")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Archivar la solicitud que no se subsanó a tiempo");
    }

    internal sealed record Resolution(CouncilAgreement Agreement)
    {
        public static Resolution Example => new(CouncilAgreement.Example);
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ResolveAsync(
        Guid id, Resolution request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            Rule.NotInFuture(request.Agreement.Date, change.Now, "/agreement/date");
            association.Resolve(request.Agreement.ToReference(), change.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> GrantByLawAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            association.GrantByLaw(change.Now.LocalDate(), change.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ArchiveAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            association.Archive(change.Now.LocalDate(), change.Now);
            return Task.CompletedTask;
        });
}
