using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>One association, the list of them with its filters, and the same as CSV.</summary>
internal static class ReadAssociations
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadAssociations(this IEndpointRouteBuilder associations)
    {
        associations.MapGet("/", ListAsync).WithName("ListAssociations").Allow("organizations.read", Readers)
            .WithSummary("Asociaciones por nombre, filtradas por estado, lugar (con lo que hay en él), promotor y fin del período de su junta")
            .WithDescription("search busca el comienzo de una palabra del nombre, sin importar tildes ni mayúsculas.");
        associations.MapGet("/export", ExportAsync).WithName("ExportAssociations").Allow("organizations.read", Readers)
            .Produces<string>(200, "text/csv").WithSummary("Las asociaciones de los mismos filtros, como CSV");
        associations.MapGet("/{id:guid}", GetAsync).WithName("GetAssociation").Allow("organizations.read", Readers)
            .WithSummary("Ver una asociación");
        associations.MapGet("/{id:guid}/receipts", ReceiptsAsync).WithName("ListReceipts").Allow("organizations.read", Readers)
            .WithSummary("Recibos de lo presentado");
    }

    internal sealed record ReceiptView(string Number, ReceiptKind Kind, DateOnly FiledOn, DateTimeOffset ReceivedAt, DateOnly? Due)
    {
        public static ReceiptView Example => new("2025-0007", ReceiptKind.Application, new(2025, 2, 3), Examples.Instant, new(2025, 2, 24));
    }

    private static async Task<Ok<Page<AssociationView>>> ListAsync(
        OrganizationsDb db, Choice<AssociationState>? state = null, Guid? placeId = null, string? promoter = null, DateOnly? boardUntilBefore = null, string? search = null,
        Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = Filter(db, state, await db.PlaceIdsWithinAsync(placeId, cancellation), promoter, boardUntilBefore, search);
        if (after is { } last)
        {
            // Its name is read first: a key to start from, where a condition over the row itself would be a scan.
            var name = await db.Associations.Where(a => a.Id == last).Select(a => OrganizationsDb.Plain(a.Name)).SingleOrDefaultAsync(cancellation)
                ?? throw Page.BadCursor();
            query = query.Where(a => EF.Functions.GreaterThan(ValueTuple.Create(OrganizationsDb.Plain(a.Name), a.Id), ValueTuple.Create(name, last)));
        }
        var items = await query.OrderBy(a => OrganizationsDb.Plain(a.Name)).ThenBy(a => a.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of([.. items.Select(AssociationView.Of)], size, a => a.Id.ToString()));
    }

    private static async Task<PushStreamHttpResult> ExportAsync(
        OrganizationsDb db, Choice<AssociationState>? state = null, Guid? placeId = null, string? promoter = null, DateOnly? boardUntilBefore = null, string? search = null,
        CancellationToken cancellation = default) =>
        Csv.File("asociaciones.csv",
            ["nombre", "lugar", "estado", "promotor", "formada", "constituida", "solicitud", "personeria", "por_ley", "acuerdo", "acta", "publicada", "nit", "credencial", "junta_desde", "junta_hasta", "terminada"],
            Filter(db, state, await db.PlaceIdsWithinAsync(placeId, cancellation), promoter, boardUntilBefore, search).OrderBy(a => OrganizationsDb.Plain(a.Name)).ThenBy(a => a.Id).AsAsyncEnumerable(),
            static (csv, a) =>
            {
                csv.WriteField(a.Name);
                csv.WriteField(a.Place.Path);
                csv.WriteField(Choice<AssociationState>.NameOf(a.State));
                csv.WriteField(a.Promoter);
                csv.WriteField(Day(a.FormedOn));
                csv.WriteField(Day(a.AssemblyDate));
                csv.WriteField(Day(a.FiledOn));
                csv.WriteField(Day(a.RecognizedOn));
                csv.WriteField(a.GrantedByLaw ? "sí" : "no");
                csv.WriteField(a.CouncilAgreementNumber);
                csv.WriteField(a.CouncilMinutesNumber);
                csv.WriteField(Day(a.PublishedOn));
                csv.WriteField(a.TaxNumber);
                csv.WriteField(a.CredentialNumber);
                csv.WriteField(Day(a.BoardFrom));
                csv.WriteField(Day(a.BoardUntil));
                csv.WriteField(Day(a.EndedOn));
            });

    private static IQueryable<Association> Filter(
        OrganizationsDb db, Choice<AssociationState>? state, Guid[]? within, string? promoter, DateOnly? boardUntilBefore, string? search)
    {
        var query = db.Associations.AsNoTracking().Include(a => a.Place).AsQueryable();
        if (state is { Value: var wanted })
            query = query.Where(a => a.State == wanted);
        if (within is not null)
            query = query.Where(a => within.Contains(a.PlaceId));
        if (promoter is not null)
            query = query.Where(a => a.Promoter == promoter);
        if (boardUntilBefore is not null)
            query = query.Where(a => a.BoardUntil < boardUntilBefore);
        if (Search.WordPattern(search) is { } pattern)
            query = query.Where(a => EF.Functions.Like(" " + OrganizationsDb.Plain(a.Name), pattern));
        return query;
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

    private static async Task<Ok<List<ReceiptView>>> ReceiptsAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        // A handful for each association: its application, its corrections, its boards, one for each January.
        var receipts = await db.Receipts.AsNoTracking().Where(r => r.AssociationId == id)
            .OrderBy(r => r.Year).ThenBy(r => r.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        return TypedResults.Ok(receipts.ConvertAll(r => new ReceiptView(r.Text, r.Kind, r.FiledOn, r.ReceivedAt, r.Due)));
    }

    private static string? Day(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
