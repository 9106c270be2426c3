using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>The notice goes out: to each member of that day, with a code of their own.</summary>
internal static class ConveneMeeting
{
    public static void MapConveneMeeting(this IEndpointRouteBuilder meetings)
    {
        meetings.MapPost("/{id:guid}/convocation", ConveneAsync).WithName("ConveneMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Convocar dentro del plazo de aviso")
            .WithDescription("Invita a quienes son miembros en la fecha de la reunión: por correo a quien dejó su dirección; a los demás, con la convocatoria impresa.");
        meetings.MapGet("/{id:guid}/invitations", ListAsync).WithName("ListInvitations").Allow("agenda.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Personas convocadas, con su código de asistencia y cómo se les avisó");
        meetings.MapPost("/{id:guid}/invitations", InviteAnewAsync).WithName("InviteAnew").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Convocar también a quienes se hicieron miembros después de la convocatoria");
    }

    internal sealed record Convocation(DateOnly ConvenedOn)
    {
        public static Convocation Example => new(new DateOnly(2026, 3, 2));
    }

    internal sealed record InvitationView(Guid PersonId, string Name, string Code, NoticeState? Notice, bool Attended)
    {
        public static InvitationView Example => new(Examples.Id, "Marta Inventada", "7k3mq9xw2h", NoticeState.Print, false);
    }

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> ConveneAsync(
        Guid id, Convocation request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            Rule.NotInFuture(request.ConvenedOn, change.Now, "/convenedOn");
            var kind = await change.Db.MeetingKinds.AsNoTracking().SingleAsync(k => k.Code == meeting.Kind, cancellation);
            meeting.Convene(await change.RuleOfAsync(meeting, cancellation), kind.Name, request.ConvenedOn, change.Now);
            await InviteAsync(change, meeting, cancellation);
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> InviteAnewAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            meeting.InviteAnew();
            await InviteAsync(change, meeting, cancellation);
        });

    private static async Task InviteAsync(MeetingChange change, Meeting meeting, CancellationToken cancellation)
    {
        var db = change.Db;
        var members = await change.MembersOf(meeting).Where(m => !db.Invitations.Any(i => i.MeetingId == meeting.Id && i.PersonId == m.PersonId))
            .Select(m => new { m.PersonId, m.Name }).ToListAsync(cancellation);
        foreach (var member in members.DistinctBy(m => m.PersonId))
            db.Add(new Invitation { MeetingId = meeting.Id, PersonId = member.PersonId, Name = member.Name, InvitedAt = change.Now });
        await db.SaveChangesAsync(cancellation);
        await change.Notices.TellInvitedAsync(meeting.Id, NoticeAbout.Convened, meeting.StartsAt, cancellation);
    }

    private static async Task<Results<Ok<Page<InvitationView>>, ProblemHttpResult>> ListAsync(
        Guid id, AgendaDb db, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Meetings.AnyAsync(m => m.Id == id, cancellation))
            return Problems.NotFound();
        var items = await db.Invitations.AsNoTracking().Where(i => i.MeetingId == id && (after == null || i.PersonId > after)).OrderBy(i => i.PersonId).Take(size + 1)
            .Select(i => new InvitationView(
                i.PersonId, i.Name, i.Code,
                db.Notices.Where(n => n.MeetingId == id && n.PersonId == i.PersonId && n.About == NoticeAbout.Convened).Select(n => (NoticeState?)n.State).FirstOrDefault(),
                db.Attendances.Any(a => a.MeetingId == id && a.PersonId == i.PersonId))).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items, size, i => i.PersonId.ToString()));
    }
}

/// <summary>Somebody was asked to come. Their code lets them in without a list.</summary>
internal sealed class Invitation
{
    public required Guid MeetingId { get; init; }
    public required Guid PersonId { get; init; }
    public required string Name { get; init; }
    public string Code { get; init; } = Codes.New(10);
    public required DateTimeOffset InvitedAt { get; init; }
}
