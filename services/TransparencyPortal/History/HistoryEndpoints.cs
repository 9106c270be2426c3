using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.History;

/// <summary>The history that cannot be rewritten unnoticed: its seals and its lines.</summary>
internal static class HistoryEndpoints
{
    public static void MapHistory(this IEndpointRouteBuilder api)
    {
        var history = api.MapGroup("/history").WithTags("history");
        history.MapGet("/{source}/blocks", ListAsync).WithName("ListBlocks").AllowAnonymous().WithSummary("Bloques sellados de la historia de un servicio, el último primero");
        history.MapGet("/{source}/blocks/export", ExportBlocks).WithName("ExportBlocks").AllowAnonymous().Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("Todos los bloques sellados, para una hoja de cálculo");
        history.MapGet("/{source}/blocks/{number:int}", GiveAsync).WithName("GetBlock").AllowAnonymous()
            .Produces<string>(200, "application/x-ndjson").ProducesProblem(404).WithSummary("Las líneas de un bloque, tal como se sellaron");
        history.MapGet("/{source}/export", ExportAsync).WithName("ExportHistory").AllowAnonymous()
            .Produces<string>(200, "application/x-ndjson").ProducesProblem(404).WithSummary("Todo lo sellado de un servicio, una línea por evento, desde el principio");
    }

    internal sealed record BlockView(int Number, long First, long Last, DateOnly Day, string Root, string? Previous, string Seal)
    {
        public static BlockView Example => new(2, 41, 63, new(2027, 4, 28), "9f86d081884c7d65…", "60303ae22b998861…", "fd61a03af4f77d87…");

        /// <summary>From <see cref="BlockColumns"/>.</summary>
        public static BlockView Read(NpgsqlDataReader r) => new(r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetFieldValue<DateOnly>(3), r.GetString(4), r.IsDBNull(5) ? null : r.GetString(5), r.GetString(6));
    }

    public const string BlockColumns = "number, first, last, day, encode(root, 'hex'), encode(previous, 'hex'), encode(seal, 'hex')";

    public static Task<List<BlockView>> BlocksAsync(NpgsqlDataSource database, string source, int before, int most, CancellationToken cancellation) => Rows.ReadAsync(
        database, $"SELECT {BlockColumns} FROM block WHERE source = $1 AND number < $2 ORDER BY number DESC LIMIT $3", [source, before, most], BlockView.Read, cancellation);

    private static async Task<Results<Ok<Page<BlockView>>, ProblemHttpResult>> ListAsync(string source, NpgsqlDataSource database, int after = int.MaxValue, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        return FeedClient.Sources.Contains(source)
            ? TypedResults.Ok(Page.Of(await BlocksAsync(database, source, after, size + 1, cancellation), size, b => b.Number.ToString(CultureInfo.InvariantCulture)))
            : Problems.NotFound();
    }

    private static Results<PushStreamHttpResult, ProblemHttpResult> ExportBlocks(string source, NpgsqlDataSource database, CancellationToken cancellation) => !FeedClient.Sources.Contains(source) ? Problems.NotFound() : Csv.File(
        $"sellos-{source}.csv", ["bloque", "primera", "ultima", "dia", "raiz", "sello_anterior", "sello"],
        Rows.StreamAsync(database, $"SELECT {BlockColumns} FROM block WHERE source = $1 ORDER BY number", [source], BlockView.Read, cancellation), static (csv, block) =>
        {
            csv.WriteField(block.Number);
            csv.WriteField(block.First);
            csv.WriteField(block.Last);
            csv.WriteField(block.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            csv.WriteField(block.Root);
            csv.WriteField(block.Previous ?? "");
            csv.WriteField(block.Seal);
        });

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

    public static IAsyncEnumerable<string> LinesAsync(NpgsqlDataSource database, string source, int first, int last, CancellationToken cancellation) => Rows.StreamAsync(
        database, "SELECT line FROM event WHERE source = $1 AND block BETWEEN $2 AND $3 ORDER BY number", [source, first, last], r => r.GetString(0), cancellation);
}
