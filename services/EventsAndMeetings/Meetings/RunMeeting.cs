using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>A meeting's course: notice, attendance, closing on the first or second call, another date, or none.</summary>
internal static class RunMeeting
{
    public static void MapRunMeeting(this IEndpointRouteBuilder meetings)
    {
        meetings.MapPost("/{id:guid}/convocation", ConveneAsync).WithName("ConveneMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Convocar dentro del plazo de aviso");
        meetings.MapPut("/{id:guid}/attendance", AttendAsync).WithName("SetAttendance")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Registrar o corregir la asistencia hasta el cierre");
        meetings.MapPost("/{id:guid}/closing", CloseAsync).WithName("CloseMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cerrar la reunión en primera o segunda convocatoria, con su quórum")
            .WithDescription("El quórum se calcula sobre los miembros activos en la fecha de la reunión.");
        meetings.MapPost("/{id:guid}/rescheduling", RescheduleAsync).WithName("RescheduleMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Pasar la reunión a otra fecha, con su motivo");
        meetings.MapPost("/{id:guid}/cancellation", CancelAsync).WithName("CancelMeeting")
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead).WithSummary("Cancelar la reunión, con su motivo");
    }

    internal sealed record Convocation(DateOnly ConvenedOn);

    internal sealed record AttendanceList([Count(0, 2000)] IReadOnlyList<Guid> PersonIds);

    internal sealed record Closing([Between(1, 2)] int Call);

    internal sealed record Rescheduling(DateTime StartsAt, [Text(500)] string Reason);

    internal sealed record Cancellation([Text(500)] string Reason);

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> ConveneAsync(
        Guid id, Convocation request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, (meeting, kind, _) =>
        {
            Rule.NotInFuture(request.ConvenedOn, change.Now, "/convenedOn");
            meeting.Convene(kind, request.ConvenedOn, change.Now);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> AttendAsync(
        Guid id, AttendanceList request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, _, cancellation) =>
        {
            meeting.TakeAttendance(change.Now.LocalDate());
            Rule.That(request.PersonIds.Distinct().Count() == request.PersonIds.Count, "person_twice", "Una persona aparece dos veces.", "/personIds");
            var members = await BodyMember.ActiveOn(change.Db.BodyMembers, meeting.BodyId, meeting.Date)
                .Where(m => request.PersonIds.Contains(m.PersonId)).Select(m => m.PersonId).ToHashSetAsync(cancellation);
            foreach (var (index, person) in request.PersonIds.Index())
                Rule.That(members.Contains(person), "not_a_member", "Esa persona no era miembro en la fecha de la reunión.", $"/personIds/{index}");
            await change.Db.Attendances.Where(a => a.MeetingId == id).ExecuteDeleteAsync(cancellation);
            change.Db.AddRange(request.PersonIds.Select(p => new Attendance { MeetingId = id, PersonId = p }));
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> CloseAsync(
        Guid id, Closing request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, async (meeting, kind, cancellation) =>
        {
            var active = BodyMember.ActiveOn(change.Db.BodyMembers, meeting.BodyId, meeting.Date);
            var members = await active.CountAsync(cancellation);
            // Counted anew against the roll: someone may have left since the list was taken.
            var attendance = await change.Db.Attendances.CountAsync(
                a => a.MeetingId == id && active.Any(m => m.PersonId == a.PersonId), cancellation);
            meeting.Close(kind, request.Call, attendance, members, change.Now.LocalDate(), change.Now);
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> RescheduleAsync(
        Guid id, Rescheduling request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, (meeting, kind, _) =>
        {
            Rule.That(request.StartsAt.Kind == DateTimeKind.Unspecified && request.StartsAt.Year is >= 1990 and <= 2100, "starts_at_not_local",
                "Escriba la fecha y hora local sin zona, como 2017-02-02T14:00:00.", "/startsAt");
            change.Db.Add(meeting.Reschedule(kind, request.StartsAt, request.Reason, change.Now));
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<MeetingView>, ProblemHttpResult>> CancelAsync(
        Guid id, Cancellation request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, ifMatch, (meeting, _, _) =>
        {
            meeting.Cancel(request.Reason, change.Now);
            return Task.CompletedTask;
        });
}
