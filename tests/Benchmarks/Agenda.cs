using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>The agenda on Kestrel in this process, which serves a folder of files besides.</summary>
internal sealed class AgendaHost(string folder) : ServiceUnderTest<EventsAndMeetings.Plans.PlanReport>("agenda")
{
    // Where the service's settings are: this is no test project, for which the factory would find them.
    static AgendaHost() => Environment.SetEnvironmentVariable("ASPNETCORE_TEST_CONTENTROOT_EVENTSANDMEETINGS", Path.Combine(Repository.Root, "services", "EventsAndMeetings"));

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IStartupFilter>(new Files(folder));

    public async Task FillAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        foreach (var statement in new[] { sql, "VACUUM ANALYZE", "CHECKPOINT" })
        {
            await using var command = source.CreateCommand(statement);
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Milliseconds from the question to the last byte.</summary>
    public static async Task<(double Milliseconds, int Bytes)> AskAsync(HttpClient client, string path)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return (Stopwatch.GetElapsedTime(started).TotalMilliseconds, bytes.Length);
    }

    private sealed class Files(string folder) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(folder), RequestPath = "/static", ServeUnknownFileTypes = true });
            next(app);
        };
    }
}

/// <summary>
/// The unit's feed with 5,000 occurrences against a static file of the same bytes from the same host, in turns: 95th
/// percentile, warm.
/// </summary>
internal static class AgendaFeed
{
    private const int Requests = 300;
    private const string Feed = "/v1/agenda/public/calendar/unit.ics?from=2026-01-01&to=2027-12-31";

    public static async Task<Measured> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("agenda-feed").FullName;
        await using var host = new AgendaHost(folder);
        await host.InitializeAsync();
        // 2,500 meetings by themselves, and fifty series of fifty whose every occurrence a person has moved.
        await host.FillAsync(
            """
            INSERT INTO organized_body (id, kind, name, place, state, version)
            SELECT md5('b' || i)::uuid, 'association', 'ADESCO Inventada ' || i, 'Caserío ' || i || ', Cantón El Ensayo, San Ensayo', 'active', 1 FROM generate_series(1, 50) i;
            INSERT INTO meeting (id, version, kind, title, body_id, starts_at, venue, points, state, created_at, duration_minutes, calendar_uid, calendar_sequence)
            SELECT md5('m' || i)::uuid, 1, 'coordination', 'Reunión de coordinación, fortalecimiento y planificación ' || i, md5('b' || (1 + i % 50))::uuid,
                   timestamp '2026-01-05 14:00' + make_interval(hours => i * 5), 'Casa comunal', ARRAY['Lectura del acta anterior', 'Plan de trabajo'], 'planned', now(), 120, md5('m' || i)::uuid, 0
            FROM generate_series(1, 2500) i;
            INSERT INTO meeting_series (id, version, title, body_id, created_at)
            SELECT md5('s' || i)::uuid, 1, 'Reunión periódica ' || i, md5('b' || i)::uuid, now() FROM generate_series(1, 50) i;
            INSERT INTO series_template (series_id, number, first_day, last_day, rule, title, kind, starts, duration_minutes, venue, points)
            SELECT md5('s' || i)::uuid, 1, '2026-01-05', '2026-12-20', 'FREQ=WEEKLY;BYDAY=MO', 'Reunión periódica ' || i, 'coordination', '09:00', 90, 'Alcaldía', ARRAY['Seguimiento']
            FROM generate_series(1, 50) i;
            INSERT INTO series_occurrence (series_id, original_date, date, template, state, proposals, reason, is_decided, sequence)
            SELECT md5('s' || i)::uuid, date '2026-01-05' + 7 * n, date '2026-01-06' + 7 * n, 1, 'moved', '{}', 'Otra reunión', true, 1 FROM generate_series(1, 50) i, generate_series(0, 49) n;
            """);
        using var client = host.As(null);
        var bytes = await client.GetByteArrayAsync(new Uri(Feed, UriKind.Relative));
        await File.WriteAllBytesAsync(Path.Combine(folder, "unit.ics"), bytes);
        var (feed, file) = (new List<double>(), new List<double>());
        for (var i = 0; i < Requests * 2; i++)
        {
            var (ours, length) = await AgendaHost.AskAsync(client, Feed);
            var (plain, same) = await AgendaHost.AskAsync(client, "/static/unit.ics");
            if (length != same)
                throw new InvalidOperationException($"{length} bytes against {same}");
            if (i < Requests)
                continue; // Warms up.
            feed.Add(ours);
            file.Add(plain);
        }
        Directory.Delete(folder, recursive: true);
        return new(Bench.Percentile(feed, 0.95) / Bench.Percentile(file, 0.95), new Dictionary<string, double>
        {
            ["feed p95 ms"] = Bench.Percentile(feed, 0.95), ["file p95 ms"] = Bench.Percentile(file, 0.95), ["feed p50 ms"] = Bench.Median(feed), ["file p50 ms"] = Bench.Median(file), ["bytes"] = bytes.Length,
        });
    }
}

/// <summary>
/// The report of a plan of 500 activities with 100,000 pieces of evidence against one with 500, in turns: 95th
/// percentile of the year as data, of a quarter as data, and of the printed year; the worst is the result.
/// </summary>
internal static class AgendaPlan
{
    private const int Requests = 60;
    private static readonly string[] Reports = ["report", "report?quarter=2", "report/print"];

    public static async Task<Measured> RunAsync()
    {
        await using var host = new AgendaHost(Path.GetTempPath());
        await host.InitializeAsync();
        foreach (var (year, pieces) in new[] { (2021, 1), (2022, 200) })
        {
            await host.FillAsync(
                $"""
                INSERT INTO annual_plan (id, version, unit, year, state, weeks, created_by, created_at) VALUES (md5('p{year}')::uuid, 1, 'Unidad', {year}, 'draft', 'sevenths', 'x', now());
                INSERT INTO plan_objective (plan_id, number, scope, text) SELECT md5('p{year}')::uuid, i, 'unit', 'Objetivo ' || i FROM generate_series(1, 10) i;
                INSERT INTO plan_activity (plan_id, number, text, schedule, objective_number, target, unit_of_measure, responsible)
                SELECT md5('p{year}')::uuid, i, 'Reuniones de coordinación, fortalecimiento y planificación ' || i, 'monthly', 1 + i % 10, 12, 'reuniones', 'Promotor ' || i % 8 FROM generate_series(1, 500) i;
                INSERT INTO plan_schedule (plan_id, activity_number, month, week, quantity) SELECT md5('p{year}')::uuid, i, m, 0, 1 FROM generate_series(1, 500) i, generate_series(1, 12) m;
                INSERT INTO evidence (plan_id, activity_number, fact, fact_id, fact_date, description, recorded_at)
                SELECT md5('p{year}')::uuid, i, 'meeting-held', gen_random_uuid(), make_date({year}, 1, 1) + (i * 7 + n * 31) % 360, 'Reunión de coordinación, ADESCO Inventada, 17 asistentes', now()
                FROM generate_series(1, 500) i, generate_series(1, {pieces}) n;
                """);
        }
        using var client = host.As("auditor");
        var ids = new Dictionary<int, string>();
        foreach (var year in new[] { 2021, 2022 })
            ids[year] = await host.QueryAsync<string>($"SELECT md5('p{year}')::uuid::text");
        var (ratios, parts) = (new List<double>(), new Dictionary<string, double>());
        foreach (var report in Reports)
        {
            var (few, many) = (new List<double>(), new List<double>());
            for (var i = 0; i < Requests * 2; i++)
            {
                var (little, _) = await AgendaHost.AskAsync(client, $"/v1/agenda/plans/{ids[2021]}/{report}");
                var (much, _) = await AgendaHost.AskAsync(client, $"/v1/agenda/plans/{ids[2022]}/{report}");
                if (i < Requests)
                    continue; // Warms up.
                few.Add(little);
                many.Add(much);
            }
            parts[$"{report} p95 of 500"] = Bench.Percentile(few, 0.95);
            parts[$"{report} p95 of 100000"] = Bench.Percentile(many, 0.95);
            ratios.Add(Bench.Percentile(many, 0.95) / Bench.Percentile(few, 0.95));
            parts[$"{report} ratio"] = ratios[^1];
        }
        return new(ratios.Max(), parts);
    }
}
