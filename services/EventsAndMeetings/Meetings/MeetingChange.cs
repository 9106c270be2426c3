using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>What every step of a meeting needs, within the frame of <see cref="Steps"/>.</summary>
internal sealed class MeetingChange(AgendaDb db, NoticeQueue notices, IHttpContextAccessor accessor, TimeProvider time)
{
    public AgendaDb Db => db;

    public NoticeQueue Notices => notices;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>Who makes the change, by the token.</summary>
    public string Caller => Access.CallerOf(accessor.HttpContext!.User);

    public Task<Results<Ok<MeetingView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, Func<Meeting, CancellationToken, Task> step) =>
        ApplyAsync(id, meeting => Preconditions.Require(ifMatch, meeting.Version), async (meeting, cancellation) =>
        {
            await step(meeting, cancellation);
            return meeting;
        }, MeetingView.Of);

    /// <summary>A step that answers with something of its own; the ETag is the meeting's.</summary>
    /// <param name="id">The meeting.</param>
    /// <param name="require">Checks the version where the step could undo another's; nothing where steps add up.</param>
    /// <param name="step">Within the transaction, the meeting locked.</param>
    /// <param name="view">The answer, once everything is saved.</param>
    public async Task<Results<Ok<TView>, ProblemHttpResult>> ApplyAsync<TResult, TView>(
        Guid id, Action<Meeting>? require, Func<Meeting, CancellationToken, Task<TResult>> step, Func<TResult, TView> view) =>
        accessor.HttpContext!.Response.Versioned(await db.StepAsync(id, db.Meetings.Include(m => m.Body), require, step, view, accessor.HttpContext.RequestAborted));

    /// <summary>The rules of the meeting's kind on its day.</summary>
    public async Task<MeetingRule> RuleOfAsync(Meeting meeting, CancellationToken cancellation) =>
        (await db.RuleOnAsync(meeting.Kind, meeting.Date, cancellation))!;

    public IQueryable<BodyMember> MembersOf(Meeting meeting) => BodyMember.ActiveOn(db.BodyMembers, meeting.BodyId, meeting.Date);

    public async Task RequireMinutesOpenAsync(Meeting meeting, CancellationToken cancellation) =>
        Rule.State(!await db.Minutes.AnyAsync(m => m.MeetingId == meeting.Id, cancellation), "minutes_closed", "El acta ya está cerrada: lo que falte se corrige con otra acta.");
}
