using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.People;

internal enum AffiliationKind
{
    MunicipalStaff,
    Council,
    Contractor,
}

internal enum Kinship
{
    Parent,
    Child,
    Sibling,
    Spouse,
    Other,
}

/// <summary>Who works for the municipality or for a contractor, and who their relatives are: it keeps them out of oversight.</summary>
internal static class Affiliations
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor];

    public static void MapAffiliations(this IEndpointRouteBuilder people)
    {
        people.MapGet("/{id:guid}/affiliations", ListAsync).WithName("ListAffiliations").Allow("organizations.read", Readers)
            .WithSummary("Para quién trabaja una persona y quiénes son sus parientes, en lo que toca a comités contralores");
        people.MapPost("/{id:guid}/affiliations", AffiliateAsync).WithName("AddAffiliation").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Anotar que una persona es empleada municipal, miembro del concejo o contratista de una obra");
        people.MapPost("/{id:guid}/affiliations/{affiliationId:guid}/end", EndAsync).WithName("EndAffiliation")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Anotar hasta cuándo lo fue");
        people.MapPost("/{id:guid}/relatives", RelateAsync).WithName("AddRelative").Idempotent()
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Anotar un parentesco");
    }

    internal sealed record Affiliation(AffiliationKind Kind, DateOnly FirstDay, DateOnly? LastDay = null, Guid? ProjectId = null)
    {
        public static Affiliation Example => new(AffiliationKind.Contractor, new(2026, 2, 1), null, Examples.OtherId);
    }

    internal sealed record Ending(DateOnly LastDay)
    {
        public static Ending Example => new(new DateOnly(2026, 6, 30));
    }

    internal sealed record Relative(Guid RelativeId, Kinship Relation)
    {
        public static Relative Example => new(Examples.OtherId, Kinship.Sibling);
    }

    internal sealed record AffiliationView(Guid Id, AffiliationKind Kind, Guid? ProjectId, DateOnly FirstDay, DateOnly? LastDay)
    {
        public static AffiliationView Example => new(Examples.Id, AffiliationKind.Contractor, Examples.OtherId, new(2026, 2, 1), null);
    }

    internal sealed record TiesView(IReadOnlyList<AffiliationView> Affiliations, IReadOnlyList<Relative> Relatives)
    {
        public static TiesView Example => new([AffiliationView.Example], [Relative.Example]);
    }

    private static async Task<Results<Ok<TiesView>, ProblemHttpResult>> ListAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.People.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        var affiliations = await db.Affiliations.AsNoTracking().Where(a => a.PersonId == id).OrderBy(a => a.FirstDay).Take(Page.MaximumSize)
            .Select(a => new AffiliationView(a.Id, a.Kind, a.ProjectId, a.FirstDay, a.LastDay)).ToListAsync(cancellation);
        var relatives = await db.Kinships.AsNoTracking().Where(k => k.PersonId == id).OrderBy(k => k.RelativeId).Take(Page.MaximumSize)
            .Select(k => new Relative(k.RelativeId, k.Relation)).ToListAsync(cancellation);
        return TypedResults.Ok(new TiesView(affiliations, relatives));
    }

    private static async Task<Results<Created<AffiliationView>, ProblemHttpResult>> AffiliateAsync(
        Guid id, Affiliation request, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.People.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        Rule.That((request.Kind == AffiliationKind.Contractor) == (request.ProjectId is not null), "affiliation_project",
            "Un contratista lo es de una obra: indique projectId. En los demás casos no se indica.", "/projectId");
        Rule.That(!(request.LastDay < request.FirstDay), "affiliation_dates", "El último día es anterior al primero.", "/lastDay");
        var affiliation = new PersonAffiliation { PersonId = id, Kind = request.Kind, ProjectId = request.ProjectId, FirstDay = request.FirstDay, LastDay = request.LastDay };
        db.Add(affiliation);
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Created($"/v1/organizations/people/{id}/affiliations",
            new AffiliationView(affiliation.Id, affiliation.Kind, affiliation.ProjectId, affiliation.FirstDay, affiliation.LastDay));
    }

    private static async Task<Results<Ok<AffiliationView>, ProblemHttpResult>> EndAsync(
        Guid id, Guid affiliationId, Ending request, OrganizationsDb db, CancellationToken cancellation)
    {
        var affiliation = await db.Affiliations.SingleOrDefaultAsync(a => a.Id == affiliationId && a.PersonId == id, cancellation);
        if (affiliation is null)
            return Problems.NotFound();
        Rule.That(request.LastDay >= affiliation.FirstDay, "affiliation_dates", "El último día es anterior al primero.", "/lastDay");
        affiliation.LastDay = request.LastDay;
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Ok(new AffiliationView(affiliation.Id, affiliation.Kind, affiliation.ProjectId, affiliation.FirstDay, affiliation.LastDay));
    }

    private static async Task<Results<Created<Relative>, ProblemHttpResult>> RelateAsync(
        Guid id, Relative request, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.People.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        Rule.That(request.RelativeId != id, "kinship_of_two", "El parentesco es entre dos personas.", "/relativeId");
        Rule.That(await db.People.AnyAsync(p => p.Id == request.RelativeId, cancellation), "person_unknown", "Esa persona no está registrada.", "/relativeId");
        db.Add(new PersonKinship { PersonId = id, RelativeId = request.RelativeId, Relation = request.Relation });
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Created($"/v1/organizations/people/{id}/affiliations", request);
    }
}

internal sealed class PersonAffiliation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid PersonId { get; init; }
    public required AffiliationKind Kind { get; init; }
    public Guid? ProjectId { get; init; }
    public required DateOnly FirstDay { get; init; }
    public DateOnly? LastDay { get; set; }
}

internal sealed class PersonKinship
{
    public required Guid PersonId { get; init; }
    public required Guid RelativeId { get; init; }
    public required Kinship Relation { get; init; }
}
