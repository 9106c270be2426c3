using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>What every step of a plan needs, within the frame of <see cref="Steps"/>.</summary>
internal sealed class PlanStep(AgendaDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public AgendaDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>Who makes the change, by the token.</summary>
    public string Caller => Access.CallerOf(accessor.HttpContext!.User);

    public async Task<Results<Ok<PlanView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, Func<AnnualPlan, CancellationToken, Task> step) =>
        accessor.HttpContext!.Response.Versioned(await db.StepAsync(id, db.WholePlan(id), plan => Preconditions.Require(ifMatch, plan.Version), async (plan, cancellation) =>
        {
            await step(plan, cancellation);
            await db.SaveChangesAsync(cancellation);
            return await db.ViewOfAsync(plan, cancellation);
        }, view => view, accessor.HttpContext.RequestAborted));
}

internal static class WholePlans
{
    /// <summary>A plan with its objectives, activities and programme.</summary>
    public static IQueryable<AnnualPlan> WholePlan(this AgendaDb db, Guid id) =>
        db.Plans.Include(p => p.Objectives).Include(p => p.Activities).ThenInclude(a => a.Programme).AsSplitQuery().Where(p => p.Id == id);

    public static async Task<PlanView> ViewOfAsync(this AgendaDb db, AnnualPlan plan, CancellationToken cancellation)
    {
        var progress = await db.ActivityProgress.AsNoTracking().Where(p => p.PlanId == plan.Id).ToDictionaryAsync(p => p.ActivityNumber, cancellation);
        var rules = await db.EvidenceRules.AsNoTracking().Where(r => r.PlanId == plan.Id).ToListAsync(cancellation);
        return PlanView.Of(plan, progress, rules);
    }
}
