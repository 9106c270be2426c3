using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults;

namespace ProyeccionSocial.EventsAndMeetings.Files;

/// <summary>A photo that was handed in and that nothing has named for a week is not kept: it may show people, and proves nothing.</summary>
internal sealed class DropUnusedFiles(IServiceScopeFactory scopes, TimeProvider time, ILogger<DropUnusedFiles> logger) : EveryMinute(time, logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(7);

    public override async Task ApplyAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        // Whoever names one at this moment finds it gone and hands it in again.
        await scope.ServiceProvider.GetRequiredService<AgendaDb>().Database.ExecuteSqlAsync(
            $"""
            DELETE FROM stored_file f WHERE f.stored_at < {Time.GetUtcNow() - Patience}
                AND NOT EXISTS (SELECT 1 FROM evidence WHERE photo_id = f.id) AND NOT EXISTS (SELECT 1 FROM evidence WHERE file_id = f.id)
                AND NOT EXISTS (SELECT 1 FROM newspaper_posting WHERE photo_id = f.id)
            """, cancellation);
    }
}
