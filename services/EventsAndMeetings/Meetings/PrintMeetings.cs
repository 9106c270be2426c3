using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Minutes;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>The papers of a meeting: notice to post, slips to hand out, list to sign, minutes; and the pages that anybody may open.</summary>
internal static class PrintMeetings
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary];

    public static void MapPrintMeetings(this IEndpointRouteBuilder meetings)
    {
        meetings.MapGet("/{id:guid}/notice/print", PrintNoticeAsync).WithName("PrintNotice").Allow("agenda.read", ReadPlans.Readers)
            .Produces<string>(200, "text/html").WithSummary("La convocatoria para pegar en la cartelera");
        meetings.MapGet("/{id:guid}/invitations/print", PrintInvitationsAsync).WithName("PrintInvitations").Allow("agenda.read", Readers)
            .Produces<string>(200, "text/html").WithSummary("Los avisos para entregar en mano: la convocatoria con el código y el QR de cada persona, o que la reunión se canceló o cambió de fecha")
            .WithDescription("Solo las de quienes no recibieron correo; con everybody=true, todas.");
        meetings.MapGet("/{id:guid}/attendance/print", PrintAttendanceAsync).WithName("PrintAttendance").Allow("agenda.read", Readers)
            .Produces<string>(200, "text/html").WithSummary("La lista de asistencia para firmar");
        meetings.MapGet("/{id:guid}/minutes/draft/print", PrintDraftAsync).WithName("PrintDraftMinutes").Allow("agenda.read", Readers)
            .Produces<string>(200, "text/html").WithSummary("El borrador del acta para revisarlo");
        meetings.MapGet("/{id:guid}/minutes/{number:int}/print", PrintMinutesAsync).WithName("PrintMinutes").Allow("agenda.read", ReadPlans.Readers)
            .Produces<string>(200, "text/html").WithSummary("Un acta cerrada para imprimir y firmar");
    }

    public static void MapPublicMeetings(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/invitations/{code}", InvitationAsync).WithName("GetPublicInvitation").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de una convocatoria: a qué reunión es y si el código sirve");
        pages.MapGet("/meetings/{id:guid}/minutes/{number:int}", PublicMinutesAsync).WithName("GetPublicMinutes").AllowAnonymous()
            .Produces<string>(200, "text/html").WithSummary("Versión pública de un acta");
    }

    private static async Task<IResult> PrintNoticeAsync(Guid id, AgendaDb db, HttpContext http, IConfiguration configuration, TimeProvider time, CancellationToken cancellation) =>
        await PaperAsync(db, id, cancellation) is { } paper
            ? Html.Page<NoticePage>(http, new() { ["Paper"] = paper, ["Address"] = configuration.PublicAddress($"/v1/agenda/public/calendar/meeting/{id}"), ["PrintedAt"] = time.GetUtcNow().DayAndHour() })
            : Problems.NotFound();

    private static async Task<IResult> PrintInvitationsAsync(
        Guid id, AgendaDb db, HttpContext http, IConfiguration configuration, TimeProvider time, bool everybody = false, CancellationToken cancellation = default)
    {
        if (await PaperAsync(db, id, cancellation) is not { } paper)
            return Problems.NotFound();
        // Of a meeting that is off or on another day, the slips say so.
        var state = await db.Meetings.Where(m => m.Id == id).Select(m => m.State).SingleAsync(cancellation);
        var about = state switch { MeetingState.Cancelled => NoticeAbout.Cancelled, MeetingState.Rescheduled => NoticeAbout.Rescheduled, _ => NoticeAbout.Convened };
        // As many as a body has members.
        var slips = await db.Invitations.AsNoTracking().Where(i => i.MeetingId == id && (everybody || !db.Notices.Any(n =>
                n.MeetingId == id && n.PersonId == i.PersonId && n.About == about && (n.State == NoticeState.Sent || n.State == NoticeState.Pending))))
            .OrderBy(i => i.Name).ThenBy(i => i.PersonId).ToListAsync(cancellation);
        return Html.Page<InvitationsPage>(http, new()
        {
            ["Paper"] = paper, ["PrintedAt"] = time.GetUtcNow().DayAndHour(), ["Invited"] = await db.Invitations.CountAsync(i => i.MeetingId == id, cancellation),
            ["Slips"] = slips.ConvertAll(i => new InvitationSlip(i.Name, about == NoticeAbout.Convened ? i.Code : null, configuration.PublicAddress($"/v1/agenda/public/invitations/{i.Code}"))),
        });
    }

    private static async Task<IResult> PrintAttendanceAsync(Guid id, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (await PaperAsync(db, id, cancellation) is not { } paper)
            return Problems.NotFound();
        var meeting = await db.Meetings.AsNoTracking().SingleAsync(m => m.Id == id, cancellation);
        var names = await BodyMember.ActiveOn(db.BodyMembers, meeting.BodyId, meeting.Date).OrderBy(m => m.Name).Select(m => m.Institution == null ? m.Name : m.Name + " (" + m.Institution + ")").ToListAsync(cancellation);
        return Html.Page<AttendancePage>(http, new() { ["Paper"] = paper, ["Names"] = names, ["PrintedAt"] = time.GetUtcNow().DayAndHour() });
    }

    private static async Task<IResult> PrintDraftAsync(Guid id, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        await WriteMinutes.DraftContentAsync(db, id, cancellation) is { } content
            ? Html.Page<MinutesPage>(http, new() { ["Content"] = content, ["Draft"] = true, ["Foot"] = $"Impreso el {time.GetUtcNow().DayAndHour()}." })
            : Problems.NotFound();

    private static async Task<IResult> PrintMinutesAsync(Guid id, int number, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var act = await db.Minutes.AsNoTracking().SingleOrDefaultAsync(m => m.MeetingId == id && m.Number == number, cancellation);
        return act is null
            ? Problems.NotFound()
            : Html.Page<MinutesPage>(http, new() { ["Content"] = act.Content, ["Foot"] = $"Cerrada el {act.ClosedAt.DayAndHour()}. Un acta cerrada no cambia: se corrige con otra." });
    }

    private static async Task<IResult> PublicMinutesAsync(Guid id, int number, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var act = await db.Minutes.AsNoTracking().SingleOrDefaultAsync(m => m.MeetingId == id && m.Number == number && m.PublishedAt != null, cancellation);
        if (act is not null && !(await db.StandingAsync(id, cancellation))("agenda.meeting.minutes-published.v1", number))
            act = null;
        return act is null
            ? Problems.NotFound()
            : Html.Page<MinutesPage>(http, new() { ["Content"] = act.PublicContent, ["Public"] = true, ["Foot"] = $"Versión pública del {act.PublishedAt!.Value.LocalDate().Day()}: sin datos personales, como manda la ley." });
    }

    private static async Task<IResult> InvitationAsync(string code, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var invitation = await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.Code == code, cancellation);
        if (invitation is null)
            return Html.Page<InvitationPage>(http, [], 404);
        var meeting = await db.Meetings.AsNoTracking().SingleAsync(m => m.Id == invitation.MeetingId, cancellation);
        var used = await db.Attendances.AnyAsync(a => a.MeetingId == meeting.Id && a.PersonId == invitation.PersonId, cancellation);
        var (good, words) = meeting.State switch
        {
            MeetingState.Cancelled => (false, "La reunión se canceló"),
            MeetingState.Rescheduled => (false, "La reunión cambió de fecha: espere otra convocatoria"),
            MeetingState.Held or MeetingState.NoQuorum => (used, used ? "Asistencia anotada" : "La reunión ya pasó"),
            _ => (true, used ? "Asistencia anotada" : "Código válido"),
        };
        return Html.Page<InvitationPage>(http, new() { ["Paper"] = await PaperAsync(db, meeting.Id, cancellation), ["Good"] = good, ["Words"] = words });
    }

    private static async Task<MeetingPaper?> PaperAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().Include(m => m.Body).SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return null;
        var kind = await db.MeetingKinds.AsNoTracking().SingleAsync(k => k.Code == meeting.Kind, cancellation);
        var rule = await db.RuleOnAsync(meeting.Kind, meeting.Date, cancellation);
        return new(
            kind.Name, meeting.Title, meeting.Body.Name, meeting.Body.Place, meeting.StartsAt.InWords(), meeting.Venue,
            meeting.Points, rule!.SecondCall, await WarningAsync(db, meeting, cancellation));
    }

    private static async Task<string?> WarningAsync(AgendaDb db, Meeting meeting, CancellationToken cancellation) => meeting.State switch
    {
        MeetingState.Planned => "TODAVÍA NO SE HA CONVOCADO",
        MeetingState.Cancelled => $"LA REUNIÓN SE CANCELÓ. {meeting.Reason}",
        MeetingState.Rescheduled => $"LA REUNIÓN CAMBIÓ DE FECHA: {(await db.Meetings.Where(m => m.Id == meeting.SuccessorId).Select(m => m.StartsAt).SingleAsync(cancellation)).DayAndHour()}. {meeting.Reason}",
        _ => null,
    };
}
