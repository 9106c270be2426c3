using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

/// <summary>What was agreed is followed until it is done.</summary>
internal static class FollowAgreements
{
    public static void MapFollowAgreements(this IEndpointRouteBuilder api)
    {
        api.MapGet("/agreements", ListAsync).WithName("ListAgreements").WithTags("minutes").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Acuerdos de las reuniones, lo que vence antes primero");
        api.MapGet("/meetings/{id:guid}/agreements/{number:int}/notes", NotesAsync).WithName("ListAgreementNotes").WithTags("minutes").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Qué se ha anotado de un acuerdo");
        api.MapPost("/meetings/{id:guid}/agreements/{number:int}/notes", NoteAsync).WithName("NoteAgreement").WithTags("minutes").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar que un acuerdo se comenzó o se cumplió");
    }

    internal enum Step
    {
        Begun,
        Fulfilled,
    }

    internal sealed record NoteRequest(Step Step, [Text(500)] string Note, DateOnly On)
    {
        public static NoteRequest Example => new(Step.Fulfilled, "Se limpió con 20 personas.", new(2026, 4, 18));
    }

    internal sealed record NoteView(DateTimeOffset NotedAt, AgreementState State, string Note, string NotedBy)
    {
        public static NoteView Example => new(Examples.Instant, AgreementState.Fulfilled, "Se limpió con 20 personas.", "marta.promotora");
    }

    internal sealed record AgreementView(
        Guid MeetingId, int Number, string Meeting, Guid BodyId, string BodyName, DateOnly MeetingDate, string Text, string Responsible, DateOnly DueOn, AgreementState State,
        DateOnly? FulfilledOn, DateOnly? OverdueOn, DateOnly? EscalatedOn)
    {
        public static AgreementView Example => new(
            Examples.Id, 1, "Reunión de marzo", Examples.OtherId, "Comité de prevención", new(2026, 3, 5), "Limpiar la quebrada antes de las lluvias", "Comité de prevención",
            new(2026, 4, 30), AgreementState.Pending, null, null, null);
    }

    private static async Task<Ok<Page<AgreementView>>> ListAsync(
        AgendaDb db, Choice<AgreementState>? state = null, Guid? bodyId = null, Guid? meetingId = null, DateOnly? dueBefore = null, bool? escalated = null, string? after = null,
        int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var query = from agreement in db.Agreements.AsNoTracking()
                    join meeting in db.Meetings on agreement.MeetingId equals meeting.Id
                    select new { Agreement = agreement, Meeting = meeting };
        if (state is { Value: var wanted })
            query = query.Where(q => q.Agreement.State == wanted);
        if (bodyId is not null)
            query = query.Where(q => q.Meeting.BodyId == bodyId);
        if (meetingId is not null)
            query = query.Where(q => q.Meeting.Id == meetingId);
        if (dueBefore is not null)
            query = query.Where(q => q.Agreement.DueOn < dueBefore);
        if (escalated is { } up)
            query = query.Where(q => q.Agreement.EscalatedOn != null == up);
        if (after is not null)
        {
            var parts = after.Split('#');
            var (due, id) = Page.DayAndId(parts[0]);
            if (parts.Length != 2 || !int.TryParse(parts[1], out var number))
                throw Page.BadCursor();
            query = query.Where(q => EF.Functions.GreaterThan(
                ValueTuple.Create(q.Agreement.DueOn, q.Agreement.MeetingId, q.Agreement.Number), ValueTuple.Create(due, id, number)));
        }
        var items = await query.OrderBy(q => q.Agreement.DueOn).ThenBy(q => q.Agreement.MeetingId).ThenBy(q => q.Agreement.Number).Take(size + 1)
            .Select(q => new { q.Agreement, q.Meeting.Title, q.Meeting.BodyId, BodyName = q.Meeting.Body.Name, q.Meeting.StartsAt }).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(
            items.ConvertAll(i => new AgreementView(
                i.Agreement.MeetingId, i.Agreement.Number, i.Title, i.BodyId, i.BodyName, DateOnly.FromDateTime(i.StartsAt), i.Agreement.Text, i.Agreement.Responsible,
                i.Agreement.DueOn, i.Agreement.State, i.Agreement.FulfilledOn, i.Agreement.OverdueOn, i.Agreement.EscalatedOn)),
            size, a => $"{Page.Cursor(a.DueOn, a.MeetingId)}#{a.Number}"));
    }

    private static async Task<Results<Ok<List<NoteView>>, ProblemHttpResult>> NotesAsync(Guid id, int number, AgendaDb db, CancellationToken cancellation)
    {
        if (!await db.Agreements.AnyAsync(a => a.MeetingId == id && a.Number == number, cancellation))
            return Problems.NotFound();
        return TypedResults.Ok(await db.AgreementNotes.AsNoTracking().Where(n => n.MeetingId == id && n.Number == number).OrderBy(n => n.NotedAt).Take(Page.MaximumSize)
            .Select(n => new NoteView(n.NotedAt, n.State, n.Note, n.NotedBy)).ToListAsync(cancellation));
    }

    private static Task<Results<Ok<AgreementView>, ProblemHttpResult>> NoteAsync(
        Guid id, int number, NoteRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        change.ApplyAsync(id, meeting => Preconditions.Require(ifMatch, meeting.Version), async (meeting, cancellation) =>
        {
            Rule.NotInFuture(request.On, change.Now, "/on");
            var agreement = await change.Db.Agreements.SingleOrDefaultAsync(a => a.MeetingId == id && a.Number == number, cancellation)
                ?? throw new RuleViolationException(404, "not_found", "La reunión no tiene un acuerdo con ese número.");
            if (request.Step == Step.Begun)
                agreement.Begin();
            else
                agreement.Fulfil(request.On, meeting.Date);
            change.Db.Add(new AgreementNote { MeetingId = id, Number = number, NotedAt = change.Now, State = agreement.State, Note = request.Note.Trim(), NotedBy = change.Caller });
            meeting.Follow(agreement, change.Now);
            return new AgreementView(
                id, number, meeting.Title, meeting.BodyId, meeting.Body.Name, meeting.Date, agreement.Text, agreement.Responsible, agreement.DueOn, agreement.State,
                agreement.FulfilledOn, agreement.OverdueOn, agreement.EscalatedOn);
        }, view => view);
}
