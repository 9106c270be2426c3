using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

/// <summary>Where people want to be written to. They give it themselves, and may take it back.</summary>
internal static class KeepAddresses
{
    public static void MapNoticeAddresses(this IEndpointRouteBuilder people)
    {
        people.MapPut("/{personId:guid}/notice-address", WriteAsync).WithName("SetNoticeAddress").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Guardar el correo en que una persona quiere recibir avisos");
        people.MapDelete("/{personId:guid}/notice-address", RemoveAsync).WithName("RemoveNoticeAddress").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Quitar el correo de una persona: sus avisos van impresos");
    }

    internal sealed record Request([Text(254)] string Email)
    {
        public static Request Example => new("marta@example.org");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WriteAsync(
        Guid personId, Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var email = request.Email.Trim();
        NoticeAddress.Require(email, "/email");
        if (!await db.BodyMembers.AnyAsync(m => m.PersonId == personId, cancellation))
            return Problems.Of(404, "not_found", "Esa persona no es miembro de ninguna instancia.");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO notice_address (person_id, email, set_by, set_at) VALUES ({personId}, {email}, {Access.CallerOf(http.User)}, {time.GetUtcNow()})
            ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, set_by = excluded.set_by, set_at = excluded.set_at
            """, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAsync(Guid personId, AgendaDb db, CancellationToken cancellation)
    {
        await db.NoticeAddresses.Where(a => a.PersonId == personId).ExecuteDeleteAsync(cancellation);
        return TypedResults.NoContent();
    }
}
