using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>Who came: by the whole list, or one by one with the code of the invitation.</summary>
internal static class TakeAttendance
{
    /// <summary>How many seats were filled, by those who attended and were members that day.</summary>
    public static Task<int> SeatsFilledAsync(this AgendaDb db, Meeting meeting, CancellationToken cancellation) => BodyMember.CountSeatsAsync(
        BodyMember.ActiveOn(db.BodyMembers, meeting.BodyId, meeting.Date).Where(m => db.Attendances.Any(a => a.MeetingId == meeting.Id && a.PersonId == m.PersonId)), cancellation);

    public static void MapTakeAttendance(this IEndpointRouteBuilder meetings)
    {
        meetings.MapGet("/{id:guid}/attendance", ReadAsync).WithName("GetAttendance").Allow("agenda.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Quiénes asistieron");
        meetings.MapPut("/{id:guid}/attendance", WriteAsync).WithName("SetAttendance").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar o corregir la asistencia, hasta que el acta se cierre").WithDescription("Los invitados que no son miembros no cuentan para el quórum.");
        meetings.MapPost("/{id:guid}/check-ins", CheckInAsync).WithName("CheckIn").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar a una persona por el código o el QR de su convocatoria").WithDescription("Dos veces el mismo código anota una sola vez.");
    }

    internal sealed record GuestContent([Text(150)] string Name, [PublicText(150)] string? Institution = null)
    {
        public static GuestContent Example => new("Invitada de Ejemplo", "Unidad de salud");
    }

    internal sealed record AttendanceList([Count(0, 2000)] IReadOnlyList<Guid> PersonIds, [Count(0, 200)] IReadOnlyList<GuestContent>? Guests = null)
    {
        public static AttendanceList Example => new([Examples.Id, Examples.OtherId], [GuestContent.Example]);
    }

    internal sealed record AttendeeView(Guid PersonId, string Name, AttendedBy How, DateTimeOffset RecordedAt);

    internal sealed record AttendanceView(int Attendance, int Members, IReadOnlyList<AttendeeView> Attendees, IReadOnlyList<GuestContent> Guests)
    {
        public static AttendanceView Example => new(1, 25, [new(Examples.Id, "Marta Inventada", AttendedBy.Code, Examples.Instant)], [GuestContent.Example]);
    }

    internal sealed record CheckIn([Text(300)] string Code)
    {
        public static CheckIn Example => new("7k3mq9xw2h");
    }

    internal sealed record CheckInView(string Name, bool Already, int Attendance)
    {
        public static CheckInView Example => new("Marta Inventada", false, 14);
    }

    private static async Task<Results<Ok<AttendanceView>, ProblemHttpResult>> ReadAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return Problems.NotFound();
        // As many as a body has members, which no assembly hall exceeds.
        var attendees = await (from attendance in db.Attendances.AsNoTracking()
                               where attendance.MeetingId == id
                               let name = db.BodyMembers.Where(m => m.BodyId == meeting.BodyId && m.PersonId == attendance.PersonId).OrderByDescending(m => m.JoinedOn).Select(m => m.Name).FirstOrDefault()
                               orderby name, attendance.PersonId
                               select new AttendeeView(attendance.PersonId, name ?? "", attendance.How, attendance.RecordedAt)).ToListAsync(cancellation);
        var guests = await db.Guests.AsNoTracking().Where(g => g.MeetingId == id).OrderBy(g => g.Number).Select(g => new GuestContent(g.Name, g.Institution)).ToListAsync(cancellation);
        var seats = await BodyMember.CountSeatsAsync(BodyMember.ActiveOn(db.BodyMembers, meeting.BodyId, meeting.Date), cancellation);
        http.Response.SetETag(meeting.Version);
        return TypedResults.Ok(new AttendanceView(await db.SeatsFilledAsync(meeting, cancellation), seats, attendees, guests));
    }

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> WriteAsync(
        Guid id, AttendanceList request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, cancellation) =>
        {
            var db = change.Db;
            await change.RequireMinutesOpenAsync(meeting, cancellation);
            Rule.That(request.PersonIds.Distinct().Count() == request.PersonIds.Count, "person_twice", "Una persona aparece dos veces.", "/personIds");
            var members = await change.MembersOf(meeting).Where(m => request.PersonIds.Contains(m.PersonId)).Select(m => m.PersonId).ToHashSetAsync(cancellation);
            meeting.RequireOpenForAttendance(change.Now.LocalDate());
            foreach (var (index, person) in request.PersonIds.Index())
                Rule.That(members.Contains(person), "not_a_member", "Esa persona no era miembro en la fecha de la reunión.", $"/personIds/{index}");
            await db.Attendances.Where(a => a.MeetingId == id && !request.PersonIds.Contains(a.PersonId)).ExecuteDeleteAsync(cancellation);
            var known = await db.Attendances.Where(a => a.MeetingId == id).Select(a => a.PersonId).ToHashSetAsync(cancellation);
            db.AddRange(request.PersonIds.Where(p => !known.Contains(p)).Select(p => new Attendance { MeetingId = id, PersonId = p, How = AttendedBy.List, RecordedAt = change.Now }));
            if (request.Guests is { } guests)
            {
                await db.Guests.Where(g => g.MeetingId == id).ExecuteDeleteAsync(cancellation);
                db.AddRange(guests.Select((g, i) => new Guest { MeetingId = id, Number = i + 1, Name = g.Name.Trim(), Institution = g.Institution?.Trim() }));
            }
            await db.SaveChangesAsync(cancellation);
            meeting.TakeAttendance(await db.SeatsFilledAsync(meeting, cancellation));
        });

    // No version is asked for: check-ins add up, from as many telephones as there are at the door.
    private static Task<Results<Ok<CheckInView>, ProblemHttpResult>> CheckInAsync(Guid id, CheckIn request, MeetingChange change) =>
        change.ApplyAsync(id, null, async (meeting, cancellation) =>
        {
            var db = change.Db;
            // The QR is the address of the invitation's page; its end is the code.
            var code = request.Code.Trim().Split('/')[^1].Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
            var invitation = await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.Code == code, cancellation);
            Rule.That(invitation is not null, "code_unknown", "Ese código no es de ninguna convocatoria. Revíselo, o anote a la persona por la lista.", "/code");
            Rule.That(invitation!.MeetingId == id, "code_of_another_meeting", "Ese código es de otra reunión.", "/code");
            await change.RequireMinutesOpenAsync(meeting, cancellation);
            meeting.RequireOpenForAttendance(change.Now.LocalDate());
            Rule.That(await change.MembersOf(meeting).AnyAsync(m => m.PersonId == invitation.PersonId, cancellation), "not_a_member",
                "Esa persona no era miembro en la fecha de la reunión.", "/code");
            var already = await db.Attendances.AnyAsync(a => a.MeetingId == id && a.PersonId == invitation.PersonId, cancellation);
            if (!already)
            {
                db.Add(new Attendance { MeetingId = id, PersonId = invitation.PersonId, How = AttendedBy.Code, RecordedAt = change.Now });
                await db.SaveChangesAsync(cancellation);
            }
            var attendance = await db.SeatsFilledAsync(meeting, cancellation);
            if (!already)
                meeting.TakeAttendance(attendance);
            return new CheckInView(invitation.Name, already, attendance);
        }, view => view);
}
