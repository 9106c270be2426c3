using CsvHelper;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ProyeccionSocial.Papers;

/// <summary>CSV answers, written row by row as they come from the database.</summary>
public static class Csv
{
    /// <summary>The rows of a file that were not taken, each with its line, the reason and the row as it stood.</summary>
    public static PushStreamHttpResult RejectedRows(IAsyncEnumerable<RejectedRow> rows) => File("filas-rechazadas.csv", ["linea", "motivo", "fila"], rows, static (csv, row) =>
    {
        csv.WriteField(row.Line);
        csv.WriteField(row.Reason);
        csv.WriteField(row.Row);
    });

    /// <summary>A file of this name with a header and a row for each element.</summary>
    public static PushStreamHttpResult File<T>(string name, IReadOnlyList<string> header, IAsyncEnumerable<T> rows, Action<CsvWriter, T> write) =>
        TypedResults.Stream(async body =>
        {
            await using var row = rows.GetAsyncEnumerator();
            var any = await row.MoveNextAsync(); // Before a byte is written: a query that is refused is still a problem.
            // The mark tells Excel that it is UTF-8; what begins like a formula is written so that it is none.
            var options = CsvWriterOptions.Default with { WriteByteOrderMark = true, Injection = CsvInjection.Escape };
            await using var csv = CsvWriter.Create(body, options, leaveOpen: true);
            foreach (var column in header)
                csv.WriteField(column);
            await csv.EndRecordAsync();
            for (; any; any = await row.MoveNextAsync())
            {
                write(csv, row.Current);
                await csv.EndRecordAsync();
            }
        }, "text/csv", name);
}
