using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>What was handed over without a signal comes in once, whatever happens on the way.</summary>
public sealed class OfflineTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string Today = "2027-04-28";

    [Fact]
    public async Task A_journal_comes_in_pieces_in_any_order_and_again()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(5, 5);
        using var device = await TakeListAsync(campaign);
        Assert.Equal((5, 2), (device.List["people"]!.AsArray().Count, device.List["lots"]!.AsArray().Count));
        for (var person = 0; person < 5; person++)
            device.Deliver(person);
        var answer = await device.UploadAsync([device.Entries[3], device.Entries[1]]).JsonAsync();
        Assert.Equal(["4 recorded counted", "2 recorded counted"], Said(answer));
        Assert.Equal(("0", "[1,3]"), (answer["until"]!.ToJsonString(), answer["missing"]!.ToJsonString()));
        await device.ReturnListAsync().ProblemAsync(HttpStatusCode.Conflict, "journal_incomplete");
        var everything = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => device.UploadAsync(device.Entries).JsonAsync()));
        Assert.All(everything, a => Assert.Equal(Enumerable.Range(1, 5).Select(n => $"{n} recorded counted"), Said(a)));
        Assert.Equal(("5", "[]", "[]"), (everything[0]["until"]!.ToJsonString(), everything[0]["missing"]!.ToJsonString(), everything[0]["broken"]!.ToJsonString()));
        Assert.Equal("returned", (await device.ReturnListAsync().JsonAsync()).Text("ended"));
        Assert.Equal(["counted 5"], await ReceiptsAsync(campaign));
        Assert.Equal(["1 110 0", "2 500 0"], await BalancesAsync(campaign));
        Assert.Equal("journal_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync("DELETE FROM journal_entry"))).ConstraintName);
    }

    /// <summary>Cut at any moment and sent again until it is acknowledged, each entry has its effect once.</summary>
    [Fact]
    public async Task An_upload_that_is_cut_again_and_again_comes_in_once()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(40, 40);
        using var device = await TakeListAsync(campaign);
        for (var person = 0; person < 40; person++)
            device.Deliver(person);
        var random = new Random(7);
        var cuts = 0;
        for (var attempt = 0; attempt < 25; attempt++)
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            cut.CancelAfter(random.Next(5, 60));
            try
            {
                await device.UploadAsync(device.Entries.OrderBy(_ => random.Next()).Take(random.Next(5, 40)), cut.Token);
            }
            catch (OperationCanceledException)
            {
                cuts++;
            }
        }
        Assert.True(cuts > 0);
        await Eventually.TrueAsync(async () => Said(await device.UploadAsync(device.Entries).JsonAsync()).SequenceEqual(Enumerable.Range(1, 40).Select(n => $"{n} recorded counted")), what: "The journal");
        Assert.Equal(["counted 40"], await ReceiptsAsync(campaign));
        Assert.Equal(["1 880 0", "2 4000 0"], await BalancesAsync(campaign));
        await device.ReturnListAsync().JsonAsync();
    }

    [Fact]
    public async Task Two_devices_that_served_the_same_person_leave_one_delivered_and_one_under_review()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(3, 6);
        using OfflineDevice one = await TakeListAsync(campaign), other = await TakeListAsync(campaign);
        one.Deliver(0);
        one.Deliver(1);
        other.Deliver(1);
        other.Deliver(2);
        var answers = await Task.WhenAll(one.UploadAsync(one.Entries).JsonAsync(), other.UploadAsync(other.Entries).JsonAsync());
        Assert.Equal(["recorded counted ", "recorded counted ", "recorded counted ", "recorded under-review twice"],
            answers.SelectMany(a => a["entries"]!.AsArray()).Select(e => $"{e!.Text("state")} {e!.Text("receiptState")} {e!["review"]}").Order(StringComparer.Ordinal));
        // What left the centre left it, also the second time; and each receipt names the other.
        Assert.Equal(["1 88 44", "2 400 200"], await BalancesAsync(campaign));
        var review = (await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts?state=under-review").JsonAsync())["items"]!.AsArray();
        var doubled = Assert.Single(review)!;
        Assert.Single(doubled["others"]!.AsArray());
        Assert.Equal(["delivered 3"], await StatesAsync(campaign));
        // The head decides: it was so, and it was one too many. Or it was not so.
        await DecideAsync(campaign, doubled.Text("id"), "review", new { accepted = true, reason = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        Assert.Equal("excess", (await DecideAsync(campaign, doubled.Text("id"), "review", new { accepted = false, reason = "La familia lo devolverá." }).JsonAsync()).Text("state"));
        await DecideAsync(campaign, doubled.Text("id"), "reversal", new { reason = "x" }).ProblemAsync(HttpStatusCode.Conflict, "receipt_decided");
        Assert.Equal(["1 88 44", "2 400 200"], await BalancesAsync(campaign));
        Assert.Equal(["counted 3", "excess 1"], await ReceiptsAsync(campaign));
    }

    [Fact]
    public async Task What_does_not_fit_is_looked_at_and_never_lost()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(6, 6);
        using var device = await TakeListAsync(campaign);
        // Meanwhile the centre loses seed for all but two, a person is confirmed dead, and somebody is served online.
        await service.EnterAsync(campaign, "damages", new { centre = 1, lot = 1, quantity = 88, on = "2026-11-20", note = "Se mojó." }).JsonAsync();
        var duis = device.List["people"]!.AsArray().Select(p => p!.Text("dui")).ToArray();
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind = "deceased", description = "Falleció.", dui = duis[1] }, key: campaign).JsonAsync();
        // Whoever is in question receives nothing from then on, though the stock no longer suffices for all.
        await service.StepAsync(campaign, "authorisations").ProblemAsync(HttpStatusCode.Conflict, "stock_short");
        await service.HandAsync(campaign, duis[1]).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        await service.HandAsync(campaign, duis[2]).JsonAsync();
        device.Deliver(0);
        device.Deliver(1);
        device.Deliver(2);
        device.Deliver(3, "2027-05-03T09:00:00-06:00");
        device.Deliver(4, change: e => ((JsonArray)e["items"]!).RemoveAt(0)); // Half a package: there was no seed left.
        device.Deliver(5, change: e => e["items"]![0]!["quantity"] = 44);
        var answer = await device.UploadAsync(device.Entries).JsonAsync();
        Assert.Equal(
            ["1 counted ", "2 under-review stock", "3 under-review stock", "4 under-review stock", "5 counted ", "6 under-review stock"],
            answer["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!.Text("receiptState")} {e!["review"]}"));
        Assert.Equal(["delivered 2", "partially-delivered 1", "under-review 3"], await StatesAsync(campaign));
        Assert.Equal(["1 44 0", "2 300 300"], await BalancesAsync(campaign));
        // Somebody in question is served by nobody else.
        await service.HandAsync(campaign, duis[3]).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        // With what was miscounted put right, the head lets them count, or not.
        await service.EnterAsync(campaign, "corrections", new { centre = 1, lot = 1, quantity = 88, on = Today, note = "Había más." }, Roles.UnitHead).JsonAsync();
        var receipts = await service.RowsAsync($"SELECT r.id::text FROM receipt r JOIN journal_entry j ON j.receipt_id = r.id WHERE r.campaign_id = '{campaign}' ORDER BY j.sequence");
        Assert.Equal("authorised", (await DecideAsync(campaign, receipts[3], "review", new { accepted = false, reason = "De otro día." }).JsonAsync()).Text("packageState"));
        Assert.Equal("delivered", (await DecideAsync(campaign, receipts[1], "review", new { accepted = true, reason = "La incidencia era de otra persona." }).JsonAsync()).Text("packageState"));
        await DecideAsync(campaign, receipts[5], "review", new { accepted = true, reason = "x" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        Assert.Equal("authorised", (await DecideAsync(campaign, receipts[5], "reversal", new { reason = "Se anotó mal." }).JsonAsync()).Text("packageState"));
    }

    [Fact]
    public async Task One_bad_entry_holds_back_no_other_and_no_number_breaks_the_journal()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(6, 6);
        using var device = await TakeListAsync(campaign);
        await service.HandAsync(campaign, device.List["people"]![0]!.Text("dui")).JsonAsync();
        device.Deliver(0, change: e => e.Remove("evidence")); // Somebody who was served already, and no mark.
        device.Deliver(1, change: e => e["act"] = 7);
        device.Deliver(1, change: e => e["evidence"] = new JsonObject { ["kind"] = "signature" });
        device.Deliver(1, change: e => e["deputy"] = new JsonObject { ["dui"] = "90000001-7" });
        device.Deliver(1, change: e => e["sequence"] = 9_000_000_000_000_000);
        device.Deliver(1, change: e => e["items"]![0]!["lot"] = 77);
        device.Deliver(2);
        var answer = await device.UploadAsync(device.Entries).JsonAsync();
        Assert.Equal(
            ["1 invalid evidence", "0 invalid malformed", "0 invalid malformed", "0 invalid malformed", "0 invalid sequence", "6 recorded under-review", "7 recorded counted"],
            answer["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!.Text("state")} {e["problem"] ?? e["receiptState"]}"));
        Assert.Equal(("1", "[2,3,4,5]", "1 invalid evidence"), (answer["until"]!.ToJsonString(), answer["missing"]!.ToJsonString(), string.Join(',', answer["problems"]!.AsArray().Select(p => $"{p!["sequence"]} {p!.Text("state")} {p!.Text("problem")}"))));
        Assert.Equal(1, (int)(await service.GetAsync(Roles.Auditor, $"/devices/lists?campaignId={campaign}").JsonAsync())["items"]![0]!["problems"]!);
        // A journal that begins late says so at once.
        using var late = await TakeListAsync(campaign);
        late.Deliver(2, change: e =>
        {
            e["sequence"] = 9_999_999;
            e["previous"] = System.Buffers.Text.Base64Url.EncodeToString(new byte[32]);
        });
        answer = await late.UploadAsync(late.Entries).JsonAsync();
        Assert.Equal((0, 100), ((int)answer["until"]!, answer["missing"]!.AsArray().Count));
    }

    [Fact]
    public async Task Each_thing_that_does_not_fit_is_told_apart()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(7, 9, change: content => content["rules"]!["deputies"] = false, more: c => service.ReceiveAsync(c, 1, 22, "2027-07-01"));
        using var device = await TakeListAsync(campaign);
        var people = device.List["people"]!.AsArray();
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind = "deceased", description = "Falleció.", dui = people[0]!.Text("dui") }, key: campaign).JsonAsync();
        await service.RowsAsync($"ALTER TABLE lot DISABLE TRIGGER ALL; UPDATE lot SET expires_on = '2027-04-01' WHERE campaign_id = '{campaign}' AND number = 3; ALTER TABLE lot ENABLE TRIGGER ALL");
        device.Deliver(0);
        device.Deliver(1, "2027-05-03T09:00:00-06:00", e => e["handedAt"] = "2027-04-20T09:00:00-06:00");
        device.Deliver(2, change: e => e["items"]![0]!["quantity"] = 23);
        device.Deliver(3, change: e => e["deputy"] = new JsonObject { ["dui"] = "90000001-7", ["names"] = "Hija", ["authorisation"] = "Nota" });
        device.Deliver(4, "1970-01-01T09:00:00-06:00");
        device.Deliver(5, change: e => e["items"] = new JsonArray(new JsonObject { ["lot"] = 3, ["quantity"] = 22 }));
        device.Deliver(6);
        Assert.Equal(
            ["1 not-authorised", "2 no-day", "3 quantity", "4 deputy", "5 clock", "6 expired", "7 "],
            (await device.UploadAsync(device.Entries).JsonAsync())["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!["review"]}"));
    }

    /// <summary>A device that serves whom its list does not have: somebody of another centre, or without a turn where there is a quota, is looked at, as a counter would have said no.</summary>
    [Fact]
    public async Task What_was_handed_over_beside_the_list_is_looked_at()
    {
        var duis = Enumerable.Range(0, 4).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await service.ApprovedAsync(string.Concat(duis.Take(3).Select(d => DistributionService.Row(d))) + DistributionService.Row(duis[3], hamlet: "Lejos"), 6, content =>
        {
            foreach (var centre in content["centres"]!.AsArray())
                centre!["quotas"] = new JsonArray(new JsonObject { ["package"] = 1, ["most"] = 2 });
        });
        foreach (var (centre, hamlet) in new[] { (1, "El Ensayo"), (2, "Lejos") })
        {
            var hamletIds = new[] { await service.QueryAsync<int>($"SELECT DISTINCT b.hamlet_id FROM beneficiary b JOIN hamlet h ON h.id = b.hamlet_id WHERE b.campaign_id = '{campaign}' AND h.name = '{hamlet}'") };
            await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/{centre}/hamlets", new { hamletIds }, null).JsonAsync();
            await service.ScheduleAsync(campaign, Today, centre: centre).JsonAsync();
            await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/{centre}/summonses", null, key: $"{campaign}{centre}").JsonAsync();
        }
        using var day = service.Clock.NoonOf(Today);
        using var device = await TakeListAsync(campaign);
        var people = device.List["people"]!.AsArray().Select(p => p!.Text("dui")).ToArray();
        Assert.Equal(2, people.Length); // The quota.
        var (over, elsewhere) = (duis.Take(3).Except(people).Single(), duis[3]);
        async Task<string> IdAsync(string dui) => (await service.RowsAsync($"SELECT id::text FROM beneficiary WHERE campaign_id = '{campaign}' AND dui = '{dui}'"))[0];
        var ids = (await IdAsync(over), await IdAsync(elsewhere));
        device.Deliver(0);
        device.Deliver(0, change: e => e["person"] = ids.Item1);
        device.Deliver(0, change: e => e["person"] = ids.Item2);
        Assert.Equal(["1 counted ", "2 under-review off-list", "3 under-review off-list"],
            (await device.UploadAsync(device.Entries).JsonAsync())["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!.Text("receiptState")} {e!["review"]}"));
        // What left the centre left it; the head says what becomes of it. The right centre serves nobody twice meanwhile.
        Assert.Equal(["1 66 66", "2 300 300"], await BalancesAsync(campaign));
        await service.HandAsync(campaign, elsewhere, centre: 2).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        var receipt = (await service.RowsAsync($"SELECT id::text FROM receipt WHERE campaign_id = '{campaign}' AND beneficiary_id = '{ids.Item2}'"))[0];
        Assert.Equal("delivered", (await DecideAsync(campaign, receipt, "review", new { accepted = true, reason = "Venía de paso." }).JsonAsync()).Text("packageState"));
        // Who accepted it stays known after somebody reversed it.
        await DecideAsync(campaign, receipt, "reversal", new { reason = "No era esa persona." }).JsonAsync();
        var decisions = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/receipts?state=reversed").JsonAsync())["items"]![0]!["decisions"]!.AsArray();
        Assert.Equal(["counted Venía de paso.", "reversed No era esa persona."], decisions.Select(d => $"{d!.Text("state")} {d!.Text("reason")}"));
        Assert.Equal("receipt_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE receipt_decision SET decided_by = 'x' WHERE receipt_id = '{receipt}'"))).ConstraintName);
    }

    [Fact]
    public async Task A_list_says_which_household_has_got_something()
    {
        using var day = service.Clock.NoonOf(Today);
        var duis = Enumerable.Range(0, 4).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await service.OpenAsync(string.Concat(duis.Take(3).Select(d => DistributionService.Row(d, more: ";H-7;;"))) + DistributionService.Row(duis[3]), 4, Today, assign: true);
        await service.HandAsync(campaign, duis[0]).JsonAsync();
        using var device = await TakeListAsync(campaign);
        Assert.Equal([$"{duis[1]} H-7 1", $"{duis[2]} H-7 1", $"{duis[3]}  "], device.List["people"]!.AsArray().Select(p => $"{p!.Text("dui")} {p!["household"]} {string.Join(',', p!["householdHas"]!.AsArray())}"));
    }

    [Fact]
    public async Task What_turns_up_after_a_centre_closed_is_served_by_nobody_else_and_counts_without_its_ledger()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(2, 2);
        await service.ScheduleAsync(campaign, Today, centre: 2).JsonAsync();
        using var device = await TakeListAsync(campaign);
        var dui = device.List["people"]![0]!.Text("dui");
        device.Deliver(0);
        await service.PostAsync(Roles.UnitHead, $"/devices/{device.Id}/lists/{device.List.Text("list")}/loss", new { reason = "Se la llevó el río." }).JsonAsync();
        var seen = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days?centre=1").JsonAsync())["items"]![0]!;
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{seen.Text("id")}/closing", null, DistributionService.ETag(seen)).JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/centres/1/closing", new
        {
            counts = new object[] { new { lot = 1, counted = 22, explanation = "Falta un saco." }, new { lot = 2, counted = 200, explanation = (string?)null } },
        }, key: campaign).JsonAsync();
        Assert.Equal("centre-closed", (await device.UploadAsync(device.Entries).JsonAsync())["entries"]![0]!.Text("review"));
        await service.HandAsync(campaign, dui, centre: 2, role: Roles.UnitHead).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        var receipt = (await service.RowsAsync($"SELECT id::text FROM receipt WHERE campaign_id = '{campaign}'"))[0];
        Assert.Equal("delivered", (await DecideAsync(campaign, receipt, "review", new { accepted = true, reason = "El aparato apareció." }).JsonAsync()).Text("packageState"));
        Assert.Equal(["1 0 22", "2 0 200"], await BalancesAsync(campaign)); // Its act had explained what was missing.
        await service.HandAsync(campaign, dui, centre: 2, role: Roles.UnitHead).ProblemAsync(HttpStatusCode.Conflict, "already_delivered");
    }

    [Fact]
    public async Task A_list_that_is_asked_for_again_is_the_same_and_only_its_device_gives_it_back()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(2, 2);
        using OfflineDevice device = await TakeListAsync(campaign), stranger = await TakeListAsync(campaign);
        var list = device.List.Text("list");
        Task<HttpResponseMessage> AskAsync(string id, int centre) => service.PutAsync(Roles.UnitHead, $"/devices/{device.Id}/lists/{id}", new { campaignId = campaign, centre }, null);
        var again = await AskAsync(list, 1);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await AskAsync(list, 2).ProblemAsync(HttpStatusCode.Conflict, "list_exists");
        await AskAsync(stranger.List.Text("list"), 1).ProblemAsync(HttpStatusCode.Conflict, "list_exists");
        foreach (var signed in new[] { stranger.Sign(new() { ["list"] = list, ["lastSequence"] = 0 }), device.Sign(new() { ["list"] = stranger.List.Text("list"), ["lastSequence"] = 0 }), "x" })
            await service.PostAsync(Roles.Promoter, $"/devices/{device.Id}/lists/{list}/return", new { signed }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "return_unsigned");
        Assert.Equal("returned", (await device.ReturnListAsync().JsonAsync()).Text("ended"));
        await AskAsync(list, 1).ProblemAsync(HttpStatusCode.Conflict, "list_exists");
    }

    [Fact]
    public async Task Entries_that_nobody_signed_or_that_say_nothing_have_no_effect_and_forks_are_seen()
    {
        using var day = service.Clock.NoonOf(Today);
        var campaign = await OpenAsync(4, 4);
        using OfflineDevice device = await TakeListAsync(campaign), stranger = await TakeListAsync(campaign);
        var first = device.Deliver(0);
        using var stolen = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = OfflineDevice.Sign(new JsonObject { ["device"] = device.Id, ["sequence"] = 1 }, stolen);
        Assert.Equal(["0 unsigned ", "0 unsigned ", "0 unsigned ", "0 unsigned "], Said(await device.UploadAsync([forged, "no es", stranger.Deliver(0), $"{first[..^4]}AAAA"]).JsonAsync()));
        Assert.Equal(["1 recorded counted"], Said(await device.UploadAsync([first]).JsonAsync()));
        // The same number a second time, as after a copy of the device's storage was put back.
        var payload = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(first.Split('.')[1]))!.AsObject();
        payload["receipt"] = Guid.NewGuid().ToString();
        payload["person"] = device.List["people"]![1]!.Text("id");
        var fork = device.Sign(payload);
        for (var again = 0; again < 2; again++)
            Assert.Equal("forked", (await device.UploadAsync([fork]).JsonAsync())["entries"]![0]!.Text("state"));
        device.Deliver(1, change: e => e["previous"] = System.Buffers.Text.Base64Url.EncodeToString(new byte[32]));
        device.Deliver(2, change: e => e["items"] = new JsonArray());
        device.Deliver(2, change: e => e["items"]![0]!["quantity"] = -5);
        device.Deliver(2, change: e => e["list"] = stranger.List.Text("list"));
        device.Deliver(2, change: e => e["person"] = Guid.NewGuid().ToString());
        device.Deliver(2, change: e => e["evidence"] = null);
        device.Deliver(2, change: e => e["receipt"] = payload.Text("receipt"));
        device.Deliver(3, change: e => e["receipt"] = payload.Text("receipt"));
        var answer = await device.UploadAsync(device.Entries).JsonAsync();
        Assert.Equal(
            ["1 recorded counted", "2 recorded counted", "3 invalid items", "4 invalid quantity", "5 invalid unknown_list", "6 invalid not_listed", "7 invalid evidence", "8 recorded counted", "9 invalid receipt_differs"],
            answer["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!.Text("state")} {e!["problem"] ?? e!["receiptState"]}"));
        Assert.Equal("[2]", answer["broken"]!.ToJsonString());
        Assert.Equal(["counted 3"], await ReceiptsAsync(campaign));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM journal_entry WHERE device_id = '{device.Id}' AND state = 'forked'"));

        await service.PostAsync(Roles.UnitHead, $"/devices/{device.Id}/revocation", null).JsonAsync();
        device.Deliver(3);
        Assert.Equal("device_revoked", (await device.UploadAsync([device.Entries[^1]]).JsonAsync())["entries"]![0]!.Text("problem"));
        await service.PutAsync(Roles.UnitHead, $"/devices/{device.Id}/lists/{Guid.NewGuid()}", new { campaignId = campaign, centre = 1 }, null).ProblemAsync(HttpStatusCode.Conflict, "device_revoked");
        await service.PutAsync(Roles.Promoter, $"/devices/{device.Id}", new { name = "Otra", key = new { kty = "EC", crv = "P-256", x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" } }, null)
            .ProblemAsync(HttpStatusCode.Conflict, "device_exists");
        await service.PutAsync(Roles.Promoter, $"/devices/{Guid.NewGuid()}", new { name = "Otra", key = new { kty = "EC", crv = "P-256", x = "AAAA", y = "AAAA" } }, null).ProblemAsync(HttpStatusCode.UnprocessableEntity, "device_key");
    }

    private Task<string> OpenAsync(int people, int packages, Action<JsonObject>? change = null, Func<string, Task>? more = null) =>
        service.OpenAsync(string.Concat(Enumerable.Range(0, people).Select(_ => DistributionService.Row(DistributionService.NewDui()))), packages, Today, change, assign: true, more);

    private async Task<OfflineDevice> TakeListAsync(string campaign)
    {
        var device = new OfflineDevice(service.As(Roles.UnitHead));
        await device.RegisterAsync();
        await device.TakeListAsync(campaign, 1);
        return device;
    }

    private Task<HttpResponseMessage> DecideAsync(string campaign, string receipt, string what, object body) => service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/{what}", body);

    private static IEnumerable<string> Said(JsonNode answer) => answer["entries"]!.AsArray().Select(e => $"{e!["sequence"]} {e!.Text("state")} {e!["receiptState"]}");

    private Task<List<string>> ReceiptsAsync(string campaign) => service.RowsAsync($"SELECT state || ' ' || count(*) FROM receipt WHERE campaign_id = '{campaign}' GROUP BY state ORDER BY state");

    private Task<List<string>> StatesAsync(string campaign) => service.RowsAsync($"SELECT state || ' ' || count(*) FROM entitlement WHERE campaign_id = '{campaign}' GROUP BY state ORDER BY state");

    private Task<List<string>> BalancesAsync(string campaign) =>
        service.RowsAsync($"SELECT lot || ' ' || delivered::float || ' ' || remaining::float FROM stock_balance WHERE campaign_id = '{campaign}' AND centre = 1 ORDER BY lot");
}
