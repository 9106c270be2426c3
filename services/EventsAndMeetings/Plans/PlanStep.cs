using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>The frame around every step of a plan: load it, check the seen version, step, save with its events.</summary>
internal sealed class PlanStep(AgendaDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public AgendaDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>Who makes the change, by the token.</summary>
    public string Caller => Access.CallerOf(accessor.HttpContext!.User);

    public async Task<Results<Ok<PlanView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, Func<AnnualPlan, CancellationToken, Task> step)
    {
        var http = accessor.HttpContext!;
        var cancellation = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Locked, so that of two changes of one version the second waits, sees the new version and is told so.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM annual_plan WHERE id = {id} FOR UPDATE", cancellation);
        var plan = await db.WholePlan(id).SingleOrDefaultAsync(cancellation);
        if (plan is null)
            return Problems.NotFound();
        Preconditions.Require(ifMatch, plan.Version);
        await step(plan, cancellation);
        await db.SaveChangesAsync(cancellation);
        var view = await db.ViewOfAsync(plan, cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(plan.Version);
        return TypedResults.Ok(view);
    }
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
