using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

/// <summary>
/// Shakes the urns of the zones in which somebody voted, so that no ballot lies where its voter's turn would place it: as
/// soon as ten are new, and a twentieth of all, which keeps the work in proportion. When a result is declared everything is
/// shaken once more.
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
            WHERE n.fresh >= 10 AND n.fresh * 20 >= (SELECT count(*) FROM ballot b WHERE b.cycle_id = n.cycle_id AND b.zone = n.zone)
            """).ToListAsync(cancellation);
        foreach (var urn in urns)
            await db.Database.ExecuteSqlAsync($"SELECT shake_urn({urn.CycleId}, {urn.Zone})", cancellation);
        if (urns.Count > 0)
            await EmptyAsync(db, cancellation);
    }

    /// <summary>What was shaken leaves its old rows behind, beside those of its voter's turn, until they are cleaned away.</summary>
    public static Task EmptyAsync(BudgetDb db, CancellationToken cancellation) => db.Database.ExecuteSqlRawAsync("VACUUM ballot, ballot_mark", cancellation);
}
