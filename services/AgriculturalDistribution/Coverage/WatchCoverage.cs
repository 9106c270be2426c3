using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Coverage;

/// <summary>Hamlets with fewer listed producers than there should be are seen before the packages arrive.</summary>
internal static class WatchCoverage
{
    public static void MapWatchCoverage(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPut("/{id:guid}/expected-producers", ExpectAsync).WithName("ExpectProducers").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar cuántos productores debería tener cada caserío en el padrón").WithDescription("Lo que se envía reemplaza lo anotado de esos caseríos; los demás quedan como estaban.");
        campaigns.MapGet("/{id:guid}/coverage", ReadAsync).WithName("GetCoverage").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Cobertura por caserío: productores en el padrón contra los esperados, asociaciones y reclamos")
            .WithDescription("Con short=true, solo donde hay menos de los esperados, un reclamo que el padrón todavía no atiende (openClaims; claimed son las personas que faltan según ellos), o nadie donde hay una asociación registrada. Un reclamo aceptado sigue contando hasta que el padrón trae a esas personas. centre es a dónde llegan; sin él, nadie los convoca.");
    }

    /// <param name="District">As the roster writes it.</param>
    /// <param name="Canton">As the roster writes it.</param>
    /// <param name="Hamlet">As the roster writes it.</param>
    /// <param name="Expected">Producers.</param>
    internal sealed record ExpectedHamlet([PublicText(120)] string District, [PublicText(120)] string Canton, [PublicText(120)] string Hamlet, [Between(0, 1_000_000)] int Expected)
    {
        public static ExpectedHamlet Example => new("San Ensayo", "Las Lomas", "El Ensayo", 42);
    }

    /// <param name="Source">Who says so, as "Censo agropecuario municipal de 2026".</param>
    /// <param name="Hamlets">Each once.</param>
    internal sealed record ExpectedList([PublicText(150)] string Source, [Count(1, 2000)] IReadOnlyList<ExpectedHamlet> Hamlets)
    {
        public static ExpectedList Example => new("Censo agropecuario municipal de 2026", [ExpectedHamlet.Example]);
    }

    internal sealed record Kept(int Hamlets)
    {
        public static Kept Example => new(86);
    }

    internal sealed record CoverageView(int HamletId, string District, string Canton, string Hamlet, int Listed, int? Expected, string? Source, IReadOnlyList<string> Associations, int OpenClaims, int Claimed, bool Short, int? Centre)
    {
        public static CoverageView Example => new(14, "San Ensayo", "Las Lomas", "El Ensayo", 12, 42, "Censo agropecuario municipal de 2026", ["ADESCO El Ensayo"], 1, 30, true, 2);
    }

    private static async Task<Results<Ok<Kept>, ProblemHttpResult>> ExpectAsync(Guid id, ExpectedList request, DistributionDb db, CancellationToken cancellation)
    {
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var (districts, cantons, names) = (Texts(h => h.District), Texts(h => h.Canton), Texts(h => h.Hamlet));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO hamlet (district, canton, name) SELECT * FROM unnest({districts}, {cantons}, {names}) ON CONFLICT DO NOTHING", cancellation);
        var kept = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO expected_producers (campaign_id, hamlet_id, expected, source)
            SELECT DISTINCT ON (h.id) {id}, h.id, w.expected, {request.Source.Trim()} FROM unnest({districts}, {cantons}, {names}, {request.Hamlets.Select(h => h.Expected).ToArray()}) WITH ORDINALITY AS w (district, canton, name, expected, place)
            JOIN hamlet h ON place_key(h.district) = place_key(w.district) AND place_key(h.canton) = place_key(w.canton) AND place_key(h.name) = place_key(w.name) ORDER BY h.id, w.place
            ON CONFLICT (campaign_id, hamlet_id) DO UPDATE SET expected = excluded.expected, source = excluded.source
            """, cancellation);
        Rule.That(kept == request.Hamlets.Count, "hamlet_twice", "Un caserío aparece dos veces.", "/hamlets");
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(new Kept(kept));

        string[] Texts(Func<ExpectedHamlet, string> of) => [.. request.Hamlets.Select(h => of(h).Trim())];
    }

    private static async Task<Results<Ok<Page<CoverageView>>, ProblemHttpResult>> ReadAsync(
        Guid id, DistributionDb db, bool @short = false, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var last = after ?? 0;
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT h.id AS "HamletId", h.district AS "District", h.canton AS "Canton", h.name AS "Hamlet", h.listed AS "Listed", h.expected AS "Expected", h.source AS "Source", h.associations AS "Associations",
                h.claims AS "OpenClaims", h.claimed AS "Claimed", h.listed < coalesce(h.expected, 0) OR h.claims > 0 OR (h.listed = 0 AND cardinality(h.associations) > 0) AS "Short",
                (SELECT t.centre FROM centre_hamlet t WHERE t.campaign_id = {id} AND t.hamlet_id = h.id) AS "Centre"
            FROM (
                SELECT h.id, h.district, h.canton, h.name, coalesce(b.listed, 0)::int AS listed, e.expected, e.source,
                    ARRAY(SELECT a.name FROM association a WHERE a.hamlet_id = h.id AND a.standing ORDER BY a.name) AS associations,
                    coalesce(c.claims, 0) AS claims, coalesce(c.claimed, 0) AS claimed
                FROM hamlet h
                LEFT JOIN (SELECT hamlet_id, count(*) AS listed FROM beneficiary WHERE campaign_id = {id} AND listed GROUP BY hamlet_id) b ON b.hamlet_id = h.id
                LEFT JOIN LATERAL (SELECT count(*)::int AS claims, sum(coalesce(i.claimed, 1))::int AS claimed FROM incident i
                    WHERE i.campaign_id = {id} AND i.hamlet_id = h.id AND is_missing(i, coalesce(b.listed, 0))) c ON true
                LEFT JOIN expected_producers e ON e.campaign_id = {id} AND e.hamlet_id = h.id
                WHERE h.id > {last}) h
            WHERE NOT {@short} OR h.listed < coalesce(h.expected, 0) OR h.claims > 0 OR (h.listed = 0 AND cardinality(h.associations) > 0)
            ORDER BY h.id LIMIT {size + 1}
            """).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(rows.ConvertAll(r => new CoverageView(r.HamletId, r.District, r.Canton, r.Hamlet, r.Listed, r.Expected, r.Source, r.Associations, r.OpenClaims, r.Claimed, r.Short, r.Centre)),
            size, c => c.HamletId.ToString(CultureInfo.InvariantCulture)));
    }

    private sealed record Row(int HamletId, string District, string Canton, string Hamlet, int Listed, int? Expected, string? Source, string[] Associations, int OpenClaims, int Claimed, bool Short, int? Centre);
}
