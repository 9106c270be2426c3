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

/// <summary>
/// Minutes are made of what the meeting has anyway; a person adds what was said and agreed. Closed, they have the next
/// number of their book and never change: another act corrects them.
/// </summary>
internal static class WriteMinutes
{
    public static void MapWriteMinutes(this IEndpointRouteBuilder meetings)
    {
        meetings.MapGet("/{id:guid}/minutes", ReadAsync).WithName("GetMinutes").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("El borrador del acta, o las actas cerradas de una reunión");
        meetings.MapPut("/{id:guid}/minutes", WriteAsync).WithName("WriteMinutes").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Escribir el borrador del acta: horas, desarrollo y acuerdos");
        meetings.MapPost("/{id:guid}/minutes/closing", CloseAsync).WithName("CloseMinutes").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Cerrar el acta: recibe su número y ya no cambia");
        meetings.MapPost("/{id:guid}/minutes/{number:int}/corrections", CorrectAsync).WithName("CorrectMinutes").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Corregir un acta cerrada con otra acta");
        meetings.MapPost("/{id:guid}/minutes/{number:int}/public-preview", PreviewAsync).WithName("PreviewPublicMinutes").Allow("agenda.read", Roles.UnitHead, Roles.Secretary)
            .WithSummary("Ver cómo quedaría la versión pública de un acta");
        meetings.MapPost("/{id:guid}/minutes/{number:int}/publication", PublishAsync).WithName("PublishMinutes").Allow("agenda.write", Roles.UnitHead, Roles.Secretary)
            .WithSummary("Publicar la versión pública de un acta, sin datos personales")
            .WithDescription("Los nombres de quienes se conocen se quitan solos; en reserve van otras palabras que deban quitarse. Véala antes con public-preview.");
    }

    internal sealed record ActView(int Number, int? Corrects, MinutesContent Content, string ClosedBy, DateTimeOffset ClosedAt, DateTimeOffset? PublishedAt)
    {
        public static ActView Of(MinutesAct act) => new(act.Number, act.Corrects, act.Content, act.ClosedBy, act.ClosedAt, act.PublishedAt);
    }

    internal sealed record MinutesView(MinutesDraft? Draft, IReadOnlyList<ActView> Acts)
    {
        public static MinutesView Example => new(MinutesDraft.Example, []);
    }

    internal sealed record Correction([PublicText(4000)] string Text)
    {
        public static Correction Example => new("En el punto 1, donde dice «tres» debe decir «trece».");
    }

    internal sealed record Publication([Count(0, 100)] IReadOnlyList<string>? Reserve = null)
    {
        public static Publication Example => new(["doña Carmen"]);
    }

    private static async Task<Results<Ok<MinutesView>, ProblemHttpResult>> ReadAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return Problems.NotFound();
        http.Response.SetETag(meeting.Version);
        return TypedResults.Ok(await ViewAsync(db, meeting, cancellation));
    }

    private static Task<Results<Ok<MinutesView>, ProblemHttpResult>> WriteAsync(
        Guid id, MinutesDraft request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        ApplyAsync(change, id, ifMatch, async (meeting, cancellation) =>
        {
            await change.RequireMinutesOpenAsync(meeting, cancellation);
            var people = (request.Agreements ?? []).Select(a => a.ResponsibleId).OfType<Guid>().ToArray();
            var known = await change.Db.BodyMembers.Where(m => people.Contains(m.PersonId)).Select(m => m.PersonId).ToHashSetAsync(cancellation);
            foreach (var (index, agreement) in (request.Agreements ?? []).Index())
            {
                Rule.That(agreement.ResponsibleId is not { } person || known.Contains(person), "responsible_unknown",
                    "Esa persona no es miembro de ninguna instancia: escriba solo quién responde.", $"/agreements/{index}/responsibleId");
            }
            foreach (var (index, text) in (request.Development ?? []).Index())
            {
                Rule.That(text.Length == 0 || TextAttribute.IsText(text, 20_000), "development_length", "Cada punto lleva hasta 20,000 caracteres.", $"/development/{index}");
                Rule.That(!PublicTextAttribute.HasPersonalNumber(text), "personal_number", "Quite el número de DUI o de teléfono: el acta tiene versión pública.", $"/development/{index}");
            }
            meeting.Write(request);
        });

    private static Task<Results<Ok<MinutesView>, ProblemHttpResult>> CloseAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        ApplyAsync(change, id, ifMatch, async (meeting, cancellation) =>
        {
            var db = change.Db;
            meeting.RequireOver();
            await change.RequireMinutesOpenAsync(meeting, cancellation);
            var draft = meeting.Draft ?? new();
            Rule.State(meeting.State == MeetingState.NoQuorum || draft.Development?.Any(d => !string.IsNullOrWhiteSpace(d)) == true, "minutes_empty", "El acta no dice qué se trató: escriba el desarrollo.");
            var kind = await db.MeetingKinds.AsNoTracking().SingleAsync(k => k.Code == meeting.Kind, cancellation);
            var act = new MinutesAct
            {
                MeetingId = id, BodyId = meeting.BodyId, Book = kind.Book, Content = await ContentAsync(db, meeting, kind, draft, cancellation), ClosedBy = change.Caller, ClosedAt = change.Now,
            };
            db.Add(act);
            foreach (var (index, agreement) in (draft.Agreements ?? []).Index())
            {
                db.Add(new Agreement
                {
                    MeetingId = id, Number = index + 1, Text = agreement.Text.Trim(), Responsible = agreement.Responsible.Trim(), ResponsibleId = agreement.ResponsibleId, DueOn = agreement.DueOn,
                });
            }
            await db.SaveChangesAsync(cancellation);
            meeting.CloseMinutes(act.Number, null, draft.Agreements?.Count ?? 0, change.Now);
        });

    private static Task<Results<Ok<MinutesView>, ProblemHttpResult>> CorrectAsync(
        Guid id, int number, Correction request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        ApplyAsync(change, id, ifMatch, async (meeting, cancellation) =>
        {
            var db = change.Db;
            var corrected = await db.Minutes.AsNoTracking().SingleOrDefaultAsync(m => m.MeetingId == id && m.Number == number, cancellation)
                ?? throw new RuleViolationException(404, "not_found", "La reunión no tiene un acta con ese número.");
            var act = new MinutesAct
            {
                MeetingId = id, BodyId = corrected.BodyId, Book = corrected.Book, Corrects = number, ClosedBy = change.Caller, ClosedAt = change.Now,
                Content = corrected.Content with { Corrects = number, Correction = request.Text.Trim(), Points = [], Agreements = [], Calls = [], Attendees = [], Guests = [] },
            };
            db.Add(act);
            await db.SaveChangesAsync(cancellation);
            meeting.CloseMinutes(act.Number, number, 0, change.Now);
        });

    private static async Task<Results<Ok<MinutesContent>, ProblemHttpResult>> PreviewAsync(Guid id, int number, Publication request, AgendaDb db, CancellationToken cancellation)
    {
        var act = await db.Minutes.AsNoTracking().SingleOrDefaultAsync(m => m.MeetingId == id && m.Number == number, cancellation);
        return act is null ? Problems.NotFound() : TypedResults.Ok(await PublicAsync(db, act, request, cancellation));
    }

    private static Task<Results<Ok<MinutesView>, ProblemHttpResult>> PublishAsync(
        Guid id, int number, Publication request, [FromHeader(Name = "If-Match")] string? ifMatch, MeetingChange change) =>
        ApplyAsync(change, id, ifMatch, async (meeting, cancellation) =>
        {
            var act = await change.Db.Minutes.SingleOrDefaultAsync(m => m.MeetingId == id && m.Number == number, cancellation)
                ?? throw new RuleViolationException(404, "not_found", "La reunión no tiene un acta con ese número.");
            act.PublicContent = await PublicAsync(change.Db, act, request, cancellation);
            (act.PublishedBy, act.PublishedAt) = (change.Caller, change.Now);
            meeting.PublishMinutes(number, act.PublicContent, change.Now);
        });

    private static Task<Results<Ok<MinutesView>, ProblemHttpResult>> ApplyAsync(
        MeetingChange change, Guid id, string? ifMatch, Func<Meeting, CancellationToken, Task> step) =>
        change.ApplyAsync(id, meeting => Preconditions.Require(ifMatch, meeting.Version), async (meeting, cancellation) =>
        {
            await step(meeting, cancellation);
            await change.Db.SaveChangesAsync(cancellation);
            return await ViewAsync(change.Db, meeting, cancellation);
        }, view => view);

    private static async Task<MinutesView> ViewAsync(AgendaDb db, Meeting meeting, CancellationToken cancellation)
    {
        var acts = await db.Minutes.AsNoTracking().Where(m => m.MeetingId == meeting.Id).OrderBy(m => m.Number).Take(Page.MaximumSize).ToListAsync(cancellation);
        return new(acts.Count == 0 ? meeting.Draft : null, acts.ConvertAll(ActView.Of));
    }

    private static async Task<MinutesContent> ContentAsync(AgendaDb db, Meeting meeting, MeetingKind kind, MinutesDraft draft, CancellationToken cancellation)
    {
        var calls = await db.Calls.AsNoTracking().Where(c => c.MeetingId == meeting.Id).OrderBy(c => c.Call).ToListAsync(cancellation);
        var attendees = await (from attendance in db.Attendances
                               where attendance.MeetingId == meeting.Id
                               select db.BodyMembers.Where(m => m.BodyId == meeting.BodyId && m.PersonId == attendance.PersonId).OrderByDescending(m => m.JoinedOn).Select(m => m.Name).FirstOrDefault() ?? "")
            .ToListAsync(cancellation);
        var guests = await db.Guests.AsNoTracking().Where(g => g.MeetingId == meeting.Id).OrderBy(g => g.Number).ToListAsync(cancellation);
        return new(
            MinutesAct.InSpanish(kind.Book), 0, kind.Name, meeting.Title, meeting.Body.Name, meeting.Body.Place, meeting.Venue, meeting.StartsAt, draft.StartedAt, draft.EndedAt,
            draft.PresidedBy?.Trim(), draft.Secretary?.Trim(), meeting.State == MeetingState.Held, [.. calls.Select(c => new CallLine(c.Call, c.Attendance, c.Members, c.Quorum))],
            await db.SeatsFilledAsync(meeting, cancellation), [.. attendees.Order(StringComparer.Create(System.Globalization.CultureInfo.GetCultureInfo("es-SV"), ignoreCase: true))],
            [.. guests.Select(g => g.Institution is null ? g.Name : $"{g.Name} ({g.Institution})")],
            [.. meeting.Points.Select((p, i) => new PointLine(p, draft.Development?.ElementAtOrDefault(i)?.Trim() is { Length: > 0 } said ? said : null))],
            [.. (draft.Agreements ?? []).Select((a, i) => new AgreementLine(i + 1, a.Text.Trim(), a.Responsible.Trim(), a.DueOn))]);
    }

    /// <summary>What the minutes would say; null when the meeting is unknown.</summary>
    public static async Task<MinutesContent?> DraftContentAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var meeting = await db.Meetings.AsNoTracking().Include(m => m.Body).SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (meeting is null)
            return null;
        var kind = await db.MeetingKinds.AsNoTracking().SingleAsync(k => k.Code == meeting.Kind, cancellation);
        return await ContentAsync(db, meeting, kind, meeting.Draft ?? new(), cancellation);
    }

    private static async Task<MinutesContent> PublicAsync(AgendaDb db, MinutesAct act, Publication request, CancellationToken cancellation)
    {
        foreach (var (index, phrase) in (request.Reserve ?? []).Index())
            Rule.That(TextAttribute.IsText(phrase, 150), "reserve_length", "Cada palabra o frase lleva de 1 a 150 caracteres.", $"/reserve/{index}");
        var content = act.Content;
        // An act that corrects another speaks of those whom the other names.
        var acts = await db.Minutes.AsNoTracking().Where(m => m.MeetingId == act.MeetingId).OrderBy(m => m.Number).Take(Page.MaximumSize).Select(m => m.Content).ToListAsync(cancellation);
        var members = await db.BodyMembers.Where(m => m.BodyId == act.BodyId).Select(m => m.Name).Distinct().ToListAsync(cancellation);
        var invited = await db.Invitations.Where(i => i.MeetingId == act.MeetingId).Select(i => i.Name).ToListAsync(cancellation); // As they were called then.
        var guests = await db.Guests.AsNoTracking().Where(g => g.MeetingId == act.MeetingId).ToListAsync(cancellation);
        var redaction = new Redaction(
            [.. members, .. invited, .. guests.Select(g => g.Name),
             .. acts.SelectMany(a => a.Attendees.Concat(a.Agreements.Select(one => one.Responsible)).Append(a.PresidedBy).Append(a.Secretary)).OfType<string>()], request.Reserve ?? []);
        return content with
        {
            Title = redaction.Apply(content.Title)!, PresidedBy = null, Secretary = null, Attendees = [], Guests = [.. guests.Select(g => redaction.Apply(g.Institution)).OfType<string>().Distinct()],
            Points = [.. content.Points.Select(p => new PointLine(redaction.Apply(p.Point)!, redaction.Apply(p.Development)))],
            Agreements = [.. content.Agreements.Select(a => a with { Text = redaction.Apply(a.Text)!, Responsible = null })], Correction = redaction.Apply(content.Correction),
        };
    }
}
