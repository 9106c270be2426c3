using System.Diagnostics;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// A page of the filtered list with 5,000 associations and 500,000 members against the same page with 50 associations
/// and 5,000 members, of 20 in both: 95th percentile, by state, by place, by words of the name and further down the list.
/// </summary>
internal static class AssociationsList
{
    private const int Requests = 400;

    private static readonly string[] Filters = ["state=active", "placeId={place}&state=active", "search=invent", "boardUntilBefore=2027-06-01", "state=active&after={later}"];

    public static async Task<Measured> RunAsync()
    {
        var (small, large) = (await StartAsync(50), await StartAsync(5_000));
        try
        {
            var ratios = new Dictionary<string, double>();
            var p95 = new Dictionary<string, (List<double> Small, List<double> Large)>();
            for (var round = 0; round < 6; round++)
            {
                foreach (var filter in Filters)
                {
                    var (few, many) = await MeasureAsync(small, large, filter);
                    if (round == 0)
                        continue; // Warms up.
                    p95.TryAdd(filter, ([], []));
                    p95[filter].Small.Add(few);
                    p95[filter].Large.Add(many);
                }
            }
            var parts = new Dictionary<string, double>();
            foreach (var (filter, (few, many)) in p95)
            {
                parts[$"{filter} p95 of 50"] = Bench.Median(few);
                parts[$"{filter} p95 of 5000"] = Bench.Median(many);
                ratios[filter] = Bench.Median(many) / Bench.Median(few);
                parts[$"{filter} ratio"] = ratios[filter];
            }
            return new(ratios.Values.Max(), parts);
        }
        finally
        {
            small.Process.Kill();
            large.Process.Kill();
        }
    }

    private sealed record Home(Process Process, HttpClient Client, string Place, string Later);

    // One request here, one there: what slows the machine slows both.
    private static async Task<(double Few, double Many)> MeasureAsync(Home small, Home large, string filter)
    {
        var (few, many) = (new List<double>(), new List<double>());
        for (var i = 0; i < Requests; i++)
        {
            few.Add(await AskAsync(small, filter));
            many.Add(await AskAsync(large, filter));
        }
        return (Bench.Percentile(few, 0.95), Bench.Percentile(many, 0.95));
    }

    private static async Task<double> AskAsync(Home home, string filter)
    {
        var path = new Uri("/v1/organizations/associations?limit=20&" + filter.Replace("{place}", home.Place, StringComparison.Ordinal).Replace("{later}", home.Later, StringComparison.Ordinal), UriKind.Relative);
        var started = Stopwatch.GetTimestamp();
        using var answer = await home.Client.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<Home> StartAsync(int associations)
    {
        var name = await Bench.NewHomeAsync();
        var port = Hosts.FreePort();
        var process = await Hosts.StartAsync(Hosts.Dll("services/Organizations"), port, new Dictionary<string, string>
        {
            ["ConnectionStrings__organizationsdb"] = Servers.Postgres.ConnectionString(name),
            ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(name),
        });
        var client = OrganizationsData.Client(port);
        await OrganizationsData.HamletAsync(client);
        await using var database = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(name));
        // Twenty hamlets, all states, a hundred members for each association.
        await using var fill = database.CreateCommand(
            $"""
            INSERT INTO place (id, code, kind, name, path, parent_id, valid_from)
            SELECT md5('h' || i)::uuid, '99-1-1-' || i, 'hamlet', 'Caserío ' || i, 'Caserío ' || i || ', El Ejemplo, Uno, Prueba', p.parent_id, '1990-01-01'
            FROM generate_series(1, 20) i, place p WHERE p.code = '99-1-1';
            INSERT INTO association (id, version, name, place_id, state, ruleset, formed_on, assembly_date, assembly_minutes_number, filed_on, resolution_due, recognized_on,
                granted_by_law, promoter, board_from, board_until, created_at)
            SELECT md5('a' || i)::uuid, 1, 'Asociación Comunal Inventada ' || lpad(i::text, 5, '0'), md5('h' || (1 + i % 20))::uuid,
                   (ARRAY['active', 'active', 'active', 'board-expired', 'registered'])[1 + i % 5], 'codigo-municipal', '2017-01-10', '2017-01-20', 1, '2017-02-01', '2017-02-16', '2017-02-17',
                   true, 'promotor ' || i % 10, '2025-01-20', date '2026-06-01' + i % 500, now()
            FROM generate_series(1, {associations}) i;
            INSERT INTO person (id, version, given_names, surnames, birth_date, sex, created_at)
            SELECT md5('p' || i)::uuid, 0, 'Marta', 'Prueba ' || i, '1980-01-01', 'female', now() FROM generate_series(1, {associations} * 100) i;
            INSERT INTO person_identity (person_id) SELECT id FROM person;
            INSERT INTO association_member (association_id, person_id, joined_on)
            SELECT md5('a' || 1 + i % {associations})::uuid, md5('p' || i)::uuid, '2017-01-10' FROM generate_series(1, {associations} * 100) i;
            """);
        fill.CommandTimeout = 300;
        await fill.ExecuteNonQueryAsync();
        await using var parent = database.CreateCommand("SELECT id::text FROM place WHERE code = '99-1'");
        var canton = (string)(await parent.ExecuteScalarAsync())!;
        foreach (var settle in new[] { "VACUUM ANALYZE", "CHECKPOINT" })
        {
            await using var command = database.CreateCommand(settle);
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }
        await using var later = database.CreateCommand($"SELECT id::text FROM association ORDER BY plain(name), id OFFSET {associations / 4} LIMIT 1");
        return new(process, client, canton, (string)(await later.ExecuteScalarAsync())!);
    }
}
