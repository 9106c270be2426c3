using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

internal static class PlanMeeting
{
    public static void MapPlanMeeting(this IEndpointRouteBuilder meetings) =>
        meetings.MapPost("/", HandleAsync).WithName("PlanMeeting").Idempotent()
            .Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Planificar una reunión de una asociación o comité")
            .WithDescription("startsAt es la fecha y hora local, sin zona: 2017-02-02T14:00:00.");

    internal sealed record Request(
        [Text(60)] string Kind, [PublicText(150)] string Title, Guid BodyId, DateTime StartsAt, [PublicText(150)] string Venue,
        [Count(1, 30)] IReadOnlyList<string> Points, [Between(5, 1440)] int DurationMinutes = 120)
    {
        public static Request Example => new("ordinary-assembly", "Asamblea ordinaria de marzo", Examples.Id, new(2026, 3, 9, 14, 0, 0), "Casa comunal", ["Informe de la junta"]);
    }

    private static async Task<Results<Created<MeetingView>, ProblemHttpResult>> HandleAsync(
        Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        RequireLocal(request.StartsAt);
        Rule.That(await db.RuleOnAsync(request.Kind, DateOnly.FromDateTime(request.StartsAt), cancellation) is not null, "meeting_kind_unknown",
            "Ese tipo de reunión no está registrado, o no rige en esa fecha.", "/kind");
        var body = await db.Bodies.SingleOrDefaultAsync(b => b.Id == request.BodyId, cancellation);
        Rule.That(body is not null, "body_unknown", "Esa instancia no está registrada, o la noticia de ella aún no ha llegado.", "/bodyId");
        body!.RequireStanding(DateOnly.FromDateTime(request.StartsAt));
        RequirePoints(request.Points);
        var meeting = Meeting.Plan(
            request.Kind, body, request.Title.Trim(), request.StartsAt, request.DurationMinutes, request.Venue.Trim(), [.. request.Points.Select(p => p.Trim())], time.GetUtcNow());
        db.Add(meeting);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(meeting.Version);
        return TypedResults.Created($"/v1/agenda/meetings/{meeting.Id}", MeetingView.Of(meeting));
    }

    /// <summary>The points of an agenda are posted and published.</summary>
    public static void RequirePoints(IReadOnlyList<string> points)
    {
        foreach (var (index, point) in points.Index())
        {
            Rule.That(TextAttribute.IsText(point, 300), "point_length", "Cada punto lleva de 1 a 300 caracteres.", $"/points/{index}");
            Rule.That(!PublicTextAttribute.HasPersonalNumber(point), "personal_number", "Quite el número de DUI o de teléfono: la agenda será pública.", $"/points/{index}");
        }
    }

    public static void RequireLocal(DateTime startsAt) =>
        Rule.That(startsAt.Kind == DateTimeKind.Unspecified && startsAt.Year is >= 1990 and <= 2100, "starts_at_not_local",
            "Escriba la fecha y hora local sin zona, como 2017-02-02T14:00:00.", "/startsAt");
}

internal sealed record MeetingView(
    Guid Id, long Version, string Kind, string Title, Guid BodyId, string BodyName, DateTime StartsAt, int DurationMinutes, string Venue, IReadOnlyList<string> Points,
    MeetingState State, DateOnly? ConvenedOn, int? Call, int? Attendance, int? Members, int? Quorum, string? Reason, Guid? SuccessorId)
{
    public static MeetingView Example => new(
        Examples.Id, 3, "ordinary-assembly", "Asamblea ordinaria de marzo", Examples.OtherId, "ADESCO El Ejemplo", new(2026, 3, 9, 14, 0, 0), 120, "Casa comunal",
        ["Informe de la junta"], MeetingState.Held, new(2026, 3, 2), 1, 14, 25, 13, null, null);

    public static MeetingView Of(Meeting m) => new(
        m.Id, m.Version, m.Kind, m.Title, m.BodyId, m.Body.Name, m.StartsAt, m.DurationMinutes, m.Venue, m.Points, m.State, m.ConvenedOn, m.Call, m.Attendance,
        m.Members, m.Quorum, m.Reason, m.SuccessorId);
}
