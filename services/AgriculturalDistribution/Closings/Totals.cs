using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Contracts.Distribution;

namespace ProyeccionSocial.AgriculturalDistribution.Closings;

/// <summary>What became of packages and articles, of one centre or of all.</summary>
internal static class Totals
{
    /// <summary>Of those who could receive: who was rejected for another reason than their own no is not among them.</summary>
    public static Task<List<PackageTotal>> PackagesAsync(DistributionDb db, Guid campaign, int? centre, CancellationToken cancellation) => db.Database.SqlQuery<PackageTotal>(
        $"""
        SELECT p.name || CASE t.kind WHEN 'replacement' THEN ' (reposición)' ELSE '' END AS "Package", t.programmed AS "Programmed", t.delivered AS "Delivered", t.partly AS "Partly", t.programmed - t.delivered - t.partly - t.uncalled AS "NotCollected", t.uncalled AS "NotSummoned"
        FROM (SELECT e.package, e.kind, count(*)::int AS programmed, (count(*) FILTER (WHERE e.state = 'delivered'))::int AS delivered, (count(*) FILTER (WHERE e.state = 'partially-delivered'))::int AS partly,
                (count(*) FILTER (WHERE e.state IN ('authorised', 'not-summoned')))::int AS uncalled
            FROM entitlement e JOIN beneficiary b ON b.id = e.beneficiary_id LEFT JOIN summons s ON s.campaign_id = e.campaign_id AND s.beneficiary_id = b.id LEFT JOIN centre_hamlet h ON h.campaign_id = e.campaign_id AND h.hamlet_id = b.hamlet_id
            WHERE e.campaign_id = {campaign} AND ({centre}::int IS NULL OR coalesce(s.centre, h.centre) = {centre}) AND (e.state <> 'rejected' OR e.reason = 'refused') GROUP BY e.package, e.kind) t
        JOIN package_kind p ON p.campaign_id = {campaign} AND p.number = t.package ORDER BY p.number, t.kind
        """).ToListAsync(cancellation);

    public static Task<List<ArticleTotal>> ArticlesAsync(DistributionDb db, Guid campaign, int? centre, CancellationToken cancellation) => db.Database.SqlQuery<ArticleTotal>(
        $"""
        SELECT a.name AS "Article", a.unit AS "Unit", sum(b.received) AS "Received", sum(b.delivered) AS "Delivered", sum(b.returned) AS "Returned", sum(b.damaged) AS "Damaged", sum(b.remaining) AS "Remaining", sum(b.difference) AS "Difference"
        FROM stock_balance b JOIN lot l ON l.campaign_id = b.campaign_id AND l.number = b.lot JOIN article a ON a.campaign_id = l.campaign_id AND a.number = l.article
        WHERE b.campaign_id = {campaign} AND ({centre}::int IS NULL OR b.centre = {centre}) GROUP BY a.number, a.name, a.unit ORDER BY a.number
        """).ToListAsync(cancellation);
}
