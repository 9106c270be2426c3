using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>The owner's roster comes in as the owner has it.</summary>
public sealed class RosterTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task A_roster_is_taken_but_for_bad_rows_which_come_back_with_their_reasons()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var (twice, good) = (DistributionService.NewDui(), DistributionService.NewDui());
        string Bad(string dui) => dui[..^1] + (dui[^1] == '0' ? '1' : '0');
        (string Row, string? Reason)[] rows =
        [
            (DistributionService.Row(twice, packages: "MAIZ / Frijol", more: "7000-0000;H-1;sí;no"), null),
            (DistributionService.Row(good, birth: "01/05/1950", sex: "Masculino", hamlet: "EL  ENSAYO"), null),
            (DistributionService.Row(twice), "ya apareció en la línea 2"),
            (DistributionService.Row(Bad(DistributionService.NewDui())), "DUI no es válido"),
            (DistributionService.Row(DistributionService.NewDui(), names: ""), "Faltan los nombres"),
            (DistributionService.Row(DistributionService.NewDui(), birth: "2099-01-01"), "fecha de nacimiento"),
            (DistributionService.Row(DistributionService.NewDui(), sex: "X"), "sexo"),
            (DistributionService.Row(DistributionService.NewDui(), hamlet: " "), "caserío"),
            (DistributionService.Row(DistributionService.NewDui(), packages: "sorgo"), "use maiz, frijol"),
            (DistributionService.Row(DistributionService.NewDui(), more: ";;quizás;"), "sí o no"),
            (DistributionService.Row(DistributionService.NewDui(), more: "123456789012345678901;;;"), "teléfono"),
        ];
        var job = await service.ImportAsync(campaign, string.Concat(rows.Select(r => r.Row)), Encoding.Latin1); // As Excel saves it.
        Assert.Equal(("completed", 11, 2, 9), (job.Text("state"), (int)job["total"]!, (int)job["accepted"]!, (int)job["rejected"]!));
        Assert.Equal((2, 0, 0), ((int)job["report"]!["added"]!, (int)job["report"]!["changed"]!, (int)job["report"]!["removed"]!));
        var path = $"/campaigns/{campaign}/roster/imports/{job.Text("id")}";
        var rejected = (await (await service.GetAsync(Roles.Promoter, $"{path}/rejected", "lectora")).Content.ReadAsStringAsync()).Trim().Split("\r\n")[1..];
        Assert.Equal(9, rejected.Length);
        foreach (var (line, (row, reason)) in rows.Index())
        {
            if (reason is not null)
                Assert.Contains(rejected, r => r.StartsWith($"{line + 2},", StringComparison.Ordinal) && r.Contains(reason, StringComparison.Ordinal));
        }
        // Both live in one hamlet, however it is written; who downloaded people's data is known.
        Assert.Equal(["1|{1,2}|H-1|true", "1|{1}||false"], await service.RowsAsync(
            $"SELECT (SELECT count(DISTINCT hamlet_id) FROM beneficiary WHERE campaign_id = '{campaign}') || '|' || packages::text || '|' || coalesce(household, '') || '|' || pregnant FROM beneficiary WHERE campaign_id = '{campaign}' ORDER BY line"));
        Assert.Equal(["lectora roster-rejections"], await service.RowsAsync($"SELECT reader || ' ' || what FROM personal_read WHERE subject = '{job.Text("id")}'"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM import_part WHERE job_id = '{job.Text("id")}'"));
    }

    [Fact]
    public async Task A_later_roster_shows_its_difference_first_and_is_taken_when_somebody_confirms_it()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var duis = Enumerable.Range(0, 6).Select(_ => DistributionService.NewDui()).ToArray();
        string First(int count) => string.Concat(duis.Take(count).Select(d => DistributionService.Row(d)));
        Assert.Equal("completed", (await service.ImportAsync(campaign, First(4))).Text("state"));
        // The same again changes nothing and asks nothing.
        var same = await service.ImportAsync(campaign, First(4));
        Assert.Equal(("completed", 0), (same.Text("state"), (int)same["report"]!["added"]!));

        // One leaves, one is called otherwise, two are new.
        var second = DistributionService.Row(duis[0], names: "Ana Lucía") + string.Concat(duis.Skip(2).Select(d => DistributionService.Row(d)));
        var job = await service.ImportAsync(campaign, second);
        Assert.Equal(("ready", 2, 1, 1), (job.Text("state"), (int)job["report"]!["added"]!, (int)job["report"]!["changed"]!, (int)job["report"]!["removed"]!));
        var path = $"/campaigns/{campaign}/roster/imports/{job.Text("id")}";
        var difference = await (await service.GetAsync(Roles.UnitHead, $"{path}/difference")).Content.ReadAsStringAsync();
        Assert.Contains($"cambia,{duis[0]},2,Ana Lucía Prueba Inventada,nombre: Ana María Prueba Inventada", difference, StringComparison.Ordinal);
        Assert.Contains($"sale,{duis[1]},,", difference, StringComparison.Ordinal);
        Assert.Equal(["4"], await service.RowsAsync($"SELECT count(*)::text FROM beneficiary WHERE campaign_id = '{campaign}' AND listed AND given_names = 'Ana María'"));

        // Another file comes between: what was seen is not the difference any more, and it is shown again.
        var between = await service.ImportAsync(campaign, First(3));
        await service.PostAsync(Roles.Promoter, $"{path}/confirmation", null).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await ConfirmAsync(between);
        job = await ConfirmAsync(job);
        Assert.Equal(("ready", 2, 2, 1), (job.Text("state"), (int)job["report"]!["added"]!, (int)job["report"]!["changed"]!, (int)job["report"]!["removed"]!));
        Assert.Contains("vuelve al padrón", await (await service.GetAsync(Roles.UnitHead, $"{path}/difference")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        job = await ConfirmAsync(job);
        Assert.Equal("completed", job.Text("state"));
        await service.PostAsync(Roles.UnitHead, $"{path}/confirmation", null).ProblemAsync(HttpStatusCode.Conflict, "import_not_ready");
        Assert.Equal([$"{duis[0]} Ana Lucía true", $"{duis[1]} Ana María false", $"{duis[2]} Ana María true", $"{duis[3]} Ana María true", $"{duis[4]} Ana María true", $"{duis[5]} Ana María true"],
            await service.RowsAsync($"SELECT dui || ' ' || given_names || ' ' || listed FROM beneficiary WHERE campaign_id = '{campaign}' ORDER BY dui"));

        // One that nobody wants is discarded, and its file goes.
        var unwanted = await service.ImportAsync(campaign, First(1));
        unwanted = await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{unwanted.Text("id")}/discarding", null).JsonAsync();
        Assert.Equal("discarded", unwanted.Text("state"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM import_part WHERE job_id = '{unwanted.Text("id")}'"));

        async Task<JsonNode> ConfirmAsync(JsonNode seen) =>
            await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{seen.Text("id")}/confirmation", null).JsonAsync());
    }

    [Fact]
    public async Task Whoever_stands_in_a_row_that_is_no_good_is_not_taken_for_left_out_and_what_was_discarded_names_nobody_any_more()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var (one, other, gone) = (DistributionService.NewDui(), DistributionService.NewDui(), DistributionService.NewDui());
        await service.ImportAsync(campaign, DistributionService.Row(one) + DistributionService.Row(other) + DistributionService.Row(gone));
        var job = await service.ImportAsync(campaign, DistributionService.Row(one, sex: "X") + DistributionService.Row(other));
        Assert.Equal(("ready", 1, 1), (job.Text("state"), (int)job["rejected"]!, (int)job["report"]!["removed"]!));
        Assert.Equal([$"removed {gone}"], await service.RowsAsync($"SELECT change || ' ' || dui FROM roster_difference WHERE job_id = '{job.Text("id")}'"));
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/discarding", null).JsonAsync();
        Assert.Empty(await service.RowsAsync($"SELECT dui FROM roster_difference WHERE job_id = '{job.Text("id")}'"));
        job = await service.ImportAsync(campaign, DistributionService.Row(one, sex: "X") + DistributionService.Row(other));
        await service.DoneAsync(campaign, await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).JsonAsync());
        Assert.Equal(new[] { one, other }.Order(StringComparer.Ordinal), await service.RowsAsync($"SELECT dui FROM beneficiary WHERE campaign_id = '{campaign}' AND listed ORDER BY dui"));
    }

    [Fact]
    public async Task A_file_that_nobody_confirms_is_forgotten_with_all_that_it_names()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.ImportAsync(campaign, DistributionService.Row(DistributionService.NewDui()));
        var job = await service.ImportAsync(campaign, DistributionService.Row(DistributionService.NewDui()));
        Assert.Equal("ready", job.Text("state"));
        var forget = service.Services.GetServices<IHostedService>().OfType<Roster.ForgetFiles>().Single();
        await forget.ApplyAsync(TestContext.Current.CancellationToken);
        Assert.True(await service.QueryAsync<long>($"SELECT count(*) FROM roster_difference WHERE job_id = '{job.Text("id")}'") > 0);
        await service.RowsAsync($"UPDATE import_job SET created_at = created_at - interval '91 days' WHERE id = '{job.Text("id")}'");
        await forget.ApplyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["discarded 0 0"], await service.RowsAsync(
            $"SELECT j.state || ' ' || (SELECT count(*) FROM import_part WHERE job_id = j.id) || ' ' || (SELECT count(*) FROM roster_difference WHERE job_id = j.id) FROM import_job j WHERE j.id = '{job.Text("id")}'"));
        await service.PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}/confirmation", null).ProblemAsync(HttpStatusCode.Conflict, "import_not_ready");
    }

    [Fact]
    public async Task Nobody_edits_a_roster_and_files_that_are_none_take_nothing()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        await service.ImportAsync(campaign, DistributionService.Row(DistributionService.NewDui()));
        foreach (var change in new[] { "UPDATE beneficiary SET surnames = 'x'", "DELETE FROM beneficiary", "TRUNCATE beneficiary CASCADE" })
            Assert.Equal("roster_is_the_owners", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(change))).ConstraintName);
        var none = await service.ImportAsync(campaign, "x;y\nz\n");
        Assert.Equal("failed", none.Text("state"));
        Assert.Contains("Ninguna de las 2 filas sirve. La primera, en la línea 2", none.Text("failure"), StringComparison.Ordinal);
        Assert.Equal(1, await service.QueryAsync<long>($"SELECT count(*) FROM beneficiary WHERE campaign_id = '{campaign}'"));
        using var empty = new StringContent("", Encoding.UTF8, "text/csv");
        await service.As(Roles.Promoter).SendJsonAsync(HttpMethod.Post, $"/v1/distribution/campaigns/{campaign}/roster/imports", empty, idempotencyKey: "e").ProblemAsync(HttpStatusCode.BadRequest, "empty_file");
        Assert.Equal(["completed", "failed"], await service.RowsAsync($"SELECT state FROM import_job WHERE subject = '{campaign}' ORDER BY created_at")); // And none for the empty one.
        await service.GetAsync(Roles.Auditor, $"/campaigns/{Guid.NewGuid()}/roster/imports/{none.Text("id")}").ProblemAsync(HttpStatusCode.NotFound, "not_found"); // Of another campaign.
    }

    /// <summary>As spreadsheets of different countries and years save it: the same roster.</summary>
    [Theory]
    [InlineData(';', "latin-1")]
    [InlineData(',', "utf-8")]
    [InlineData(',', "utf-8-bom")]
    [InlineData('\t', "utf-8-bom")]
    [InlineData('\t', "latin-1")]
    [InlineData(';', "utf-8-bom")]
    public async Task A_roster_is_read_with_each_separator_and_encoding(char separator, string encoding)
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var dui = DistributionService.NewDui();
        var rows = DistributionService.Header + DistributionService.Row(dui, names: "\"Begoña, Íñigo; o Ñuño\"", hamlet: "El Peñón");
        // The quoted name has separators in it and keeps them.
        var text = rows.Replace("; o", "\u0001", StringComparison.Ordinal).Replace(';', separator).Replace("\u0001", "; o", StringComparison.Ordinal);
        byte[] bytes = encoding switch
        {
            "latin-1" => Encoding.Latin1.GetBytes(text),
            "utf-8-bom" => [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text)],
            _ => Encoding.UTF8.GetBytes(text),
        };
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("text/csv");
        var job = await service.DoneAsync(campaign, await service.As(Roles.Promoter).SendJsonAsync(
            HttpMethod.Post, $"/v1/distribution/campaigns/{campaign}/roster/imports", content, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync());
        Assert.Equal(("completed", 1, 0), (job.Text("state"), (int)job["accepted"]!, (int)job["rejected"]!));
        Assert.Equal(["Begoña, Íñigo; o Ñuño|El Peñón"], await service.RowsAsync(
            $"SELECT b.given_names || '|' || h.name FROM beneficiary b JOIN hamlet h ON h.id = b.hamlet_id WHERE b.campaign_id = '{campaign}' AND b.dui = '{dui}'"));
    }

    [Fact]
    public async Task Twenty_thousand_rows_come_in_whole_in_several_parts_and_say_how_far_they_are()
    {
        var campaign = (await service.CampaignAsync()).Text("id");
        var rows = new StringBuilder();
        for (var i = 0; i < 20_000; i++)
            rows.Append(DistributionService.Row(DistributionService.NewDui(), names: $"Persona Número {i}", hamlet: $"Caserío {i % 40}", more: ";;;"));
        Assert.True(rows.Length > 1_500_000);
        // Held on its way by somebody who has the hamlets: whoever watches sees how far it is.
        JsonNode job;
        await using (var source = NpgsqlDataSource.Create(service.Database))
        {
            await using var held = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
            await using var holding = await held.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var hold = new NpgsqlCommand("LOCK TABLE hamlet IN ACCESS EXCLUSIVE MODE", held))
                await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var importing = service.ImportAsync(campaign, rows.ToString());
            var seen = await Eventually.GetAsync(async () =>
            {
                var id = await service.RowsAsync($"SELECT id::text FROM import_job WHERE subject = '{campaign}'");
                return id is [var found] && await service.GetAsync(Roles.Auditor, $"/campaigns/{campaign}/roster/imports/{found}").JsonAsync() is var view && (int)view["total"]! >= 10_000 ? view : null;
            }, what: "An import that says how far it is");
            Assert.Equal("running", seen.Text("state"));
            await holding.RollbackAsync(TestContext.Current.CancellationToken);
            job = await importing;
        }
        Assert.Equal(("completed", 20_000, 0), (job.Text("state"), (int)job["total"]!, (int)job["rejected"]!));
        Assert.Equal(["20000 40"], await service.RowsAsync($"SELECT count(*) || ' ' || count(DISTINCT hamlet_id) FROM beneficiary WHERE campaign_id = '{campaign}'"));
    }
}
