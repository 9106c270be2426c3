using System.Globalization;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Pages;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Accountability;

/// <summary>A cycle's accounts as the report prints them.</summary>
public sealed record AccountsPaper(
    string Title, string Year, string Ceiling, string Approved, string Committed, string Paid, string Variance, string Contributed, string Progress, string Late, IReadOnlyList<AccountsPaper.ZoneLine> Zones, IReadOnlyList<AccountsPaper.ProjectLine> Projects,
    IReadOnlyList<Bar> Works, IReadOnlyList<Bar> Money, string PrintedAt)
{
    /// <summary>A zone.</summary>
    public sealed record ZoneLine(string Name, string Heading, string Approved, string Committed, string Paid, string Variance, string Progress, string Late);

    /// <summary>A project.</summary>
    public sealed record ProjectLine(string Name, string Page, string State, string Approved, string Committed, string Paid, string Variance, string Progress, string Late, string Findings);

    internal static AccountsPaper Of(Accounts a, string printedAt) => new(
        a.Title, a.FiscalYear.ToString(CultureInfo.InvariantCulture), Words.Money(a.Ceiling), Words.Money(a.Approved), Words.Money(a.Committed), Words.Money(a.Paid), Words.Money(a.Variance), ProjectWords.Contributions(a.Contributed, a.Contributions),
        $"{ProjectWords.Percent(a.Progress)} de avance físico y {ProjectWords.Percent(a.FinancialProgress)} de avance financiero",
        (a.DaysLate == 0 ? "ninguna obra va atrasada" : $"la más atrasada lleva {ProjectWords.Days(a.DaysLate)}")
            + (a.ReceptionDaysLate == 0 ? "" : $"; la recepción definitiva más tardía pasa de su plazo {ProjectWords.Days(a.ReceptionDaysLate)}"),
        [.. a.Zones.Select(z => new ZoneLine(z.Name, Words.Money(z.Heading), Words.Money(z.Approved), Words.Money(z.Committed), Words.Money(z.Paid), Words.Money(z.Variance), $"{ProjectWords.Percent(z.Progress)} / {ProjectWords.Percent(z.FinancialProgress)}", ProjectWords.Late(z.DaysLate, z.ReceptionDaysLate) ?? "–"))],
        [
            .. a.Projects.Select(p => new ProjectLine(
                p.Name, $"/v1/budget/public/projects/{p.Id}", ProjectWords.Of(p.State), Words.Money(p.Approved), Words.Money(p.Committed), Words.Money(p.Paid), Words.Money(p.Variance), $"{ProjectWords.Percent(p.Progress)} / {ProjectWords.Percent(p.FinancialProgress)}",
                ProjectWords.Late(p.DaysLate, p.ReceptionDaysLate) ?? "–", p.OpenFindings == 0 ? "–" : p.OpenFindings.ToString(CultureInfo.InvariantCulture))),
        ],
        [.. a.Projects.Select(p => new Bar(p.Name, p.Progress, $"{ProjectWords.Percent(p.Progress)} de la obra"))],
        [.. a.Projects.Select(p => new Bar(p.Name, p.FinancialProgress, $"{ProjectWords.Percent(p.FinancialProgress)} pagado"))], printedAt);
}

/// <summary>A project as its public page shows it.</summary>
public sealed record ProjectPaper(
    string Name, string Place, string State, string Approved, string Committed, string Paid, string Contributed, string Progress, string? Late, string? LateReception, string? Contractor, string? Works,
    IReadOnlyList<ProjectPaper.Line> Lines, IReadOnlyList<(string Name, string Status, string? Photo)> Milestones, IReadOnlyList<string> Committees, IReadOnlyList<(string Day, string Report, string? Photo)> Visits,
    IReadOnlyList<(string Title, string Text, string Status, string? Photo)> Findings)
{
    /// <summary>A line of the dossier.</summary>
    public sealed record Line(string Name, string Approved, string Committed, string Paid, string Variance);

    /// <summary>Visits on the page; all of them are read in pages of the API.</summary>
    public const int MostVisits = 200;

    /// <summary>The events whose words and photos the page shows, and does not once they were taken back.</summary>
    internal const string Reached = "budget.project.milestone-reached.v1", Visited = "budget.project.visited.v1", Found = "budget.project.finding-changed.v1";

    internal static ProjectPaper Of(ProjectView p, IReadOnlyList<OversightVisit> visits, Func<string, int, bool> stands)
    {
        string? Photo(Guid? photo) => photo is null ? null : $"/v1/budget/public/projects/{p.Id}/photos/{photo}";
        return new(
            p.Name, p.Place.Path, ProjectWords.Of(p.State), Words.Money(p.Approved), Words.Money(p.Committed), Words.Money(p.Paid), ProjectWords.Contributions(p.Contributed, p.ContributionTotals), ProjectWords.Percent(p.Progress),
            ProjectWords.Late(p.DaysLate, p.ReceptionDaysLate), p.FinalLateReason, p.Contractor ?? p.Responsible, p.StartsOn is null ? null : $"Del {p.StartsOn.Value.Day()} al {p.EndsOn!.Value.Day()}",
            [.. p.Lines.Select(l => new Line(l.Name, Words.Money(l.Approved), Words.Money(l.Committed), Words.Money(l.Paid), Words.Money(l.Variance)))],
            [.. p.Milestones.Select(m => (m.Name, m.ReachedOn is { } day ? $"Alcanzado el {day.Day()}" : $"Se espera el {m.DueOn.Day()}", Photo(stands(Reached, m.Number) ? m.PhotoId : null)))],
            [.. p.Committees.Where(c => c.FormedOn is not null).Select(c => $"{c.Name}, desde el {c.FormedOn!.Value.Day()}{(c.DissolvedOn is { } end ? $" hasta el {end.Day()}" : "")}")],
            [.. visits.Where(v => stands(Visited, v.Number)).Select(v => (v.VisitedOn.Day(), v.Report, Photo(v.PhotoId)))],
            [
                .. p.Findings.Where(f => stands(Found, f.Number)).Select(f => ($"Hallazgo {f.Number}, del {f.FoundOn.Day()}", f.Description, (f.State switch
                {
                    FindingState.Open => "Anotado",
                    FindingState.Notified => $"Notificado: se responde a más tardar el {f.AnswerDue!.Value.Day()}",
                    FindingState.Answered => $"Respondido el {f.AnsweredOn!.Value.Day()}: {f.Answer}",
                    FindingState.Escalated => $"Llegó al concejo{(f.Answer is null ? "" : $". Respuesta del {f.AnsweredOn!.Value.Day()}: {f.Answer}")}",
                    _ => $"{(f.Answer is null ? "" : $"Respuesta del {f.AnsweredOn!.Value.Day()}: {f.Answer} ")}Resuelto el {f.ResolvedOn!.Value.Day()}: {f.Decision}",
                }), Photo(f.EvidenceId))),
            ]);
    }
}

internal static class ProjectWords
{
    public static string Percent(decimal percent) => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %";

    public static string Days(int days) => days == 1 ? "1 día" : $"{days} días";

    /// <summary>Of the works, of the final reception, of both; null when neither is late.</summary>
    public static string? Late(int works, int reception) => (works, reception) switch
    {
        (0, 0) => null,
        (_, 0) => Days(works),
        (0, _) => $"recepción definitiva: {Days(reception)}",
        _ => $"{Days(works)}; recepción definitiva: {Days(reception)}",
    };

    public static string Contributions(decimal received, IReadOnlyList<ContributionTotal> totals) => totals.Count == 0
        ? Words.Money(received)
        : $"{Words.Money(received)} ({string.Join("; ", totals.Select(t => $"{Of(t.Kind)}: {Words.Money(t.Received)}{(t.Agreed > 0 ? $" de {Words.Money(t.Agreed)} acordados" : "")}"))})";

    private static string Of(ContributionKind kind) => kind switch
    {
        ContributionKind.Cash => "dinero",
        ContributionKind.Labour => "mano de obra",
        ContributionKind.Materials => "materiales",
        _ => "terreno",
    };

    public static string Of(ProjectState state) => state switch
    {
        ProjectState.Idea => "Idea",
        ProjectState.Profile => "Perfil",
        ProjectState.DossierInPreparation => "Carpeta en preparación",
        ProjectState.DossierApproved => "Carpeta aprobada",
        ProjectState.InProcurement => "En contratación",
        ProjectState.DirectAdministration => "Por administración directa",
        ProjectState.Awarded => "Adjudicada",
        ProjectState.StartOrdered => "Con orden de inicio",
        ProjectState.InExecution => "En ejecución",
        ProjectState.Suspended => "Suspendida",
        ProjectState.ProvisionalReception => "Recibida provisionalmente",
        ProjectState.FinalReception => "Recibida definitivamente",
        ProjectState.Settled => "Liquidada",
        ProjectState.Closed => "Cerrada",
        ProjectState.Void => "Anulada",
        _ => "Cancelada",
    };
}
