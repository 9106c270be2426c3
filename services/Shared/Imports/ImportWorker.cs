using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Papers;

namespace ProyeccionSocial.Imports;

/// <summary>Takes in the files of one kind.</summary>
public interface IFileImport
{
    /// <summary>The kind, as it stands in the job.</summary>
    string Kind { get; }

    /// <summary>
    /// Writes the rows of a file in the open transaction of <paramref name="connection"/>; gives how many rows it had
    /// and which were not taken.
    /// </summary>
    /// <exception cref="FormatException">Nothing of the file can be taken; the message says why, in Spanish.</exception>
    Task<ImportResult> RunAsync(NpgsqlConnection connection, ImportFile file, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>What a constraint that the whole file ran into means, in Spanish; null when it is none of this import's.</summary>
    string? Explain(string? constraint);
}

/// <summary>
/// Works off the queued files, one at a time in the whole service: the job's advisory lock goes with the connection,
/// so a job whose worker died is taken up by another, and what it wrote was rolled back.
/// </summary>
public sealed partial class ImportWorker(
    NpgsqlDataSource database, IEnumerable<IFileImport> imports, TimeProvider time, ILogger<ImportWorker> logger) : BackgroundService
{
    private const int Lock = 0x504C; // "PL"
    private const int Attempts = 5;

    /// <summary>How long one statement of an import may take: a set of 100,000 rows on a busy machine.</summary>
    public const int Seconds = 600;

    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>A job was queued in this process: do not wait for the next look.</summary>
    public void Wake() => _wake.Release();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
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
                    LogPostponed(failure.GetType().Name, (failure as PostgresException)?.SqlState); // The job is still queued.
                }
                await _wake.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
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

        ImportFile file;
        string kind;
        await using (var next = new NpgsqlCommand(
            "SELECT id, subject, confirmed, kind FROM import_job WHERE state IN ('queued', 'running') ORDER BY created_at LIMIT 1", connection))
        await using (var reader = await next.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation))
                return false;
            file = new(database, reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetBoolean(2));
            kind = reader.GetString(3);
        }
        if (await SetRunningAsync(file.Id, cancellation) > Attempts)
        {
            await FinishAsync(connection, file.Id, new(0, []), "No se pudo importar después de varios intentos. No se importó nada. Divida el archivo y pruebe de nuevo.", cancellation);
            await transaction.CommitAsync(cancellation);
            return true;
        }

        var import = imports.Single(i => i.Kind == kind);
        try
        {
            var result = await import.RunAsync(connection, file, time.GetUtcNow(), cancellation);
            await RejectAsync(connection, file.Id, result.Rejected, cancellation);
            await FinishAsync(connection, file.Id, result, null, cancellation);
            await using var check = new NpgsqlCommand("SET CONSTRAINTS ALL IMMEDIATE", connection);
            await check.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception unreadable) when (unreadable is FormatException or CsvHelper.CsvFormatException or PostgresException { SqlState: ['2', '2' or '3', ..] })
        {
            await transaction.RollbackAsync(cancellation);
            LogFailed(file.Id, kind, unreadable.GetType().Name, (unreadable as PostgresException)?.ConstraintName);
            await using var other = await database.OpenConnectionAsync(cancellation);
            await FinishAsync(other, file.Id, new(0, []), Explain(unreadable, import), cancellation);
            return true;
        }
        await transaction.CommitAsync(cancellation);
        return true;
    }

    // On a connection of its own, so that whoever watches sees it before the work is committed.
    private async Task<int> SetRunningAsync(Guid id, CancellationToken cancellation)
    {
        await using var update = database.CreateCommand("UPDATE import_job SET state = 'running', attempts = attempts + 1 WHERE id = $1 RETURNING attempts");
        update.Parameters.Add(new() { Value = id });
        return (int)(await update.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task RejectAsync(NpgsqlConnection connection, Guid job, IReadOnlyCollection<RejectedRow> rejections, CancellationToken cancellation)
    {
        await using (var before = new NpgsqlCommand("DELETE FROM import_rejection WHERE job_id = $1", connection) { Parameters = { new() { Value = job } } })
            await before.ExecuteNonQueryAsync(cancellation); // Of the look at the difference.
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY import_rejection (job_id, line, reason, row) FROM STDIN (FORMAT binary)", cancellation);
        foreach (var rejection in rejections)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(job, cancellation);
            await copy.WriteAsync(rejection.Line, cancellation);
            await copy.WriteAsync(rejection.Reason, cancellation);
            await copy.WriteAsync(rejection.Row, cancellation);
        }
        await copy.CompleteAsync(cancellation);
    }

    private async Task FinishAsync(NpgsqlConnection connection, Guid id, ImportResult result, string? failure, CancellationToken cancellation)
    {
        await using var finish = new NpgsqlCommand(
            """
            WITH gone AS (DELETE FROM import_part WHERE job_id = $1 AND $7 <> 'ready')
            UPDATE import_job SET state = $7, total = $2, accepted = $2 - $3, rejected = $3, finished_at = $4, failure = $5, report = $6::jsonb WHERE id = $1
            """, connection)
        {
            CommandTimeout = Seconds,
            Parameters =
            {
                new() { Value = id }, new() { Value = result.Total }, new() { Value = result.Rejected.Count }, new() { Value = time.GetUtcNow() }, Text(failure),
                Text(result.Report is null ? null : JsonSerializer.Serialize(result.Report)),
                Text(failure is not null ? "failed" : result.AwaitsConfirmation ? "ready" : "completed"),
            },
        };
        await finish.ExecuteNonQueryAsync(cancellation);

        static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
    }

    private static string Explain(Exception unreadable, IFileImport import) => unreadable switch
    {
        FormatException format => format.Message,
        PostgresException refused => import.Explain(refused.ConstraintName) ?? "El archivo contiene un valor que no se puede guardar. No se importó nada.",
        _ => "El archivo no se pudo leer como CSV. No se importó nada.",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import could not be worked off and waits: {Why} {SqlState}")]
    private partial void LogPostponed(string why, string? sqlState);

    // Without the exception itself, whose message may quote a row.
    [LoggerMessage(Level = LogLevel.Warning, Message = "Import {Job} of {Kind} was not taken: {Why} {Constraint}")]
    private partial void LogFailed(Guid job, string kind, string why, string? constraint);
}

/// <summary>How a service takes in files.</summary>
public static class ImportExtensions
{
    /// <summary>Adds the queue and the worker; each kind of file is an <see cref="IFileImport"/> added beside it.</summary>
    public static void AddImports(this IServiceCollection services)
    {
        services.AddScoped<ImportQueue>();
        services.AddSingleton<ImportWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ImportWorker>());
    }
}

/// <summary>What every import does in SQL.</summary>
public static class ImportSql
{
    /// <summary>Executes a statement that may work on all rows of a file.</summary>
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = ImportWorker.Seconds };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
