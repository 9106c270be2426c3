using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>The book of a body into which the minutes of a kind of meeting go.</summary>
internal enum MinutesBook
{
    Assembly,
    Coordination,
    Committee,
}

internal enum QuorumRule
{
    None,
    HalfPlusOne,
    TwoThirds,
}

/// <summary>A kind of meeting.</summary>
internal sealed class MeetingKind
{
    public required string Code { get; init; }
    public required string Name { get; set; }
    public MinutesBook Book { get; init; }
    public long Version { get; set; }
}

/// <summary>
/// How long before a meeting of a kind the notice goes out, whether and how it needs a quorum, and after how many days
/// a late agreement goes to the head of the unit. In force from a day on: a meeting keeps the rules of its own day.
/// </summary>
internal sealed class MeetingRule
{
    public required string Kind { get; init; }
    public required DateOnly EffectiveFrom { get; init; }
    public int NoticeMinDays { get; set; }
    public int NoticeMaxDays { get; set; }
    public QuorumRule Quorum { get; set; }
    public bool SecondCall { get; set; }
    public int EscalateAfterDays { get; set; }
    public required string Source { get; set; }

    /// <summary>
    /// How many must be there: on the first call what the rule asks of the members of the day; on the second call those
    /// present, at least one.
    /// </summary>
    public int Required(int members, int call) => call == 2 ? 1 : Quorum switch
    {
        QuorumRule.HalfPlusOne => members / 2 + 1,
        QuorumRule.TwoThirds => Math.Max(1, (2 * members + 2) / 3),
        _ => 1,
    };
}

internal static class MeetingRules
{
    /// <summary>The rules of a kind on a day; null when there is no such kind.</summary>
    public static Task<MeetingRule?> RuleOnAsync(this AgendaDb db, string kind, DateOnly day, CancellationToken cancellation) =>
        db.MeetingRules.AsNoTracking().Where(r => r.Kind == kind && r.EffectiveFrom <= day).OrderByDescending(r => r.EffectiveFrom).FirstOrDefaultAsync(cancellation);
}
