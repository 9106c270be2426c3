using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>The frame around every step of a meeting: load it, check the seen version, step, save with its events.</summary>
internal sealed class MeetingChange(AgendaDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public AgendaDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    public async Task<Results<Ok<MeetingView>, ProblemHttpResult>> ApplyAsync(
        Guid id, string? ifMatch, Func<Meeting, MeetingKind, CancellationToken, Task> step)
    {
        var http = accessor.HttpContext!;
        var cancellation = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Locked, so that of two changes of one version the second waits, sees the new version and is told so.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM meeting WHERE id = {id} FOR UPDATE", cancellation);
        var meeting = await db.Meetings.Include(m => m.Body).SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, meeting.Version);
        var kind = await db.MeetingKinds.AsNoTracking().SingleAsync(k => k.Code == meeting.Kind, cancellation);
        await step(meeting, kind, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(meeting.Version);
        return TypedResults.Ok(MeetingView.Of(meeting));
    }
}
