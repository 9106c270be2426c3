using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.WorkList;

/// <summary>Something that waits for somebody, as the database's <c>agenda_work</c> finds it.</summary>
internal sealed class WorkItem
{
    public required string Kind { get; init; }
    public required string Subject { get; init; }
    public Guid SubjectId { get; init; }
    public required string Name { get; init; }
    public Guid? BodyId { get; init; }
    public string? BodyName { get; init; }
    public required string Detail { get; init; }
    public DateOnly? Due { get; init; }
    public required string Rule { get; init; }
}

internal static class AgendaWork
{
    private static readonly Dictionary<string, string> Titles = new(StringComparer.Ordinal)
    {
        ["occurrence-to-decide"] = "Decidir sobre una reunión que cae en asueto",
        ["occurrence-to-open"] = "Abrir una fecha de una reunión periódica",
        ["meeting-to-convene"] = "Convocar una reunión",
        ["meeting-to-hold"] = "Anotar la asistencia y el quórum de una reunión",
        ["minutes-to-close"] = "Cerrar el acta de una reunión",
        ["agreement-due"] = "Acuerdo por vencer",
        ["agreement-overdue"] = "Acuerdo vencido",
        ["agreement-escalated"] = "Acuerdo vencido que llegó a la jefatura",
        ["meeting-proposed"] = "Decidir sobre una reunión propuesta",
        ["notice-to-deliver"] = "Entregar en mano avisos de una reunión",
        ["event-results"] = "Anotar los resultados de un evento",
        ["request-to-answer"] = "Responder una solicitud de información",
        ["request-due-soon"] = "Solicitud de información por vencer",
        ["request-overdue"] = "Solicitud de información vencida",
        ["edition-to-review"] = "Revisar una edición del periódico mural",
        ["edition-to-take-down"] = "Quitar de la pared una edición que dice algo retirado",
        ["edition-to-post"] = "Colocar una edición del periódico mural",
        ["quarter-to-report"] = "Presentar el informe trimestral al concejo",
    };

    public static void MapAgendaWork(this IEndpointRouteBuilder api) =>
        api.MapGet("/work-list", ListAsync).WithName("ListAgendaWork").WithTags("work-list").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Lo que vence, lo vencido y lo que espera una decisión")
            .WithDescription($"Primero lo que vence antes; lo detenido (blocked) no tiene fecha. Tipos: {string.Join(", ", Titles.Keys)}.");

    internal sealed record ItemView(
        string Kind, string Title, string Detail, WorkState State, DateOnly? Due, int? DaysLeft, string Rule, string Subject, Guid SubjectId, string Name, Guid? BodyId, string? BodyName)
    {
        public static ItemView Example => new(
            "minutes-to-close", Titles["minutes-to-close"], "2026-03-05", WorkState.Due, new(2026, 3, 13), 3, "El acta se cierra a los 8 días de la reunión (práctica de la unidad)", "meeting",
            Examples.Id, "Reunión de marzo", Examples.OtherId, "Comité de prevención");
    }

    private static async Task<Ok<Page<ItemView>>> ListAsync(
        AgendaDb db, TimeProvider time, Choice<WorkState>? state = null, string? kind = null, Guid? bodyId = null, DateOnly? dueBefore = null, string? after = null, int limit = 50,
        CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var today = time.Today();
        var query = db.AgendaWork(today);
        if (kind is not null)
            query = query.Where(i => i.Kind == kind);
        if (bodyId is not null)
            query = query.Where(i => i.BodyId == bodyId);
        if (dueBefore is not null)
            query = query.Where(i => i.Due < dueBefore);
        query = state?.Value switch
        {
            WorkState.Blocked => query.Where(i => i.Due == null),
            WorkState.Overdue => query.Where(i => i.Due < today),
            WorkState.Due => query.Where(i => i.Due >= today),
            _ => query,
        };
        if (after is not null)
        {
            var (due, subject, of, what) = Work.After(after);
            query = query.Where(i => EF.Functions.GreaterThan(ValueTuple.Create(i.Due ?? Work.Undated, i.SubjectId, i.Kind, i.Detail), ValueTuple.Create(due, subject, of, what)));
        }
        var items = await query.OrderBy(i => i.Due ?? Work.Undated).ThenBy(i => i.SubjectId).ThenBy(i => i.Kind).ThenBy(i => i.Detail).Take(size + 1).ToListAsync(cancellation);
        var page = Page.Of(items, size, i => Work.Cursor(i.Due, i.SubjectId, i.Kind, i.Detail));
        return TypedResults.Ok(new Page<ItemView>(
            [.. page.Items.Select(i => new ItemView(
                i.Kind, Titles[i.Kind], i.Detail, Work.StateOf(i.Due, today), i.Due, i.Due?.DayNumber - today.DayNumber, i.Rule,
                i.Subject, i.SubjectId, i.Name, i.BodyId, i.BodyName))], page.Next));
    }
}
