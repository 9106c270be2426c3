using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Places;

internal static class ListPlaces
{
    public static void MapListPlaces(this IEndpointRouteBuilder places) =>
        places.MapGet("/", HandleAsync).WithName("ListPlaces").AllowAnonymous()
            .WithSummary("Lugares, por lugar superior, tipo y fecha de vigencia");

    private static async Task<Ok<Page<PlaceView>>> HandleAsync(
        OrganizationsDb db, TimeProvider time, Guid? parentId = null, Choice<PlaceKind>? kind = null, string? code = null, DateOnly? on = null,
        Guid? after = null, int limit = 100, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var date = on ?? time.Today();
        var query = db.Places.AsNoTracking().Where(p => p.ValidFrom <= date && (p.ValidTo == null || p.ValidTo >= date));
        if (parentId is not null)
            query = query.Where(p => p.ParentId == parentId);
        if (kind is { Value: var wanted })
            query = query.Where(p => p.Kind == wanted);
        if (code is not null)
            query = query.Where(p => p.Code == code);
        if (after is not null)
            query = query.Where(p => p.Id > after);
        var items = await query.OrderBy(p => p.Id).Take(size + 1)
            .Select(p => new PlaceView(p.Id, p.Code, p.Kind, p.Name, p.Path, p.ParentId, p.ValidFrom, p.ValidTo))
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => p.Id.ToString()));
    }

    internal sealed record PlaceView(
        Guid Id, string Code, PlaceKind Kind, string Name, string Path, Guid? ParentId, DateOnly ValidFrom, DateOnly? ValidTo);
}
