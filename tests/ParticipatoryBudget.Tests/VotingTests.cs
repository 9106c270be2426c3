using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>Ballots from the published paper to a result that anybody decides again.</summary>
public sealed class VotingTests(BudgetService service) : IClassFixture<BudgetService>
{
    [Fact]
    public async Task A_zone_votes_in_assembly_at_a_booth_and_at_home_and_anybody_decides_the_result_again()
    {
        var cycle = await service.OpenAsync();
        // The zone has 21,200.
        await cycle.FeasibleAsync("Agua", 12_000);
        await cycle.FeasibleAsync("Puente", 10_000);
        await cycle.FeasibleAsync("Cancha", 9_000);
        await cycle.FeasibleAsync("Parque; con \"kiosco\"", 200);
        await cycle.FeasibleAsync("De otra zona", 100, zone: 2);
        await cycle.PublishedAsync(new { one = 3, other = 1 });
        (int assembly, int booth) places;
        var receipts = new List<string>();
        using (cycle.On("10-10"))
        {
            places = (await cycle.PollingPlaceAsync("assembly"), await cycle.PollingPlaceAsync());
            // Agua 12, Puente 11, Cancha 11, Parque 9 (less than the ten that the cycle asks for).
            for (var i = 0; i < 6; i++)
                receipts.Add((await cycle.VoteAtAsync(places.assembly, BudgetService.NewDui(), [1, 2]).JsonAsync()).Text("code"));
            for (var i = 0; i < 5; i++)
                receipts.Add((await cycle.VoteAtAsync(places.booth, BudgetService.NewDui(), [1, 3, 4]).JsonAsync()).Text("code"));
            receipts.Add((await cycle.VoteAsync(BudgetService.NewDui(), [1, 2, 3]).JsonAsync()).Text("code"));
            for (var i = 0; i < 4; i++)
                receipts.Add((await cycle.VoteAsync(BudgetService.NewDui(), [2, 3, 4]).JsonAsync()).Text("code"));
            receipts.Add((await cycle.VoteAsync(BudgetService.NewDui(), [3]).JsonAsync()).Text("code"));
            receipts.Add((await cycle.VoteAsync(BudgetService.NewDui(), []).JsonAsync()).Text("code"));
            Assert.Contains("Su papeleta está en la urna", await (await service.GetAsync(null, $"/public/receipts/{receipts[0]}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync(null, "/public/receipts/zzzzzzzzzzzz")).StatusCode);

            // Until the last day nobody sees a count: no result, no file, no comparison, no event.
            await cycle.TryCycleStepAsync("zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "voting_open");
            await cycle.TryCycleStepAsync("seed", new { seed = "48213" }).ProblemAsync(HttpStatusCode.Conflict, "voting_open");
            await service.GetAsync(Roles.UnitHead, $"/cycles/{cycle.Id}/zones/1/result").ProblemAsync(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync(null, $"/public/cycles/{cycle.Id}/zones/1/election.pb")).StatusCode);
            foreach (var place in new[] { places.assembly, places.booth })
                await service.PostAsync(Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{place}/closing", null).JsonAsync();
            await cycle.VoteAtAsync(places.booth, BudgetService.NewDui(), [1]).ProblemAsync(HttpStatusCode.Conflict, "polling_place_closed");
            await service.GetAsync(Roles.UnitHead, $"/cycles/{cycle.Id}/polling-places/1/paper-counts").ProblemAsync(HttpStatusCode.Conflict, "voting_open");
        }
        await service.EverythingSaidAsync();
        Assert.Equal(["budget.cycle.opened.v1", "budget.cycle.ballot-published.v1"], await service.RowsAsync($"SELECT public_type FROM published_event WHERE subject = '{cycle.Id}' ORDER BY version"));

        using var after = cycle.On("11-01");
        await cycle.VoteAsync(BudgetService.NewDui(), [1]).ProblemAsync(HttpStatusCode.Conflict, "wrong_phase");
        Task<HttpResponseMessage> CountAsync(int place, int ballots, string? note, params (int, int)[] totals) => service.PostAsync(
            Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{place}/paper-counts",
            new { ballots, note, totals = totals.Select(t => new { candidate = t.Item1, points = t.Item2 }) }, key: Guid.NewGuid().ToString());
        // Nobody sees a count before everybody knows the seed, and the seed does not change.
        await cycle.TryCycleStepAsync("zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "seed_missing");
        await service.GetAsync(Roles.UnitHead, $"/cycles/{cycle.Id}/polling-places/1/paper-counts").ProblemAsync(HttpStatusCode.Conflict, "seed_missing");
        await cycle.CycleStepAsync("seed", new { seed = "48213" });
        await cycle.TryCycleStepAsync("seed", new { seed = "7" }).ProblemAsync(HttpStatusCode.Conflict, "seed_drawn");
        Assert.Equal("cycle_is_agreed", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE budget_cycle SET seed = '7' WHERE id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
        await cycle.TryCycleStepAsync("zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "place_not_counted");
        await CountAsync(places.assembly, 6, null, (1, 6), (2, 6)).JsonAsync();
        await CountAsync(places.booth, 5, null, (1, 5), (3, 4), (4, 5)).JsonAsync();
        await cycle.TryCycleStepAsync("zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "paper_count_differs");
        var compared = await service.GetAsync(Roles.Oversight, $"/cycles/{cycle.Id}/polling-places/{places.booth}/paper-counts").JsonAsync();
        Assert.Equal("3 4 5", compared["differences"]!.AsArray().Select(d => $"{d!["candidate"]} {d["counted"]} {d["writtenDown"]}").Single());
        await CountAsync(places.booth, 5, null, (1, 5), (3, 5), (4, 5)).JsonAsync();

        var result = await cycle.CycleStepAsync("zones/1/result", null);
        // Agua wins, Puente no longer fits, Cancha cannot be done with Agua, Parque is below the minimum.
        Assert.Equal(
            ["1 Agua 12 wins 9200.00", "3 Cancha 11 incompatible 9200.00", "2 Puente 11 too-expensive 9200.00", "4 Parque; con \"kiosco\" 9 below-minimum 9200.00"],
            result["lines"]!.AsArray().Select(l => $"{l!["number"]} {l.Text("name")} {l["points"]} {l.Text("verdict")} {(decimal)l["left"]!:0.00}"));
        Assert.Equal((18, 6, 5, 7), ((int)result["ballots"]!, (int)result["byChannel"]!["assembly"]!, (int)result["byChannel"]!["booth"]!, (int)result["byChannel"]!["individual"]!));
        await cycle.TryCycleStepAsync("zones/1/result", null).ProblemAsync(HttpStatusCode.Conflict, "result_declared");
        Assert.Equal(["1 prioritised", "2 waiting-list", "3 waiting-list", "4 not-supported"], (await service.GetAsync(Roles.Resident, $"/proposals?cycleId={cycle.Id}&zone=1").JsonAsync())["items"]!.AsArray()
            .Select(p => $"{p!["number"]} {p.Text("state")}"));

        var act = await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}/zones/1/act")).Content.ReadAsStringAsync();
        foreach (var words in new[] { "Agua", "Ya no alcanza el dinero", "No puede hacerse junto a otra que ganó", "48213", "conteo 2", "$21,200.00" })
            Assert.Contains(words, WebUtility.HtmlDecode(act), StringComparison.Ordinal);
        Assert.Contains("resultado", await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var file = await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}/zones/1/election.pb")).Content.ReadAsStringAsync();
        var read = Pabulib.Read(Encoding.UTF8.GetBytes(file));
        Assert.Equal((18, "48213", 10m), (read.Election.Voters, read.Rules.Seed, read.Rules.MinimumPoints));
        var again = await service.PostAsync(Roles.Resident, "/recounts", new StringContent(file, Encoding.UTF8, "text/plain")).JsonAsync();
        Assert.True((bool)again["agreesWithOfficial"]!);
        await service.EverythingSaidAsync();
        Assert.Equal(["budget.cycle.seed-drawn.v1", "budget.cycle.result-declared.v1"], await service.RowsAsync($"SELECT public_type FROM published_event WHERE subject = '{cycle.Id}' AND body ->> 'seed' = '48213' ORDER BY version"));
    }

    [Fact]
    public async Task A_thousand_attempts_of_one_person_through_three_channels_count_once()
    {
        var (cycle, places) = await VotingCycleAsync();
        var dui = BudgetService.NewDui();
        using var day = cycle.On("10-10");
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            using var answer = i % 3 == 2 ? await cycle.VoteAsync(dui, [1]) : await cycle.VoteAtAsync(i % 3 == 0 ? places.Assembly : places.Booth, dui, [2]);
            return (answer.StatusCode, Code: answer.IsSuccessStatusCode ? "" : JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.Text("code"));
        }));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(999, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict && a.Code == "already_voted"));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM ballot WHERE cycle_id = '{cycle.Id}'"));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM voter WHERE cycle_id = '{cycle.Id}'"));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM ballot_mark WHERE cycle_id = '{cycle.Id}'"));
    }

    [Fact]
    public async Task A_delivery_that_is_repeated_answers_the_same_receipt()
    {
        var (cycle, places) = await VotingCycleAsync();
        using var day = cycle.On("10-10");
        var (dui, attempt) = (BudgetService.NewDui(), Guid.NewGuid());
        var first = await cycle.VoteAtAsync(places.Booth, dui, [1], attempt).JsonAsync();
        var again = await cycle.VoteAtAsync(places.Booth, dui, [1], attempt).JsonAsync();
        Assert.Equal(first.Text("code"), again.Text("code"));
        await cycle.VoteAsync(dui, [1]).ProblemAsync(HttpStatusCode.Conflict, "already_voted");
        var individual = await cycle.VoteAsync(BudgetService.NewDui(), [1], attempt: attempt).JsonAsync();
        Assert.NotEqual(first.Text("code"), individual.Text("code"));
        // Also once the booth is closed, and once the voting is over; whoever did not vote comes too late.
        await service.PostAsync(Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{places.Booth}/closing", null).JsonAsync();
        Assert.Equal(first.Text("code"), (await cycle.VoteAtAsync(places.Booth, dui, [1], attempt).JsonAsync()).Text("code"));
        await cycle.VoteAtAsync(places.Booth, BudgetService.NewDui(), [1]).ProblemAsync(HttpStatusCode.Conflict, "polling_place_closed");
        using var later = cycle.On("11-02");
        Assert.Equal(first.Text("code"), (await cycle.VoteAtAsync(places.Booth, dui, [1], attempt).JsonAsync()).Text("code"));
        await cycle.VoteAtAsync(places.Booth, dui, [1]).ProblemAsync(HttpStatusCode.Conflict, "wrong_phase");
    }

    [Fact]
    public async Task A_ballot_that_waited_for_the_closing_does_not_get_in()
    {
        var (cycle, places) = await VotingCycleAsync();
        using var day = cycle.On("10-10");
        Task<HttpResponseMessage> voting;
        await using (var connection = new NpgsqlConnection(service.Database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var closing = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await ExecuteAsync($"SELECT 1 FROM budget_cycle WHERE id = '{cycle.Id}' FOR UPDATE");
            voting = cycle.VoteAtAsync(places.Booth, BudgetService.NewDui(), [1]);
            await Eventually.TrueAsync(async () => await service.QueryAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR KEY SHARE%' AND datname = current_database()") == 1);
            await ExecuteAsync($"UPDATE polling_place SET closed_at = now() WHERE cycle_id = '{cycle.Id}' AND number = {places.Booth}");
            await closing.CommitAsync(TestContext.Current.CancellationToken);

            async Task ExecuteAsync(string sql)
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }
        await voting.ProblemAsync(HttpStatusCode.Conflict, "polling_place_closed");
    }

    [Fact]
    public async Task What_is_withdrawn_while_the_ballot_is_published_is_on_it_or_withdrawn_and_never_both()
    {
        var cycle = await service.OpenAsync();
        var proposals = new List<JsonNode>();
        for (var i = 0; i < 4; i++)
            proposals.Add(await cycle.FeasibleAsync($"Obra {i}", 1_000));
        using var day = cycle.On("10-01");
        var seen = await service.GetAsync(Roles.UnitHead, $"/cycles/{cycle.Id}").JsonAsync();
        var withdrawals = proposals.Skip(1).Select(p => service.PostAsync(Roles.UnitHead, $"/proposals/{p.Text("id")}/withdrawal", new { reason = "Ya no." }, BudgetService.ETag(p))).ToList();
        var published = service.PostAsync(Roles.UnitHead, $"/cycles/{cycle.Id}/ballot-paper", new { incompatible = Array.Empty<object>() }, BudgetService.ETag(seen));
        await published.JsonAsync();
        foreach (var answer in await Task.WhenAll(withdrawals))
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, answer.StatusCode.ToString());
        Assert.Empty(await service.RowsAsync($"SELECT p.title FROM candidate c JOIN proposal p ON p.id = c.proposal_id WHERE p.cycle_id = '{cycle.Id}' AND p.state <> 'feasible'"));
        Assert.Equal(4, await service.QueryAsync<long>($"SELECT count(*) FROM proposal WHERE cycle_id = '{cycle.Id}' AND (state = 'withdrawn') <> EXISTS (SELECT 1 FROM candidate c WHERE c.proposal_id = proposal.id)"));
    }

    [Fact]
    public async Task Nothing_leads_from_who_voted_to_what_was_voted()
    {
        var (cycle, places) = await VotingCycleAsync();
        using var day = cycle.On("10-10");
        var duis = Enumerable.Range(0, 24).Select(_ => BudgetService.NewDui()).ToArray();
        foreach (var (index, dui) in duis.Index())
            await cycle.VoteAtAsync(places.Booth, dui, [index % 2 + 1]).JsonAsync();
        await service.Services.GetServices<IHostedService>().OfType<ShakeUrns>().Single().ApplyAsync(TestContext.Current.CancellationToken);
        // The tables share the zone and nothing else, so that not even a place with one voter tells; no row has an hour.
        Assert.Equal(["cycle_id", "zone"], await service.RowsAsync(
            """
            SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = 'voter'::regclass AND a.attnum > 0 AND NOT a.attisdropped INTERSECT
            SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid IN ('ballot'::regclass, 'ballot_mark'::regclass) AND a.attnum > 0 ORDER BY 1
            """));
        Assert.Empty(await service.RowsAsync("SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid IN ('ballot'::regclass, 'ballot_mark'::regclass, 'voter'::regclass) AND a.atttypid IN ('timestamptz'::regtype, 'date'::regtype)"));
        // No row of the urn comes from a transaction in which somebody voted, and the order in which it lies is another one.
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM ballot b JOIN voter v ON v.xmin = b.xmin WHERE b.cycle_id = '{cycle.Id}'"));
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(DISTINCT b.xmin::text) FROM ballot b WHERE b.cycle_id = '{cycle.Id}'"));
        var lies = await service.RowsAsync($"SELECT m.candidate::text FROM ballot_mark m WHERE m.cycle_id = '{cycle.Id}' ORDER BY m.ctid");
        Assert.NotEqual(Enumerable.Range(0, 24).Select(i => $"{i % 2 + 1}"), lies);
        Assert.Equal((12, 12), (lies.Count(l => l == "1"), lies.Count(l => l == "2")));
        // Nor does a DUI stand anywhere.
        var everything = await service.RowsAsync(
            "SELECT row_to_json(v)::text FROM voter v UNION ALL SELECT row_to_json(b)::text FROM ballot b UNION ALL SELECT row_to_json(i)::text FROM idempotency i UNION ALL SELECT body::text FROM outbox");
        Assert.DoesNotContain(everything, row => duis.Any(d => row.Contains(d, StringComparison.Ordinal) || row.Contains(d.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_cast_stays_and_the_rules_are_frozen_by_the_first_ballot()
    {
        var (cycle, places) = await VotingCycleAsync();
        using var day = cycle.On("10-10");
        async Task<HttpResponseMessage> ChangeAsync(int most)
        {
            var seen = await service.GetAsync(Roles.Council, $"/cycles/{cycle.Id}").JsonAsync();
            var rules = seen["rules"]!.DeepClone();
            rules["mostMarks"] = most;
            return await service.PutAsync(Roles.Council, $"/cycles/{cycle.Id}/rules", new { rules, agreement = new { minutesNumber = 3, agreementNumber = 1, date = $"{cycle.Year - 1}-10-01" } }, BudgetService.ETag(seen));
        }
        await ChangeAsync(1).JsonAsync();
        // Some vote with two marks while the council changes the rule to two and back: whoever gets in first freezes them.
        var racing = Enumerable.Range(0, 12).Select(_ => cycle.VoteAtAsync(places.Booth, BudgetService.NewDui(), [1, 2])).Append(ChangeAsync(2)).ToArray();
        await Task.WhenAll(racing);
        var most = int.Parse((await service.RowsAsync($"SELECT rules ->> 'mostMarks' FROM budget_cycle WHERE id = '{cycle.Id}'")).Single(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(2, most); // Two marks did not pass before it.
        Assert.True(await service.QueryAsync<bool>($"SELECT coalesce(max(n), 0) <= {most} FROM (SELECT count(*) AS n FROM ballot_mark WHERE cycle_id = '{cycle.Id}' GROUP BY ballot_id) x"));
        await cycle.VoteAtAsync(places.Booth, BudgetService.NewDui(), [1, 2]).JsonAsync();
        await ChangeAsync(3).ProblemAsync(HttpStatusCode.UnprocessableEntity, "rules_frozen");
        foreach (var change in new[]
        {
            "UPDATE ballot_mark SET points = 9", "DELETE FROM ballot_mark", "DELETE FROM ballot", "UPDATE cycle_key SET key = decode(repeat('ab', 32), 'hex')", "DELETE FROM voter", "UPDATE voter SET zone = 2", "UPDATE candidate SET cost = 1", "DELETE FROM candidate",
        })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} WHERE cycle_id = '{cycle.Id}' RETURNING 'x'"));
            Assert.Equal("vote_stays", refused.ConstraintName);
        }
        // What lets an urn be shaken lets nothing else be changed.
        foreach (var change in new[] { "DELETE FROM voter", "UPDATE voter SET zone = 2", "UPDATE ballot SET zone = 2", "UPDATE ballot_mark SET points = 9", "UPDATE candidate SET cost = 1", "DELETE FROM candidate" })
            Assert.Equal("vote_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"SET budget.shaking = 'on'; {change} WHERE cycle_id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
        // With another key the same person would be another one: it goes when its cycle is finished.
        Assert.Equal("vote_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"DELETE FROM cycle_key WHERE cycle_id = '{cycle.Id}'; INSERT INTO cycle_key VALUES ('{cycle.Id}', decode(repeat('ab', 32), 'hex'))"))).ConstraintName);
    }

    /// <summary>Each way of voting with each way of deciding, from the ballot to the file by which anybody decides it again.</summary>
    [Theory]
    [InlineData("approval", "greedy")]
    [InlineData("knapsack", "greedy")]
    [InlineData("cumulative", "greedy")]
    [InlineData("ranked", "greedy")]
    [InlineData("approval", "equal-shares")]
    [InlineData("knapsack", "equal-shares")]
    [InlineData("cumulative", "equal-shares")]
    [InlineData("ranked", "equal-shares")]
    public async Task What_was_cast_in_each_style_is_decided_again_from_its_file(string style, string method)
    {
        var cycle = await service.OpenAsync(content => content["rules"] = new JsonObject
        {
            ["style"] = style, ["method"] = method, ["seedSource"] = "Lotería", ["mostMarks"] = style == "knapsack" ? null : 3, ["points"] = style == "cumulative" ? 6 : null, ["minimumPoints"] = 2, ["increment"] = 10,
            ["tieBreaks"] = new JsonArray("lower-cost"),
        });
        foreach (var (title, cost) in new[] { ("Agua", 9_000), ("Puente", 8_000), ("Cancha", 7_000), ("Muro", 6_000), ("Parque", 5_000) })
            await cycle.FeasibleAsync(title, cost);
        await cycle.PublishedAsync();
        var random = new Random(style.Length * 31 + method.Length);
        int[] costs = [9_000, 8_000, 7_000, 6_000, 5_000];
        var expected = new int[5];
        using (cycle.On("10-10"))
        {
            for (var voter = 0; voter < 25; voter++)
            {
                var marked = new List<int>();
                foreach (var candidate in Enumerable.Range(1, 5).OrderBy(_ => random.Next()).Take(random.Next(4)))
                {
                    if (marked.Append(candidate).Sum(c => costs[c - 1]) <= 21_200)
                        marked.Add(candidate);
                }
                var marks = marked.Select((c, i) => (Candidate: c, Points: style switch { "cumulative" => 1 + random.Next(2), "ranked" => 3 - i, _ => 1 })).ToArray();
                foreach (var (candidate, points) in marks)
                    expected[candidate - 1] += points;
                await service.AsResident(BudgetService.NewDui()).SendJsonAsync(HttpMethod.Post, $"/v1/budget/cycles/{cycle.Id}/ballots", new
                {
                    zone = 1, marks = marks.Select(m => new { candidate = m.Candidate, points = style == "cumulative" ? m.Points : (int?)null }), attempt = Guid.NewGuid(),
                }).JsonAsync();
            }
        }
        using var after = cycle.On("11-02");
        var declared = await cycle.DeclareAsync("20261115");
        Assert.Equal(25, (int)declared["ballots"]!);
        Assert.Equal(expected, declared["lines"]!.AsArray().OrderBy(l => (int)l!["number"]!).Select(l => (int)l!["points"]!));
        var file = await service.As(null).GetByteArrayAsync(new Uri($"/v1/budget/public/cycles/{cycle.Id}/zones/1/election.pb", UriKind.Relative));
        using var content = new ByteArrayContent(file);
        content.Headers.ContentType = new("text/plain");
        var again = await service.As(Roles.Resident).SendJsonAsync(HttpMethod.Post, "/v1/budget/recounts", content).JsonAsync();
        Assert.True((bool)again["agreesWithOfficial"]!);
        Assert.Equal(method, again.Text("method"));
        Assert.Equal(
            declared["lines"]!.AsArray().Select(l => $"{l!["number"]} {l.Text("verdict")} {(decimal)l["left"]!:0.00}"), again["lines"]!.AsArray().Select(l => $"{l!["id"]} {l.Text("verdict")} {(decimal)l["left"]!:0.00}"));
    }

    [Fact]
    public async Task Rules_by_which_nobody_voted_hold_too_once_the_voting_is_over()
    {
        var cycle = await service.OpenAsync();
        await cycle.FeasibleAsync("Agua", 100);
        await cycle.PublishedAsync();
        using var after = cycle.On("11-02");
        await cycle.CycleStepAsync("seed", new { seed = "48213" });
        var seen = await service.GetAsync(Roles.Council, $"/cycles/{cycle.Id}").JsonAsync();
        var rules = seen["rules"]!.DeepClone();
        rules["mostMarks"] = 1;
        await service.PutAsync(Roles.Council, $"/cycles/{cycle.Id}/rules", new { rules, agreement = new { minutesNumber = 3, agreementNumber = 1, date = $"{cycle.Year - 1}-11-01" } }, BudgetService.ETag(seen))
            .ProblemAsync(HttpStatusCode.Conflict, "rules_frozen");
        Assert.Equal("rules_are_frozen", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE budget_cycle SET rules = '{{}}' WHERE id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
    }

    [Fact]
    public async Task The_council_may_choose_otherwise_once_within_the_money_and_says_why()
    {
        var (cycle, places) = await VotingCycleAsync();
        using (cycle.On("10-10"))
        {
            for (var i = 0; i < 10; i++)
                await cycle.VoteAsync(BudgetService.NewDui(), [1]).JsonAsync();
            foreach (var place in new[] { places.Assembly, places.Booth })
                await service.PostAsync(Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{place}/closing", null).JsonAsync();
        }
        using var after = cycle.On("11-02");
        foreach (var place in new[] { places.Assembly, places.Booth })
            await service.PostAsync(Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{place}/paper-counts", new { ballots = 0, totals = Array.Empty<object>() }, key: Guid.NewGuid().ToString()).JsonAsync();
        object Choice(params int[] chosen) => new { chosen, reason = "El puente se cayó después de votar.", agreement = new { minutesNumber = 4, agreementNumber = 2, date = $"{cycle.Year - 1}-11-02" } };
        await cycle.TryCycleStepAsync("zones/1/result/override", Choice(2), Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "result_not_declared");
        await cycle.DeclareAsync("7");
        foreach (var (change, constraint) in new[] { ("chosen = true WHERE number = 2", "winners_within_heading"), ("chosen = false WHERE number = 1", "override_has_reason") })
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE result_line SET {change} AND cycle_id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
        await cycle.TryCycleStepAsync("zones/1/result/override", Choice(2), Roles.UnitHead).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await cycle.TryCycleStepAsync("zones/1/result/override", Choice(1, 2), Roles.Council).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_money");
        await cycle.TryCycleStepAsync("zones/1/result/override", Choice(1), Roles.Council).ProblemAsync(HttpStatusCode.UnprocessableEntity, "same_choice");
        var chosen = await cycle.CycleStepAsync("zones/1/result/override", Choice(2), Roles.Council);
        Assert.Equal(["1 wins False", "2 below-minimum True"], chosen["lines"]!.AsArray().Select(l => $"{l!["number"]} {l.Text("verdict")} {(bool)l["chosen"]!}"));
        await cycle.TryCycleStepAsync("zones/1/result/override", Choice(1), Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "already_overridden");
        Assert.Contains("EL CONCEJO ELIGIÓ OTRA COSA", WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}/zones/1/act")).Content.ReadAsStringAsync()), StringComparison.Ordinal);
        foreach (var change in new[] { "UPDATE result_line SET chosen = false", "UPDATE result_line SET points = points + 1", "DELETE FROM result_line", "UPDATE zone_result SET seed = 'x'", "UPDATE zone_result SET override_reason = 'x'" })
            Assert.Equal("result_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} WHERE cycle_id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
        Assert.Equal("count_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE paper_count SET ballots = 9 WHERE cycle_id = '{cycle.Id}' RETURNING 'x'"))).ConstraintName);
    }

    [Theory]
    [InlineData("[{\"candidate\":9}]", "not_on_ballot", "/marks/0/candidate")]
    [InlineData("[{\"candidate\":1},{\"candidate\":1}]", "marked_twice", "/marks")]
    [InlineData("[{\"candidate\":1,\"points\":2}]", "points_of_style", "/marks/0/points")]
    public async Task A_ballot_that_does_not_follow_the_rules_says_where(string marks, string code, string at)
    {
        var (cycle, places) = await VotingCycleAsync();
        using var day = cycle.On("10-10");
        var body = new JsonObject { ["dui"] = BudgetService.NewDui(), ["marks"] = JsonNode.Parse(marks), ["attempt"] = Guid.NewGuid() };
        var problem = await service.PostAsync(Roles.Promoter, $"/cycles/{cycle.Id}/polling-places/{places.Booth}/ballots", body).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(at, problem["errors"]!.AsObject().Single().Key);
        await service.PostAsync(Roles.Resident, $"/cycles/{cycle.Id}/ballot-checks", new { zone = 1, marks = body["marks"]!.DeepClone() }).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM voter WHERE cycle_id = '{cycle.Id}'"));
        await cycle.VoteAsync(BudgetService.NewDui(), [1], zone: 99).ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_zone");
        await service.PostAsync(Roles.Resident, $"/cycles/{cycle.Id}/ballots", new { zone = 1, marks = Array.Empty<object>(), attempt = Guid.NewGuid() }).ProblemAsync(HttpStatusCode.Forbidden, "not_verified");
        await cycle.VoteAtAsync(99, BudgetService.NewDui(), [1]).ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public void Each_style_reads_its_ballots()
    {
        var costs = new Dictionary<int, decimal> { [1] = 60, [2] = 50, [3] = 40 };
        var rules = new CycleRules(BallotStyle.Approval, DecisionMethod.Greedy, "x", 2);
        MarkContent[] Marks(params int[] candidates) => [.. candidates.Select(c => new MarkContent(c))];
        string Read(IReadOnlyList<MarkContent> marks, CycleRules by)
        {
            var (candidates, points) = BallotContent.Read(marks, by, 100, costs);
            return string.Join(' ', candidates.Zip(points, (c, p) => $"{c}:{p}"));
        }
        Assert.Equal("2:1 1:1", Read(Marks(2, 1), rules));
        Assert.Equal("too_many_marks", Assert.Throws<RuleViolationException>(() => BallotContent.Read(Marks(1, 2, 3), rules, 100, costs)).Code);
        Assert.Equal("2:2 1:1", Read(Marks(2, 1), rules with { Style = BallotStyle.Ranked }));
        var knapsack = rules with { Style = BallotStyle.Knapsack, MostMarks = null };
        Assert.Equal("1:1 3:1", Read(Marks(1, 3), knapsack)); // Exactly the money.
        Assert.Equal("over_money", Assert.Throws<RuleViolationException>(() => BallotContent.Read(Marks(1, 2), knapsack, 100, costs)).Code);
        var cumulative = rules with { Style = BallotStyle.Cumulative, Points = 5 };
        Assert.Equal("1:2 3:3", Read([new(1, 2), new(3, 3)], cumulative));
        Assert.Equal("too_many_points", Assert.Throws<RuleViolationException>(() => BallotContent.Read([new(1, 3), new(3, 3)], cumulative, 100, costs)).Code);
        Assert.Equal("points_of_style", Assert.Throws<RuleViolationException>(() => BallotContent.Read(Marks(1), cumulative, 100, costs)).Code);
        Assert.Equal("", Read([], knapsack));
    }

    [Fact]
    public async Task The_ballot_is_published_once_everything_is_assessed_and_names_pairs_that_exist()
    {
        var cycle = await service.OpenAsync();
        await cycle.FeasibleAsync("Agua", 100);
        await cycle.FeasibleAsync("Puente", 100);
        var pending = await cycle.SubmittedAsync("Sin valorar");
        using (cycle.On("09-30"))
            await cycle.TryCycleStepAsync("ballot-paper", new { incompatible = Array.Empty<object>() }).ProblemAsync(HttpStatusCode.Conflict, "assessment_pending");
        using (cycle.On("09-29"))
            await cycle.StepAsync(pending, "rejection", new { cause = "land-not-legalised", reason = "El terreno no está inscrito." });
        using (cycle.On("09-30"))
            await cycle.TryCycleStepAsync("ballot-paper", new { incompatible = Array.Empty<object>() }).ProblemAsync(HttpStatusCode.Conflict, "wrong_phase");
        using var day = cycle.On("10-02");
        await service.GetAsync(Roles.Resident, $"/cycles/{cycle.Id}/ballot-paper").ProblemAsync(HttpStatusCode.Conflict, "ballot_not_published");
        var place = await cycle.PollingPlaceAsync();
        await cycle.VoteAtAsync(place, BudgetService.NewDui(), [1]).ProblemAsync(HttpStatusCode.Conflict, "ballot_not_published");
        foreach (var (pair, code) in new[] { (new { one = 1, other = 1 }, "unknown_pair"), (new { one = 1, other = 9 }, "unknown_pair") })
            await cycle.TryCycleStepAsync("ballot-paper", new { incompatible = new[] { pair } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        await cycle.TryCycleStepAsync("ballot-paper", new { incompatible = new[] { new { one = 1, other = 2 }, new { one = 2, other = 1 } } }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "pair_twice");
        await cycle.CycleStepAsync("ballot-paper", new { incompatible = new[] { new { one = 2, other = 1 } } });
        await cycle.TryCycleStepAsync("ballot-paper", new { incompatible = Array.Empty<object>() }).ProblemAsync(HttpStatusCode.Conflict, "ballot_published");
        var paper = await service.GetAsync(Roles.Resident, $"/cycles/{cycle.Id}/ballot-paper").JsonAsync();
        Assert.Equal(["1 2", "2 1"], paper["zones"]![0]!["lines"]!.AsArray().Select(l => $"{l!["number"]} {l["excludes"]![0]}"));
        var check = await service.PostAsync(Roles.Resident, $"/cycles/{cycle.Id}/ballot-checks", new { zone = 1, marks = new[] { new { candidate = 1 } } }).JsonAsync();
        Assert.Equal((100m, 2), ((decimal)check["cost"]!, (int)check["marksLeft"]!));
    }

    private async Task<(OpenCycle Cycle, (int Assembly, int Booth) Places)> VotingCycleAsync()
    {
        var cycle = await service.OpenAsync();
        await cycle.FeasibleAsync("Agua", 12_000);
        await cycle.FeasibleAsync("Puente", 10_000);
        await cycle.PublishedAsync();
        using var day = cycle.On("10-10");
        return (cycle, (await cycle.PollingPlaceAsync("assembly"), await cycle.PollingPlaceAsync()));
    }
}
