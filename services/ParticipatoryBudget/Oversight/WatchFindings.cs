using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Oversight;

/// <summary>A finding on which nobody acts in their days goes on by itself, up to the council.</summary>
internal sealed partial class WatchFindings(IServiceScopeFactory scopes, TimeProvider time, ILogger<WatchFindings> logger) : EveryMinute(time, logger)
{
    private const int AtOnce = 100;

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        var today = Time.Today();
        List<Guid> due;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BudgetDb>();
            due = await db.Database.SqlQuery<Guid>(
                $"""
                SELECT DISTINCT p.id AS "Value" FROM finding f JOIN project p ON p.id = f.project_id
                WHERE f.act_by < {today} AND p.state NOT IN ('closed', 'void', 'cancelled') LIMIT {AtOnce}
                """).ToListAsync(cancellation);
            var failed = 0;
            foreach (var project in due)
            {
                try
                {
                    await GoOnAsync(project, today, cancellation);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    failed++; // The others do not wait for it.
                    LogFailed(failure, project);
                }
            }
            if (failed == AtOnce)
                return;
        }
        while (due.Count == AtOnce);
    }

    private async Task GoOnAsync(Guid id, DateOnly today, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BudgetDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync<Project>(id, cancellation);
        var project = await db.WholeProjects.SingleAsync(p => p.Id == id, cancellation);
        if (project.HasEnded)
            return; // While it waited.
        var days = (await db.Cycles.Where(c => c.Id == project.CycleId).Select(c => c.Execution).SingleAsync(cancellation)).AnswerDays;
        foreach (var finding in project.Findings.Where(f => f.ActBy < today).OrderBy(f => f.Number))
        {
            finding.GoOn(today, days);
            project.Tell(finding, Time.GetUtcNow());
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The findings of project {Project} could not go on")]
    private partial void LogFailed(Exception failure, Guid project);
}
