using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

/// <summary>
/// What comes of a day that passed: an agreement is overdue, and some days later goes to the head of the unit. It looks
/// at the dates in the database, so a stop delays it and loses nothing; the meeting's lock keeps two replicas apart.
/// </summary>
internal sealed class WatchAgreements(IServiceScopeFactory scopes, TimeProvider time, ILogger<WatchAgreements> logger) : EveryMinute(time, logger)
{
    private const int AtOnce = 100;

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        var today = Time.Today();
        List<Guid> due;
        var last = Guid.Empty;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AgendaDb>();
            due = await db.Database.SqlQuery<Guid>(
                $"""
                SELECT DISTINCT a.meeting_id AS "Value" FROM meeting_agreement a JOIN meeting m ON m.id = a.meeting_id
                JOIN LATERAL (SELECT escalate_after_days FROM meeting_rule r WHERE r.kind = m.kind AND r.effective_from <= m.starts_at::date ORDER BY r.effective_from DESC LIMIT 1) r ON true
                WHERE a.meeting_id > {last} AND a.state <> 'fulfilled' AND a.due_on < {today}
                    AND (a.state <> 'overdue' OR (a.escalated_on IS NULL AND a.due_on + r.escalate_after_days < {today}))
                ORDER BY 1 LIMIT {AtOnce}
                """).ToListAsync(cancellation);
            foreach (var meeting in due)
                await ApplyToAsync(meeting, today, cancellation);
            last = due.LastOrDefault();
        }
        while (due.Count == AtOnce);
    }

    private async Task ApplyToAsync(Guid id, DateOnly today, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AgendaDb>();
        var notices = scope.ServiceProvider.GetRequiredService<NoticeQueue>();
        var now = Time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync<Meeting>(id, cancellation);
        var meeting = await db.Meetings.Include(m => m.Body).SingleAsync(m => m.Id == id, cancellation);
        var rule = await db.RuleOnAsync(meeting.Kind, meeting.Date, cancellation);
        foreach (var agreement in await db.Agreements.Where(a => a.MeetingId == id && a.State != AgreementState.Fulfilled).OrderBy(a => a.Number).ToListAsync(cancellation))
        {
            var before = agreement.State;
            if (!agreement.Pass(today, rule!.EscalateAfterDays))
                continue;
            meeting.Follow(agreement, now);
            if (before != AgreementState.Overdue)
                await notices.TellResponsibleAsync(id, agreement.Number, cancellation);
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
