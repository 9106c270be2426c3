using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>Ballots of different people through the gateway, against pgbench running the same statements.</summary>
internal static class BallotRate
{
    private const int Clients = 32;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(6);
    private static int _people;

    public static async Task<Measured> RunAsync()
    {
        await using var system = await VotingSystem.StartAsync();
        var cycle = await system.NewCycleAsync(0, ballots: 0);
        using var client = system.Client(Roles.Promoter, Clients);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < 4; round++)
        {
            var rate = await RateAsync(client, cycle);
            var yardstick = await PgbenchAsync(system.Database, cycle);
            if (round == 0) // Warms up.
                continue;
            ours.Add(rate);
            theirs.Add(yardstick);
        }
        return new(Bench.Median(ours) / Bench.Median(theirs), new Dictionary<string, double> { ["ballotsPerSecond"] = Bench.Median(ours), ["pgbenchPerSecond"] = Bench.Median(theirs), ["clients"] = Clients });
    }

    private static async Task<double> RateAsync(HttpClient client, Guid cycle)
    {
        var address = new Uri($"/v1/budget/cycles/{cycle}/polling-places/1/ballots", UriKind.Relative);
        var done = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < Round)
            {
                var person = Interlocked.Increment(ref _people);
                var marks = new[] { new { candidate = person % 97 + 1 }, new { candidate = person % 97 + 2 }, new { candidate = person % 97 + 3 } };
                using var answer = await client.PostAsJsonAsync(address, new { dui = OrganizationsData.Dui(person), marks, attempt = Guid.NewGuid() });
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // What a ballot asks and writes, in its own transaction; people and ids come from pgbench itself.
    private static Task<double> PgbenchAsync(string database, Guid cycle) => Pgbench.RateAsync(database, Clients,
        $"""
        \set a random(1, 9000000000000000000)
        \set b random(1, 9000000000000000000)
        \set c random(1, 97)
        BEGIN;
        SELECT c.rules, k.key, v.first_day, v.last_day, c.ballot_published_at IS NOT NULL, z.number, z.amount, pp.kind, pp.closed_at IS NOT NULL
        FROM budget_cycle c JOIN cycle_phase v ON v.cycle_id = c.id AND v.phase = 'voting' LEFT JOIN cycle_key k ON k.cycle_id = c.id
        LEFT JOIN polling_place pp ON pp.cycle_id = c.id AND pp.number = 1 LEFT JOIN cycle_zone z ON z.cycle_id = c.id AND z.number = coalesce(pp.zone, NULL)
        WHERE c.id = '{cycle}' AND c.state <> 'draft' FOR KEY SHARE OF c;
        SELECT number, cost FROM candidate WHERE cycle_id = '{cycle}' AND zone = coalesce((SELECT zone FROM polling_place WHERE cycle_id = '{cycle}' AND number = 1), NULL);
        INSERT INTO voter (cycle_id, person_key, zone, attempt, receipt)
        VALUES ('{cycle}', decode(lpad(to_hex(:a::bigint), 64, '0'), 'hex'), 1, lpad(to_hex(:a::bigint), 32, '0')::uuid, to_hex(:a::bigint)) ON CONFLICT ON CONSTRAINT voter_once DO NOTHING;
        INSERT INTO ballot (id, cycle_id, zone, polling_place) VALUES (lpad(to_hex(:b::bigint), 32, '0')::uuid, '{cycle}', 1, 1);
        INSERT INTO ballot_mark (ballot_id, cycle_id, zone, candidate, points)
        SELECT lpad(to_hex(:b::bigint), 32, '0')::uuid, '{cycle}', 1, m.candidate, m.points FROM unnest(ARRAY[:c + 1, :c + 2, :c + 3]::int[], ARRAY[1, 1, 1]) AS m (candidate, points);
        COMMIT;
        """, isPipelined: true);
}

/// <summary>Results of 200,000 ballots over 100 projects, declared over HTTP, against counting the same rows by one statement.</summary>
internal static class TallyTime
{
    private const int Ballots = 200_000;

    public static async Task<Measured> RunAsync()
    {
        await using var system = await VotingSystem.StartAsync();
        using var client = system.Client(Roles.UnitHead, 4);
        await using var source = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(system.Database));
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < 4; round++)
        {
            var cycle = await system.NewCycleAsync(round + 1, Ballots);
            var started = Stopwatch.GetTimestamp();
            await using (var count = source.CreateCommand($"SELECT candidate, count(*) FROM ballot_mark WHERE cycle_id = '{cycle}' AND zone = 1 GROUP BY candidate"))
            await using (var reader = await count.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                }
            }
            var yardstick = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            var seen = await client.GetAsync(new Uri($"/v1/budget/cycles/{cycle}", UriKind.Relative));
            using var declare = new HttpRequestMessage(HttpMethod.Post, $"/v1/budget/cycles/{cycle}/zones/1/result");
            declare.Headers.IfMatch.Add(seen.Headers.ETag!);
            started = Stopwatch.GetTimestamp();
            using var answer = await client.SendAsync(declare);
            var result = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
            var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if ((int)result["ballots"]! != Ballots || result["lines"]!.AsArray().Count != 100)
                throw new InvalidOperationException("Not all was counted.");
            if (round == 0)
                continue;
            ours.Add(time);
            theirs.Add(yardstick);
        }
        return new(Bench.Median(ours) / Bench.Median(theirs), new Dictionary<string, double> { ["resultMilliseconds"] = Bench.Median(ours), ["countMilliseconds"] = Bench.Median(theirs), ["ballots"] = Ballots });
    }
}

internal static class VotingSystem
{
    public static Task<ServedSystem> StartAsync() => ServedSystem.StartAsync("services/ParticipatoryBudget", "budget");

    /// <summary>A cycle with one zone and 100 projects: with ballots its voting is over, without them it is today.</summary>
    public static async Task<Guid> NewCycleAsync(this ServedSystem system, int number, int ballots)
    {
        var cycle = Guid.NewGuid();
        await using var source = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(system.Database));
        await using var fill = source.CreateCommand(
            $$"""
            INSERT INTO budget_cycle (id, version, fiscal_year, title, ceiling, formula, rules, assessment, execution, state, created_by, created_at)
            VALUES ('{{cycle}}', 1, {{2030 + number}}, 'Ciclo', 1000000, '{"equally": 100, "byPopulation": 0, "byNeed": 0}', '{"style": "approval", "method": "greedy", "seedSource": "Lotería", "mostMarks": 3}',
                '{"criteria": [{"name": "x", "aspect": "technical", "weight": 100}], "checklist": []}', '{}', 'draft', 'bench', now());
            INSERT INTO cycle_key VALUES ('{{cycle}}', decode(repeat('ab', 32), 'hex'));
            INSERT INTO cycle_source VALUES ('{{cycle}}', 1, 'Fondos', 1000000);
            INSERT INTO cycle_zone VALUES ('{{cycle}}', 1, 'Zona', 'Lugar', 1000, 1, 1000000);
            INSERT INTO cycle_phase SELECT '{{cycle}}', phase, n, start + n * 10, start + n * 10 + 9
                FROM (VALUES ('preparation', 0), ('proposals', 1), ('assessment', 2), ('voting', 3), ('approval', 4), ('execution', 5)) p (phase, n), (SELECT current_date - {{(ballots > 0 ? 45 : 35)}} AS start) s;
            UPDATE budget_cycle SET state = 'open', council_minutes = 1, council_agreement = 1, council_date = '2026-01-01', ballot_published_at = now(), seed = '48213' WHERE id = '{{cycle}}';
            INSERT INTO polling_place SELECT '{{cycle}}', 1, 1, 'booth', 'Mesa', 'bench', now(), NULL WHERE {{ballots}} = 0;
            INSERT INTO proposal (id, version, cycle_id, number, zone, title, content, state, submitted_on, score, cost, reason, evaluated_on, created_by, created_at)
                SELECT gen_random_uuid(), 1, '{{cycle}}', n, 1, 'Obra ' || n, '{"zone": 1, "title": "Obra", "problem": "x", "description": "x", "beneficiaries": 1,
                    "place": {"id": "01936d0a-7c00-7000-8000-000000000001", "kind": "hamlet", "name": "x", "path": "x"} }', 'feasible', current_date, 80, 20000 + n * 100, 'x', current_date, 'bench', now()
                FROM generate_series(1, 100) n;
            INSERT INTO candidate SELECT cycle_id, zone, number, id, title, cost FROM proposal WHERE cycle_id = '{{cycle}}';
            CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, {{ballots}}) n;
            INSERT INTO voter SELECT '{{cycle}}', sha256(uuid_send(id)), 1, id, id::text FROM made;
            INSERT INTO ballot SELECT id, '{{cycle}}', 1, NULL, true FROM made;
            INSERT INTO ballot_mark SELECT id, '{{cycle}}', 1, c, 1 FROM made, unnest(ARRAY[n % 100 + 1, n * 7 % 100 + 1, n * 13 % 100 + 1]) c ON CONFLICT DO NOTHING;
            DROP TABLE made;
            """);
        fill.CommandTimeout = 300;
        await fill.ExecuteNonQueryAsync();
        await Files.ExecuteAsync(source, "VACUUM ANALYZE");
        return cycle;
    }
}
