using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>A cycle from its draft to the council's agreement, and what adds up in it.</summary>
public sealed class CycleTests(BudgetService service) : IClassFixture<BudgetService>
{
    private static readonly object Agreement = BudgetService.Agreement;

    /// <summary>
    /// Real elections with their official winners, which are not part of this repository: those of a folder that PABULIB names.
    /// Where a tie did not decide, the greedy rule gives exactly the official set.
    /// </summary>
    [Fact]
    public async Task Real_elections_are_decided_as_they_officially_were()
    {
        var folder = Environment.GetEnvironmentVariable("PABULIB");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "PABULIB names no folder with .pb files.");
        var files = Directory.GetFiles(folder!, "*.pb", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            content.Headers.ContentType = new("text/plain");
            var again = await service.As(Roles.Resident).SendJsonAsync(HttpMethod.Post, "/v1/budget/recounts?method=greedy", content).JsonAsync();
            Assert.True((bool)again["agreesWithOfficial"]! || again["decidedByTie"]!.AsArray().Count > 0, $"{Path.GetFileName(file)}: {again["notes"]}");
        }
    }

    [Fact]
    public async Task A_cycle_is_written_written_again_and_opened_by_the_council()
    {
        var year = BudgetService.NewYear();
        var cycle = await service.DraftAsync(year);
        // 40 % equally: 8,000 each; 40 % by people: 7,200, 14,400 and 2,400; 20 % by need: 6,000, 2,400 and 3,600. The cent goes to who lost most.
        Assert.Equal(["Norte 21200.00", "Centro 24800.01", "Sur 14000.00"], cycle["zones"]!.AsArray().Select(z => $"{z!.Text("name")} {(decimal)z!["amount"]!:0.00}"));
        var content = BudgetService.Content(year);
        content["zones"]!.AsArray().RemoveAt(2);
        await service.PutAsync(Roles.UnitHead, $"/cycles/{cycle.Text("id")}", content, null).ProblemAsync(HttpStatusCode.PreconditionRequired, "precondition_required");
        var written = await service.PutAsync(Roles.UnitHead, $"/cycles/{cycle.Text("id")}", content, BudgetService.ETag(cycle)).JsonAsync();
        Assert.Equal(2, written["zones"]!.AsArray().Count);
        Assert.Equal(60_000.01m, written["zones"]!.AsArray().Sum(z => (decimal)z!["amount"]!));
        await service.PutAsync(Roles.UnitHead, $"/cycles/{cycle.Text("id")}", content, BudgetService.ETag(cycle)).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");

        var opening = $"/cycles/{cycle.Text("id")}/opening";
        using (service.Clock.NoonOf($"{year - 1}-09-16"))
            await service.PostAsync(Roles.Council, opening, Agreement, BudgetService.ETag(written)).ProblemAsync(HttpStatusCode.Conflict, "calendar_over");
        using var june = service.Clock.NoonOf($"{year - 1}-06-15");
        await service.PostAsync(Roles.Council, opening, new { agreement = new { minutesNumber = 1, agreementNumber = 1, date = "0001-01-01" } }, BudgetService.ETag(written)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "agreement_date");
        var opened = await service.PostAsync(Roles.Council, opening, Agreement, BudgetService.ETag(written)).JsonAsync();
        Assert.Equal(("open", 16), (opened.Text("state"), (int)opened["agreement"]!["minutesNumber"]!));
        await service.PutAsync(Roles.UnitHead, $"/cycles/{cycle.Text("id")}", content, BudgetService.ETag(opened)).ProblemAsync(HttpStatusCode.Conflict, "cycle_opened");
        await service.PostAsync(Roles.Council, $"/cycles/{cycle.Text("id")}/opening", Agreement, BudgetService.ETag(opened)).ProblemAsync(HttpStatusCode.Conflict, "cycle_opened");
        await service.EverythingSaidAsync();
        Assert.Equal(["60000.01 2 6"], await service.RowsAsync(
            $"SELECT concat_ws(' ', body ->> 'ceiling', jsonb_array_length(body::jsonb -> 'zones'), jsonb_array_length(body::jsonb -> 'phases')) FROM published_event WHERE subject = '{cycle.Text("id")}'"));
        Assert.Equal(year, (int)(await service.GetAsync(Roles.Resident, $"/cycles?after={year + 1}&limit=1").JsonAsync())["items"]![0]!["fiscalYear"]!);
    }

    [Fact]
    public async Task What_the_council_agreed_to_is_kept_by_the_database_and_what_does_not_add_up_is_refused_by_it()
    {
        var draft = await service.DraftAsync(BudgetService.NewYear());
        var id = draft.Text("id");
        foreach (var (change, constraint) in new[]
        {
            ("UPDATE cycle_zone SET amount = amount + 0.01 WHERE number = 1", "cycle_money_adds_up"), ("DELETE FROM cycle_source WHERE number = 1", "cycle_money_adds_up"),
            ("UPDATE budget_cycle SET ceiling = ceiling + 1", "cycle_money_adds_up"), ("UPDATE cycle_phase SET last_day = last_day - 1 WHERE position = 1", "cycle_phases_are_contiguous"),
            ("DELETE FROM cycle_phase WHERE position = 5", "cycle_phases_are_contiguous"),
        })
        {
            var where = change.Contains("WHERE", StringComparison.Ordinal) ? $"{change} AND cycle_id = '{id}'" : $"{change} WHERE id = '{id}'";
            var refused = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{where} RETURNING 'x'"));
            Assert.Equal(constraint, refused.ConstraintName);
        }
        await service.PostAsync(Roles.Council, $"/cycles/{id}/opening", Agreement, BudgetService.ETag(draft)).JsonAsync();
        var kept = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE cycle_zone SET name = 'x' WHERE cycle_id = '{id}' RETURNING 'x'"));
        Assert.Equal("cycle_is_agreed", kept.ConstraintName);
    }

    [Fact]
    public async Task A_year_has_one_cycle_also_when_two_write_at_once()
    {
        var year = BudgetService.NewYear();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.PostAsync(Roles.UnitHead, "/cycles", BudgetService.Content(year), key: Guid.NewGuid().ToString())));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal("cycle_already_exists", (await answers.First(a => a.StatusCode == HttpStatusCode.Conflict).Content.ReadAsStringAsync().ContinueWith(t => JsonNode.Parse(t.Result)!, TaskScheduler.Default)).Text("code"));
    }

    [Theory]
    [InlineData("ceiling", "60000.02", "sources_not_ceiling", "/sources")]
    [InlineData("ceiling", "0", "ceiling_amount", "/ceiling")]
    [InlineData("ceiling", "60000.011", "ceiling_amount", "/ceiling")]
    [InlineData("formula", """{"equally":50,"byPopulation":40,"byNeed":20}""", "formula_not_100", "/formula")]
    [InlineData("zones", """[{"name":"A","place":"P","population":1,"need":0},{"name":"a ","place":"P","population":1,"need":0}]""", "zone_twice", "/zones")]
    [InlineData("zones", """[{"name":"A","place":"P","population":1,"need":-1}]""", "need_amount", "/zones/0/need")]
    [InlineData("rules", """{"style":"knapsack","method":"greedy","seedSource":"x","mostMarks":3}""", "marks_of_style", "/rules/mostMarks")]
    [InlineData("rules", """{"style":"approval","method":"greedy","seedSource":"x","mostMarks":3,"points":3}""", "points_of_style", "/rules/points")]
    [InlineData("rules", """{"style":"approval","method":"equal-shares","seedSource":"x","mostMarks":3,"increment":0}""", "increment_amount", "/rules/increment")]
    [InlineData("rules", """{"style":"approval","method":"greedy","seedSource":"x","mostMarks":3,"tieBreaks":["draw","draw"]}""", "tie_break_twice", "/rules/tieBreaks")]
    public async Task What_does_not_add_up_is_refused_where_it_stands(string member, string value, string code, string at)
    {
        var content = BudgetService.Content(BudgetService.NewYear());
        content[member] = JsonNode.Parse(value);
        var problem = await service.PostAsync(Roles.UnitHead, "/cycles", content).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(at, problem["errors"]!.AsObject().Single().Key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_proposal_is_looked_at_by_a_technician_and_for_society_nature_and_law(int missing)
    {
        var content = BudgetService.Content(BudgetService.NewYear());
        var criteria = content["assessment"]!["criteria"]!.AsArray();
        criteria[missing]!["aspect"] = criteria[(missing + 1) % 4]!.Text("aspect");
        var problem = await service.PostAsync(Roles.UnitHead, "/cycles", content).ProblemAsync(HttpStatusCode.UnprocessableEntity, "aspect_missing");
        Assert.Equal("/assessment/criteria", problem["errors"]!.AsObject().Single().Key);
    }

    [Theory]
    [InlineData(1, "firstDay", "08-02", "phases_not_contiguous")]
    [InlineData(2, "lastDay", "09-15", "phase_days")]
    [InlineData(3, "phase", "assessment", "phases_out_of_order")]
    public async Task Phases_are_in_their_order_without_a_gap(int phase, string member, string value, string code)
    {
        var year = BudgetService.NewYear();
        var content = BudgetService.Content(year);
        content["phases"]![phase]![member] = member == "phase" ? value : $"{year - 1}-{value}";
        await service.PostAsync(Roles.UnitHead, "/cycles", content).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
    }

    [Fact]
    public void Shares_are_the_ceiling_to_the_cent_whatever_the_zones() => Prop.ForAll(Zones, Gen.Choose(1, 100_000_000).ToArbitrary(), (zones, cents) =>
    {
        var amounts = new ShareFormula(40, 35, 25).Divide(cents / 100m, zones);
        return amounts.Sum() == cents / 100m && amounts.All(a => a >= 0 && decimal.Round(a, 2) == a);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_zone_with_more_people_and_no_less_need_gets_no_less() => Prop.ForAll(Zones, zones =>
    {
        var amounts = new ShareFormula(20, 50, 30).Divide(12_345.67m, zones);
        return Enumerable.Range(0, zones.Count).All(a => Enumerable.Range(0, zones.Count).All(b =>
            zones[a].Population < zones[b].Population || zones[a].Need < zones[b].Need || amounts[a] >= amounts[b] - 0.01m));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Anybody_decides_a_file_again()
    {
        const string File = "META\nkey;value\nbudget;100\nvote_type;approval\nmax_length;2\nPROJECTS\nproject_id;cost;name;selected\na;60;Parque;1\nb;50;Cancha;0\nc;40;Muro;1\nVOTES\nvoter_id;vote\n1;a,b\n2;a\n3;b\n4;a\n5;c\n";
        async Task<JsonNode> RecountAsync(string query) => await service.PostAsync(Roles.Resident, $"/recounts{query}", new StringContent(File, Encoding.UTF8, "text/plain")).JsonAsync();
        var greedy = await RecountAsync("");
        Assert.Equal((true, 100m, 5), ((bool)greedy["agreesWithOfficial"]!, (decimal)greedy["spent"]!, (int)greedy["voters"]!));
        Assert.Equal(["a wins", "b too-expensive", "c wins"], greedy["lines"]!.AsArray().Select(l => $"{l!.Text("id")} {l!.Text("verdict")}"));
        // 20 for each: the three who want a have 60, and b's other one has only 20 left with that.
        var shared = await RecountAsync("?method=equal-shares&satisfaction=points");
        Assert.Equal((false, "a"), ((bool)shared["agreesWithOfficial"]!, shared["lines"]![0]!.Text("id")));
        await service.PostAsync(Roles.Resident, "/recounts", new StringContent("nada", Encoding.UTF8, "text/plain")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_an_election");
        await service.PostAsync(Roles.Resident, "/recounts", new StringContent("{}", Encoding.UTF8, "application/json")).ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        await service.PostAsync(Roles.Resident, "/recounts?increment=-1", new StringContent(File, Encoding.UTF8, "text/plain")).ProblemAsync(HttpStatusCode.BadRequest, "parameter_out_of_range");
    }

    private static readonly Arbitrary<IReadOnlyList<(int Population, decimal Need)>> Zones = Gen.Choose(0, 9000).Zip(Gen.Choose(0, 500)).NonEmptyListOf()
        .Select(zones => (IReadOnlyList<(int, decimal)>)[.. zones.Select(z => (z.Item1, z.Item2 / 10m))]).ToArbitrary();
}
