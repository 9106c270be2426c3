using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>Something that happened and may be evidence of a planned activity. The description is public.</summary>
internal sealed record PlanFact(EvidenceFact Fact, Guid Id, DateOnly Date, string BodyKind, string Description);

/// <summary>Counts a fact for every activity of its year whose rule it satisfies, once.</summary>
internal static class PlanProgress
{
    public static async Task RecordAsync(AgendaDb db, PlanFact fact, DateTimeOffset now, CancellationToken cancellation)
    {
        // Locked, so that two facts at once count one after the other and neither loses its version.
        var plans = await db.Plans.FromSql($"SELECT * FROM annual_plan WHERE year = {fact.Date.Year} ORDER BY id FOR UPDATE")
            .ToListAsync(cancellation);
        foreach (var plan in plans)
        {
            var counts = await (from rule in db.EvidenceRules
                                join activity in db.Activities
                                    on new { rule.PlanId, Number = rule.ActivityNumber } equals new { activity.PlanId, activity.Number }
                                where rule.PlanId == plan.Id && rule.Fact == fact.Fact && rule.BodyKind == fact.BodyKind
                                select new
                                {
                                    Activity = activity,
                                    Before = db.Evidence.Count(e => e.PlanId == plan.Id && e.ActivityNumber == activity.Number),
                                    Known = db.Evidence.Any(e => e.PlanId == plan.Id && e.ActivityNumber == activity.Number
                                        && e.Fact == fact.Fact && e.FactId == fact.Id),
                                }).ToListAsync(cancellation);
            foreach (var count in counts.Where(c => !c.Known))
            {
                db.Add(new Evidence
                {
                    PlanId = plan.Id,
                    ActivityNumber = count.Activity.Number,
                    Fact = fact.Fact,
                    FactId = fact.Id,
                    FactDate = fact.Date,
                    Description = fact.Description,
                    RecordedAt = now,
                });
                plan.Progress(count.Activity, fact, count.Before + 1, now);
            }
        }
        await db.SaveChangesAsync(cancellation);
    }
}
