using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>A committee, the list of them, who sat in one on a date, and what projects ask for.</summary>
internal static class ReadCommittees
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadCommittees(this IEndpointRouteBuilder committees)
    {
        committees.MapGet("/", ListAsync).WithName("ListCommittees").Allow("organizations.read", Readers)
            .WithSummary("Comités por nombre, filtrados por tipo, lugar (con lo que hay en él), obra y promotor");
        committees.MapGet("/export", ExportAsync).WithName("ExportCommittees").Allow("organizations.read", Readers)
            .Produces<string>(200, "text/csv").WithSummary("Los comités de los mismos filtros, como CSV");
        committees.MapGet("/requests", RequestsAsync).WithName("ListCommitteeRequests").Allow("organizations.read", Readers)
            .WithSummary("Comités que las obras aprobadas piden y todavía no se forman");
        committees.MapGet("/{id:guid}", GetAsync).WithName("GetCommittee").Allow("organizations.read", Readers)
            .WithSummary("Ver un comité");
        committees.MapGet("/{id:guid}/members", MembersAsync).WithName("ListCommitteeMembers")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Quiénes integraban un comité en una fecha; hoy, si no se indica");
    }

    internal sealed record MemberView(Guid PersonId, string FullName, CommitteePost Post, string? Institution, bool Alternate, DateOnly JoinedOn, DateOnly? LeftOn)
    {
        public static MemberView Example => new(Examples.Id, "Ana Lucía Prueba Ficticia", CommitteePost.Coordinator, null, false, new(2026, 2, 5), null);
    }

    internal sealed record RequestView(Guid ProjectId, string ProjectName, string Kind, Guid PlaceId, string PlacePath, DateOnly RequestedOn)
    {
        public static RequestView Example => new(
            Examples.OtherId, "Introducción de agua a El Ejemplo", "oversight", Examples.Id, "El Ejemplo, Las Lomas, San Ensayo, Prueba", new(2026, 2, 2));
    }

    private static async Task<Ok<Page<CommitteeView>>> ListAsync(
        OrganizationsDb db, TimeProvider time, string? kind = null, Guid? placeId = null, Guid? projectId = null, string? promoter = null, string? search = null,
        bool dissolved = false, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var today = time.Today();
        var query = Filter(db, kind, await db.PlaceIdsWithinAsync(placeId, cancellation), projectId, promoter, search, dissolved);
        if (after is { } last)
        {
            var name = await db.Committees.Where(c => c.Id == last).Select(c => OrganizationsDb.Plain(c.Name)).SingleOrDefaultAsync(cancellation)
                ?? throw Page.BadCursor();
            query = query.Where(c => EF.Functions.GreaterThan(ValueTuple.Create(OrganizationsDb.Plain(c.Name), c.Id), ValueTuple.Create(name, last)));
        }
        var items = await query.OrderBy(c => OrganizationsDb.Plain(c.Name)).ThenBy(c => c.Id).Take(size + 1)
            .Select(c => new { c, c.Place, Members = db.CommitteeMembers.Count(m => m.CommitteeId == c.Id && !m.Alternate && (m.LeftOn == null || m.LeftOn >= today)) })
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(i => CommitteeView.Of(i.c, i.Members))], size, c => c.Id.ToString()));
    }

    private static async Task<PushStreamHttpResult> ExportAsync(
        OrganizationsDb db, string? kind = null, Guid? placeId = null, Guid? projectId = null, string? promoter = null, string? search = null, bool dissolved = false,
        CancellationToken cancellation = default) =>
        Csv.File("comites.csv", ["tipo", "nombre", "lugar", "formado", "acta", "promotor", "terminado"],
            Filter(db, kind, await db.PlaceIdsWithinAsync(placeId, cancellation), projectId, promoter, search, dissolved).OrderBy(c => OrganizationsDb.Plain(c.Name)).ThenBy(c => c.Id).AsAsyncEnumerable(),
            static (csv, c) =>
            {
                csv.WriteField(c.Kind);
                csv.WriteField(c.Name);
                csv.WriteField(c.Place.Path);
                csv.WriteField(c.FormedOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                csv.WriteField(c.MinutesNumber);
                csv.WriteField(c.Promoter);
                csv.WriteField(c.DissolvedOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            });

    private static IQueryable<Committee> Filter(
        OrganizationsDb db, string? kind, Guid[]? within, Guid? projectId, string? promoter, string? search, bool dissolved)
    {
        var query = db.Committees.AsNoTracking().Include(c => c.Place).Where(c => (c.DissolvedOn != null) == dissolved);
        if (kind is not null)
            query = query.Where(c => c.Kind == kind);
        if (within is not null)
            query = query.Where(c => within.Contains(c.PlaceId));
        if (projectId is not null)
            query = query.Where(c => c.ProjectId == projectId);
        if (promoter is not null)
            query = query.Where(c => c.Promoter == promoter);
        if (Search.WordPattern(search) is { } pattern)
            query = query.Where(c => EF.Functions.Like(" " + OrganizationsDb.Plain(c.Name), pattern));
        return query;
    }

    private static async Task<Results<Ok<CommitteeView>, ProblemHttpResult>> GetAsync(
        Guid id, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var committee = await db.Committees.AsNoTracking().Include(c => c.Place).SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (committee is null)
            return Problems.NotFound();
        var today = time.Today();
        var members = await db.CommitteeMembers.CountAsync(m => m.CommitteeId == id && !m.Alternate && (m.LeftOn == null || m.LeftOn >= today), cancellation);
        http.Response.SetETag(committee.Version);
        return TypedResults.Ok(CommitteeView.Of(committee, members));
    }

    private static async Task<Results<Ok<List<MemberView>>, ProblemHttpResult>> MembersAsync(
        Guid id, OrganizationsDb db, TimeProvider time, DateOnly? on = null, CancellationToken cancellation = default)
    {
        if (!await db.Committees.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var date = on ?? time.Today();
        // The kind's maximum, and an alternate for each.
        return TypedResults.Ok(await (from member in db.CommitteeMembers.AsNoTracking()
                                      join person in db.People on member.PersonId equals person.Id
                                      where member.CommitteeId == id && member.JoinedOn <= date && (member.LeftOn == null || member.LeftOn >= date)
                                      orderby member.Post, person.Surnames, person.Id
                                      select new MemberView(person.Id, person.GivenNames + " " + person.Surnames, member.Post, member.Institution, member.Alternate, member.JoinedOn, member.LeftOn))
            .Take(Page.MaximumSize).ToListAsync(cancellation));
    }

    private static async Task<Ok<Page<RequestView>>> RequestsAsync(OrganizationsDb db, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = db.CommitteeRequests.AsNoTracking().Where(r => r.CommitteeId == null);
        if (after is not null)
        {
            var (project, kind) = after.Split('|') is [var first, var second] && Guid.TryParse(first, out var id) ? (id, second) : throw Page.BadCursor();
            query = query.Where(r => EF.Functions.GreaterThan(ValueTuple.Create(r.ProjectId, r.Kind), ValueTuple.Create(project, kind)));
        }
        var items = await query.OrderBy(r => r.ProjectId).ThenBy(r => r.Kind).Take(size + 1)
            .Select(r => new RequestView(r.ProjectId, r.ProjectName, r.Kind, r.PlaceId, r.PlacePath, r.RequestedOn)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, r => $"{r.ProjectId}|{r.Kind}"));
    }
}
