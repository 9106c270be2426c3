using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Papers;

namespace ProyeccionSocial.Imports;

/// <summary>Where a service's files wait, and what became of them. What it writes belongs to the request's transaction.</summary>
/// <param name="db">The service's database.</param>
/// <param name="worker">That works them off.</param>
/// <param name="time">The clock.</param>
public sealed class ImportQueue(MessagingDbContext db, ImportWorker worker, TimeProvider time)
{
    private const int PartSize = 1024 * 1024;

    /// <summary>Keeps the file and queues it.</summary>
    /// <param name="kind">Of <see cref="IFileImport.Kind"/>.</param>
    /// <param name="subject">What it belongs to.</param>
    /// <param name="content">The file; it is never held whole.</param>
    /// <param name="by">Who hands it in.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <returns>The job; null when the file is empty.</returns>
    public async Task<ImportView?> QueueAsync(string kind, Guid? subject, Stream content, string by, CancellationToken cancellation)
    {
        var part = new byte[PartSize];
        var length = await NextAsync();
        if (length == 0)
            return null;
        await using var step = await db.BeginStepAsync(cancellation);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var view = new ImportView(Guid.CreateVersion7(), ImportState.Queued, 0, 0, 0, null, null, time.GetUtcNow(), null);
        await using (var insert = new NpgsqlCommand("INSERT INTO import_job (id, kind, subject, state, created_by, created_at) VALUES ($1, $2, $3, 'queued', $4, $5)", connection)
        {
            Parameters =
            {
                new() { Value = view.Id }, new() { Value = kind }, new() { Value = subject ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = by }, new() { Value = view.CreatedAt },
            },
        })
            await insert.ExecuteNonQueryAsync(cancellation);
        for (var number = 1; length > 0; number++, length = await NextAsync())
        {
            await using var insert = new NpgsqlCommand("INSERT INTO import_part (job_id, number, content) VALUES ($1, $2, $3)", connection)
            {
                Parameters = { new() { Value = view.Id }, new() { Value = number }, new() { Value = part.AsMemory(0, length), NpgsqlDbType = NpgsqlDbType.Bytea } },
            };
            await insert.ExecuteNonQueryAsync(cancellation);
        }
        await step.CommitAsync(cancellation);
        worker.Wake();
        return view;

        ValueTask<int> NextAsync() => content.ReadAtLeastAsync(part, PartSize, throwOnEndOfStream: false, cancellation);
    }

    /// <summary>A job of this kind and subject; null when there is none.</summary>
    public async Task<ImportView?> FindAsync(string kind, Guid? subject, Guid id, CancellationToken cancellation) => (await db.Database.SqlQuery<Row>(
        $"""
        SELECT id AS "Id", state AS "State", total AS "Total", accepted AS "Accepted", rejected AS "Rejected", report::text AS "Report", failure AS "Failure", created_at AS "CreatedAt", finished_at AS "FinishedAt"
        FROM import_job WHERE id = {id} AND kind = {kind} AND subject IS NOT DISTINCT FROM {subject}
        """).ToListAsync(cancellation)).Select(r => r.View).SingleOrDefault();

    /// <summary>The rows of a job that were not taken, in the order of the file.</summary>
    public IAsyncEnumerable<RejectedRow> RejectedAsync(Guid id) =>
        db.Database.SqlQuery<RejectedRow>($"""SELECT line AS "Line", reason AS "Reason", row AS "Row" FROM import_rejection WHERE job_id = {id} ORDER BY line""").AsAsyncEnumerable();

    /// <summary>Somebody has looked at the difference and wants it: the file is worked off once more, now for good.</summary>
    /// <returns>Whether it was waiting for that.</returns>
    public async Task<bool> ConfirmAsync(Guid id, CancellationToken cancellation)
    {
        var confirmed = await db.Database.ExecuteSqlAsync($"UPDATE import_job SET state = 'queued', confirmed = true, attempts = 0, finished_at = NULL WHERE id = {id} AND state = 'ready'", cancellation) == 1;
        worker.Wake();
        return confirmed;
    }

    /// <summary>Somebody has looked at the difference and does not want it; the file goes.</summary>
    /// <returns>Whether it was waiting for that.</returns>
    public async Task<bool> DiscardAsync(Guid id, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        if (await db.Database.ExecuteSqlAsync($"UPDATE import_job SET state = 'discarded', finished_at = {time.GetUtcNow()} WHERE id = {id} AND state = 'ready'", cancellation) != 1)
            return false;
        await db.Database.ExecuteSqlAsync($"DELETE FROM import_part WHERE job_id = {id}", cancellation);
        await step.CommitAsync(cancellation);
        return true;
    }

    private sealed record Row(Guid Id, string State, int Total, int Accepted, int Rejected, string? Report, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
    {
        public ImportView View => new(
            Id, Enum.Parse<ImportState>(State, ignoreCase: true), Total, Accepted, Rejected, Report is null ? null : System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(Report), Failure,
            CreatedAt, FinishedAt);
    }
}
