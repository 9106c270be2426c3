using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>What proves an activity: told by the services, or shown by a person with a paper or a photo.</summary>
internal static class KeepEvidence
{
    public static void MapKeepEvidence(this IEndpointRouteBuilder plans)
    {
        plans.MapGet("/{id:guid}/activities/{number:int}/evidence", ListAsync).WithName("ListEvidence").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Medios de verificación de una actividad, el último primero");
        plans.MapPost("/{id:guid}/activities/{number:int}/evidence", AddAsync).WithName("AddEvidence").Idempotent().Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Agregar un medio de verificación: lugar, y un documento o una foto")
            .WithDescription("Suba antes el documento o la foto con POST /v1/agenda/files. quantity es cuánto suma a la meta, en su unidad de medida.");
        plans.MapPost("/{id:guid}/activities/{number:int}/evidence/{evidenceId:guid}/withdrawal", WithdrawAsync).WithName("WithdrawEvidence")
            .Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Retirar un medio de verificación que se agregó por error, con su motivo").WithDescription("Queda escrito y deja de contar.");
        plans.MapPut("/{id:guid}/activities/{number:int}/quarters/{quarter:int}", NoteAsync).WithName("NoteQuarter").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Escribir la causa del desvío, la medida correctiva y lo gastado en un trimestre");
    }

    internal sealed record Request(
        DateOnly Date, [PublicText(300)] string Description, [PublicText(150)] string Place, Guid? FileId = null, Guid? PhotoId = null, decimal Quantity = 1)
    {
        public static Request Example => new(new(2026, 3, 6), "Periódico mural de marzo en la casa comunal", "Casa comunal de Las Lomas", null, Examples.OtherId);
    }

    internal sealed record Withdrawal([Text(300)] string Reason)
    {
        public static Withdrawal Example => new("La foto es de otro lugar.");
    }

    internal sealed record Note([PublicText(500)] string? Cause = null, [PublicText(500)] string? CorrectiveAction = null, decimal? Spent = null)
    {
        public static Note Example => new("Lluvias en mayo.", "Se repone en julio.", 125.50m);
    }

    internal sealed record EvidenceView(
        EvidenceFact Fact, Guid FactId, DateOnly FactDate, string Description, decimal Quantity, string? Place, Guid? FileId, Guid? PhotoId, string? RecordedBy,
        DateTimeOffset RecordedAt, string? WithdrawnReason)
    {
        public static EvidenceView Example => new(
            EvidenceFact.MeetingHeld, Examples.Id, new(2026, 3, 5), "Reunión de marzo, Comité de prevención, 9 asistentes", 1, null, null, null, null, Examples.Instant, null);

        public static EvidenceView Of(Evidence e) =>
            new(e.Fact, e.FactId, e.FactDate, e.Description, e.Quantity, e.Place, e.FileId, e.PhotoId, e.RecordedBy, e.RecordedAt, e.WithdrawnReason);
    }

    private static async Task<Results<Ok<Page<EvidenceView>>, ProblemHttpResult>> ListAsync(
        Guid id, int number, AgendaDb db, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Activities.AnyAsync(a => a.PlanId == id && a.Number == number, cancellation))
            return Problems.NotFound();
        var query = db.Evidence.AsNoTracking().Where(e => e.PlanId == id && e.ActivityNumber == number);
        if (after is not null)
        {
            var (date, fact) = Page.DayAndId(after);
            query = query.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.FactDate, e.FactId), ValueTuple.Create(date, fact)));
        }
        var items = await query.OrderByDescending(e => e.FactDate).ThenByDescending(e => e.FactId).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(EvidenceView.Of), size, e => Page.Cursor(e.FactDate, e.FactId)));
    }

    // No version is asked for: pieces of evidence add up, whoever brings them, and do not overwrite each other.
    private static async Task<Results<Created<EvidenceView>, ProblemHttpResult>> AddAsync(
        Guid id, int number, Request request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Rule.NotInFuture(request.Date, now, "/date");
        Rule.That(request.FileId is not null || request.PhotoId is not null, "evidence_without_proof", "Agregue un documento o una foto: lo que no se ve no prueba nada.", "/photoId");
        Rule.That(request.Quantity is > 0 and <= 1_000_000 && decimal.Round(request.Quantity, 2) == request.Quantity, "evidence_quantity",
            "La cantidad es mayor que cero, con dos decimales a lo más.", "/quantity");
        await RequireFileAsync(db, request.FileId, "/fileId", false, cancellation);
        await RequireFileAsync(db, request.PhotoId, "/photoId", true, cancellation);
        await using var transaction = await db.BeginStepAsync(cancellation);
        var (plan, activity) = await LockAsync(db, id, number, cancellation);
        if (plan is null || activity is null)
            return Problems.NotFound();
        plan.RequireOpen();
        Rule.State(!activity.Withdrawn, "activity_withdrawn", "La actividad se retiró del plan.");
        Rule.That(request.Date.Year == plan.Year, "evidence_of_another_year", $"El plan es de {plan.Year}.", "/date");
        var evidence = new Evidence
        {
            PlanId = id, ActivityNumber = number, Fact = EvidenceFact.Manual, FactId = Guid.CreateVersion7(), FactDate = request.Date, Description = request.Description.Trim(),
            Quantity = request.Quantity, Place = request.Place.Trim(), FileId = request.FileId, PhotoId = request.PhotoId, RecordedBy = Access.CallerOf(http.User), RecordedAt = now,
        };
        await PlanProgress.AddAsync(db, plan, activity, evidence, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/agenda/plans/{id}/activities/{number}/evidence", EvidenceView.Of(evidence));
    }

    private static async Task<Results<Ok<EvidenceView>, ProblemHttpResult>> WithdrawAsync(
        Guid id, int number, Guid evidenceId, Withdrawal request, AgendaDb db, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (plan, activity) = await LockAsync(db, id, number, cancellation);
        var evidence = await db.Evidence.SingleOrDefaultAsync(e => e.PlanId == id && e.ActivityNumber == number && e.FactId == evidenceId, cancellation);
        if (plan is null || activity is null || evidence is null)
            return Problems.NotFound();
        plan.RequireOpen();
        Rule.State(evidence.Fact == EvidenceFact.Manual, "evidence_told_by_a_service", "Este hecho lo informó el sistema: cambie qué hechos cuentan, o corríjalo donde ocurrió.");
        Rule.State(evidence.WithdrawnAt is null, "evidence_withdrawn", "Ese medio de verificación ya se retiró.");
        var now = time.GetUtcNow();
        (evidence.WithdrawnAt, evidence.WithdrawnReason) = (now, request.Reason.Trim());
        await db.SaveChangesAsync(cancellation);
        var (pieces, executed) = await PlanProgress.CountAsync(db, activity, cancellation);
        plan.Recount(activity, pieces, executed, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(EvidenceView.Of(evidence));
    }

    private static Task<Results<Ok<PlanView>, ProblemHttpResult>> NoteAsync(
        Guid id, int number, int quarter, Note request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step) =>
        step.ApplyAsync(id, ifMatch, async (plan, cancellation) =>
        {
            if (quarter is < 1 or > 4 || plan.Standing.All(a => a.Number != number))
                throw new RuleViolationException(404, "not_found", "El plan no tiene esa actividad, o el trimestre no va de 1 a 4.");
            Rule.That(request.Spent is null or (>= 0 and <= 1_000_000_000) && decimal.Round(request.Spent ?? 0, 2) == (request.Spent ?? 0), "spent_amount",
                "Lo gastado no es negativo y lleva dos decimales a lo más.", "/spent");
            Rule.State(!await step.Db.PresentedReports.AnyAsync(r => r.PlanId == id && r.Quarter == quarter, cancellation), "quarter_presented",
                "El informe de ese trimestre ya se presentó al concejo y queda como se presentó.");
            var note = await step.Db.QuarterNotes.SingleOrDefaultAsync(n => n.PlanId == id && n.ActivityNumber == number && n.Quarter == quarter, cancellation);
            if (note is null)
                step.Db.Add(note = new() { PlanId = id, ActivityNumber = number, Quarter = quarter, NotedBy = step.Caller, NotedAt = step.Now });
            (note.Cause, note.CorrectiveAction, note.Spent) = (request.Cause?.Trim(), request.CorrectiveAction?.Trim(), request.Spent);
            (note.NotedBy, note.NotedAt) = (step.Caller, step.Now);
            plan.Note();
        });

    private static async Task<(AnnualPlan?, PlanActivity?)> LockAsync(AgendaDb db, Guid id, int number, CancellationToken cancellation)
    {
        var plan = (await db.Plans.FromSql($"SELECT * FROM annual_plan WHERE id = {id} FOR UPDATE").ToListAsync(cancellation)).SingleOrDefault();
        return (plan, await db.Activities.AsNoTracking().SingleOrDefaultAsync(a => a.PlanId == id && a.Number == number, cancellation));
    }

    private static async Task RequireFileAsync(AgendaDb db, Guid? file, string pointer, bool image, CancellationToken cancellation)
    {
        if (file is null)
            return;
        var type = await db.StoredFiles.Where(f => f.Id == file).Select(f => f.ContentType).SingleOrDefaultAsync(cancellation);
        Rule.That(type is not null, "file_unknown", "Ese archivo no está guardado: súbalo primero.", pointer);
        // Told apart, so that the same image cannot count once as a photo and once as a paper.
        Rule.That(type!.StartsWith("image/", StringComparison.Ordinal) == image, image ? "photo_not_an_image" : "file_not_a_document",
            image ? "La foto es una imagen; un documento va en fileId." : "El documento es un PDF; una imagen, también de un papel, va en photoId.", pointer);
    }
}
