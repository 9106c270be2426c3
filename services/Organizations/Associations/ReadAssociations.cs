using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>One association, the list of them, and the board that governed on a date.</summary>
internal static class ReadAssociations
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadAssociations(this IEndpointRouteBuilder associations)
    {
        associations.MapGet("/", ListAsync).WithName("ListAssociations").Allow("organizations.read", Readers)
            .WithSummary("Asociaciones, por estado y lugar");
        associations.MapGet("/{id:guid}", GetAsync).WithName("GetAssociation").Allow("organizations.read", Readers)
            .WithSummary("Ver una asociación");
        associations.MapGet("/{id:guid}/board", BoardAsync).WithName("GetBoard").Allow("organizations.read", Readers)
            .WithSummary("Junta directiva en una fecha; hoy, si no se indica");
        associations.MapGet("/{id:guid}/receipts", ReceiptsAsync).WithName("ListReceipts").Allow("organizations.read", Readers)
            .WithSummary("Recibos de lo presentado");
    }

    internal sealed record BoardView(DateOnly FirstDay, DateOnly LastDay, IReadOnlyList<SeatView> Seats);

    internal sealed record SeatView(string Post, Guid PersonId, string FullName);

    internal sealed record ReceiptView(string Number, ReceiptKind Kind, DateTimeOffset ReceivedAt);

    private static async Task<Ok<Page<AssociationView>>> ListAsync(
        OrganizationsDb db, Choice<AssociationState>? state = null, Guid? placeId = null, Guid? after = null, int limit = 50,
        CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = db.Associations.AsNoTracking().Include(a => a.Place).AsQueryable();
        if (state is { Value: var wanted })
            query = query.Where(a => a.State == wanted);
        if (placeId is not null)
            query = query.Where(a => a.PlaceId == placeId);
        if (after is not null)
            query = query.Where(a => a.Id > after);
        var items = await query.OrderBy(a => a.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(AssociationView.Of)], size, a => a.Id.ToString()));
    }

    private static async Task<Results<Ok<AssociationView>, ProblemHttpResult>> GetAsync(
        Guid id, OrganizationsDb db, HttpContext http, CancellationToken cancellation)
    {
        var association = await db.Associations.AsNoTracking().Include(a => a.Place).SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (association is null)
            return Problems.NotFound();
        http.Response.SetETag(association.Version);
        return TypedResults.Ok(AssociationView.Of(association));
    }

    private static async Task<Results<Ok<BoardView>, ProblemHttpResult>> BoardAsync(
        Guid id, OrganizationsDb db, TimeProvider time, DateOnly? on = null, CancellationToken cancellation = default)
    {
        var date = on ?? time.Today();
        var term = await db.BoardTerms.AsNoTracking()
            .Where(t => t.AssociationId == id && t.FirstDay <= date && t.LastDay >= date)
            .Select(t => new BoardView(t.FirstDay, t.LastDay, (from seat in t.Seats
                                                               join person in db.People on seat.PersonId equals person.Id
                                                               orderby seat.Post
                                                               select new SeatView(seat.Post, person.Id, person.GivenNames + " " + person.Surnames)).ToList()))
            .SingleOrDefaultAsync(cancellation);
        return term is null ? Problems.NotFound() : TypedResults.Ok(term);
    }

    private static async Task<Ok<List<ReceiptView>>> ReceiptsAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        // A handful for each association: one for its application, one for each correction.
        var receipts = await db.Receipts.AsNoTracking().Where(r => r.AssociationId == id)
            .OrderBy(r => r.Year).ThenBy(r => r.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        return TypedResults.Ok(receipts.ConvertAll(r => new ReceiptView(r.Text, r.Kind, r.ReceivedAt)));
    }
}
