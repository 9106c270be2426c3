using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

internal static class ReadMeetings
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadMeetings(this IEndpointRouteBuilder meetings)
    {
        meetings.MapGet("/", ListAsync).WithName("ListMeetings").Allow("agenda.read", Readers).WithSummary("Reuniones, por instancia y estado");
        meetings.MapGet("/{id:guid}", GetAsync).WithName("GetMeeting").Allow("agenda.read", Readers).WithSummary("Ver una reunión");
    }

    private static async Task<Ok<Page<MeetingView>>> ListAsync(
        AgendaDb db, Guid? bodyId = null, Choice<MeetingState>? state = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var wanted = state?.Value;
        var items = await db.Meetings.AsNoTracking().Include(m => m.Body)
            .Where(m => (bodyId == null || m.BodyId == bodyId) && (wanted == null || m.State == wanted) && (after == null || m.Id > after))
            .OrderBy(m => m.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(MeetingView.Of), size, m => m.Id.ToString()));
    }

    private static async Task<Results<Ok<MeetingView>, ProblemHttpResult>> GetAsync(
        Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().Include(m => m.Body).SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return Problems.NotFound();
        http.Response.SetETag(meeting.Version);
        return TypedResults.Ok(MeetingView.Of(meeting));
    }
}
