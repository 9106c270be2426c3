using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.History;

/// <summary>
/// A quarter of the history in one file that stays the same: blocks end with their day, so a quarter is whole blocks. What
/// was published of it and sealed, with the seals by which anybody checks it.
/// </summary>
internal static class Archives
{
    public static void MapArchives(this IEndpointRouteBuilder api)
    {
        var archives = api.MapGroup("/archives").WithTags("history");
        archives.MapGet("/", ListAsync).WithName("ListArchives").AllowAnonymous().WithSummary("Archivos por trimestre de lo publicado, el último primero")
            .WithDescription("isFinal dice que ya no crece: de cada servicio se publicó algo después, o no hay nada abierto de ese trimestre.");
        archives.MapGet("/{quarter}", GiveAsync).WithName("GetArchive").AllowAnonymous().Produces<byte[]>(200, "application/zip").ProducesProblem(404)
            .WithSummary("Lo publicado y sellado en un trimestre, como 2027-1: una línea por evento, con sus bloques (ZIP)");
    }

    /// <param name="Quarter">As <c>2027-1</c>.</param>
    /// <param name="Events">Sealed ones.</param>
    /// <param name="IsFinal">Whether nothing of it is still open.</param>
    internal sealed record ArchiveView(string Quarter, long Events, bool IsFinal)
    {
        public static ArchiveView Example => new("2027-1", 1204, true);
    }

    public static Task<List<ArchiveView>> AllAsync(NpgsqlDataSource database, TimeProvider time, string? before, int most, CancellationToken cancellation) => Rows.ReadAsync(
        database,
        """
        SELECT q.quarter, q.events, q.ends <= $1 AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.in_block > 0 AND f.block_day < q.ends AND f.block_day >= q.ends - interval '3 months') FROM (
            SELECT extract(year FROM day)::int || '-' || extract(quarter FROM day)::int AS quarter, sum(last - first + 1)::bigint AS events, (date_trunc('quarter', min(day)) + interval '3 months')::date AS ends
            FROM block GROUP BY 1) q WHERE $2::text IS NULL OR q.quarter < $2 ORDER BY q.quarter DESC LIMIT $3
        """, [time.Today(), before, most], r => new ArchiveView(r.GetString(0), r.GetInt64(1), r.GetBoolean(2)), cancellation);

    private static async Task<Ok<Page<ArchiveView>>> ListAsync(NpgsqlDataSource database, TimeProvider time, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        return TypedResults.Ok(Page.Of(await AllAsync(database, time, after, size + 1, cancellation), size, a => a.Quarter));
    }

    private static async Task<IResult> GiveAsync(string quarter, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (quarter.Split('-') is not [{ Length: 4 } year, [>= '1' and <= '4'] number] || !int.TryParse(year, NumberStyles.None, CultureInfo.InvariantCulture, out var of) || of is < 2000 or > 2200)
            return Problems.NotFound();
        var first = new DateOnly(of, (number[0] - '1') * 3 + 1, 1);
        var end = first.AddMonths(3);
        var blocks = await Rows.ReadAsync(
            database, "SELECT source, number, first, last, day, encode(root, 'hex'), encode(previous, 'hex'), encode(seal, 'hex') FROM block WHERE day >= $1 AND day < $2 ORDER BY source, number", [first, end],
            r => (Source: r.GetString(0), Number: r.GetInt32(1), First: r.GetInt64(2), Last: r.GetInt64(3), Day: r.GetFieldValue<DateOnly>(4), Root: r.GetString(5), Previous: r.IsDBNull(6) ? "" : r.GetString(6), Seal: r.GetString(7)), cancellation);
        if (blocks.Count == 0)
            return Problems.NotFound();
        // Made whole before its first byte goes out, so that what fails on the way is an error and no torn file.
        var file = new FileStream(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.zip"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 81920, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        // The same bytes whoever asks and whenever: no moment of its making is in it.
        var at = new DateTimeOffset(end.ToDateTime(default), TimeSpan.Zero);
        await using (var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation))
        {
            await WriteAsync(zip, "LEAME.txt", at, Says(quarter), cancellation);
            foreach (var source in FeedClient.Sources)
            {
                var own = blocks.FindAll(b => b.Source == source);
                if (own.Count == 0)
                    continue;
                await WriteAsync(zip, $"{source}-bloques.csv", at, [
                    "bloque,primera,ultima,dia,raiz,sello_anterior,sello",
                    .. own.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Number},{b.First},{b.Last},{b.Day:yyyy-MM-dd},{b.Root},{b.Previous},{b.Seal}")),
                ], cancellation);
                await WriteAsync(zip, $"{source}.ndjson", at, Rows.StreamAsync(
                    database, "SELECT line FROM event WHERE source = $1 AND block = ANY ($2) ORDER BY number", [source, own.ConvertAll(b => b.Number).ToArray()], r => r.GetString(0), cancellation), cancellation);
            }
        }
        file.Position = 0;
        return TypedResults.Stream(file, "application/zip", $"transparencia-{quarter}.zip");
    }

    private static Task WriteAsync(ZipArchive zip, string name, DateTimeOffset at, string[] lines, CancellationToken cancellation) => WriteAsync(zip, name, at, lines.ToAsyncEnumerable(), cancellation);

    private static async Task WriteAsync(ZipArchive zip, string name, DateTimeOffset at, IAsyncEnumerable<string> lines, CancellationToken cancellation)
    {
        var entry = zip.CreateEntry(name);
        entry.LastWriteTime = at;
        await using var writer = new StreamWriter(await entry.OpenAsync(cancellation), new UTF8Encoding(false));
        await foreach (var line in lines.WithCancellation(cancellation))
            await writer.WriteAsync(line + "\n");
    }

    private static string[] Says(string quarter) =>
    [
        $"Lo publicado por la Unidad de Proyección Social en el trimestre {quarter}, como se selló; de lo que se retiró después queda su huella (withdrawn).",
        "Licencia: Creative Commons Atribución 4.0 (CC BY 4.0).",
        "",
        "Cada archivo .ndjson tiene los eventos de un servicio, uno por línea (CloudEvents 1.0), en su orden.",
        "Cada archivo -bloques.csv dice en qué bloques van y con qué sello. La hoja de una línea es el SHA-256 de un byte 0 y la línea;",
        "si la línea dice withdrawn, la hoja es esa huella. La raíz de las líneas de un bloque es la de Merkle (RFC 6962). El sello es el",
        "SHA-256 de un byte 2, el sello anterior (nada en el primer bloque) y la raíz.",
        "Para comprobar una copia: envíe un .ndjson a POST /v1/transparency/history/{servicio}/verifications.",
    ];
}
