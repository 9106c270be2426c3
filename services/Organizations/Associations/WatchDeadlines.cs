using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>
/// What the law does by itself when a term has passed: silence grants, a missing correction archives. It looks at
/// the dates in the database, so a stop delays it and loses nothing. Two replicas at once are told apart by the
/// version. A term that had already passed when it was entered (an old paper file) waits for a person instead.
/// </summary>
internal sealed partial class WatchDeadlines(IServiceScopeFactory scopes, TimeProvider time, ILogger<WatchDeadlines> logger) : BackgroundService
{
    private const int AtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        try
        {
            do
            {
                try
                {
                    await ApplyAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogPostponed(failure); // The dates stay in the database: the next look sees them.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    internal async Task ApplyAsync(CancellationToken cancellation)
    {
        var today = time.Today();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrganizationsDb>();
        var lapsed = await db.Associations.AsNoTracking()
            .Where(a => ((a.State == AssociationState.ApplicationFiled || a.State == AssociationState.Corrected) && a.ResolutionDue < today
                    && a.ResolutionDueKnownAt!.Value.AddHours(-6).Date <= a.ResolutionDue!.Value.ToDateTime(TimeOnly.MinValue))
                || (a.State == AssociationState.Observed && a.CorrectionDue < today
                    && a.CorrectionDueKnownAt!.Value.AddHours(-6).Date <= a.CorrectionDue!.Value.ToDateTime(TimeOnly.MinValue)))
            .OrderBy(a => a.Id).Select(a => a.Id).Take(AtOnce).ToListAsync(cancellation);
        foreach (var id in lapsed)
            await ApplyToAsync(id, today, cancellation);
    }

    private async Task ApplyToAsync(Guid id, DateOnly today, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrganizationsDb>();
        var association = await db.Associations.Include(a => a.Place).SingleAsync(a => a.Id == id, cancellation);
        if (association.State == AssociationState.Observed && association.CorrectionDue < today)
            association.Archive(today, time.GetUtcNow());
        else if (association.State is AssociationState.ApplicationFiled or AssociationState.Corrected && association.ResolutionDue < today)
            association.GrantByLaw(today, time.GetUtcNow());
        else
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
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A term passed for association {Association}: it is now {State}")]
    private partial void LogApplied(Guid association, AssociationState state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deadlines could not be applied and wait for the next look")]
    private partial void LogPostponed(Exception failure);
}
