using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults;

namespace ProyeccionSocial.AgriculturalDistribution.Closings;

/// <summary>Tells days anew whose receipts changed after they were told of: at once after the change, and what a crash left over within a minute.</summary>
internal sealed class TellDays(IServiceScopeFactory scopes, TimeProvider time, ILogger<TellDays> logger) : EveryMinute(time, logger)
{
    private const int AtOnce = 50;

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        await ApplyAsync(scope.ServiceProvider.GetRequiredService<DistributionDb>(), Time, cancellation);
    }

    public static async Task ApplyAsync(DistributionDb db, TimeProvider time, CancellationToken cancellation)
    {
        var days = await db.Database.SqlQuery<Guid>($"""SELECT DISTINCT day_id AS "Value" FROM day_recount ORDER BY 1 LIMIT {AtOnce}""").ToListAsync(cancellation);
        foreach (var day in days)
        {
            db.ChangeTracker.Clear();
            await CloseDay.TellAgainAsync(db, day, time, cancellation);
        }
    }
}
