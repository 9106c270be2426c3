using System.Globalization;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Pages;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Accountability;

/// <summary>A cycle's accounts as the report prints them.</summary>
public sealed record AccountsPaper(
    string Title, string Year, string Ceiling, string Approved, string Committed, string Paid, string Contributed, string Progress, string Late, IReadOnlyList<AccountsPaper.ZoneLine> Zones, IReadOnlyList<AccountsPaper.ProjectLine> Projects,
    IReadOnlyList<Bar> Works, IReadOnlyList<Bar> Money, string PrintedAt)
{
    /// <summary>A zone.</summary>
    public sealed record ZoneLine(string Name, string Heading, string Approved, string Committed, string Paid, string Progress, string Late);

    /// <summary>A project.</summary>
    public sealed record ProjectLine(string Name, string Page, string State, string Approved, string Committed, string Paid, string Progress, string Late, string Findings);

    internal static AccountsPaper Of(Accounts a, string printedAt) => new(
        a.Title, a.FiscalYear.ToString(CultureInfo.InvariantCulture), Words.Money(a.Ceiling), Words.Money(a.Approved), Words.Money(a.Committed), Words.Money(a.Paid), Words.Money(a.Contributed),
        $"{ProjectWords.Percent(a.Progress)} de avance físico y {ProjectWords.Percent(a.FinancialProgress)} de avance financiero",
        a.DaysLate == 0 ? "ninguna obra va atrasada" : $"la más atrasada lleva {ProjectWords.Days(a.DaysLate)}",
        [.. a.Zones.Select(z => new ZoneLine(z.Name, Words.Money(z.Heading), Words.Money(z.Approved), Words.Money(z.Committed), Words.Money(z.Paid), $"{ProjectWords.Percent(z.Progress)} / {ProjectWords.Percent(z.FinancialProgress)}", z.DaysLate == 0 ? "–" : ProjectWords.Days(z.DaysLate)))],
        [
            .. a.Projects.Select(p => new ProjectLine(
                p.Name, $"/v1/budget/public/projects/{p.Id}", ProjectWords.Of(p.State), Words.Money(p.Approved), Words.Money(p.Committed), Words.Money(p.Paid), $"{ProjectWords.Percent(p.Progress)} / {ProjectWords.Percent(p.FinancialProgress)}",
                p.DaysLate == 0 ? "–" : ProjectWords.Days(p.DaysLate), p.OpenFindings == 0 ? "–" : p.OpenFindings.ToString(CultureInfo.InvariantCulture))),
        ],
        [.. a.Projects.Select(p => new Bar(p.Name, p.Progress, $"{ProjectWords.Percent(p.Progress)} de la obra"))],
        [.. a.Projects.Select(p => new Bar(p.Name, p.FinancialProgress, $"{ProjectWords.Percent(p.FinancialProgress)} pagado"))], printedAt);
}

/// <summary>A project as its public page shows it.</summary>
public sealed record ProjectPaper(
    string Name, string Place, string State, string Approved, string Committed, string Paid, string Contributed, string Progress, string? Late, string? LateReception, string? Contractor, string? Works,
    IReadOnlyList<(string Name, string Status, string? Photo)> Milestones, IReadOnlyList<string> Committees, IReadOnlyList<(string Day, string Report, string? Photo)> Visits,
    IReadOnlyList<(string Title, string Text, string Status, string? Photo)> Findings)
{
    internal static ProjectPaper Of(ProjectView p, IReadOnlyList<OversightVisit> visits)
    {
        string? Photo(Guid? photo) => photo is null ? null : $"/v1/budget/public/projects/{p.Id}/photos/{photo}";
        return new(
            p.Name, p.Place.Path, ProjectWords.Of(p.State), Words.Money(p.Approved), Words.Money(p.Committed), Words.Money(p.Paid), Words.Money(p.Contributed), ProjectWords.Percent(p.Progress),
            p.DaysLate == 0 ? null : ProjectWords.Days(p.DaysLate), p.FinalLateReason, p.Contractor ?? p.Responsible, p.StartsOn is null ? null : $"Del {p.StartsOn.Value.Day()} al {p.EndsOn!.Value.Day()}",
            [.. p.Milestones.Select(m => (m.Name, m.ReachedOn is { } day ? $"Alcanzado el {day.Day()}" : $"Se espera el {m.DueOn.Day()}", Photo(m.PhotoId)))],
            [.. p.Committees.Where(c => c.FormedOn is not null).Select(c => $"{c.Name}, desde el {c.FormedOn!.Value.Day()}{(c.DissolvedOn is { } end ? $" hasta el {end.Day()}" : "")}")],
            [.. visits.Select(v => (v.VisitedOn.Day(), v.Report, Photo(v.PhotoId)))],
            [
                .. p.Findings.Select(f => ($"Hallazgo {f.Number}, del {f.FoundOn.Day()}", f.Description, (f.State switch
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
