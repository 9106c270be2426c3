using System.Diagnostics;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// 32 devices with 1,000 deliveries each, one in ten to somebody whom another device served as well, come in through the
/// gateway in pieces of any order, cut and repeated, while the service is killed ten times. No yardstick: the ratio is what is
/// wrong afterwards, and has to be nothing.
/// </summary>
internal static class OfflineUpload
{
    private const int Devices = 32;
    private const int Deliveries = 1_000;
    private const int Shared = 100;
    private const int Kills = 10;

    public static async Task<Measured> RunAsync()
    {
        await using var system = await ServedSystem.StartAsync("services/AgriculturalDistribution", "distribution");
        var campaign = await DistributionData.FillAsync(system.Database, 32_000);
        using var client = system.Client(Roles.UnitHead, Devices);
        var devices = new List<OfflineDevice>();
        for (var number = 0; number < Devices; number++)
        {
            var device = new OfflineDevice(client);
            await device.RegisterAsync();
            // Four at each centre, two and two with a hundred people in common.
            await device.TakeListAsync(campaign.ToString(), 1 + number / 4);
            var at = DateTimeOffset.UtcNow.ToString("O");
            var start = number % 4 / 2 * (2 * Deliveries - Shared) + number % 2 * (Deliveries - Shared);
            foreach (var person in Enumerable.Range(start, Deliveries))
                device.Deliver(person, at);
            devices.Add(device);
        }
        var started = Stopwatch.GetTimestamp();
        var uploading = Task.WhenAll(devices.Select((device, number) => Task.Run(() => UploadAsync(device, new Random(number)))));
        var kills = 0;
        for (; kills < Kills; kills++)
        {
            await Task.WhenAny(uploading, Task.Delay(TimeSpan.FromSeconds(2)));
            if (uploading.IsCompleted)
                throw new InvalidOperationException($"Everything was in after {kills} kills: {Kills} have to fall into the upload.");
            await system.KillServiceAsync();
        }
        var (posts, cuts) = (await uploading).Aggregate((0, 0), (sum, one) => (sum.Item1 + one.Posts, sum.Item2 + one.Cuts));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var device in devices)
            await device.ReturnListAsync().JsonAsync();
        await using var database = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(system.Database));
        const int Twice = Devices / 2 * Shared;
        var wrong = new Dictionary<string, long>
        {
            ["lost"] = Devices * Deliveries - await CountAsync(database, "SELECT count(*) FROM journal_entry j JOIN receipt r ON r.id = j.receipt_id"),
            ["doubled"] = await CountAsync(database, "SELECT count(*) FROM (SELECT beneficiary_id FROM receipt WHERE state = 'counted' GROUP BY beneficiary_id HAVING count(*) <> 1) t"),
            ["notCounted"] = Devices * Deliveries - Twice - await CountAsync(database, "SELECT count(*) FROM receipt WHERE state = 'counted'"),
            ["overlapsNotUnderReview"] = Twice - await CountAsync(database, "SELECT count(*) FROM receipt WHERE state = 'under-review' AND review = 'twice'"),
            ["peopleNotDelivered"] = Devices * Deliveries - Twice - await CountAsync(database, "SELECT count(*) FROM entitlement WHERE state = 'delivered'"),
            ["stockOff"] = await CountAsync(database,
                $"""
                SELECT count(*) FROM stock_balance b LEFT JOIN (SELECT centre, lot, -sum(quantity) AS quantity FROM stock_entry WHERE kind = 'delivery' GROUP BY centre, lot) e ON e.centre = b.centre AND e.lot = b.lot
                WHERE b.delivered IS DISTINCT FROM e.quantity OR b.delivered <> {Devices / DistributionData.Centres * Deliveries} * CASE WHEN b.lot <= 8 THEN 22 ELSE 100 END
                """),
        };
        if (wrong.Values.Any(w => w != 0))
            throw new InvalidOperationException(string.Join(", ", wrong.Select(w => $"{w.Key} {w.Value}")));
        return new(0, wrong.ToDictionary(w => w.Key, w => (double)w.Value).Concat(new Dictionary<string, double>
        {
            ["deliveries"] = Devices * Deliveries, ["overlaps"] = Twice, ["kills"] = kills, ["posts"] = posts, ["cuts"] = cuts, ["seconds"] = seconds,
        }).ToDictionary());
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Sends until everything was acknowledged, as a device with a bad signal does.</summary>
    private static async Task<(int Posts, int Cuts)> UploadAsync(OfflineDevice device, Random random)
    {
        var waiting = device.Entries.Select((entry, index) => (Sequence: index + 1L, Entry: entry)).ToList();
        var (posts, cuts) = (0, 0);
        while (waiting.Count > 0)
        {
            var piece = waiting.OrderBy(_ => random.Next()).Take(random.Next(1, 80)).ToList();
            using var cut = new CancellationTokenSource();
            if (random.Next(6) == 0)
                cut.CancelAfter(random.Next(1, 150));
            try
            {
                posts++;
                var answer = await device.UploadAsync(piece.Select(p => p.Entry), cut.Token).JsonAsync();
                var kept = answer["entries"]!.AsArray().Where(e => e!.Text("state") == "recorded").Select(e => (long)e!["sequence"]!).ToHashSet();
                waiting.RemoveAll(w => kept.Contains(w.Sequence) && random.Next(10) != 0); // One in ten is sent again all the same.
            }
            catch (Exception failed) when (failed is OperationCanceledException or HttpRequestException or Xunit.Sdk.XunitException)
            {
                cuts++; // Cut, refused, or 502 and 503 while it is down.
                await Task.Delay(random.Next(50, 300));
            }
        }
        return (posts, cuts);
    }
}
