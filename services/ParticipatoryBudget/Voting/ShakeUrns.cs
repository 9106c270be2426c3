using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

/// <summary>
/// Shakes the urns of the zones in which somebody voted, so that no ballot lies where its voter's turn would place it: as
/// soon as ten are new, and a twentieth of all, which keeps the work in proportion, and all of them once the last day is over.
/// </summary>
internal sealed class ShakeUrns(IServiceScopeFactory scopes, TimeProvider time, ILogger<ShakeUrns> logger) : EveryMinute(time, logger)
{
    private sealed record Urn(Guid CycleId, int Zone);

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BudgetDb>();
        var urns = await db.Database.SqlQuery<Urn>(
            $"""
            SELECT n.cycle_id AS "CycleId", n.zone AS "Zone" FROM (SELECT cycle_id, zone, count(*) AS fresh FROM ballot WHERE NOT shaken GROUP BY cycle_id, zone) n
            WHERE (n.fresh >= 10 AND n.fresh * 20 >= (SELECT count(*) FROM ballot b WHERE b.cycle_id = n.cycle_id AND b.zone = n.zone))
                OR (SELECT last_day FROM cycle_phase WHERE cycle_id = n.cycle_id AND phase = 'voting') < {Time.Today()}
            """).ToListAsync(cancellation);
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10)); // Every ballot of a zone is written anew.
        foreach (var urn in urns)
            await db.Database.ExecuteSqlAsync($"SELECT shake_urn({urn.CycleId}, {urn.Zone})", cancellation);
        // What was shaken, here or when a result was declared, leaves its old rows behind until they are cleaned away.
        if (urns.Count > 0 || await db.Database.SqlQuery<bool>(
            $"""SELECT EXISTS (SELECT 1 FROM pg_stat_user_tables WHERE relname IN ('ballot', 'ballot_mark') AND n_dead_tup > 0) AS "Value" """).ToAsyncEnumerable().SingleAsync(cancellation))
            await db.Database.ExecuteSqlRawAsync("VACUUM ballot, ballot_mark", cancellation);
    }
}
