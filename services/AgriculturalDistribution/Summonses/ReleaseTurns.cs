using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;

namespace ProyeccionSocial.AgriculturalDistribution.Summonses;

/// <summary>Turns of a day that does not take place any more, or that has fewer of them, are lost: whoever had one waits for another.</summary>
internal static class ReleaseTurns
{
    /// <summary>Part of the step that cancels the day or changes its hours, after it is saved.</summary>
    public static async Task ReleaseTurnsAsync(this DistributionDb db, DeliveryDay day, CancellationToken cancellation)
    {
        await db.SaveChangesAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH lost AS (
                UPDATE summons s SET day_id = NULL, slot = NULL FROM delivery_day d WHERE d.id = {day.Id} AND s.day_id = d.id AND (d.state = 'cancelled' OR s.slot >= turns(d)) RETURNING s.beneficiary_id)
            UPDATE entitlement e SET state = 'authorised' FROM lost WHERE e.campaign_id = {day.CampaignId} AND e.beneficiary_id = lost.beneficiary_id AND e.state = 'summoned'
            """, cancellation);
    }
}
