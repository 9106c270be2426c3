using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.History;

/// <summary>Holds a copy of the history, however large and from whatever block on, against the seals: a block of it at a time is in memory.</summary>
internal static class VerifyCopy
{
    private const int LongestLine = 1024 * 1024;
    private const int BlocksAtATime = 500;

    public static void MapVerification(this IEndpointRouteBuilder api) => api.MapPost("/history/{source}/verifications", VerifyAsync).WithTags("history").WithName("VerifyExport").AllowAnonymous()
        .Accepts<string>("application/x-ndjson").WithMetadata(new DisableRequestSizeLimitAttribute())
        .WithSummary("Comprobar una copia contra los sellos")
        .WithDescription("Sirve cualquier archivo .ndjson que se descargó de aquí: toda la historia, un bloque o un trimestre, de cualquier tamaño. Comienza con un bloque: el de su primera línea, o el que diga first. Dice qué bloque difiere y la primera línea que no es la que se selló.");

    /// <param name="Lines">Of the copy.</param>
    /// <param name="Blocks">Sealed blocks that it covers whole or in part.</param>
    /// <param name="Agrees">Whether each of them is what was sealed.</param>
    /// <param name="FirstDifference">The first line of the copy that is not what was sealed there, from 1; absent when all agree.</param>
    /// <param name="Problem">What it is: <c>changed</c>, <c>removed</c>, <c>inserted</c>, <c>missing</c> (the copy ends within a block), <c>unsealed</c> (it goes on where nothing is sealed yet), or <c>unchained</c> (the portal's own seals are not those of its lines).</param>
    /// <param name="Seal">Of the last block that agrees: compare it with one that was printed or kept elsewhere.</param>
    /// <param name="Withdrawn">Lines of the copy whose words were taken back since, the first thousand: remove them, what is left of each is in the export.</param>
    internal sealed record VerificationView(long Lines, int Blocks, bool Agrees, long? FirstDifference, string? Problem, string? Seal, IReadOnlyList<long> Withdrawn)
    {
        public const int MostWithdrawn = 1000;

        public static VerificationView Example => new(63, 2, true, null, null, "fd61a03af4f77d87…", [17]);
    }

    private static async Task<Results<Ok<VerificationView>, ProblemHttpResult>> VerifyAsync(string source, HttpContext http, NpgsqlDataSource database, int? first = null, CancellationToken cancellation = default)
    {
        if (!FeedClient.Sources.Contains(source))
            return Problems.NotFound();
        if (http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() != "application/x-ndjson")
            return Problems.Of(415, "unsupported_media_type", "Envíe la copia como application/x-ndjson.");
        await using var copy = LinesAsync(http.Request.BodyReader, cancellation).GetAsyncEnumerator(cancellation);
        var isMore = await copy.MoveNextAsync();
        if (!isMore)
            return Problems.Of(400, "empty_file", "La copia está vacía.");
        var (at, blocks, seal, problem, difference) = (0L, 0, (string?)null, (string?)null, (long?)null);
        var withdrawn = new List<long>();
        // Block by block from the sealed boundaries: each is computed anew from the copy, and chained from the one before it.
        await foreach (var block in BlocksAsync(database, source, first ?? await BlockOfAsync(database, source, copy.Current, cancellation), cancellation))
        {
            if (!isMore)
                break;
            blocks++;
            var lines = new List<string>();
            for (var size = block.Last - block.First + 1; isMore && lines.Count < size; isMore = await copy.MoveNextAsync())
                lines.Add(copy.Current);
            var root = Seal.RootOf(lines);
            var isSame = Convert.ToHexStringLower(root) == block.Root && Convert.ToHexStringLower(Seal.Of(block.Previous is null ? null : Convert.FromHexString(block.Previous), root)) == block.Seal;
            // A line without its words counts only where they were taken back; and a copy may have words that were.
            if (!isSame || lines.Exists(l => EventIndex.LeafIn(l) is not null) || await HasWithdrawnAsync(database, source, block.Number, cancellation))
            {
                var kept = await HistoryEndpoints.LinesAsync(database, source, block.Number, block.Number, cancellation).ToListAsync(cancellation);
                var index = lines.Zip(kept).TakeWhile(p => IsSame(p.First, p.Second)).Count();
                if (!isSame || index < lines.Count)
                {
                    difference = at + index + 1;
                    problem = index == lines.Count ? lines.Count < kept.Count ? "missing" : "unchained"
                        : kept.Skip(index + 1).Any(l => IsSame(lines[index], l)) ? "removed" : index + 1 < lines.Count && IsSame(lines[index + 1], kept[index]) ? "inserted" : "changed";
                }
                else
                {
                    withdrawn.AddRange(lines.Zip(kept).Index().Where(l => l.Item.First != l.Item.Second).Select(l => at + l.Index + 1).Take(VerificationView.MostWithdrawn - withdrawn.Count));
                }
            }
            else if (seal is not null && block.Previous != seal)
            {
                (difference, problem) = (at + 1, "unchained");
            }
            at += lines.Count;
            if (problem is not null)
                break;
            seal = block.Seal;
        }
        if (problem is null && isMore)
            (difference, problem) = (at + 1, "unsealed");
        for (; isMore; isMore = await copy.MoveNextAsync())
            at++;
        return TypedResults.Ok(new VerificationView(at, blocks, problem is null, difference, problem, seal, withdrawn));
    }

    private static bool IsSame(string copied, string kept) => EventIndex.LeafIn(copied) is null ? Seal.LeafOf(copied).AsSpan().SequenceEqual(Seal.LeafOf(kept)) : copied == kept;

    private static async IAsyncEnumerable<HistoryEndpoints.BlockView> BlocksAsync(NpgsqlDataSource database, string source, int first, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var some = await Rows.ReadAsync(
                database, $"SELECT {HistoryEndpoints.BlockColumns} FROM block WHERE source = $1 AND number >= $2 ORDER BY number LIMIT $3", [source, first, BlocksAtATime], HistoryEndpoints.BlockView.Read, cancellation);
            foreach (var block in some)
                yield return block;
            if (some.Count < BlocksAtATime)
                yield break;
            first = some[^1].Number + 1;
        }
    }

    /// <summary>The block in which a line was sealed; the first one where it was in none.</summary>
    private static async Task<int> BlockOfAsync(NpgsqlDataSource database, string source, string line, CancellationToken cancellation)
    {
        try
        {
            using var told = JsonDocument.Parse(line);
            return told.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.TryGetGuid(out var of)
                ? (await Rows.ReadAsync(database, "SELECT block FROM event WHERE source = $1 AND id = $2", [source, of], r => r.GetInt32(0), cancellation)).FirstOrDefault(1) : 1;
        }
        catch (JsonException)
        {
            return 1; // No line of ours: it differs there.
        }
    }

    private static async Task<bool> HasWithdrawnAsync(NpgsqlDataSource database, string source, int block, CancellationToken cancellation) => (await Rows.ReadAsync(
        database, "SELECT EXISTS (SELECT 1 FROM event WHERE source = $1 AND block = $2 AND leaf IS NOT NULL)", [source, block], r => r.GetBoolean(0), cancellation))[0];

    private static async IAsyncEnumerable<string> LinesAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (Text(rest.Slice(0, end)) is { Length: > 0 } line)
                    yield return line;
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            Rule.That(rest.Length <= LongestLine, "line_too_long", "Una línea de la copia pasa de 1 MB: no es una copia de la historia.");
            if (read.IsCompleted && Text(rest) is { Length: > 0 } last)
                yield return last;
            body.AdvanceTo(read.IsCompleted ? rest.End : rest.Start, rest.End);
            if (read.IsCompleted)
                yield break;
        }

        static string Text(ReadOnlySequence<byte> line) => Encoding.UTF8.GetString(line).TrimEnd('\r').TrimStart('\uFEFF');
    }
}
