using System.Runtime.CompilerServices;
using Npgsql;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>Plain SQL in one line, on a connection of its own or, within a transaction, on that one.</summary>
internal static class Rows
{
    public const string Event = "e.id, e.type, e.subject, e.version, e.happened_at, e.line, e.about";

    public static async Task<List<T>> ReadAsync<T>(NpgsqlDataSource database, string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        await StreamAsync(database, sql, parameters, read, cancellation).ToListAsync(cancellation);

    public static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        await StreamAsync(new NpgsqlCommand(sql, connection), parameters, read, cancellation).ToListAsync(cancellation);

    public static IAsyncEnumerable<T> StreamAsync<T>(NpgsqlDataSource database, string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        StreamAsync(database.CreateCommand(sql), parameters, read, cancellation);

    private static async IAsyncEnumerable<T> StreamAsync<T>(
        NpgsqlCommand sql, object?[] parameters, Func<NpgsqlDataReader, T> read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return read(reader);
    }
}
