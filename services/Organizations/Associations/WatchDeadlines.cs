using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>
/// What the law does by itself when a day has passed: silence grants, a missing correction archives, a board expires,
/// the next one begins; and the warnings before a board expires. It looks at the dates in the database, so a stop
/// delays it and loses nothing. Two replicas at once are told apart by the version. A term that had already passed when
/// it was entered (an old paper file) waits for a person instead.
/// </summary>
internal sealed partial class WatchDeadlines(IServiceScopeFactory scopes, TimeProvider time, ILogger<WatchDeadlines> logger) : EveryMinute(time, logger)
{
    private const int AtOnce = 100;

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        var today = Time.Today();
        var last = Guid.Empty;
        List<Guid> due;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            due = await DueAsync(scope.ServiceProvider.GetRequiredService<OrganizationsDb>(), today, last, cancellation);
            foreach (var id in due)
                await ApplyToAsync(id, today, cancellation);
            last = due.LastOrDefault();
        }
        while (due.Count == AtOnce);
    }

    /// <summary>The next associations, by id, for which something comes of the day.</summary>
    private static Task<List<Guid>> DueAsync(OrganizationsDb db, DateOnly today, Guid after, CancellationToken cancellation) =>
        db.Database.SqlQuery<Guid>(
            $"""
            SELECT a.id AS "Value" FROM association a JOIN association_ruleset r ON r.code = a.ruleset
            WHERE a.id > {after} AND (
                (a.state IN ('application-filed', 'corrected') AND a.resolution_due < {today}
                    AND (a.resolution_due_known_at AT TIME ZONE INTERVAL '-6 hours')::date <= a.resolution_due)
                OR (a.state = 'observed' AND a.correction_due < {today} AND (a.correction_due_known_at AT TIME ZONE INTERVAL '-6 hours')::date <= a.correction_due)
                OR (a.state = 'active' AND (a.board_until < {today} OR (a.board_from > {today} AND NOT EXISTS (
                    SELECT 1 FROM board_term t WHERE t.association_id = a.id AND {today} BETWEEN t.first_day AND t.last_day))))
                OR (a.state = 'board-expired' AND a.board_from <= {today} AND a.board_until >= {today})
                OR (a.state = 'active' AND EXISTS (
                    SELECT 1 FROM unnest(r.expiry_warning_days) d JOIN board_term t ON t.association_id = a.id AND t.last_day = a.board_until
                    WHERE a.board_until BETWEEN {today} AND {today} + d
                        AND NOT EXISTS (SELECT 1 FROM board_warning w WHERE w.board_term_id = t.id AND w.days <= d))))
            ORDER BY a.id LIMIT {AtOnce}
            """).ToListAsync(cancellation);

    private async Task ApplyToAsync(Guid id, DateOnly today, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrganizationsDb>();
        var association = await db.Associations.Include(a => a.Place).SingleAsync(a => a.Id == id, cancellation);
        var now = Time.GetUtcNow();
        if (association.State == AssociationState.Observed && association.CorrectionDue < today)
            association.Archive(today, now);
        else if (association.State is AssociationState.ApplicationFiled or AssociationState.Corrected && association.ResolutionDue < today)
            association.GrantByLaw(today, now);
        else if (association.State == AssociationState.Active && await ExpiredAsync(db, association, today, cancellation) is { } lastDay)
            association.ExpireBoard(lastDay, now);
        else if (association.State == AssociationState.BoardExpired)
            association.ResumeBoard(now);
        else if (association.State != AssociationState.Active || !await WarnAsync(db, association, today, now, cancellation))
            return;
        try
        {
            await db.SaveChangesAsync(cancellation);
            LogApplied(id, association.State);
        }
        catch (DbUpdateConcurrencyException)
        {
            // A person or the other replica was faster; the next look sees the result.
        }
        catch (DbUpdateException twice) when (twice.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            // The other replica gave the same warning.
        }
    }

    /// <summary>The last day of the board that was, when none is in its term; null when one is.</summary>
    private static async Task<DateOnly?> ExpiredAsync(OrganizationsDb db, Association association, DateOnly today, CancellationToken cancellation)
    {
        if (association.BoardUntil < today)
            return association.BoardUntil;
        if (association.BoardFrom <= today)
            return null;
        var before = await db.BoardTerms.AsNoTracking().Where(t => t.AssociationId == association.Id && t.FirstDay <= today).OrderByDescending(t => t.LastDay)
            .Select(t => (DateOnly?)t.LastDay).FirstOrDefaultAsync(cancellation);
        return before < today ? before : null;
    }

    /// <summary>The smallest warning that is due; the larger ones that a stop let pass are not given after it.</summary>
    private static async Task<bool> WarnAsync(OrganizationsDb db, Association association, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        var ruleset = await db.Rulesets.AsNoTracking().SingleAsync(r => r.Code == association.Ruleset, cancellation);
        var left = association.BoardUntil!.Value.DayNumber - today.DayNumber;
        var term = await db.BoardTerms.AsNoTracking().SingleAsync(t => t.AssociationId == association.Id && t.LastDay == association.BoardUntil, cancellation);
        var warning = ruleset.ExpiryWarningDays.Where(d => left >= 0 && left <= d).DefaultIfEmpty(0).Min();
        if (warning == 0 || await db.BoardWarnings.AnyAsync(w => w.BoardTermId == term.Id && w.Days <= warning, cancellation))
            return false;
        db.Add(new BoardWarning { BoardTermId = term.Id, Days = warning, GivenOn = today });
        association.WarnOfExpiry(warning, now);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A day came for association {Association}: it is {State}")]
    private partial void LogApplied(Guid association, AssociationState state);
}

/// <summary>A warning of a term's end that was given.</summary>
internal sealed class BoardWarning
{
    public required Guid BoardTermId { get; init; }
    public required int Days { get; init; }
    public required DateOnly GivenOn { get; init; }
}
