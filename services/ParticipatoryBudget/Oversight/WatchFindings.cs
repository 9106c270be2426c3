using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Oversight;

/// <summary>A finding that nobody answered in its days goes to the council by itself.</summary>
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
                WHERE f.state = 'notified' AND f.answer_due < {today} AND p.state NOT IN ('closed', 'void', 'cancelled') LIMIT {AtOnce}
                """).ToListAsync(cancellation);
            var failed = 0;
            foreach (var project in due)
            {
                try
                {
                    await EscalateAsync(project, today, cancellation);
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

    private async Task EscalateAsync(Guid id, DateOnly today, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BudgetDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync<Project>(id, cancellation);
        var project = await db.WholeProjects.SingleAsync(p => p.Id == id, cancellation);
        if (project.HasEnded)
            return; // While it waited.
        foreach (var finding in project.Findings.Where(f => f.State == FindingState.Notified && f.AnswerDue < today).OrderBy(f => f.Number))
        {
            finding.Escalate(today);
            project.Tell(finding, Time.GetUtcNow());
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The findings of project {Project} could not be escalated")]
    private partial void LogFailed(Exception failure, Guid project);
}
