using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>The places of a day, and all of them as the file that the import reads.</summary>
internal static class ListPlaces
{
    public static void MapListPlaces(this IEndpointRouteBuilder places)
    {
        places.MapGet("/", HandleAsync).WithName("ListPlaces").AllowAnonymous()
            .WithSummary("Lugares, por nombre, lugar superior, tipo y fecha de vigencia")
            .WithDescription("search busca el comienzo de una palabra del nombre, sin importar tildes ni mayúsculas; path dice bajo qué lugares está, en la fecha on.");
        places.MapGet("/export", Export).WithName("ExportPlaces").AllowAnonymous()
            .Produces<string>(200, "text/csv")
            .WithSummary("Todos los lugares con todos sus períodos, en el formato que se importa");
    }

    private static async Task<Ok<Page<PlaceView>>> HandleAsync(
        OrganizationsDb db, TimeProvider time, Guid? parentId = null, Choice<PlaceKind>? kind = null, string? code = null, string? search = null,
        DateOnly? on = null, Guid? after = null, int limit = 100, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var date = on ?? time.Today();
        var query = db.PlaceVersions.AsNoTracking().Where(v => v.ValidFrom <= date && (v.ValidTo == null || v.ValidTo >= date));
        if (parentId is not null)
            query = query.Where(v => v.ParentId == parentId);
        if (kind is { Value: var wanted })
            query = query.Where(v => v.Kind == wanted);
        if (code is not null)
            query = query.Where(v => v.Place.Code == code);
        if (Search.WordPattern(search) is { } pattern)
            query = query.Where(v => EF.Functions.Like(" " + OrganizationsDb.Plain(v.Name), pattern));
        if (after is not null)
            query = query.Where(v => v.PlaceId > after);
        var items = await query.OrderBy(v => v.PlaceId).Take(size + 1)
            .Select(v => new PlaceView(v.PlaceId, v.Place.Code, v.Kind, v.Name, OrganizationsDb.PlacePath(v.PlaceId, date), v.ParentId, v.ValidFrom, v.ValidTo))
            .ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, p => p.Id.ToString()));
    }

    private static PushStreamHttpResult Export(OrganizationsDb db)
    {
        var rows = (from version in db.PlaceVersions.AsNoTracking()
                    join above in db.Places on version.ParentId equals above.Id into parents
                    from parent in parents.DefaultIfEmpty()
                    orderby version.Place.Code, version.ValidFrom
                    select new { version, version.Place.Code, ParentCode = parent!.Code }).AsAsyncEnumerable();
        return Csv.File("lugares.csv", ["code", "kind", "name", "parent_code", "valid_from", "valid_to"], rows, static (csv, row) =>
        {
            csv.WriteField(row.Code);
            csv.WriteField(Choice<PlaceKind>.NameOf(row.version.Kind));
            csv.WriteField(row.version.Name);
            csv.WriteField(row.ParentCode);
            csv.WriteField(row.version.ValidFrom.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            csv.WriteField(row.version.ValidTo?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    internal sealed record PlaceView(
        Guid Id, string Code, PlaceKind Kind, string Name, string Path, Guid? ParentId, DateOnly ValidFrom, DateOnly? ValidTo)
    {
        public static PlaceView Example => new(
            Examples.Id, "99-01-01-01", PlaceKind.Hamlet, "El Ejemplo", "El Ejemplo, Las Lomas, San Ensayo, Prueba", Examples.OtherId, new(1990, 1, 1), null);
    }
}
