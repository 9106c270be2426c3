using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.History;

/// <summary>
/// Seals the history: the lines of a block have a Merkle root as in RFC 6962 (leaf: SHA-256 of a zero byte and the line;
/// node: of a one byte and its two sides; the left side holds the largest power of two), and the block's seal is SHA-256 of a
/// two byte, the seal before it and the root. A line that is changed, left out or put in changes the seal of its block and
/// of all after it. A line whose words were taken back keeps the leaf that it had.
/// </summary>
internal static class Seal
{
    /// <summary>The leaf of a line: as its service sealed it, where its words were taken back.</summary>
    public static byte[] LeafOf(string line) => EventIndex.LeafIn(line) ?? PublicLine.LeafOf(line);

    public static byte[] RootOf(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return SHA256.HashData([]);
        return Node([.. lines.Select(LeafOf)]);

        static byte[] Node(ReadOnlySpan<byte[]> leaves)
        {
            if (leaves.Length == 1)
                return leaves[0];
            var left = 1;
            while (left * 2 < leaves.Length)
                left *= 2;
            return SHA256.HashData([1, .. Node(leaves[..left]), .. Node(leaves[left..])]);
        }
    }

    /// <param name="previous">The seal before; nothing for the first block.</param>
    /// <param name="root">Of the block.</param>
    public static byte[] Of(byte[]? previous, byte[] root) => SHA256.HashData([2, .. previous ?? [], .. root]);

    /// <summary>Part of the transaction in which the block became full.</summary>
    public static async Task BlockAsync(NpgsqlConnection connection, string source, int block, DateOnly day, CancellationToken cancellation)
    {
        var (lines, first, last, previous) = (new List<string>(), 0L, 0L, (byte[]?)null);
        await using (var read = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT seal FROM block WHERE source = $1 AND number = $2") { Parameters = { new() { Value = source }, new() { Value = block - 1 } } },
                new("SELECT number, line FROM event WHERE source = $1 AND block = $2 ORDER BY number")
                {
                    Parameters = { new() { Value = source }, new() { Value = block } },
                },
            },
        })
        await using (var reader = await read.ExecuteReaderAsync(cancellation))
        {
            if (await reader.ReadAsync(cancellation))
                previous = reader.GetFieldValue<byte[]>(0);
            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                (first, last) = (first == 0 ? reader.GetInt64(0) : first, reader.GetInt64(0));
                lines.Add(reader.GetString(1));
            }
        }
        var root = RootOf(lines);
        await using var insert = new NpgsqlCommand("INSERT INTO block (source, number, first, last, day, root, previous, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", connection)
        {
            Parameters =
            {
                new() { Value = source }, new() { Value = block }, new() { Value = first }, new() { Value = last }, new() { Value = day }, new() { Value = root },
                new() { Value = (object?)previous ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea }, new() { Value = Of(previous, root) },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellation);
    }
}
