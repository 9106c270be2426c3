using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Reports;

/// <summary>By what the packages of a campaign are counted.</summary>
internal enum Aspect
{
    Package,
    Centre,
    District,
    Canton,
    Hamlet,
    Sex,

    /// <summary>On the campaign's first day.</summary>
    Age,

    /// <summary>Programmed on the day of the turn; delivered on the day that completed the package.</summary>
    Day,
}

/// <summary>Packages of one aspect. Whoever is owed two packages counts twice; who may not receive does not count.</summary>
/// <param name="Key">Orders the lines; the last one of a page is its cursor.</param>
/// <param name="Name">For people.</param>
/// <param name="Programmed">Packages to hand out.</param>
/// <param name="Delivered">Whole.</param>
/// <param name="Partly">Of which something is still due.</param>
/// <param name="Refused">That somebody did not want.</param>
/// <param name="NoShow">Whose turn passed.</param>
/// <param name="UnderReview">That somebody has to look at.</param>
/// <param name="Waiting">For a turn, or for its day; once the campaign has ended, whoever was never called.</param>
internal sealed record ReportLine(string Key, string Name, int Programmed, int Delivered, int Partly, int Refused, int NoShow, int UnderReview, int Waiting)
{
    /// <summary>Delivered of what was programmed; null where nothing was.</summary>
    public decimal? Percent => Programmed == 0 ? null : decimal.Round(100m * Delivered / Programmed, 1);

    public static ReportLine Example => new("las lomas", "Las Lomas, San Ensayo", 412, 380, 4, 3, 20, 1, 4);
}

/// <summary>What a campaign programmed and what became of it, counted where it lies.</summary>
internal static class CampaignReport
{
    /// <summary>Texts of this file, never of a request: how an aspect is ordered, and what it is called.</summary>
    private static readonly Dictionary<Aspect, (string Key, string Name)> Aspects = new()
    {
        [Aspect.Package] = ("lpad(p.number::text, 2, '0') || ' ' || c.kind", "p.name || CASE c.kind WHEN 'replacement' THEN ' (reposición)' ELSE '' END"),
        [Aspect.Centre] = ("coalesce(lpad(n.number::text, 3, '0'), '~')", "coalesce(n.name, 'Sin centro')"),
        [Aspect.District] = ("place_key(h.district)", "h.district"),
        [Aspect.Canton] = ("place_key(h.district) || '|' || place_key(h.canton)", "h.canton || ', ' || h.district"),
        [Aspect.Hamlet] = ("place_key(h.district) || '|' || place_key(h.canton) || '|' || place_key(h.name)", "h.name || ', ' || h.canton || ', ' || h.district"),
        [Aspect.Sex] = ("c.sex", "CASE c.sex WHEN 'female' THEN 'Mujeres' ELSE 'Hombres' END"),
        [Aspect.Age] = (
            "lpad(c.band::text, 3, '0')",
            "CASE c.band WHEN 0 THEN 'Menos de 18 años' WHEN 18 THEN 'De 18 a 29 años' WHEN 30 THEN 'De 30 a 44 años' WHEN 45 THEN 'De 45 a 59 años' ELSE 'De 60 años o más' END"),
    };

    /// <param name="Aspect">Which lines to read.</param>
    /// <param name="After">Lines behind this key.</param>
    /// <param name="Most">At most so many.</param>
    internal sealed record Part(Aspect Aspect, string? After, int Most);

    private sealed record Row(string Aspect, string Key, string Name, int Programmed, int Delivered, int Partly, int Refused, int NoShow, int UnderReview, int Waiting);

    /// <summary>One look at the roster, however many aspects are asked for.</summary>
    public static async Task<ILookup<Aspect, ReportLine>> ReadAsync(DistributionDb db, Campaign campaign, int? package, IReadOnlyList<Part> parts, CancellationToken cancellation)
    {
        var arguments = new List<object?> { campaign.Id, package, campaign.FirstDay };
        var branches = parts.Select(part => part.Aspect == Aspect.Day ? DayBranch(part) : Branch(part));
        // Who was rejected for another reason than their own no is not programmed, as in the closing acts.
        var sql = FormattableStringFactory.Create(
            $$"""
            WITH cube AS MATERIALIZED (
                SELECT e.package, e.kind, coalesce(s.centre, t.centre) AS centre, d.date, b.hamlet_id, b.sex, e.state,
                    CASE WHEN a.years < 18 THEN 0 WHEN a.years < 30 THEN 18 WHEN a.years < 45 THEN 30 WHEN a.years < 60 THEN 45 ELSE 60 END AS band, count(*)::int AS packages
                FROM entitlement e JOIN beneficiary b ON b.id = e.beneficiary_id CROSS JOIN LATERAL (SELECT date_part('year', age({2}::date, b.birth_date)) AS years) a
                LEFT JOIN summons s ON s.campaign_id = e.campaign_id AND s.beneficiary_id = b.id LEFT JOIN delivery_day d ON d.id = s.day_id
                LEFT JOIN centre_hamlet t ON t.campaign_id = e.campaign_id AND t.hamlet_id = b.hamlet_id
                WHERE e.campaign_id = {0} AND (e.state <> 'rejected' OR e.reason = 'refused') AND ({1}::int IS NULL OR e.package = {1}) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8)
            SELECT * FROM ({{string.Join(" UNION ALL ", branches)}}) u ORDER BY "Aspect", "Key" COLLATE "C"
            """, [.. arguments]);
        var rows = await db.Database.SqlQuery<Row>(sql).ToListAsync(cancellation);
        return rows.ToLookup(r => Choice<Aspect>.Parse(r.Aspect), r => new ReportLine(r.Key, r.Name, r.Programmed, r.Delivered, r.Partly, r.Refused, r.NoShow, r.UnderReview, r.Waiting));

        string Branch(Part part)
        {
            var (key, name) = Aspects[part.Aspect];
            return Counted(
                part, $"SELECT {key} AS key, {name} AS name, c.state, c.packages, c.packages AS programmed FROM cube c JOIN package_kind p ON p.campaign_id = {{0}} AND p.number = c.package "
                + "JOIN hamlet h ON h.id = c.hamlet_id LEFT JOIN centre n ON n.campaign_id = {0} AND n.number = c.centre");
        }

        // What was handed over on a day may have been programmed for another one, or for none.
        string DayBranch(Part part) => Counted(
            part,
            """
            SELECT to_char(c.date, 'YYYY-MM-DD') AS key, to_char(c.date, 'DD/MM/YYYY') AS name, CASE WHEN c.state IN ('delivered', 'partially-delivered', 'rejected') THEN 'elsewhere' ELSE c.state END AS state, c.packages, c.packages AS programmed
            FROM cube c WHERE c.date IS NOT NULL
            UNION ALL
            SELECT to_char(g.handed_on, 'YYYY-MM-DD'), to_char(g.handed_on, 'DD/MM/YYYY'), g.state, 1, 0 FROM (
                SELECT DISTINCT ON (r.package, r.kind, r.beneficiary_id) r.handed_on, e.state FROM receipt r JOIN entitlement e ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id)
                WHERE r.campaign_id = {0} AND r.state = 'counted' AND ({1}::int IS NULL OR r.package = {1}) AND e.state IN ('delivered', 'partially-delivered', 'rejected')
                ORDER BY r.package, r.kind, r.beneficiary_id, r.handed_at DESC) g
            """);

        string Counted(Part part, string lines)
        {
            string Of(string states) => $"coalesce(sum(packages) FILTER (WHERE state IN ({states})), 0)::int";
            arguments.Add(part.After);
            arguments.Add(part.Most);
            return $$"""
                (SELECT '{{Choice<Aspect>.NameOf(part.Aspect)}}' AS "Aspect", key AS "Key", min(name) AS "Name", sum(programmed)::int AS "Programmed", {{Of("'delivered'")}} AS "Delivered", {{Of("'partially-delivered'")}} AS "Partly",
                    {{Of("'rejected'")}} AS "Refused", {{Of("'no-show'")}} AS "NoShow", {{Of("'under-review'")}} AS "UnderReview", {{Of("'authorised', 'summoned', 'not-summoned'")}} AS "Waiting"
                FROM ({{lines}}) l WHERE {{{arguments.Count - 2}}}::text IS NULL OR key COLLATE "C" > {{{arguments.Count - 2}}} GROUP BY key ORDER BY key COLLATE "C" LIMIT {{{arguments.Count - 1}}})
                """;
        }
    }
}
