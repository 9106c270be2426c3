using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>A meeting's course: its calls with their quorum, another date, or none.</summary>
internal static class RunMeeting
{
    public static void MapRunMeeting(this IEndpointRouteBuilder meetings)
    {
        meetings.MapPost("/{id:guid}/calls", CallAsync).WithName("RecordCall")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar la primera o la segunda convocatoria con su quórum")
            .WithDescription("El quórum se calcula sobre los miembros activos en la fecha de la reunión. Con quórum la reunión queda celebrada; sin él, espera la segunda convocatoria o termina.");
        meetings.MapPost("/{id:guid}/rescheduling", RescheduleAsync).WithName("RescheduleMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Pasar la reunión a otra fecha, con su motivo");
        meetings.MapPost("/{id:guid}/cancellation", CancelAsync).WithName("CancelMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Cancelar la reunión, con su motivo");
    }

    internal sealed record CallRequest([Between(1, 2)] int Call)
    {
        public static CallRequest Example => new(1);
    }

    internal sealed record Rescheduling(DateTime StartsAt, [Text(500)] string Reason)
    {
        public static Rescheduling Example => new(new(2026, 3, 12, 14, 0, 0), "La casa comunal está ocupada.");
    }

    internal sealed record Cancellation([Text(500)] string Reason)
    {
        public static Cancellation Example => new("Alerta por lluvias.");
    }

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> CallAsync(
        Guid id, CallRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            var members = await BodyMember.CountSeatsAsync(change.MembersOf(meeting), cancellation);
            // Counted anew against the roll: someone may have left since the list was taken.
            var attendance = await change.Db.SeatsFilledAsync(meeting, cancellation);
            var first = await change.Db.Calls.AsNoTracking().SingleOrDefaultAsync(c => c.MeetingId == id && c.Call == 1, cancellation);
            var rule = await change.RuleOfAsync(meeting, cancellation);
            change.Db.Add(meeting.Count(rule, request.Call, attendance, members, first, change.Caller, change.Now.LocalDate(), change.Now));
            if (meeting.State == MeetingState.NoQuorum)
                await MeetingProposal.FollowAsync(change.Db, id, null, cancellation);
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> RescheduleAsync(
        Guid id, Rescheduling request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            PlanMeeting.RequireLocal(request.StartsAt);
            Rule.That(await change.Db.RuleOnAsync(meeting.Kind, DateOnly.FromDateTime(request.StartsAt), cancellation) is not null, "meeting_kind_unknown",
                "Ese tipo de reunión no rige en esa fecha.", "/startsAt");
            meeting.Body.RequireStanding(DateOnly.FromDateTime(request.StartsAt));
            var successor = meeting.Reschedule(request.StartsAt, request.Reason, change.Now);
            change.Db.Add(successor);
            await change.Db.SaveChangesAsync(cancellation);
            await FollowAsync(change, id, successor, request.Reason, cancellation);
            await change.Notices.TellInvitedAsync(id, NoticeAbout.Rescheduled, meeting.StartsAt > successor.StartsAt ? meeting.StartsAt : successor.StartsAt, cancellation);
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> CancelAsync(
        Guid id, Cancellation request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            meeting.Cancel(request.Reason, change.Now);
            await FollowAsync(change, id, null, request.Reason, cancellation);
            await change.Notices.TellInvitedAsync(id, NoticeAbout.Cancelled, meeting.StartsAt, cancellation);
        });

    // A proposal and an occurrence of a series that was opened go where their meeting goes. Always the meeting first, then the series:
    // nobody locks them the other way round.
    private static async Task FollowAsync(MeetingChange change, Guid meeting, Meeting? successor, string reason, CancellationToken cancellation)
    {
        await MeetingProposal.FollowAsync(change.Db, meeting, successor?.Id, cancellation);
        var id = await change.Db.Occurrences.Where(o => o.MeetingId == meeting).Select(o => (Guid?)o.SeriesId).SingleOrDefaultAsync(cancellation);
        if (id is not { } series)
            return;
        await change.Db.LockAsync<MeetingSeries>(series, cancellation);
        (await change.Db.WholeSeries(series).SingleAsync(cancellation)).Follow(meeting, successor, reason, change.Now);
    }
}
