using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>Files of many rows: taken in by a service, and by psql beside it.</summary>
internal static class Files
{
    /// <summary>From the upload to the end of the job, in milliseconds.</summary>
    public static async Task<double> ImportAsync(HttpClient client, string path, string file, int accepted)
    {
        await using var content = File.OpenRead(file);
        var started = Stopwatch.GetTimestamp();
        using var body = new StreamContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
        while (true)
        {
            var job = (await client.GetFromJsonAsync<JsonNode>(answer.Headers.Location!))!;
            if (job.Text("state") is not ("queued" or "running"))
            {
                var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                return (int)job["accepted"]! == accepted ? took : throw new InvalidOperationException(job.ToJsonString());
            }
            await Task.Delay(10);
        }
    }

    public static async Task PsqlAsync(string home, params string[] commands)
    {
        var connection = new NpgsqlConnectionStringBuilder(Servers.Postgres.ConnectionString(home));
        var start = new ProcessStartInfo("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", .. commands.SelectMany(c => new[] { "-c", c })])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["PGHOST"] = connection.Host, ["PGPORT"] = connection.Port.ToString(CultureInfo.InvariantCulture), ["PGUSER"] = connection.Username,
                ["PGPASSWORD"] = connection.Password, ["PGDATABASE"] = connection.Database,
            },
        };
        using var psql = Process.Start(start)!;
        var error = await psql.StandardError.ReadToEndAsync();
        await psql.WaitForExitAsync();
        if (psql.ExitCode != 0)
            throw new InvalidOperationException(error);
    }

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }
}
