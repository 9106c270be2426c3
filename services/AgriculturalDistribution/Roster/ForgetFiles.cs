using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults;

namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>Rows that a roster's file got back, and what it changed, name people: after three months nobody asks for them any more.</summary>
internal sealed class ForgetFiles(IServiceScopeFactory scopes, TimeProvider time, ILogger<ForgetFiles> logger) : EveryMinute(time, logger)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (db, before) = (scope.ServiceProvider.GetRequiredService<DistributionDb>(), Time.GetUtcNow() - Kept);
        // A file that nobody confirmed in that time is not wanted: without its difference nobody could.
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH unwanted AS (UPDATE import_job SET state = 'discarded', finished_at = {Time.GetUtcNow()} WHERE state = 'ready' AND created_at < {before} RETURNING id),
            parts AS (DELETE FROM import_part WHERE job_id IN (SELECT id FROM unwanted))
            DELETE FROM roster_difference WHERE job_id IN (SELECT id FROM unwanted)
            """, cancellation);
        await db.Database.ExecuteSqlAsync($"DELETE FROM roster_difference d USING import_job j WHERE j.id = d.job_id AND j.finished_at < {before}", cancellation);
        await db.Database.ExecuteSqlAsync($"DELETE FROM import_rejection r USING import_job j WHERE j.id = r.job_id AND j.finished_at < {before}", cancellation);
    }
}
