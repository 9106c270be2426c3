using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Summonses;

/// <summary>
/// Who waits for a package gets a turn at their centre: first whoever is pregnant, elderly or disabled, then hamlet by hamlet
/// and household by household, so that neighbours come together. Nobody's turn changes because others get one.
/// </summary>
internal static class SummonPeople
{
    public static void MapSummonPeople(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPost("/{id:guid}/centres/{number:int}/summonses", SummonAsync).WithName("SummonPeople").TakesLong().Idempotent().Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Dar turno en las jornadas que vienen a quienes esperan en un centro")
            .WithDescription("Primero embarazadas, personas mayores y con discapacidad; después por caserío y hogar. Un paquete con cupo en el centro se convoca hasta el cupo. Se repite cuando hay más jornadas, más personas autorizadas o quienes no llegaron.");

    /// <param name="Summoned">People who got a turn now.</param>
    /// <param name="First">Of these, who goes first.</param>
    /// <param name="Waiting">People who wait for another day: there were no more turns.</param>
    /// <param name="OverQuota">Packages that the centre's quota leaves out.</param>
    internal sealed record SummonedView(int Summoned, int First, int Waiting, int OverQuota)
    {
        public static SummonedView Example => new(412, 63, 0, 0);
    }

    private static async Task<Results<Created<SummonedView>, ProblemHttpResult>> SummonAsync(Guid id, int number, DistributionDb db, TimeProvider time, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation); // Turns and quotas are given out once.
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (campaign is null || !await db.Centres.AnyAsync(c => c.CampaignId == id && c.Number == number, cancellation))
            return Problems.NotFound();
        campaign.RequireApproved();
        Rule.State(!await Closings.CloseCentre.IsClosedAsync(db, id, number, cancellation), "centre_closed", "El centro ya cerró su acta: ya no convoca a nadie.");
        var today = time.Today();
        Rule.State(await db.Days.AnyAsync(d => d.CampaignId == id && d.Centre == number && d.State == Days.DayState.Scheduled && d.Date > today, cancellation),
            "no_days_ahead", "Ese centro no tiene jornadas por venir: fije una primero.");
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5)); // A large centre's tens of thousands.
        var elderlySince = campaign.FirstDay.AddYears(-campaign.Rules.ElderlyAge);
        // Who has a turn ahead already comes then for what they have been given since.
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH quota AS MATERIALIZED (SELECT p.number AS package, room({id}, {number}, p.number) AS room FROM package_kind p WHERE p.campaign_id = {id}),
            waiting AS (
                SELECT e.package, e.kind, e.beneficiary_id, NOT competes(e) OR row_number() OVER (PARTITION BY e.package, competes(e) ORDER BY s.number) <= q.room AS fits
                FROM summons s JOIN delivery_day d ON d.id = s.day_id JOIN entitlement e ON e.campaign_id = s.campaign_id AND e.beneficiary_id = s.beneficiary_id JOIN quota q ON q.package = e.package
                WHERE s.campaign_id = {id} AND s.centre = {number} AND d.state = 'scheduled' AND d.date >= {today} AND e.state IN ('authorised', 'no-show'))
            UPDATE entitlement e SET state = 'summoned' FROM waiting w WHERE w.fits AND e.campaign_id = {id} AND e.package = w.package AND e.kind = w.kind AND e.beneficiary_id = w.beneficiary_id
            """, cancellation);
        var view = await db.Database.SqlQuery<SummonedView>(
            $"""
            WITH person AS MATERIALIZED (
                SELECT b.id, b.pregnant OR b.disabled OR b.birth_date <= {elderlySince} AS first,
                    row_number() OVER (ORDER BY NOT (b.pregnant OR b.disabled OR b.birth_date <= {elderlySince}), place_key(h.canton), place_key(h.name), b.household, plain(b.surnames), plain(b.given_names), b.id) AS place
                FROM centre_hamlet c JOIN beneficiary b ON b.campaign_id = c.campaign_id AND b.hamlet_id = c.hamlet_id JOIN hamlet h ON h.id = b.hamlet_id
                WHERE c.campaign_id = {id} AND c.centre = {number} AND b.listed
                    AND NOT EXISTS (SELECT 1 FROM summons s JOIN delivery_day d ON d.id = s.day_id WHERE s.campaign_id = b.campaign_id AND s.beneficiary_id = b.id AND d.state = 'scheduled' AND d.date >= {today})),
            quota AS MATERIALIZED (SELECT p.number AS package, room({id}, {number}, p.number) AS room FROM package_kind p WHERE p.campaign_id = {id}),
            package AS MATERIALIZED (
                -- Who has a place already keeps it; a replacement takes nobody's.
                SELECT e.package, e.kind, e.beneficiary_id, p.place, NOT competes(e) OR row_number() OVER (PARTITION BY e.package, competes(e) ORDER BY p.place) <= q.room AS fits
                FROM person p JOIN entitlement e ON e.beneficiary_id = p.id JOIN quota q ON q.package = e.package
                WHERE e.campaign_id = {id} AND e.state IN ('authorised', 'summoned', 'no-show', 'partially-delivered')),
            turn AS MATERIALIZED (
                SELECT d.id, s.slot, row_number() OVER (ORDER BY d.date, s.slot) AS place
                FROM delivery_day d CROSS JOIN LATERAL generate_series(0, turns(d) - 1) AS s (slot)
                WHERE d.campaign_id = {id} AND d.centre = {number} AND d.state = 'scheduled' AND d.date > {today} AND NOT EXISTS (SELECT 1 FROM summons t WHERE t.day_id = d.id AND t.slot = s.slot)),
            comes AS MATERIALIZED (
                SELECT p.id, p.first, row_number() OVER (ORDER BY p.place) AS place FROM person p WHERE EXISTS (SELECT 1 FROM package g WHERE g.beneficiary_id = p.id AND g.fits)),
            given AS (
                INSERT INTO summons (campaign_id, beneficiary_id, centre, number, day_id, slot)
                SELECT {id}, c.id, {number}, (SELECT coalesce(max(s.number), 0) FROM summons s WHERE s.campaign_id = {id} AND s.centre = {number}) + c.place, t.id, t.slot FROM comes c JOIN turn t ON t.place = c.place
                ON CONFLICT (campaign_id, beneficiary_id) DO UPDATE SET centre = excluded.centre, number = CASE WHEN summons.centre = excluded.centre THEN summons.number ELSE excluded.number END,
                    day_id = excluded.day_id, slot = excluded.slot
                RETURNING beneficiary_id),
            told AS (
                UPDATE entitlement e SET state = 'summoned' FROM package g JOIN given n ON n.beneficiary_id = g.beneficiary_id
                WHERE g.fits AND e.campaign_id = {id} AND e.package = g.package AND e.kind = g.kind AND e.beneficiary_id = g.beneficiary_id AND e.state IN ('authorised', 'no-show'))
            SELECT (SELECT count(*)::int FROM given) AS "Summoned", (SELECT count(*)::int FROM given JOIN person p ON p.id = beneficiary_id WHERE p.first) AS "First",
                greatest(0, (SELECT count(*) FROM comes) - (SELECT count(*) FROM turn))::int AS "Waiting", (SELECT count(*)::int FROM package WHERE NOT fits) AS "OverQuota"
            """).ToAsyncEnumerable().SingleAsync(cancellation);
        await step.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/centres/{number}/list", view);
    }
}
