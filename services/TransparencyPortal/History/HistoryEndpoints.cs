using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.Pages;

namespace ProyeccionSocial.TransparencyPortal.History;

/// <summary>The history that cannot be rewritten unnoticed: its seals, its lines, and a check of any copy against them.</summary>
internal static class HistoryEndpoints
{
    private const int LargestExport = 16 * 1024 * 1024;

    public static void MapHistory(this IEndpointRouteBuilder api)
    {
        var history = api.MapGroup("/history").WithTags("history");
        history.MapGet("/{source}/blocks", ListAsync).WithName("ListBlocks").AllowAnonymous().WithSummary("Bloques sellados de la historia de un servicio, el último primero");
        history.MapGet("/{source}/blocks/{number:int}", GiveAsync).WithName("GetBlock").AllowAnonymous()
            .Produces<string>(200, "application/x-ndjson").ProducesProblem(404).WithSummary("Las líneas de un bloque, tal como se sellaron");
        history.MapGet("/{source}/export", ExportAsync).WithName("ExportHistory").AllowAnonymous()
            .Produces<string>(200, "application/x-ndjson").ProducesProblem(404).WithSummary("Todo lo sellado de un servicio, una línea por evento, desde el principio");
        history.MapPost("/{source}/verifications", VerifyAsync).WithName("VerifyExport").AllowAnonymous()
            .Accepts<string>("application/x-ndjson").WithMetadata(new RequestSizeLimitAttribute(LargestExport))
            .WithSummary("Comprobar una copia contra los sellos").WithDescription("La copia empieza en la primera línea del bloque first (1 si no se indica). Dice qué bloque difiere y la primera línea que no es la que se selló.");
    }

    internal sealed record BlockView(int Number, long First, long Last, DateOnly Day, string Root, string? Previous, string Seal)
    {
        public static BlockView Example => new(2, 41, 63, new(2027, 4, 28), "9f86d081884c7d65…", "60303ae22b998861…", "fd61a03af4f77d87…");
    }

    /// <param name="Lines">Of the copy.</param>
    /// <param name="Blocks">Sealed blocks that it covers whole or in part.</param>
    /// <param name="Agrees">Whether each of them is what was sealed.</param>
    /// <param name="FirstDifference">The first line of the copy that is not what was sealed there, from 1; absent when all agree.</param>
    /// <param name="Problem">What it is.</param>
    /// <param name="Seal">Of the last block that agrees: compare it with one that was printed or kept elsewhere.</param>
    /// <param name="Withdrawn">Lines of the copy whose words were taken back since: remove them, what is left of each is in the export.</param>
    internal sealed record VerificationView(int Lines, int Blocks, bool Agrees, int? FirstDifference, string? Problem, string? Seal, IReadOnlyList<int> Withdrawn)
    {
        public static VerificationView Example => new(63, 2, true, null, null, "fd61a03af4f77d87…", [17]);
    }

    public static async Task<List<BlockView>> BlocksAsync(NpgsqlDataSource database, string source, int before, int most, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT number, first, last, day, root, previous, seal FROM block WHERE source = $1 AND number < $2 ORDER BY number DESC LIMIT $3");
        command.Parameters.Add(new() { Value = source });
        command.Parameters.Add(new() { Value = before });
        command.Parameters.Add(new() { Value = most });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var blocks = new List<BlockView>();
        while (await reader.ReadAsync(cancellation))
            blocks.Add(new(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateOnly>(3), Hex(4), reader.IsDBNull(5) ? null : Hex(5), Hex(6)));
        return blocks;

        string Hex(int column) => Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(column));
    }

    private static async Task<Results<Ok<Page<BlockView>>, ProblemHttpResult>> ListAsync(string source, NpgsqlDataSource database, int after = int.MaxValue, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        return FeedClient.Sources.Contains(source)
            ? TypedResults.Ok(Page.Of(await BlocksAsync(database, source, after, size + 1, cancellation), size, b => b.Number.ToString(CultureInfo.InvariantCulture)))
            : Problems.NotFound();
    }

    private static async Task<IResult> GiveAsync(string source, int number, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var lines = await LinesAsync(database, source, number, number, cancellation).ToListAsync(cancellation);
        return lines.Count == 0 || (await BlocksAsync(database, source, number == int.MaxValue ? number : number + 1, 1, cancellation)) is not [{ } block] || block.Number != number
            ? Problems.NotFound() : TypedResults.Text(string.Concat(lines.Select(l => l + "\n")), "application/x-ndjson", Encoding.UTF8);
    }

    private static async Task<IResult> ExportAsync(string source, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (!FeedClient.Sources.Contains(source))
            return Problems.NotFound();
        var last = (await BlocksAsync(database, source, int.MaxValue, 1, cancellation)).FirstOrDefault()?.Number ?? 0;
        return TypedResults.Stream(async body =>
        {
            await using var writer = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
            await foreach (var line in LinesAsync(database, source, 1, last, cancellation))
                await writer.WriteAsync(line + "\n");
        }, "application/x-ndjson", $"historia-{source}.ndjson");
    }

    private static async Task<bool> HasWithdrawnAsync(NpgsqlDataSource database, string source, BlockView block, CancellationToken cancellation) => (await Rows.ReadAsync(
        database, "SELECT EXISTS (SELECT 1 FROM event WHERE source = $1 AND block = $2 AND leaf IS NOT NULL)", [source, block.Number], r => r.GetBoolean(0), cancellation))[0];

    private static async IAsyncEnumerable<string> LinesAsync(NpgsqlDataSource database, string source, int first, int last, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT line FROM event WHERE source = $1 AND block BETWEEN $2 AND $3 ORDER BY number");
        command.Parameters.Add(new() { Value = source });
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = last });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return reader.GetString(0);
    }

    private static async Task<Results<Ok<VerificationView>, ProblemHttpResult>> VerifyAsync(string source, HttpContext http, NpgsqlDataSource database, int first = 1, CancellationToken cancellation = default)
    {
        if (!FeedClient.Sources.Contains(source))
            return Problems.NotFound();
        if (http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() != "application/x-ndjson")
            return Problems.Of(415, "unsupported_media_type", "Envíe la copia como application/x-ndjson.");
        using var body = new StreamReader(http.Request.Body, new UTF8Encoding(false));
        var copy = (await body.ReadToEndAsync(cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r')).ToList();
        if (copy.Count == 0)
            return Problems.Of(400, "empty_file", "La copia está vacía.");
        var (at, checkedBlocks, seal) = (0, 0, (byte[]?)null);
        string? problem = null;
        int? difference = null;
        var withdrawn = new List<int>();
        // Block by block from the sealed boundaries: each is computed anew from the copy, and chained from the one before it.
        foreach (var block in (await BlocksAsync(database, source, int.MaxValue, int.MaxValue, cancellation)).Where(b => b.Number >= first).OrderBy(b => b.Number))
        {
            if (at >= copy.Count)
                break;
            checkedBlocks++;
            var size = (int)(block.Last - block.First + 1);
            var lines = copy.Skip(at).Take(size).ToList();
            var root = Seal.RootOf(lines);
            var isSame = Convert.ToHexStringLower(root) == block.Root && Convert.ToHexStringLower(Seal.Of(block.Previous is null ? null : Convert.FromHexString(block.Previous), root)) == block.Seal;
            // A line without its words counts only where they were taken back; and a copy may have words that were.
            if (!isSame || lines.Exists(l => EventIndex.LeafIn(l) is not null) || await HasWithdrawnAsync(database, source, block, cancellation))
            {
                var sealedLines = await LinesAsync(database, source, block.Number, block.Number, cancellation).ToListAsync(cancellation);
                bool Same(string copied, string kept) => EventIndex.LeafIn(copied) is null ? Seal.LeafOf(copied).AsSpan().SequenceEqual(Seal.LeafOf(kept)) : copied == kept;
                var index = lines.Zip(sealedLines).TakeWhile(p => Same(p.First, p.Second)).Count();
                if (!isSame || index < lines.Count)
                {
                    difference = at + index + 1;
                    problem = index == lines.Count ? "missing"
                        : sealedLines.Skip(index + 1).Any(l => Same(lines[index], l)) ? "removed" : index + 1 < lines.Count && Same(lines[index + 1], sealedLines[index]) ? "inserted" : "changed";
                    break;
                }
                withdrawn.AddRange(lines.Zip(sealedLines).Index().Where(l => l.Item.First != l.Item.Second).Select(l => at + l.Index + 1));
            }
            seal = Convert.FromHexString(block.Seal);
            at += size;
        }
        if (problem is null && at < copy.Count)
            (difference, problem) = (at + 1, "unsealed");
        return TypedResults.Ok(new VerificationView(copy.Count, checkedBlocks, problem is null, difference, problem, seal is null ? null : Convert.ToHexStringLower(seal), withdrawn));
    }
}
