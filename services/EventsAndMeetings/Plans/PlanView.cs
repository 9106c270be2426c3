using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>A plan with what each activity promises and what it has to show.</summary>
internal sealed record PlanView(
    Guid Id, long Version, string Unit, int Year, PlanState State, PlanWeeks Weeks, string? Observations, CouncilReference? Agreement, DateOnly? StartedOn, DateOnly? ClosedOn,
    int? LastEdition, Guid? CopiedFrom, IReadOnlyList<PlanView.ObjectiveView> Objectives, IReadOnlyList<PlanView.ActivityView> Activities)
{
    internal sealed record ObjectiveView(int Number, ObjectiveScope Scope, string Text);

    internal sealed record RuleView(EvidenceFact Fact, string Kind, string BodyKind);

    internal sealed record ActivityView(
        int Number, string Text, ActivitySchedule Schedule, string? ScheduleSource, string? Rule, IReadOnlyList<ProgrammeCell> Programme, int? Objective, decimal? Target,
        string? UnitOfMeasure, string? Responsible, decimal? Budget, string? Indicator, string? MeansOfVerification, string? Remarks, bool Withdrawn,
        int EvidenceCount, decimal Executed, bool Done, IReadOnlyList<RuleView> CountsAsEvidence);

    public static PlanView Example => new(
        Examples.Id, 4, "Unidad de proyección social", 2026, PlanState.InExecution, PlanWeeks.Sevenths, null, new(16, 15, new(2025, 12, 18)), new(2026, 1, 2), null, 0, null,
        [new(1, ObjectiveScope.Unit, "Fortalecer la organización de las comunidades.")],
        [new(1, "Reunión mensual con el comité de prevención", ActivitySchedule.Recurring, "1º jueves de cada mes", "FREQ=MONTHLY;BYDAY=1TH", [new(1, 1, 1)], 1, 12, "reuniones",
            "Promoción social", 150m, "Reuniones realizadas", "Actas", null, false, 3, 3, false, [new(EvidenceFact.MeetingHeld, "*", "prevention")])]);

    public static PlanView Of(AnnualPlan plan, Dictionary<int, ActivityProgress> progress, IReadOnlyList<EvidenceRule> rules) => new(
        plan.Id, plan.Version, plan.Unit, plan.Year, plan.State, plan.Weeks, plan.Observations, plan.Agreement, plan.StartedOn, plan.ClosedOn, plan.LastEdition, plan.CopiedFrom,
        [.. plan.Objectives.OrderBy(o => o.Number).Select(o => new ObjectiveView(o.Number, o.Scope, o.Text))],
        [.. plan.Activities.OrderBy(a => a.Number).Select(a =>
        {
            var done = progress.GetValueOrDefault(a.Number);
            var (pieces, executed) = (done?.Pieces.Sum() ?? 0, done?.Executed.Sum() ?? 0);
            return new ActivityView(
                a.Number, a.Text, a.Schedule, a.ScheduleSource, a.Rule, [.. a.Programme.OrderBy(q => q.Month).ThenBy(q => q.Week).Select(q => q.ToCell())], a.ObjectiveNumber,
                a.Target, a.UnitOfMeasure, a.Responsible, a.Budget, a.Indicator, a.MeansOfVerification, a.Remarks, a.Withdrawn, pieces, executed,
                IsDone(a, pieces, executed),
                [.. rules.Where(r => r.ActivityNumber == a.Number).Select(r => new RuleView(r.Fact, r.Kind, r.BodyKind))]);
        })]);

    /// <summary>Nothing is done without a piece of evidence; what has a target is done when it is reached.</summary>
    public static bool IsDone(PlanActivity activity, int pieces, decimal executed) => pieces > 0 && executed >= (activity.Target ?? 0);
}
