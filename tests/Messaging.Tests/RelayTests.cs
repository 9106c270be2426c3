using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Messaging.Tests;

public sealed class RelayTests
{
    private static readonly Action<MessagingOptions> Impatient = options =>
    {
        options.FirstRetryDelay = TimeSpan.FromMilliseconds(5);
        options.MaxRetryDelay = TimeSpan.FromMilliseconds(20);
        options.PollInterval = TimeSpan.FromMilliseconds(50);
    };

    [Fact]
    public async Task A_committed_change_takes_effect_once_and_in_order()
    {
        var home = await LedgerService.NewHomeAsync();
        await using var observer = await Observer.StartAsync(home);
        await using var ledger = await LedgerService.StartAsync(home);
        var account = await ledger.WriteAsync(50, (a, i) => a.Deposit(i));
        await ledger.EffectsAsync(50);

        Assert.Equal(50, await ledger.CountAsync("SELECT count(*) FROM effect"));
        Assert.Equal(50, await ledger.CountAsync("SELECT count(DISTINCT event_id) FROM effect"));
        Assert.Equal(50, await ledger.CountAsync($"SELECT version FROM latest WHERE subject = '{account}'"));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), (await observer.VersionsAsync(50))[account]);
        await ledger.PublishedAsync(50);
        Assert.Equal(0, await ledger.CountAsync("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task A_change_that_is_rolled_back_says_nothing()
    {
        await using var ledger = await LedgerService.StartAsync(await LedgerService.NewHomeAsync());
        await using (var scope = ledger.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<LedgerDb>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            var account = new Account();
            account.Deposit(1);
            db.Add(account);
            await db.SaveChangesAsync();
        }
        await ledger.WriteAsync(1, (a, _) => a.Deposit(2));
        await ledger.EffectsAsync(1);
        await ledger.PublishedAsync(1);
        Assert.Equal(1, await ledger.CountAsync("SELECT count(*) FROM account"));
    }

    [Fact]
    public async Task A_message_sent_twice_takes_effect_once()
    {
        var home = await LedgerService.NewHomeAsync();
        await using var ledger = await LedgerService.StartAsync(home);
        await ledger.WriteAsync(5, (a, i) => a.Deposit(i));
        await ledger.PublishedAsync(5);
        // As after a crash between the confirm and the commit: everything is in the outbox again.
        await ledger.CountAsync(
            """
            WITH again AS (INSERT INTO outbox (message_id, type, public_type, subject, version, body, created_at)
                           SELECT message_id, type, public_type, subject, version, body, created_at FROM published_event ORDER BY position RETURNING 1)
            SELECT count(*) FROM again
            """);
        await ledger.WriteAsync(1, (a, _) => a.Deposit(100)); // Comes after them.
        await ledger.EffectsAsync(6);
        await ledger.PublishedAsync(11);
        Assert.Equal(6, await ledger.CountAsync("SELECT count(*) FROM effect"));
        // Nor is it put away as something that nobody consumes.
        Assert.False(await Observer.QueueExistsAsync(home, "ledger_skipped"));
    }

    [Fact]
    public async Task Two_replicas_relay_each_event_once_and_in_order()
    {
        var home = await LedgerService.NewHomeAsync();
        await using var observer = await Observer.StartAsync(home);
        await using var one = await LedgerService.StartAsync(home);
        await using var two = await LedgerService.StartAsync(home);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? one : two).WriteAsync(40, (a, n) => a.Deposit(n))));
        await one.EffectsAsync(320);
        await one.PublishedAsync(320);
        Assert.All((await observer.VersionsAsync(320)).Values, versions => Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), versions));
    }

    [Fact]
    public async Task Replicas_that_start_together_on_an_empty_database_migrate_it_once()
    {
        for (var round = 0; round < 3; round++)
        {
            var home = await LedgerService.NewHomeAsync();
            var replicas = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LedgerService.StartAsync(home)));
            Assert.Equal(3, await replicas[0].CountAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
            await Task.WhenAll(replicas.Select(r => r.HealthyAsync()));
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_refused_message_holds_back_only_its_subject_dies_and_is_replayed()
    {
        await using var ledger = await LedgerService.StartAsync(await LedgerService.NewHomeAsync(), Impatient);
        // Larger than the broker takes: it closes the channel under this one message.
        var poisoned = await ledger.WriteAsync(1, (a, _) => a.Deposit(1, new string('x', 3 * 1024 * 1024)));
        await ledger.WriteAsync(1, (a, _) => a.Deposit(2), poisoned);
        await ledger.WriteAsync(20, (a, n) => a.Deposit(n));
        await ledger.EffectsAsync(21, 60);

        Assert.Equal(1, await ledger.CountAsync("SELECT count(*) FROM outbox_dead WHERE attempts = 10 AND last_error IS NOT NULL"));
        var listed = (await ledger.Client.GetFromJsonAsync<JsonNode>("/v1/ledger/dead-letters"))!["items"]!.AsArray();
        var letter = Assert.Single(listed)!;
        Assert.Equal("outbox", letter.Text("source"), ignoreCase: true);
        Assert.DoesNotContain("xxx", letter.ToJsonString(), StringComparison.Ordinal);

        // The cause is removed; the operator replays.
        await ledger.CountAsync("WITH mended AS (UPDATE outbox_dead SET body = json_build_object('eventId', body ->> 'eventId', 'accountId', body ->> 'accountId', 'version', 1, 'occurredAt', body ->> 'occurredAt', 'balance', 1) RETURNING 1) SELECT count(*) FROM mended");
        using var replay = await ledger.Client.PostAsync(new Uri($"/v1/ledger/dead-letters/{letter.Text("messageId")}/replay", UriKind.Relative), null);
        replay.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => await ledger.CountAsync($"SELECT count(*) FROM effect WHERE subject = '{poisoned}'") == 2);
        Assert.Equal(0, await ledger.CountAsync("SELECT count(*) FROM outbox_dead"));
    }

    [Fact]
    public async Task One_poison_message_among_10000_delays_nobody_and_is_replayed_from_the_error_queue()
    {
        await using var ledger = await LedgerService.StartAsync(await LedgerService.NewHomeAsync());
        await ledger.CountAsync(
            """
            WITH many AS (
                INSERT INTO outbox (message_id, type, subject, version, body, created_at)
                SELECT m, 'ProyeccionSocial.Messaging.Tests:' || CASE WHEN n = 5000 THEN 'Poisoned' ELSE 'Deposited' END, s, 1,
                       json_build_object('eventId', m, 'accountId', s, 'version', 1, 'occurredAt', now(), 'balance', n, 'always', true), now()
                FROM (SELECT n, gen_random_uuid() AS m, gen_random_uuid() AS s FROM generate_series(1, 10000) n) rows RETURNING 1)
            SELECT count(*) FROM many
            """);
        await ledger.EffectsAsync(9999, 60);
        Assert.Equal(9999, await ledger.CountAsync("SELECT count(*) FROM effect"));
        // No gap in the flow of the others that comes near the time that the poison was tried again.
        var longest = await ledger.CountAsync("SELECT extract(epoch FROM max(gap)) * 1000 FROM (SELECT at - lag(at) OVER (ORDER BY n) AS gap FROM effect) g");
        Assert.True(longest < 500, $"The others waited {longest} ms.");

        var letter = await Eventually.GetAsync(async () =>
            (await ledger.Client.GetFromJsonAsync<JsonNode>("/v1/ledger/dead-letters"))!["items"]!.AsArray().SingleOrDefault());
        Assert.Equal("Consumer", letter.Text("source"), ignoreCase: true);
        Assert.Contains("poison", letter.Text("error"), StringComparison.Ordinal);
        Assert.Equal(4, ledger.Poison.Attempts);

        ledger.Poison.On = false;
        using var replay = await ledger.Client.PostAsync(new Uri($"/v1/ledger/dead-letters/{letter.Text("messageId")}/replay", UriKind.Relative), null);
        replay.EnsureSuccessStatusCode();
        await ledger.EffectsAsync(10_000);
        var left = (await ledger.Client.GetFromJsonAsync<JsonNode>("/v1/ledger/dead-letters"))!["items"]!.AsArray();
        Assert.Empty(left);
    }

    [Fact]
    public async Task The_feed_gives_every_public_event_once_in_order()
    {
        await using var ledger = await LedgerService.StartAsync(await LedgerService.NewHomeAsync());
        await ledger.WriteAsync(25, (a, i) => a.Deposit(i));
        ledger.Poison.On = false;
        await ledger.WriteAsync(1, (a, _) => a.Fail(always: false)); // Internal: not in the feed.
        await ledger.PublishedAsync(26);

        var ids = new List<string>();
        long after = 0;
        while (true)
        {
            var page = (await ledger.Client.GetFromJsonAsync<JsonNode>($"/v1/ledger/published?after={after}&limit=10"))!;
            var items = page["items"]!.AsArray();
            if (items.Count == 0)
                break;
            foreach (var item in items)
            {
                Assert.Equal("1.0", item!.Text("specversion"));
                Assert.Equal("ledger.account.deposited.v1", item!.Text("type"));
                ids.Add(item!.Text("id"));
            }
            after = page["next"]!.GetValue<long>();
        }
        Assert.Equal(25, ids.Count);
        Assert.Equal(25, ids.Distinct().Count());
    }
}
