using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.Contracts;
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

    internal sealed record Agreement([Between(1, 99999)] int MinutesNumber, [Between(1, 99999)] int AgreementNumber, DateOnly Date);

    internal sealed record Resolution(Agreement Agreement);

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ResolveAsync(
        Guid id, Resolution request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            var (minutes, number, date) = request.Agreement;
            change.NotInFuture(date, "/agreement/date");
            association.Resolve(new CouncilReference(minutes, number, date), change.Now);
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
