using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Counts a fact for every activity of its year whose rule it satisfies, once, however often it is told.</summary>
internal static class PlanProgress
{
    public static async Task RecordAsync(AgendaDb db, PlanFact fact, DateTimeOffset now, CancellationToken cancellation)
    {
        // Locked, so that two facts at once count one after the other and neither loses its version, and so that a rule
        // which is set meanwhile, or a plan that is copied into this year, either finds the fact or waits for it.
        await db.LockFactsAsync(fact.Date.Year, cancellation);
        var plans = await db.Plans.FromSql($"SELECT * FROM annual_plan WHERE year = {fact.Date.Year} ORDER BY id FOR UPDATE").ToListAsync(cancellation);
        var isNew = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO plan_fact (fact, id, date, kind, body_kind, description)
            VALUES ({Choice<EvidenceFact>.NameOf(fact.Fact)}, {fact.Id}, {fact.Date}, {fact.Kind}, {fact.BodyKind}, {fact.Description}) ON CONFLICT DO NOTHING
            """, cancellation) == 1;
        if (!isNew)
        {
            // Told again, as a day of deliveries when a device without a signal comes back: it counts once, and says what is known now.
            var name = Choice<EvidenceFact>.NameOf(fact.Fact);
            await db.Database.ExecuteSqlAsync($"UPDATE plan_fact SET description = {fact.Description} WHERE fact = {name} AND id = {fact.Id}", cancellation);
            var open = plans.Where(p => p.State != PlanState.Closed).Select(p => p.Id).ToArray();
            await db.Database.ExecuteSqlAsync(
                $"UPDATE evidence SET description = {fact.Description} WHERE fact = {name} AND fact_id = {fact.Id} AND plan_id = ANY ({open}) AND withdrawn_at IS NULL AND description <> {fact.Description}", cancellation);
            return;
        }
        foreach (var plan in plans.Where(p => p.State != PlanState.Closed))
        {
            var activities = await (from activity in db.Activities
                                    where activity.PlanId == plan.Id && !activity.Withdrawn && db.EvidenceRules.Any(r =>
                                        r.PlanId == plan.Id && r.ActivityNumber == activity.Number && r.Fact == fact.Fact
                                        && (r.Kind == EvidenceRule.Any || r.Kind == fact.Kind) && (r.BodyKind == EvidenceRule.Any || r.BodyKind == fact.BodyKind))
                                    select activity).AsNoTracking().ToListAsync(cancellation);
            foreach (var activity in activities)
            {
                var evidence = new Evidence
                {
                    PlanId = plan.Id, ActivityNumber = activity.Number, Fact = fact.Fact, FactId = fact.Id, FactDate = fact.Date, Description = fact.Description, RecordedAt = now,
                };
                await AddAsync(db, plan, activity, evidence, now, cancellation);
            }
        }
    }

    /// <summary>Facts of a year are told one after the other, until the end of the transaction.</summary>
    public static Task LockFactsAsync(this AgendaDb db, int year, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('plan_fact'), {year})", cancellation);

    /// <summary>Adds a piece of evidence; the plan is locked.</summary>
    public static async Task AddAsync(AgendaDb db, AnnualPlan plan, PlanActivity activity, Evidence evidence, DateTimeOffset now, CancellationToken cancellation)
    {
        db.Add(evidence);
        await db.SaveChangesAsync(cancellation);
        var (pieces, executed) = await CountAsync(db, activity, cancellation);
        plan.Progress(activity, evidence.Fact, evidence.FactDate, pieces, executed, now);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>After a change of its rules: what no rule asks for any more goes, what was told before and now counts comes.</summary>
    public static async Task RecountAsync(AgendaDb db, AnnualPlan plan, PlanActivity activity, DateTimeOffset now, CancellationToken cancellation)
    {
        var (first, last) = (new DateOnly(plan.Year, 1, 1), new DateOnly(plan.Year, 12, 31));
        await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM evidence e USING plan_fact f
            WHERE e.plan_id = {plan.Id} AND e.activity_number = {activity.Number} AND f.fact = e.fact AND f.id = e.fact_id AND NOT EXISTS (
                SELECT 1 FROM evidence_rule r WHERE r.plan_id = e.plan_id AND r.activity_number = e.activity_number AND r.fact = f.fact
                    AND r.kind IN ('*', f.kind) AND r.body_kind IN ('*', f.body_kind));
            INSERT INTO evidence (plan_id, activity_number, fact, fact_id, fact_date, description, recorded_at)
            SELECT {plan.Id}, {activity.Number}, f.fact, f.id, f.date, f.description, {now} FROM plan_fact f
            WHERE f.date BETWEEN {first} AND {last} AND EXISTS (
                SELECT 1 FROM evidence_rule r WHERE r.plan_id = {plan.Id} AND r.activity_number = {activity.Number} AND r.fact = f.fact
                    AND r.kind IN ('*', f.kind) AND r.body_kind IN ('*', f.body_kind))
            ON CONFLICT DO NOTHING
            """, cancellation);
        var (pieces, executed) = await CountAsync(db, activity, cancellation);
        plan.Recount(activity, pieces, executed, now);
    }

    public static async Task<(int Pieces, decimal Executed)> CountAsync(AgendaDb db, PlanActivity activity, CancellationToken cancellation)
    {
        var progress = await db.ActivityProgress.AsNoTracking()
            .SingleOrDefaultAsync(p => p.PlanId == activity.PlanId && p.ActivityNumber == activity.Number, cancellation);
        return (progress?.Pieces.Sum() ?? 0, progress?.Executed.Sum() ?? 0);
    }
}
