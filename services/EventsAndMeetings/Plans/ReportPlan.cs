using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Reports of a plan: as data, as a sheet to print, as a file for a spreadsheet, and as charts.</summary>
public static class ReportPlan
{
    private const int MostEvidence = 3;

    public enum Chart
    {
        Year,
        Lights,
        Months,
        Quarters,
        Objectives,
        Responsibles,
    }

    internal static void MapReportPlan(this IEndpointRouteBuilder plans)
    {
        const string Period = "Sin quarter es el año hasta hoy. Un trimestre que ya se presentó al concejo se ve como se presentó.";
        plans.MapGet("/{id:guid}/report", ReadAsync).WithName("GetPlanReport").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Cumplimiento del plan: lo programado, lo ejecutado, con qué se prueba y qué va tarde").WithDescription(Period);
        plans.MapGet("/{id:guid}/report/print", PrintAsync).WithName("PrintPlanReport").Allow("agenda.read", ReadPlans.Readers)
            .Produces<string>(200, "text/html").WithSummary("El informe listo para imprimir, con sus gráficas").WithDescription(Period);
        plans.MapGet("/{id:guid}/report/csv", CsvAsync).WithName("ExportPlanReport").Allow("agenda.read", ReadPlans.Readers)
            .Produces<string>(200, "text/csv").WithSummary("El informe para una hoja de cálculo").WithDescription(Period);
        plans.MapGet("/{id:guid}/report/charts/{chart}", ChartAsync).WithName("GetPlanChart").Allow("agenda.read", ReadPlans.Readers)
            .Produces<string>(200, "image/svg+xml").WithSummary("Una gráfica del informe: year, lights, months, quarters, objectives o responsibles").WithDescription(Period);
        plans.MapPost("/{id:guid}/report/presentation", PresentAsync).WithName("PresentPlanReport").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Anotar que el informe de un trimestre se presentó al concejo").WithDescription("Queda guardado como se presentó; lo que se sepa después se ve en los siguientes.");
    }

    internal sealed record Presentation([Between(1, 4)] int Quarter, DateOnly PresentedOn)
    {
        public static Presentation Example => new(1, new(2026, 4, 9));
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> ReadAsync(
        Guid id, AgendaDb db, TimeProvider time, int? quarter = null, CancellationToken cancellation = default) =>
        await OfAsync(db, id, quarter, time.Today(), cancellation) is { } report ? TypedResults.Ok(report) : Problems.NotFound();

    private static async Task<IResult> PrintAsync(Guid id, AgendaDb db, HttpContext http, TimeProvider time, int? quarter = null, CancellationToken cancellation = default) =>
        await OfAsync(db, id, quarter, time.Today(), cancellation) is { } report
            ? Html.Page<PlanReportPage>(http, new() { ["Report"] = report, ["PrintedAt"] = time.GetUtcNow().DayAndHour() })
            : Problems.NotFound();

    private static async Task<IResult> ChartAsync(
        Guid id, Choice<Chart> chart, AgendaDb db, TimeProvider time, int? quarter = null, CancellationToken cancellation = default) =>
        await OfAsync(db, id, quarter, time.Today(), cancellation) is { } report
            ? new RazorComponentResult<PlanChart>(new Dictionary<string, object?> { ["Report"] = report, ["Which"] = chart.Value }) { ContentType = "image/svg+xml; charset=utf-8", PreventStreamingRendering = true }
            : Problems.NotFound();

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> CsvAsync(
        Guid id, AgendaDb db, TimeProvider time, int? quarter = null, CancellationToken cancellation = default)
    {
        if (await OfAsync(db, id, quarter, time.Today(), cancellation) is not { } report)
            return Problems.NotFound();
        return Csv.File(
            $"plan-{report.Year}{(quarter is null ? "" : $"-trimestre-{quarter}")}.csv",
            ["numero", "actividad", "responsable", "unidad_de_medida", "meta", "programado", "ejecutado", "porcentaje", "sobre_lo_programado", "programado_a_la_fecha", "ejecutado_a_la_fecha",
             "porcentaje_a_la_fecha", "semaforo", "cumplida", "medios_de_verificacion", "causa_del_desvio", "medida_correctiva", "presupuesto", "gastado"],
            report.Activities.ToAsyncEnumerable(), static (csv, l) =>
            {
                csv.WriteField(l.Number);
                csv.WriteField(l.Text);
                csv.WriteField(l.Responsible);
                csv.WriteField(l.UnitOfMeasure);
                csv.WriteField(l.Target);
                csv.WriteField(l.Programmed);
                csv.WriteField(l.Executed);
                csv.WriteField(l.Percent);
                csv.WriteField(l.Over);
                csv.WriteField(l.ProgrammedToDate);
                csv.WriteField(l.ExecutedToDate);
                csv.WriteField(l.PercentToDate);
                csv.WriteField(PlanWords.Of(l.Light));
                csv.WriteField(l.Done ? "sí" : "no");
                csv.WriteField(l.Pieces);
                csv.WriteField(l.Cause);
                csv.WriteField(l.CorrectiveAction);
                csv.WriteField(l.Budget);
                csv.WriteField(l.Spent);
            });
    }

    private static async Task<Results<Ok<PlanReport>, ProblemHttpResult>> PresentAsync(
        Guid id, Presentation request, [FromHeader(Name = "If-Match")] string? ifMatch, PlanStep step, TimeProvider time, CancellationToken cancellation)
    {
        PlanReport? presented = null;
        var answer = await step.ApplyAsync(id, ifMatch, async (plan, stop) =>
        {
            Rule.NotInFuture(request.PresentedOn, step.Now, "/presentedOn");
            var end = ActivityContent.LastDayOf(plan.Weeks, plan.Year, 3 * request.Quarter, null);
            Rule.That(request.PresentedOn > end, "quarter_not_over", $"El trimestre termina el {end.Day()}: se informa después.", "/presentedOn");
            Rule.State(!await step.Db.PresentedReports.AnyAsync(r => r.PlanId == id && r.Quarter == request.Quarter, stop), "quarter_presented", "El informe de ese trimestre ya se presentó.");
            presented = (await ComputeAsync(step.Db, plan, request.Quarter, time.Today(), stop)) with { PresentedOn = request.PresentedOn };
            step.Db.Add(new PresentedReport
            {
                PlanId = id, Quarter = request.Quarter, PresentedOn = request.PresentedOn, Content = presented, PresentedBy = step.Caller, PresentedAt = step.Now,
            });
            plan.Present(request.Quarter, request.PresentedOn, presented.Percent, step.Now);
        });
        return answer.Result is ProblemHttpResult problem ? problem : TypedResults.Ok(presented!);
    }

    private static async Task<PlanReport?> OfAsync(AgendaDb db, Guid id, int? quarter, DateOnly today, CancellationToken cancellation)
    {
        if (quarter is not (null or (>= 1 and <= 4)))
            throw new RuleViolationException(400, "quarter_out_of_range", "El trimestre va de 1 a 4.");
        if (quarter is not null && await db.PresentedReports.AsNoTracking().SingleOrDefaultAsync(r => r.PlanId == id && r.Quarter == quarter, cancellation) is { } presented)
            return presented.Content;
        var plan = await db.WholePlan(id).AsNoTracking().SingleOrDefaultAsync(cancellation);
        return plan is null ? null : await ComputeAsync(db, plan, quarter, today, cancellation);
    }

    private static async Task<PlanReport> ComputeAsync(AgendaDb db, AnnualPlan plan, int? quarter, DateOnly today, CancellationToken cancellation)
    {
        var first = new DateOnly(plan.Year, quarter is { } q ? 3 * q - 2 : 1, 1);
        var last = ActivityContent.LastDayOf(plan.Weeks, plan.Year, 3 * (quarter ?? 4), null);
        var progress = await db.ActivityProgress.AsNoTracking().Where(p => p.PlanId == plan.Id).ToDictionaryAsync(p => p.ActivityNumber, cancellation);
        var notes = await db.QuarterNotes.AsNoTracking().Where(n => n.PlanId == plan.Id).ToListAsync(cancellation);
        // By hand, because the translation of the same query numbers all the evidence of the plan before it keeps three of each.
        var latest = await db.Database.SqlQuery<LatestEvidence>(
            $"""
            SELECT a.number AS "Number", e.fact_date AS "FactDate", e.description AS "Description"
            FROM plan_activity a
            CROSS JOIN LATERAL (
                SELECT fact_date, fact_id, description FROM evidence
                WHERE plan_id = a.plan_id AND activity_number = a.number AND withdrawn_at IS NULL AND fact_date BETWEEN {first} AND {last}
                ORDER BY fact_date DESC, fact_id LIMIT {MostEvidence}) e
            WHERE a.plan_id = {plan.Id} AND NOT a.withdrawn
            """).ToListAsync(cancellation);
        return PlanReport.Of(plan, progress, notes.ToLookup(n => n.ActivityNumber), latest.ToLookup(l => l.Number, l => $"{l.FactDate.Day()} {l.Description}"), quarter, today);
    }

    private sealed record LatestEvidence(int Number, DateOnly FactDate, string Description);
}

/// <summary>The report of a quarter as the council was given it.</summary>
internal sealed class PresentedReport
{
    public required Guid PlanId { get; init; }
    public required int Quarter { get; init; }
    public required DateOnly PresentedOn { get; init; }
    public required PlanReport Content { get; init; }
    public required string PresentedBy { get; init; }
    public required DateTimeOffset PresentedAt { get; init; }
}

/// <summary>Words and numbers as the printed report writes them.</summary>
public static class PlanWords
{
    /// <summary>The light in words.</summary>
    public static string Of(Light light) => light switch
    {
        Light.Green => "verde",
        Light.Yellow => "amarillo",
        Light.Red => "rojo",
        _ => "no aplica",
    };

    /// <summary>A sign for each light that differs without colour.</summary>
    public static string Sign(Light light) => light switch
    {
        Light.Green => "●",
        Light.Yellow => "▲",
        Light.Red => "■",
        _ => "–",
    };

    /// <summary>A quantity without needless decimals.</summary>
    public static string Number(decimal? quantity) => quantity?.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A percentage; a dash when nothing was programmed.</summary>
    public static string Percent(decimal? percent) => percent is null ? "n. a." : percent.Value.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture) + " %";

    /// <summary>An amount in US dollars.</summary>
    public static string Money(decimal? amount) => amount is null ? "–" : "$" + amount.Value.ToString("#,##0.00", System.Globalization.CultureInfo.InvariantCulture);
}
