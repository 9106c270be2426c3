using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

internal static class ListBodies
{
    public static void MapBodies(this IEndpointRouteBuilder bodies)
    {
        bodies.MapGet("/", ListAsync).WithName("ListBodies")
            .Allow("agenda.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Instancias que se pueden convocar").WithDescription("Las que terminaron se ven con ended=true.");
        bodies.MapGet("/{id:guid}", GetAsync).WithName("GetBody")
            .Allow("agenda.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Ver una instancia y cuántos miembros tiene en una fecha");
    }

    internal sealed record BodyView(Guid Id, string Kind, string Name, string Place, string State, DateOnly? EndedOn)
    {
        public static BodyView Example => new(Examples.Id, "association", "ADESCO El Ejemplo", "El Ejemplo, Las Lomas, San Ensayo, Prueba", "active", null);
    }

    internal sealed record BodyDetail(Guid Id, string Kind, string Name, string Place, string State, DateOnly? EndedOn, DateOnly On, int Members)
    {
        public static BodyDetail Example => new(Examples.Id, "association", "ADESCO El Ejemplo", "El Ejemplo, Las Lomas, San Ensayo, Prueba", "active", null, new(2026, 3, 5), 26);
    }

    private static async Task<Ok<Page<BodyView>>> ListAsync(
        AgendaDb db, TimeProvider time, string? kind = null, bool ended = false, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var today = time.Today();
        var items = await db.Bodies.AsNoTracking()
            .Where(b => (kind == null || b.Kind == kind) && (after == null || b.Id > after) && (b.EndedOn != null && b.EndedOn < today) == ended)
            .OrderBy(b => b.Id).Take(size + 1)
            .Select(b => new BodyView(b.Id, b.Kind, b.Name, b.Place, b.State, b.EndedOn)).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, b => b.Id.ToString()));
    }

    private static async Task<Results<Ok<BodyDetail>, ProblemHttpResult>> GetAsync(
        Guid id, AgendaDb db, TimeProvider time, DateOnly? on = null, CancellationToken cancellation = default)
    {
        var body = await db.Bodies.AsNoTracking().SingleOrDefaultAsync(b => b.Id == id, cancellation);
        if (body is null)
            return Problems.NotFound();
        var date = on ?? time.Today();
        var members = await BodyMember.CountSeatsAsync(BodyMember.ActiveOn(db.BodyMembers, id, date), cancellation);
        return TypedResults.Ok(new BodyDetail(body.Id, body.Kind, body.Name, body.Place, body.State, body.EndedOn, date, members));
    }
}
