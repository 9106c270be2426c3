using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>Packages handed over through the gateway to different people at eight centres, against pgbench running the same statements.</summary>
internal static class DeliveryRate
{
    private const int Clients = 32;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(6);

    public static async Task<Measured> RunAsync()
    {
        await using var system = await ServedSystem.StartAsync("services/AgriculturalDistribution", "distribution");
        var campaign = await DistributionData.FillAsync(system.Database, 300_000);
        using var client = system.Client(Roles.UnitHead, Clients);
        var (ours, theirs) = (new List<double>(), new List<double>());
        var people = 0;
        for (var round = 0; round < 4; round++)
        {
            var rate = await RateAsync();
            var yardstick = await PgbenchAsync(system.Database, campaign);
            if (round == 0) // Warms up.
                continue;
            ours.Add(rate);
            theirs.Add(yardstick);
        }
        return new(Bench.Median(ours) / Bench.Median(theirs), new Dictionary<string, double> { ["deliveriesPerSecond"] = Bench.Median(ours), ["pgbenchPerSecond"] = Bench.Median(theirs), ["clients"] = Clients });

        async Task<double> RateAsync()
        {
            var done = 0;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                while (Stopwatch.GetElapsedTime(started) < Round)
                {
                    await DistributionData.HandAsync(client, campaign, Interlocked.Increment(ref people));
                    Interlocked.Increment(ref done);
                }
            }));
            return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    // What a delivery asks and writes, in its own transaction, to people whom the other side does not serve.
    private static Task<double> PgbenchAsync(string database, Guid campaign) => Pgbench.RateAsync(database, Clients,
        $"""
        SELECT nextval('bench') AS n \gset
        \set c 1 + :n % {DistributionData.Centres}
        \set r random(1, 9000000000000000000)
        BEGIN;
        SELECT 1 FROM campaign WHERE id = '{campaign}' FOR KEY SHARE;
        SELECT 1 FROM entitlement WHERE campaign_id = '{campaign}' AND package = 1 AND kind = 'original' AND beneficiary_id = coalesce(NULL, (SELECT id FROM beneficiary WHERE campaign_id = '{campaign}' AND dui = bench_dui(:n::bigint)), NULL) FOR UPDATE;
        SELECT c.state, c.rules, EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = c.id AND k.centre = n.number), EXISTS (SELECT 1 FROM centre_staff s WHERE s.campaign_id = c.id AND s.centre = n.number AND s.subject = 'test'),
            EXISTS (SELECT 1 FROM delivery_day d WHERE d.campaign_id = c.id AND d.centre = n.number AND d.date = current_date AND (d.state = 'scheduled' OR (false AND d.state = 'closed'))),
            b.id, b.dui, e.state, e.reason, coalesce(t.centre, h.centre), EXISTS (SELECT 1 FROM centre_quota q WHERE q.campaign_id = c.id AND q.centre = n.number AND q.package = 1),
            b.household IS NOT NULL AND EXISTS (SELECT 1 FROM beneficiary o JOIN entitlement oe ON oe.beneficiary_id = o.id WHERE o.campaign_id = c.id AND o.household = b.household AND o.id <> b.id
                AND oe.package = 1 AND oe.state IN ('delivered', 'partially-delivered')),
            (SELECT r.campaign_id = c.id AND r.centre = n.number AND r.package = 1 AND r.kind = 'original' AND r.beneficiary_id = b.id AND r.act = 'delivery' FROM receipt r WHERE r.id = lpad(to_hex(:r::bigint), 32, '0')::uuid),
            NULL::uuid IS NULL OR EXISTS (SELECT 1 FROM centre_list_line l WHERE l.list_id = NULL AND l.beneficiary_id = b.id AND l.package = 1 AND l.kind = 'original'),
            e.state = 'partially-delivered' AND in_question(e)
        FROM campaign c JOIN centre n ON n.campaign_id = c.id AND n.number = :c LEFT JOIN beneficiary b ON b.campaign_id = c.id AND b.id = (SELECT id FROM beneficiary WHERE campaign_id = '{campaign}' AND dui = bench_dui(:n::bigint))
        LEFT JOIN entitlement e ON e.campaign_id = c.id AND e.package = 1 AND e.kind = 'original' AND e.beneficiary_id = b.id
        LEFT JOIN summons t ON t.campaign_id = c.id AND t.beneficiary_id = b.id LEFT JOIN centre_hamlet h ON h.campaign_id = c.id AND h.hamlet_id = b.hamlet_id
        WHERE c.id = '{campaign}';
        SELECT c.article, a.name, a.unit, c.quantity, coalesce(g.quantity, 0) FROM package_component c JOIN article a ON a.campaign_id = c.campaign_id AND a.number = c.article
        LEFT JOIN handed('{campaign}', 1, 'original', lpad(to_hex(:n::bigint), 32, '0')::uuid) g ON g.article = c.article WHERE c.campaign_id = '{campaign}' AND c.package = 1 ORDER BY c.article;
        SELECT l.article, l.number, b.remaining, coalesce(l.expires_on < current_date, false) FROM stock_balance b JOIN lot l ON l.campaign_id = b.campaign_id AND l.number = b.lot
        WHERE b.campaign_id = '{campaign}' AND b.centre = :c AND l.article IN (SELECT article FROM package_component WHERE campaign_id = '{campaign}' AND package = 1) ORDER BY l.article, l.expires_on NULLS LAST, l.number;
        INSERT INTO receipt (id, campaign_id, package, kind, beneficiary_id, centre, act, items, state, review, deputy_id, authorisation, evidence_kind, evidence_type, evidence, handed_at, handed_on, recorded_by, recorded_at)
        VALUES (lpad(to_hex(:r::bigint), 32, '0')::uuid, '{campaign}', 1, 'original', lpad(to_hex(:n::bigint), 32, '0')::uuid, :c, 'delivery', jsonb_build_array(jsonb_build_object('lot', :c::int, 'quantity', 22), jsonb_build_object('lot', :c::int + 8, 'quantity', 100)), 'counted', NULL, NULL, NULL,
            'signature', 'image/png', decode('{Convert.ToHexString(DistributionData.Picture)}', 'hex'), now(), current_date, 'test', now());
        UPDATE entitlement SET state = 'delivered', reason = NULL WHERE campaign_id = '{campaign}' AND package = 1 AND kind = 'original' AND beneficiary_id = lpad(to_hex(:n::bigint), 32, '0')::uuid;
        INSERT INTO stock_entry (id, campaign_id, centre, lot, kind, quantity, receipt_id, note, happened_on, recorded_by, recorded_at)
        SELECT i.id, '{campaign}', :c, i.lot, 'delivery', i.quantity, lpad(to_hex(:r::bigint), 32, '0')::uuid, NULL, current_date, 'test', now()
        FROM unnest(ARRAY[gen_random_uuid(), gen_random_uuid()], ARRAY[:c::int, :c::int + 8], ARRAY[-22, -100]::numeric[]) AS i (id, lot, quantity);
        COMMIT;
        """, isPipelined: true);
}

/// <summary>How long a delivery takes with a million people in the roster, against ten thousand.</summary>
internal static class DeliveryScale
{
    private const int Deliveries = 4_000;

    public static async Task<Measured> RunAsync()
    {
        await using var small = await ServedSystem.StartAsync("services/AgriculturalDistribution", "distribution");
        await using var large = await ServedSystem.StartAsync("services/AgriculturalDistribution", "distribution");
        var (few, many) = (await DistributionData.FillAsync(small.Database, 10_000), await DistributionData.FillAsync(large.Database, 1_000_000));
        using HttpClient one = small.Client(Roles.UnitHead, 4), other = large.Client(Roles.UnitHead, 4);
        var (ofFew, ofMany) = (new List<double>(), new List<double>());
        for (var person = 1; person <= Deliveries; person++)
        {
            // Turn by turn, so that what else the machine does meets both alike.
            var (a, b) = (await TimeAsync(one, few, person), await TimeAsync(other, many, person));
            if (person <= Deliveries / 5) // Warms up.
                continue;
            ofFew.Add(a);
            ofMany.Add(b);
        }
        var parts = new Dictionary<string, double> { ["millionP95Ms"] = Bench.Percentile(ofMany, 0.95), ["tenThousandP95Ms"] = Bench.Percentile(ofFew, 0.95), ["millionP50Ms"] = Bench.Median(ofMany), ["tenThousandP50Ms"] = Bench.Median(ofFew) };
        return new(parts["millionP95Ms"] / parts["tenThousandP95Ms"], parts);
    }

    private static async Task<double> TimeAsync(HttpClient client, Guid campaign, int person)
    {
        var started = Stopwatch.GetTimestamp();
        await DistributionData.HandAsync(client, campaign, person);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}

/// <summary>A campaign with its people by SQL; a person's number makes their id and their DUI.</summary>
internal static class DistributionData
{
    public const int Centres = 8;

    /// <summary>As large as a name drawn on a telephone.</summary>
    public static byte[] Picture { get; } = [.. Convert.FromBase64String("iVBORw0KGgo="), .. RandomBytes(3_000)];

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(2017).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Hands a package to the person of this number at their centre.</summary>
    public static async Task HandAsync(HttpClient client, Guid campaign, int person)
    {
        using var answer = await client.PutAsJsonAsync(new Uri($"/v1/distribution/campaigns/{campaign}/receipts/{Guid.NewGuid()}", UriKind.Relative), new
        {
            centre = 1 + person % Centres, package = 1, dui = OrganizationsData.Dui(person), evidence = new { kind = "signature", image = Picture },
        });
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>An approved campaign; the upper half of the people belongs to pgbench, from the sequence <c>bench</c>.</summary>
    public static async Task<Guid> FillAsync(string database, int people)
    {
        var campaign = Guid.NewGuid();
        await using var source = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(database));
        await Files.ExecuteAsync(source, string.Create(CultureInfo.InvariantCulture,
            $$"""
            CREATE FUNCTION bench_dui(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
                SELECT d || '-' || (10 - (SELECT sum(substr(d, i + 1, 1)::int * (9 - i)) FROM generate_series(0, 7) i) % 10) % 10 FROM (SELECT (90000000 + n)::text AS d) t
            $$;
            CREATE SEQUENCE bench START {{people / 2}};
            INSERT INTO campaign (id, version, name, owner, owner_name, season, first_day, last_day, rules, state, created_by, created_at, roster)
            VALUES ('{{campaign}}', 1, 'Campaña', 'ministry', 'MAG', 'Mayo', current_date - 30, current_date + 30, '{"deputies": true, "redelivery": false, "minimumAge": 18, "elderlyAge": 60}', 'draft', 'bench', now(), 1);
            INSERT INTO article VALUES ('{{campaign}}', 1, 'Semilla', 'lb'), ('{{campaign}}', 2, 'Fertilizante', 'lb');
            INSERT INTO package_kind VALUES ('{{campaign}}', 1, 'maiz', 'Maíz');
            INSERT INTO package_component VALUES ('{{campaign}}', 1, 1, 22), ('{{campaign}}', 1, 2, 100);
            INSERT INTO centre SELECT '{{campaign}}', n, 'Centro ' || n, '{"id": "01936d0a-7c00-7000-8000-000000000001", "kind": "hamlet", "name": "x", "path": "x"}' FROM generate_series(1, {{Centres}}) n;
            UPDATE campaign SET state = 'approved', approved_by = 'bench', approved_at = now() WHERE id = '{{campaign}}';
            INSERT INTO centre_staff SELECT '{{campaign}}', n, 'test' FROM generate_series(1, {{Centres}}) n;
            INSERT INTO hamlet (district, canton, name) SELECT 'San Ensayo', 'Cantón', 'Caserío ' || n FROM generate_series(1, {{Centres}}) n;
            INSERT INTO centre_hamlet SELECT '{{campaign}}', id, id FROM hamlet;
            INSERT INTO delivery_day SELECT gen_random_uuid(), 1, '{{campaign}}', n, d, '07:00', '15:00', 60, 'scheduled', NULL, 'bench', now() FROM generate_series(1, {{Centres}}) n, unnest(ARRAY[current_date - 1, current_date]) d;
            INSERT INTO lot SELECT '{{campaign}}'::uuid, n, 1, 'A' || n, 'x', current_date + 300 FROM generate_series(1, 8) n UNION ALL SELECT '{{campaign}}'::uuid, 8 + n, 2, 'B' || n, 'x', NULL FROM generate_series(1, 8) n;
            INSERT INTO stock_entry (id, campaign_id, centre, lot, kind, quantity, document, happened_on, recorded_by, recorded_at)
                SELECT gen_random_uuid(), '{{campaign}}', 1 + (n - 1) % 8, n, 'receipt', 900000000, 'x', current_date, 'bench', now() FROM generate_series(1, 16) n;
            SET distribution.importing = 'on';
            INSERT INTO beneficiary (id, campaign_id, dui, given_names, surnames, sex, birth_date, hamlet_id, household, pregnant, disabled, packages, line)
                SELECT lpad(to_hex(n), 32, '0')::uuid, '{{campaign}}', bench_dui(n), 'Marta', 'Prueba ' || n, 'female', '1980-01-01', 1 + n % {{Centres}}, 'H-' || n / 3, false, false, ARRAY[1::smallint], n FROM generate_series(1, {{people}}) n;
            INSERT INTO entitlement (campaign_id, package, kind, beneficiary_id, state) SELECT campaign_id, 1, 'original', id, 'summoned' FROM beneficiary;
            INSERT INTO summons (campaign_id, beneficiary_id, centre, number) SELECT campaign_id, id, hamlet_id, row_number() OVER (PARTITION BY hamlet_id ORDER BY line) FROM beneficiary;
            """));
        await Files.ExecuteAsync(source, "VACUUM ANALYZE");
        await Files.ExecuteAsync(source, "CHECKPOINT");
        return campaign;
    }
}
