using System.Diagnostics;
using Npgsql;
using ProyeccionSocial.Local.Servers;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>Servers of their own, because they are killed.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private const int Kills = 50;

    private readonly string _folder = Path.Combine("/tmp", Servers.UniqueName("proyeccion-social-crash"));
    private PostgresServer _postgres = null!;
    private RabbitServer _rabbit = null!;

    private string Database => _postgres.ConnectionString("ledger");

    public async ValueTask InitializeAsync()
    {
        await ServerPrograms.EnsureAsync(install: true);
        _postgres = new PostgresServer(new ServerOptions(Path.Combine(_folder, "postgres")));
        _rabbit = new RabbitServer(new ServerOptions(Path.Combine(_folder, "rabbit")));
        await Task.WhenAll(_postgres.StartAsync(), _rabbit.StartAsync());
        await _postgres.CreateDatabaseAsync("ledger");
    }

    public async ValueTask DisposeAsync()
    {
        await _rabbit.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// Kills a replica (one of the two has the relay), the broker or the database at random moments under load, 50
    /// times. Nothing is repaired by hand: what was killed is only started again, as the host would.
    /// </summary>
    [Fact]
    public async Task Fifty_kills_lose_nothing_double_nothing_and_keep_the_order()
    {
        await using var observer = await Observer.StartAtAsync(_rabbit.AmqpUri());
        var replicas = new[] { LedgerProcess.Start(Database, _rabbit.AmqpUri()), LedgerProcess.Start(Database, _rabbit.AmqpUri()) };
        try
        {
            await Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM effect") > 100, 60, "The first effects");
            var random = new Random(2017);
            for (var kill = 0; kill < Kills; kill++)
            {
                await WaitAsync(TimeSpan.FromMilliseconds(random.Next(50, 900)));
                switch (random.Next(6))
                {
                    case 0:
                        await _rabbit.KillAsync();
                        await _rabbit.StartAsync();
                        break;
                    case 1:
                        await _postgres.KillAsync();
                        await _postgres.StartAsync();
                        break;
                    default:
                        var victim = random.Next(replicas.Length);
                        replicas[victim].Kill();
                        await replicas[victim].WaitForExitAsync();
                        replicas[victim] = LedgerProcess.Start(Database, _rabbit.AmqpUri());
                        break;
                }
            }
        }
        finally
        {
            foreach (var replica in replicas)
                replica.Kill();
        }

        // One more replica, without a load, brings in what is left.
        await using var last = await LedgerService.StartAsync(Database, _rabbit.AmqpUri());
        var committed = await last.CountAsync("SELECT sum(version) FROM account");
        Assert.True(committed > 500, $"Only {committed} changes were committed: that was no load.");
        await last.EffectsAsync(committed, 120);
        Assert.Equal(committed, await last.CountAsync("SELECT count(*) FROM effect"));
        Assert.Equal(committed, await last.CountAsync("SELECT count(*) FROM (SELECT DISTINCT subject, version FROM effect) e"));
        Assert.Equal(0, await last.CountAsync("SELECT count(*) FROM account a LEFT JOIN latest l ON l.subject = a.id WHERE l.version IS DISTINCT FROM a.version"));
        await last.PublishedAsync(committed);
        Assert.Equal(0, await last.CountAsync("SELECT count(*) FROM outbox"));
        Assert.Equal(0, await last.CountAsync("SELECT count(*) FROM outbox_dead"));

        var heard = await observer.VersionsAsync((int)committed, 60);
        Assert.Equal(committed, heard.Values.Sum(v => v.Count));
        Assert.All(heard.Values, versions => Assert.Equal(versions.Order(), versions));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills} kills, {committed} committed changes, each with one effect, in order.");
    }

    [Fact]
    public async Task A_broker_that_is_down_for_a_minute_stops_no_write_and_burns_no_attempt()
    {
        await using var ledger = await LedgerService.StartAsync(Database, _rabbit.AmqpUri());
        await ledger.WriteAsync(10, (a, i) => a.Deposit(i));
        await ledger.EffectsAsync(10);
        // RabbitMQ 3.10 writes the registration of a new quorum queue to its disk a second late, and a kill within that
        // second leaves the queue without a leader; docs/operations.md says what to do then.
        await WaitAsync(TimeSpan.FromSeconds(3));

        await _rabbit.KillAsync();
        var slowest = TimeSpan.Zero;
        var written = 10;
        Guid? account = null;
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60); written++)
        {
            var began = Stopwatch.GetTimestamp();
            account = await ledger.WriteAsync(1, (a, _) => a.Deposit(1), account);
            slowest = Stopwatch.GetElapsedTime(began) is var took && took > slowest ? took : slowest;
            await WaitAsync(TimeSpan.FromMilliseconds(10));
        }
        Assert.Equal(written - 10, await ledger.CountAsync("SELECT count(*) FROM outbox"));
        Assert.Equal(0, await ledger.CountAsync("SELECT count(*) FROM outbox WHERE attempts > 0"));

        await _rabbit.StartAsync();
        var back = Stopwatch.GetTimestamp();
        await ledger.EffectsAsync(written, 120); // The bus waits up to 30 s between two attempts.
        Assert.Equal(written, await ledger.CountAsync("SELECT count(*) FROM effect"));
        Assert.Equal(0, await ledger.CountAsync("SELECT count(*) FROM outbox_dead"));
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"A write took {slowest}.");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{written - 10} writes in a minute without the broker, the slowest {slowest.TotalMilliseconds:0} ms; drained {Stopwatch.GetElapsedTime(back).TotalSeconds:0.0} s after its return.");
    }

    private async Task<long> CountAsync(string sql)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(Database);
            await using var command = source.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException)
        {
            return 0; // Not migrated yet.
        }
    }

    private static async Task WaitAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }
}
