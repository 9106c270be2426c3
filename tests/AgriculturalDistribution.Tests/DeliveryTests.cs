using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>What happens at a counter: nobody twice, nobody more, nothing without its mark.</summary>
public sealed class DeliveryTests(DistributionService service) : IClassFixture<DistributionService>
{
    private const string Today = "2027-04-28";

    [Fact]
    public async Task A_package_is_handed_over_in_parts_and_never_more_of_it()
    {
        using var day = service.Clock.NoonOf(Today);
        var dui = DistributionService.NewDui();
        var campaign = await OpenAsync(DistributionService.Row(dui), 3);
        var first = await service.HandAsync(campaign, dui, items: new JsonArray(Item(1), Item(3, 40))).JsonAsync();
        Assert.Equal(("counted", "[{\"lot\":1,\"quantity\":22},{\"lot\":2,\"quantity\":40}]", "[{\"article\":3,\"quantity\":60}]"), (first.Text("state"), Plain(first["items"]), Plain(first["due"])));
        var seen = await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui }).JsonAsync();
        Assert.Equal($"******{dui[6..]}", seen.Text("dui"));
        Assert.Equal(("partially-delivered", "[{\"article\":3,\"quantity\":60}]"), (seen["packages"]![0]!.Text("state"), Plain(seen["packages"]![0]!["due"])));

        var problem = await service.HandAsync(campaign, dui, items: new JsonArray(Item(3, 60.01m))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        Assert.Contains("Fertilizante se le deben 60 lb", problem.Text("detail"), StringComparison.Ordinal);
        // Half a package is said to be half of one, on paper and to whoever checks it.
        var (half, paper) = (await CheckAsync(first.Text("id")), await PrintAsync(campaign, first.Text("id")));
        foreach (var words in new[] { "El comprobante vale por una parte del paquete", "22 lb de Semilla de maíz, 40 lb de Fertilizante", "60 lb de Fertilizante" })
            Assert.Contains(words, half, StringComparison.Ordinal);
        foreach (var words in new[] { "Comprobante de entrega de una parte", "Todavía se le debe:</strong> 60 lb de Fertilizante." })
            Assert.Contains(words, paper, StringComparison.Ordinal);
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(3, 30), Item(3, 31))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(1))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(2))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_article");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(3, 0.001m))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "more_than_due");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(3, 1), Item(3, decimal.MaxValue))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "quantity");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(3, decimal.MinValue), Item(3, decimal.MinValue))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "quantity");
        // The same number with other goods is no repetition.
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(1), Item(3, 60)), receipt: first.Text("id")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "receipt_differs");
        await service.HandAsync(campaign, dui, items: new JsonArray(Item(1)), receipt: first.Text("id")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "receipt_differs");
        Assert.Equal(HttpStatusCode.OK, (await service.HandAsync(campaign, dui, items: new JsonArray(Item(1), Item(3, 40)), receipt: first.Text("id"))).StatusCode);
        Assert.Empty((await service.HandAsync(campaign, dui).JsonAsync())["due"]!.AsArray());
        Assert.Contains("vale por una parte", await CheckAsync(first.Text("id")), StringComparison.Ordinal);
        Assert.Contains("lo demás se entregó con otro comprobante", await CheckAsync(first.Text("id")), StringComparison.Ordinal);
        Assert.Contains("lo demás se entregó con otro comprobante", await PrintAsync(campaign, first.Text("id")), StringComparison.Ordinal);
        await service.HandAsync(campaign, dui).ProblemAsync(HttpStatusCode.Conflict, "already_delivered");
        Assert.Equal(["1 22 44", "2 100 200"], await BalancesAsync(campaign));

        // Also whoever writes into the ledger by hand is told no, and nobody takes a receipt back or away.
        var id = first.Text("id");
        Assert.Equal("nobody_gets_more", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"INSERT INTO receipt (id, campaign_id, package, kind, beneficiary_id, centre, act, items, state, evidence_kind, evidence_type, evidence, handed_at, handed_on, recorded_by, recorded_at) SELECT gen_random_uuid(), campaign_id, package, kind, beneficiary_id, centre, act, '[{{\"lot\": 2, \"quantity\": 0.01}}]', 'counted', evidence_kind, evidence_type, evidence, now(), '{Today}', 'x', now() FROM receipt WHERE id = '{id}'"))).ConstraintName);
        Assert.Equal("ledger_is_the_receipts", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"INSERT INTO stock_entry (id, campaign_id, centre, lot, kind, quantity, receipt_id, happened_on, recorded_by, recorded_at) SELECT gen_random_uuid(), campaign_id, 1, 2, 'delivery', -0.01, id, '{Today}', 'x', now() FROM receipt WHERE id = '{id}'"))).ConstraintName);
        Assert.Equal("receipt_has_evidence", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"INSERT INTO receipt (id, campaign_id, package, kind, beneficiary_id, centre, act, items, state, review, handed_at, handed_on, recorded_by, recorded_at) SELECT gen_random_uuid(), campaign_id, package, kind, beneficiary_id, centre, act, items, 'under-review', 'twice', now(), '{Today}', 'x', now() FROM receipt WHERE id = '{id}'"))).ConstraintName);
        Assert.Equal("receipt_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE receipt SET evidence = '\\x00' WHERE id = '{id}'"))).ConstraintName);
        Assert.Equal("receipt_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"DELETE FROM receipt WHERE id = '{id}'"))).ConstraintName);
    }

    [Fact]
    public async Task A_hundred_counters_serve_a_person_once_and_the_same_delivery_sent_again_is_the_same_receipt()
    {
        using var day = service.Clock.NoonOf(Today);
        var dui = DistributionService.NewDui();
        var campaign = await OpenAsync(DistributionService.Row(dui), 2);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => service.HandAsync(campaign, dui)));
        Assert.Equal((1, 99), (answers.Count(a => a.StatusCode == HttpStatusCode.Created), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        var receipt = Guid.NewGuid().ToString();
        var another = DistributionService.NewDui();
        campaign = await OpenAsync(DistributionService.Row(dui) + DistributionService.Row(another), 2);
        var repeated = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.HandAsync(campaign, dui, receipt: receipt)));
        Assert.Equal((1, 19), (repeated.Count(a => a.StatusCode == HttpStatusCode.Created), repeated.Count(a => a.StatusCode == HttpStatusCode.OK)));
        await service.HandAsync(campaign, another, receipt: receipt).ProblemAsync(HttpStatusCode.UnprocessableEntity, "receipt_differs");
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM receipt WHERE campaign_id = '{campaign}'"));
        Assert.Equal(["1 22 22", "2 100 100"], await BalancesAsync(campaign));
    }

    [Fact]
    public async Task The_last_package_goes_to_one_and_what_expired_to_nobody()
    {
        using var day = service.Clock.NoonOf(Today);
        var duis = Enumerable.Range(0, 12).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await OpenAsync(string.Concat(duis.Select(d => DistributionService.Row(d))), 12);
        // Half of the seed is lost; a little that expires before the day is there as well.
        await service.EnterAsync(campaign, "damages", new { centre = 1, lot = 1, quantity = 22 * 6, on = "2026-11-20", note = "Se mojó." }).JsonAsync();
        var lot = (int)(await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lots", new { article = 1, code = "Viejo", supplier = "x", expiresOn = "2027-04-27" }, key: "v").JsonAsync())["number"]!;
        await service.EnterAsync(campaign, "receipts", new { centre = 1, lot, quantity = 2200, document = "Nota", on = "2026-11-20" }).JsonAsync();
        var answers = await Task.WhenAll(duis.Select(d => service.HandAsync(campaign, d)));
        Assert.Equal((6, 6), (answers.Count(a => a.StatusCode == HttpStatusCode.Created), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        var problem = await Task.FromResult(answers.First(a => a.StatusCode == HttpStatusCode.Conflict)).ProblemAsync(HttpStatusCode.Conflict, "not_enough_stock");
        Assert.Contains("ya venció", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(["1 132 0", "2 600 600", "3 0 2200"], await BalancesAsync(campaign));
        Assert.Equal(6, await service.QueryAsync<long>($"SELECT count(*) FROM entitlement WHERE campaign_id = '{campaign}' AND state = 'delivered'"));
        // The other article can be taken today, and what is missing comes another day: two lots make one.
        var waiting = duis[Array.FindIndex(answers, a => a.StatusCode == HttpStatusCode.Conflict)];
        await service.HandAsync(campaign, waiting, items: new JsonArray(Item(3))).JsonAsync();
        foreach (var (code, expires, quantity) in new[] { ("Tarde", "2027-12-01", 20), ("Pronto", "2027-05-01", 5) })
        {
            lot = (int)(await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lots", new { article = 1, code, supplier = "x", expiresOn = expires }, key: code).JsonAsync())["number"]!;
            await service.EnterAsync(campaign, "receipts", new { centre = 1, lot, quantity, document = "Nota", on = "2026-11-20" }).JsonAsync();
        }
        Assert.Equal("[{\"lot\":4,\"quantity\":17},{\"lot\":5,\"quantity\":5}]", Plain((await service.HandAsync(campaign, waiting).JsonAsync())["items"]));
    }

    [Fact]
    public async Task Who_may_not_receive_is_told_why()
    {
        using var day = service.Clock.NoonOf(Today);
        var (listed, minor, elsewhere) = (DistributionService.NewDui(), DistributionService.NewDui(), DistributionService.NewDui());
        var draft = (await service.CampaignAsync()).Text("id");
        await service.ImportAsync(draft, DistributionService.Row(listed));
        await service.HandAsync(draft, listed).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_entitled");
        var campaign = await OpenAsync(
            DistributionService.Row(listed, hamlet: "Cerca") + DistributionService.Row(minor, birth: "2015-01-01") + DistributionService.Row(elsewhere, hamlet: "Lejos"), 5);
        await service.HandAsync(campaign, DistributionService.NewDui()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_listed");
        await service.HandAsync(campaign, listed, package: 2).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_entitled");
        await service.HandAsync(campaign, minor).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        await service.HandAsync(campaign, listed, centre: 2).ProblemAsync(HttpStatusCode.Conflict, "no_day");
        await service.HandAsync(campaign, listed, centre: 9).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.HandAsync(Guid.NewGuid().ToString(), listed).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/receipts/{Guid.NewGuid()}", new { centre = 1, package = 1, dui = listed }, null, "promotora").ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence");
        await service.HandAsync(campaign, listed, evidence: DistributionService.Signature("bm8gZXMgdW5hIGltYWdlbg==")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence");
        await service.HandAsync(campaign, listed, evidence: DistributionService.Signature(Convert.ToBase64String(new byte[110_000]))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence");
        var lejos = await service.QueryAsync<int>("SELECT id FROM hamlet WHERE name = 'Lejos'");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/2/hamlets", new { hamletIds = new[] { lejos } }, null).JsonAsync();
        await service.HandAsync(campaign, elsewhere).ProblemAsync(HttpStatusCode.Conflict, "other_centre");
        // Only who works at the centre, or the head.
        await service.HandAsync(campaign, listed, subject: "otra").ProblemAsync(HttpStatusCode.Forbidden, "not_staff");
        await service.HandAsync(campaign, elsewhere, subject: "otra", role: Roles.UnitHead).JsonAsync();
    }

    [Fact]
    public async Task A_deputy_collects_only_where_the_campaign_allows_it()
    {
        using var day = service.Clock.NoonOf(Today);
        var (dui, another) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await OpenAsync(DistributionService.Row(dui), 2);
        var deputy = new JsonObject { ["dui"] = dui, ["names"] = "Hija Inventada", ["authorisation"] = "Nota firmada" };
        await service.HandAsync(campaign, dui, deputy: deputy).ProblemAsync(HttpStatusCode.UnprocessableEntity, "own_deputy");
        deputy["dui"] = another;
        var receipt = await service.HandAsync(campaign, dui, deputy: deputy).JsonAsync();
        var page = await (await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/receipts/{receipt.Text("id")}/print")).Content.ReadAsStringAsync();
        Assert.Contains($"Hija Inventada, DUI ******{another[6..]}. Autorizaci", page, StringComparison.Ordinal);
        Assert.DoesNotContain(dui, page, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/png;base64,", page, StringComparison.Ordinal);
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM personal_read p JOIN beneficiary b ON b.id = p.subject WHERE b.dui = '{dui}' AND p.what = 'receipt'"));

        campaign = await OpenAsync(DistributionService.Row(dui), 2, c => c["rules"]!["deputies"] = false);
        await service.HandAsync(campaign, dui, deputy: new JsonObject { ["dui"] = another, ["names"] = "Hija Inventada", ["authorisation"] = "Nota firmada" }).ProblemAsync(HttpStatusCode.Conflict, "deputies_not_allowed");
    }

    [Fact]
    public async Task A_household_only_warns()
    {
        using var day = service.Clock.NoonOf(Today);
        var duis = Enumerable.Range(0, 3).Select(_ => DistributionService.NewDui()).ToArray();
        var campaign = await OpenAsync(string.Concat(duis.Take(2).Select(d => DistributionService.Row(d, more: ";H-1;;"))) + DistributionService.Row(duis[2]), 3);
        Assert.False((bool)(await service.HandAsync(campaign, duis[0]).JsonAsync())["household"]!);
        Assert.True((bool)(await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui = duis[1] }).JsonAsync())["household"]!);
        Assert.True((bool)(await service.HandAsync(campaign, duis[1]).JsonAsync())["household"]!);
        Assert.False((bool)(await service.HandAsync(campaign, duis[2]).JsonAsync())["household"]!);
        // Whoever looks later sees the receipts, and neither a name nor the household's, which may be a document, in whatever guise.
        var warnings = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/household-warnings").JsonAsync())["items"]!.AsArray();
        Assert.Equal((1, 2), ((int)Assert.Single(warnings)!["package"]!, warnings[0]!["receipts"]!.AsArray().Count));
        Assert.Equal(["package", "receipts"], warnings[0]!.AsObject().Select(member => member.Key).Order());
        // Two households are two pages of one.
        var more = Enumerable.Range(0, 4).Select(_ => DistributionService.NewDui()).ToArray();
        campaign = await OpenAsync(string.Concat(more.Select((d, i) => DistributionService.Row(d, more: $";H-{i / 2};;"))), 4);
        foreach (var dui in more)
            await service.HandAsync(campaign, dui).JsonAsync();
        var first = await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/household-warnings?limit=1").JsonAsync();
        var second = await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/household-warnings?limit=1&after={Uri.EscapeDataString(first.Text("next"))}").JsonAsync();
        Assert.Null(second["next"]);
        Assert.Equal(4, first["items"]!.AsArray().Concat(second["items"]!.AsArray()).SelectMany(w => w!["receipts"]!.AsArray()).Select(r => (Guid)r!).Distinct().Count());
        await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/household-warnings?after=1|9f86d081884c7d65").ProblemAsync(HttpStatusCode.BadRequest, "bad_cursor");
        // A campaign may do without.
        campaign = await OpenAsync(string.Concat(duis.Take(2).Select(d => DistributionService.Row(d, more: ";H-1;;"))), 3, c => c["rules"]!["householdWarning"] = false);
        await service.HandAsync(campaign, duis[0]).JsonAsync();
        Assert.False((bool)(await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui = duis[1] }).JsonAsync())["household"]!);
        Assert.False((bool)(await service.HandAsync(campaign, duis[1]).JsonAsync())["household"]!);
        Assert.Empty((await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/household-warnings").JsonAsync())["items"]!.AsArray());
    }

    /// <summary>Who has read somebody's data, alone or among others, is told to whoever asks for that person.</summary>
    [Fact]
    public async Task Who_read_a_persons_data_is_known_also_when_it_stood_in_a_list()
    {
        var (dui, other) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await service.OpenAsync(DistributionService.Row(dui) + DistributionService.Row(other, hamlet: "Lejos"), 3, Today);
        var near = await service.QueryAsync<int>($"SELECT hamlet_id FROM beneficiary WHERE campaign_id = '{campaign}' AND dui = '{dui}'");
        await service.PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/hamlets", new { hamletIds = new[] { near } }, null).JsonAsync();
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/summonses", null, key: campaign).JsonAsync();
        using var day = service.Clock.NoonOf(Today);
        var days = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/days").JsonAsync())["items"]!.AsArray();
        foreach (var sheet in new[] { "list", "slips" })
            Assert.True((await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/days/{days[0]!.Text("id")}/{sheet}", $"lee-{sheet}")).IsSuccessStatusCode);
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui }, subject: "mira").JsonAsync();
        using var device = new OfflineDevice(service.As(Roles.UnitHead));
        await device.RegisterAsync();
        await device.TakeListAsync(campaign, 1);
        async Task<string[]> OfAsync(string who) =>
            [.. (await service.PostAsync(Roles.Auditor, $"/campaigns/{campaign}/personal-reads", new { dui = who }).JsonAsync())["items"]!.AsArray().Select(r => r!.Text("what"))];
        Assert.Equal(["audit", "device-list", "lookup", "day-slips", "day-list"], await OfAsync(dui));
        Assert.Equal(["audit"], await OfAsync(other)); // Of another hamlet: on none of these.
        // Who read it then stays known when the turn is another one.
        await service.RowsAsync($"UPDATE summons SET day_id = NULL, slot = NULL WHERE campaign_id = '{campaign}'");
        Assert.Equal(["audit", "audit", "device-list", "lookup", "day-slips", "day-list"], await OfAsync(dui));
        Assert.Equal(["lookup"], (await service.GetAsync(Roles.Auditor, "/personal-reads?reader=mira").JsonAsync())["items"]!.AsArray().Select(r => r!.Text("what")));
        await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/personal-reads", new { dui }).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await service.PostAsync(Roles.Auditor, $"/campaigns/{campaign}/personal-reads", new { dui = DistributionService.NewDui() }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.GetAsync(Roles.Promoter, "/personal-reads").ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_reversal_puts_back_what_was_drawn_and_says_so_on_the_receipt()
    {
        using var day = service.Clock.NoonOf(Today);
        var (dui, other) = (DistributionService.NewDui(), DistributionService.NewDui());
        var campaign = await OpenAsync(DistributionService.Row(dui) + DistributionService.Row(other), 2);
        var receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        Assert.Contains("El comprobante vale: el paquete se entregó completo", await CheckAsync(receipt), StringComparison.Ordinal);
        Assert.DoesNotContain("de una parte", await PrintAsync(campaign, receipt), StringComparison.Ordinal);
        Assert.Equal(("reversed", "authorised"), await ReverseAsync(campaign, receipt));
        Assert.Contains("no vale: se revirtió", await CheckAsync(receipt), StringComparison.Ordinal);
        Assert.Equal(["1 0 44", "2 0 200"], await BalancesAsync(campaign));
        await ReverseRawAsync(campaign, receipt).ProblemAsync(HttpStatusCode.Conflict, "receipt_decided");
        // What did not come back is lost, and the person gets theirs all the same.
        receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        Assert.Equal(("reversed", "authorised"), await ReverseAsync(campaign, receipt, goodsBack: false));
        Assert.Equal(["1 0 22", "2 0 100"], await BalancesAsync(campaign));
        await service.HandAsync(campaign, dui).JsonAsync();

        // Who refuses has refused until that is reversed.
        await service.HandAsync(campaign, other, act: "refusal").JsonAsync();
        await service.HandAsync(campaign, other).ProblemAsync(HttpStatusCode.Conflict, "refused");
        await service.StepAsync(campaign, "authorisations").JsonAsync();
        var refusal = await service.QueryAsync<Guid>($"SELECT id FROM receipt WHERE campaign_id = '{campaign}' AND act = 'refusal'");
        Assert.Contains("no quiso", await CheckAsync(refusal.ToString()), StringComparison.Ordinal);
        Assert.Equal(("reversed", "authorised"), await ReverseAsync(campaign, refusal.ToString()));
        Assert.Contains("No hay un comprobante", await CheckAsync(Guid.NewGuid().ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replacement_needs_the_original_a_reason_and_an_approver()
    {
        using var day = service.Clock.NoonOf(Today);
        var dui = DistributionService.NewDui();
        var campaign = await OpenAsync(DistributionService.Row(dui), 3, c => c["rules"]!["redelivery"] = true);
        await service.HandAsync(campaign, dui, kind: "replacement").ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_entitled");
        var part = (await service.HandAsync(campaign, dui, items: new JsonArray(Item(1))).JsonAsync()).Text("id");
        await ReplaceAsync(campaign, part).ProblemAsync(HttpStatusCode.Conflict, "original_missing");
        var receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReplaceAsync(campaign, receipt)));
        Assert.Equal((1, 3), (answers.Count(a => a.IsSuccessStatusCode), answers.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        var replacements = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.HandAsync(campaign, dui, kind: "replacement")));
        Assert.Equal((1, 3), (replacements.Count(a => a.IsSuccessStatusCode), replacements.Count(a => a.StatusCode == HttpStatusCode.Conflict)));
        await ReverseRawAsync(campaign, receipt).ProblemAsync(HttpStatusCode.Conflict, "receipt_replaced");
        // Whoever reads it later sees of what, why and by whom; so does the paper.
        var line = (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/receipts").JsonAsync())["items"]!.AsArray().Single(r => r!.Text("kind") == "replacement")!;
        Assert.Equal((receipt, "Sequía.", "test"), (line["replaces"]!.Text("receipt"), line["replaces"]!.Text("cause"), line["replaces"]!.Text("approvedBy")));
        var paper = await PrintAsync(campaign, line.Text("id"));
        foreach (var words in new[] { "Comprobante de reposición", "La entrega del 28/04/2027. Motivo: Sequía. Aprobó test" })
            Assert.Contains(words, paper, StringComparison.Ordinal);

        campaign = await OpenAsync(DistributionService.Row(dui), 3);
        receipt = (await service.HandAsync(campaign, dui).JsonAsync()).Text("id");
        await ReplaceAsync(campaign, receipt).ProblemAsync(HttpStatusCode.Conflict, "redelivery_not_allowed");
    }

    /// <summary>Whoever is in question, or whom the roster does not list any more, receives nothing more, whichever way it would come; and gets back only what the question took.</summary>
    [Fact]
    public async Task Whoever_is_in_question_receives_nothing_more_by_any_way()
    {
        var duis = Enumerable.Range(0, 4).Select(_ => DistributionService.NewDui()).ToArray();
        var (partly, gone, replaced, late) = (duis[0], duis[1], duis[2], duis[3]);
        var rows = string.Concat(duis[..3].Select(d => DistributionService.Row(d)));
        var campaign = await OpenAsync(rows, 8, c => c["rules"]!["redelivery"] = true);
        using var day = service.Clock.NoonOf(Today);
        await service.HandAsync(campaign, partly, items: new JsonArray(Item(1))).JsonAsync();
        var (ofGone, ofReplaced) = ((await service.HandAsync(campaign, gone).JsonAsync()).Text("id"), (await service.HandAsync(campaign, replaced).JsonAsync()).Text("id"));
        await ReplaceAsync(campaign, ofReplaced).JsonAsync();
        foreach (var dui in new[] { partly, replaced })
            await ReportAsync("deceased", dui);
        await service.HandAsync(campaign, partly).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        Assert.Empty((await service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/lookups", new { dui = partly }).JsonAsync())["packages"]![0]!["due"]!.AsArray());
        await service.HandAsync(campaign, replaced, kind: "replacement").ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        // The owner says that both are alive: each gets back what the question took, the replacement too.
        await service.GetAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/export");
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/sending", new { document = "Oficio 1", on = Today }).JsonAsync();
        foreach (var incident in (await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/incidents").JsonAsync())["items"]!.AsArray())
            await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/incidents/{incident!.Text("id")}/resolution", new { accepted = false, answer = "Vive.", on = Today }, DistributionService.ETag(incident!)).JsonAsync();
        Assert.Equal("counted", (await service.HandAsync(campaign, replaced, kind: "replacement").JsonAsync()).Text("state"));
        await service.HandAsync(campaign, partly).JsonAsync();

        // A later roster leaves one out and has somebody new. What is taken back from the first is not due again, nor replaced.
        var job = await service.ImportAsync(campaign, string.Concat(new[] { partly, replaced, late }.Select(d => DistributionService.Row(d))));
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        await ReplaceAsync(campaign, ofGone).ProblemAsync(HttpStatusCode.Conflict, "original_missing");
        Assert.Equal(("reversed", "rejected"), await ReverseAsync(campaign, ofGone));
        await service.HandAsync(campaign, gone).ProblemAsync(HttpStatusCode.Conflict, "not_authorised");
        // Nor does an incident about somebody new give them what nobody has approved.
        await service.HandAsync(campaign, late).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_entitled");
        await ReportAsync("wrong-data", late);
        await service.HandAsync(campaign, late).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_entitled");

        Task<JsonNode> ReportAsync(string kind, string dui) => service.PostAsync(Roles.Promoter, $"/campaigns/{campaign}/incidents", new { kind, description = "Dicen.", dui }, key: $"{campaign}{dui}{kind}").JsonAsync();
    }

    private async Task<string> PrintAsync(string campaign, string receipt) => WebUtility.HtmlDecode(await (await service.GetAsync(Roles.Promoter, $"/campaigns/{campaign}/receipts/{receipt}/print")).Content.ReadAsStringAsync());

    private Task<string> OpenAsync(string rows, int packages, Action<JsonObject>? change = null) => service.OpenAsync(rows, packages, Today, change);

    private static string Plain(JsonNode? quantities) => quantities!.ToJsonString().Replace(".00", "", StringComparison.Ordinal);

    private static JsonObject Item(int article, decimal? quantity = null) => new() { ["article"] = article, ["quantity"] = quantity };

    private async Task<(string, string)> ReverseAsync(string campaign, string receipt, bool goodsBack = true)
    {
        var answer = await ReverseRawAsync(campaign, receipt, goodsBack).JsonAsync();
        return (answer.Text("state"), answer.Text("packageState"));
    }

    private Task<HttpResponseMessage> ReverseRawAsync(string campaign, string receipt, bool goodsBack = true) =>
        service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/reversal", new { reason = "No fue así.", goodsBack });

    private Task<HttpResponseMessage> ReplaceAsync(string campaign, string receipt) =>
        service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/receipts/{receipt}/replacement", new { reason = "Sequía." }, key: Guid.NewGuid().ToString());

    private async Task<string> CheckAsync(string receipt) => WebUtility.HtmlDecode(await (await service.As(null).GetAsync(new Uri($"/v1/distribution/public/receipts/{receipt}", UriKind.Relative))).Content.ReadAsStringAsync());

    private Task<List<string>> BalancesAsync(string campaign) =>
        service.RowsAsync($"SELECT lot || ' ' || delivered::float || ' ' || remaining::float FROM stock_balance WHERE campaign_id = '{campaign}' AND centre = 1 ORDER BY lot");
}
