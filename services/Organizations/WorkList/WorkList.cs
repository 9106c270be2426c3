using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.WorkList;

/// <summary>Something that waits for somebody, as the database's <c>work_items</c> finds it.</summary>
internal sealed class WorkItem
{
    public required string Kind { get; init; }
    public required string Subject { get; init; }
    public Guid SubjectId { get; init; }
    public required string Name { get; init; }
    public Guid PlaceId { get; init; }
    public required string PlacePath { get; init; }
    public required string Promoter { get; init; }
    public required string Detail { get; init; }
    public DateOnly? Due { get; init; }
    public WorkState State { get; init; }
    public required string Rule { get; init; }
    public required string Source { get; init; }
}

internal static class WorkList
{
    private static readonly Dictionary<string, string> Titles = new(StringComparer.Ordinal)
    {
        ["members-missing"] = "Faltan miembros para constituirse",
        ["assembly-to-hold"] = "Celebrar la asamblea de constitución",
        ["application-to-file"] = "Presentar la solicitud de personería",
        ["council-to-resolve"] = "El concejo debe resolver la solicitud",
        ["defects-to-correct"] = "Subsanar las observaciones",
        ["register-entry"] = "Inscribir en el libro de registro",
        ["gazette"] = "Publicar en el Diario Oficial",
        ["credential"] = "Entregar la credencial",
        ["board-to-elect"] = "Elegir nueva junta directiva",
        ["board-to-report"] = "Informar al concejo de la nueva junta",
        ["post-vacant"] = "Cargo vacante en la junta",
        ["annual-filing"] = "Presentar la nómina y el plan del año",
        ["dissolution-to-settle"] = "Liquidar la asociación que se disuelve",
        ["entry-to-close"] = "Cerrar un asiento de libro",
        ["committee-incomplete"] = "Comité con menos integrantes que los debidos",
        ["committee-to-form"] = "Formar un comité que una obra necesita",
    };

    public static void MapWorkList(this IEndpointRouteBuilder api) =>
        api.MapGet("/work-list", ListAsync).WithName("ListWork").WithTags("work-list")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Lo que vence, lo vencido y lo que está detenido, con la regla que le puso fecha")
            .WithDescription($"Primero lo que vence antes; lo detenido (blocked) no tiene fecha. mine=true muestra lo de quien consulta. Tipos: {string.Join(", ", Titles.Keys)}.");

    internal sealed record ItemView(
        string Kind, string Title, string Detail, WorkState State, DateOnly? Due, int? DaysLeft, string Rule, string Source,
        string Subject, Guid SubjectId, string Name, Guid PlaceId, string PlacePath, string Promoter)
    {
        public static ItemView Example => new(
            "board-to-elect", Titles["board-to-elect"], "", WorkState.Due, new(2027, 1, 19), 45, "El período de la junta es de 24 meses; se avisa con 60, 30, 7 días",
            "Código Municipal, arts. 118-125", "association", Examples.Id, "ADESCO El Ejemplo", Examples.OtherId, "El Ejemplo, Las Lomas, San Ensayo, Prueba", "marta.promotora");
    }

    private static async Task<Ok<Page<ItemView>>> ListAsync(
        OrganizationsDb db, HttpContext http, TimeProvider time, bool mine = false, string? promoter = null, Choice<WorkState>? state = null, string? kind = null,
        Guid? placeId = null, DateOnly? dueBefore = null, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var today = time.Today();
        var query = db.WorkItems(today);
        if (mine)
            promoter = Access.CallerOf(http.User);
        if (promoter is not null)
            query = query.Where(i => i.Promoter == promoter);
        if (state is { Value: var wanted })
            query = query.Where(i => i.State == wanted);
        if (kind is not null)
            query = query.Where(i => i.Kind == kind);
        if (await db.PlaceIdsWithinAsync(placeId, cancellation) is { } within)
            query = query.Where(i => within.Contains(i.PlaceId));
        if (dueBefore is not null)
            query = query.Where(i => i.Due < dueBefore);
        if (after is not null)
        {
            var (due, subject, of, detail) = Work.After(after);
            query = query.Where(i => EF.Functions.GreaterThan(
                ValueTuple.Create(i.Due ?? Work.Undated, i.SubjectId, i.Kind, i.Detail), ValueTuple.Create(due, subject, of, detail)));
        }
        var items = await query.OrderBy(i => i.Due ?? Work.Undated).ThenBy(i => i.SubjectId).ThenBy(i => i.Kind).ThenBy(i => i.Detail).Take(size + 1).ToListAsync(cancellation);
        var page = Page.Of(items, size, i => Work.Cursor(i.Due, i.SubjectId, i.Kind, i.Detail));
        return TypedResults.Ok(new Page<ItemView>(
            [.. page.Items.Select(i => new ItemView(
                i.Kind, Titles[i.Kind], i.Detail, i.State, i.Due, i.Due is { } day ? day.DayNumber - today.DayNumber : null, i.Rule, i.Source,
                i.Subject, i.SubjectId, i.Name, i.PlaceId, i.PlacePath, i.Promoter))], page.Next));
    }
}
