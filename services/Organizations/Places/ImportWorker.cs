using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>
/// Works off the queued files, one at a time in the whole service: the job's advisory lock goes with the connection,
/// so a job whose worker died is taken up by another, and what it wrote was rolled back.
/// </summary>
internal sealed partial class ImportWorker(NpgsqlDataSource database, TimeProvider time, ILogger<ImportWorker> logger) : BackgroundService
{
    private const int Lock = 0x504C; // "PL"

    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>A job was queued in this process: do not wait for the next look.</summary>
    public void Wake() => _wake.Release();

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    while (await WorkOffOneAsync(stoppingToken))
                    {
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogPostponed(failure); // The job is still queued.
                }
                await _wake.WaitAsync(TimeSpan.FromSeconds(5), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: an unfinished job is rolled back and stays queued.
        }
    }

    private async Task<bool> WorkOffOneAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var claim = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1, 0)", connection) { Parameters = { new() { Value = Lock } } })
        {
            if (await claim.ExecuteScalarAsync(cancellation) is not true)
                return false;
        }

        Guid id;
        byte[] content;
        await using (var next = new NpgsqlCommand(
            "SELECT id, content FROM import_job WHERE state IN ('queued', 'running') ORDER BY created_at LIMIT 1", connection))
        await using (var reader = await next.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation))
                return false;
            (id, content) = (reader.GetGuid(0), reader.GetFieldValue<byte[]>(1));
        }
        await SetRunningAsync(id, cancellation);

        try
        {
            var (rows, rejections) = PlaceFile.Read(content);
            await StageAsync(connection, rows, cancellation);
            var orphans = await MergeAsync(connection, cancellation);
            rejections.AddRange(orphans);
            await RejectAsync(connection, id, rejections, cancellation);
            await FinishAsync(connection, id, rows.Count + rejections.Count - orphans.Count, rejections.Count, null, cancellation);
        }
        catch (Exception unreadable) when (unreadable is FormatException or CsvHelper.CsvFormatException or PostgresException { SqlState: ['2', '2' or '3', ..] })
        {
            await transaction.RollbackAsync(cancellation);
            LogFailed(id, unreadable);
            await using var other = await database.OpenConnectionAsync(cancellation);
            await FinishAsync(other, id, 0, 0, Explain(unreadable), cancellation);
            return true;
        }
        await transaction.CommitAsync(cancellation);
        return true;
    }

    // On a connection of its own, so that whoever watches sees it before the work is committed.
    private async Task SetRunningAsync(Guid id, CancellationToken cancellation)
    {
        await using var update = database.CreateCommand("UPDATE import_job SET state = 'running' WHERE id = $1");
        update.Parameters.Add(new() { Value = id });
        await update.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task StageAsync(NpgsqlConnection connection, List<PlaceFile.Row> rows, CancellationToken cancellation)
    {
        await using (var create = new NpgsqlCommand(
            """
            CREATE TEMP TABLE staged_place (line int, id uuid, code text, kind text, name text, parent_code text, valid_from date, valid_to date)
            ON COMMIT DROP
            """, connection))
            await create.ExecuteNonQueryAsync(cancellation);
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY staged_place (line, id, code, kind, name, parent_code, valid_from, valid_to) FROM STDIN (FORMAT binary)", cancellation);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(row.Line, cancellation);
            await copy.WriteAsync(Guid.CreateVersion7(), cancellation);
            await copy.WriteAsync(row.Code, cancellation);
            await copy.WriteAsync(JsonNamingPolicy.KebabCaseLower.ConvertName(row.Kind.ToString()), cancellation);
            await copy.WriteAsync(row.Name, cancellation);
            await copy.WriteAsync(row.ParentCode, cancellation);
            await copy.WriteAsync(row.ValidFrom, NpgsqlDbType.Date, cancellation);
            if (row.ValidTo is { } to)
                await copy.WriteAsync(to, NpgsqlDbType.Date, cancellation);
            else
                await copy.WriteNullAsync(cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    /// <summary>Level by level, as a parent may stand anywhere in the file. What finds no parent is left over.</summary>
    private static async Task<List<PlaceFile.Rejected>> MergeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        int merged;
        do
        {
            await using var merge = new NpgsqlCommand(
                """
                WITH ready AS (
                    DELETE FROM staged_place s
                    WHERE s.parent_code IS NULL OR EXISTS (SELECT 1 FROM place p WHERE p.code = s.parent_code)
                    RETURNING *)
                INSERT INTO place AS known (id, code, kind, name, path, parent_id, valid_from, valid_to)
                SELECT r.id, r.code, r.kind, r.name, concat_ws(', ', r.name, p.path), p.id, r.valid_from, r.valid_to
                FROM ready r LEFT JOIN place p ON p.code = r.parent_code
                ON CONFLICT (code) DO UPDATE
                    SET kind = excluded.kind, name = excluded.name, path = excluded.path, parent_id = excluded.parent_id,
                        valid_from = excluded.valid_from, valid_to = excluded.valid_to
                    WHERE (known.kind, known.name, known.path, known.parent_id, known.valid_from, known.valid_to)
                        IS DISTINCT FROM (excluded.kind, excluded.name, excluded.path, excluded.parent_id, excluded.valid_from, excluded.valid_to)
                """, connection);
            await merge.ExecuteNonQueryAsync(cancellation);
            await using var left = new NpgsqlCommand(
                "SELECT count(*)::int FROM staged_place s WHERE EXISTS (SELECT 1 FROM place p WHERE p.code = s.parent_code)", connection);
            merged = (int)(await left.ExecuteScalarAsync(cancellation))!;
        }
        while (merged > 0);
        await SpellPathsAsync(connection, cancellation);

        var orphans = new List<PlaceFile.Rejected>();
        await using var query = new NpgsqlCommand("SELECT line, code, parent_code FROM staged_place ORDER BY line", connection);
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            orphans.Add(new(reader.GetInt32(0), $"No existe el lugar superior con código {reader.GetString(2)}.", reader.GetString(1)));
        }
        return orphans;
    }

    // A new name of a place is part of the path of all that lie below it, whether they are in the file or not.
    private static async Task SpellPathsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var spell = new NpgsqlCommand(
            """
            WITH RECURSIVE spelt AS (
                SELECT id, name AS path FROM place WHERE parent_id IS NULL
                UNION ALL
                SELECT p.id, concat_ws(', ', p.name, s.path) FROM place p JOIN spelt s ON p.parent_id = s.id)
            UPDATE place p SET path = s.path FROM spelt s WHERE p.id = s.id AND p.path <> s.path
            """, connection);
        await spell.ExecuteNonQueryAsync(cancellation);
        await using var rootless = new NpgsqlCommand(
            """
            WITH RECURSIVE rooted AS (
                SELECT id FROM place WHERE parent_id IS NULL
                UNION ALL
                SELECT p.id FROM place p JOIN rooted r ON p.parent_id = r.id)
            SELECT code FROM place p WHERE NOT EXISTS (SELECT 1 FROM rooted r WHERE r.id = p.id) LIMIT 1
            """, connection);
        if (await rootless.ExecuteScalarAsync(cancellation) is string code)
            throw new FormatException($"El lugar con código {code} quedaría por debajo de sí mismo. No se importó nada.");
    }

    private static async Task RejectAsync(NpgsqlConnection connection, Guid job, List<PlaceFile.Rejected> rejections, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY import_rejection (job_id, line, reason, row) FROM STDIN (FORMAT binary)", cancellation);
        foreach (var rejection in rejections)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(job, cancellation);
            await copy.WriteAsync(rejection.Line, cancellation);
            await copy.WriteAsync(rejection.Reason, cancellation);
            await copy.WriteAsync(rejection.Text.Replace('\0', ' '), cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    private async Task FinishAsync(NpgsqlConnection connection, Guid id, int total, int rejected, string? failure, CancellationToken cancellation)
    {
        await using var finish = new NpgsqlCommand(
            """
            UPDATE import_job SET state = CASE WHEN $5::text IS NULL THEN 'completed' ELSE 'failed' END, content = NULL,
                total = $2, accepted = $2 - $3, rejected = $3, finished_at = $4, failure = $5
            WHERE id = $1
            """, connection)
        {
            Parameters =
            {
                new() { Value = id }, new() { Value = total }, new() { Value = rejected }, new() { Value = time.GetUtcNow() },
                new() { Value = (object?)failure ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        await finish.ExecuteNonQueryAsync(cancellation);
    }

    private static string Explain(Exception unreadable) => unreadable switch
    {
        FormatException format => format.Message,
        PostgresException { ConstraintName: "place_name_under_parent" } =>
            "Dos lugares tienen el mismo nombre y tipo bajo el mismo lugar superior en las mismas fechas. No se importó nada.",
        PostgresException => "El archivo contiene un valor que no se puede guardar. No se importó nada.",
        _ => "El archivo no se pudo leer como CSV. No se importó nada.",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The import could not be worked off and waits")]
    private partial void LogPostponed(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Import {Job} could not be read")]
    private partial void LogFailed(Guid job, Exception failure);
}
