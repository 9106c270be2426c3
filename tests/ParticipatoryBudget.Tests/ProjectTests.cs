using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>A project from the council's word to its closing, with its money and those who watch it.</summary>
public sealed class ProjectTests(BudgetService service) : IClassFixture<BudgetService>
{
    [Fact]
    public async Task A_project_goes_from_its_proposal_to_its_closing_with_two_committees_and_a_finding_that_blocks()
    {
        var (cycle, project) = await ApprovedAsync();
        var id = project.Text("id");
        using var day = service.Clock.NoonOf($"{cycle.Year}-07-20");
        string On(string date) => $"{cycle.Year}-{date}";
        project = await StepAsync(project, "modality", new { direct = false, on = On("01-05") });
        project = await StepAsync(project, "award", new { contractor = "Constructora Inventada", contract = "AM-1", amount = 11_000, agreement = new { minutesNumber = 10, agreementNumber = 3, date = On("01-20") } }, Roles.Council);
        var order = new { startsOn = On("02-01"), endsOn = On("04-30") };
        await TryAsync(project, "start-order", order).ProblemAsync(HttpStatusCode.Conflict, "committee_missing");
        var (executing, oversight) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await TellCommitteeAsync(executing, "executing", Guid.Parse(id), On("01-25"));
        await TryAsync(project, "start-order", order).ProblemAsync(HttpStatusCode.Conflict, "committee_missing");
        await TellCommitteeAsync(oversight, "oversight", Guid.Parse(id), On("01-25"));
        project = await StepAsync(project, "start-order", order);
        project = await StepAsync(project, "start", new { on = On("02-02") });
        Assert.Equal(2, project["committees"]!.AsArray().Count);

        // Works stand still for ten days: the plan ends ten days later.
        project = await StepAsync(project, "suspension", new { on = On("03-01"), reason = "Lluvias." });
        await TryAsync(project, "milestones/1", new { on = On("03-02"), place = "El Norte", photoId = await service.PhotoAsync() }).ProblemAsync(HttpStatusCode.Conflict, "project_not_there");
        project = await StepAsync(project, "resumption", new { on = On("03-11") });
        Assert.Equal(On("05-10"), project.Text("endsOn"));
        foreach (var idle in new[] { "02-01", "03-05" }) // Before they began; while they stood still.
            await TryAsync(project, "milestones/1", new { on = On(idle), place = "El Norte", photoId = await service.PhotoAsync() }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "no_works_then");
        await TryAsync(project, "milestones/1", new { on = On("03-12"), place = "El Norte", photoId = Guid.NewGuid() }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "file_missing");
        project = await StepAsync(project, "milestones/1", new { on = On("03-20"), place = "El Norte", photoId = await service.PhotoAsync() });
        Assert.Equal((40, 71), ((int)project["progress"]!, (int)project["daysLate"]!)); // Until 20 July.

        // The committee of another project has no say; this one visits, finds and is answered.
        var path = $"/v1/budget/projects/{id}";
        Task<HttpResponseMessage> ByCommitteeAsync(Guid committee, string step, object body, bool versioned = true) =>
            service.AsCommittee(committee).SendJsonAsync(HttpMethod.Post, $"{path}/{step}", body, versioned ? BudgetService.ETag(project) : null, versioned ? null : Guid.NewGuid().ToString());
        var finding = new { on = On("04-02"), description = "La tubería es más delgada que la de la carpeta.", evidenceId = await service.PhotoAsync() };
        using var april = service.Clock.NoonOf(On("04-03"));
        await ByCommitteeAsync(Guid.NewGuid(), "findings", finding).ProblemAsync(HttpStatusCode.Forbidden, "not_your_project");
        await ByCommitteeAsync(executing, "findings", finding).ProblemAsync(HttpStatusCode.Forbidden, "not_your_project");
        await ByCommitteeAsync(oversight, "visits", new { on = On("04-02"), report = "Se midió la zanja.", photoId = await service.PhotoAsync() }, versioned: false).JsonAsync();

        // A visit that told of a person is taken back: its words and its photo leave the project's page as well.
        var seen = await service.PhotoAsync();
        await ByCommitteeAsync(oversight, "visits", new { on = On("04-02"), report = "Nos recibió la niña Inventada.", photoId = seen }, versioned: false).JsonAsync();
        await service.EverythingSaidAsync();
        Task<string> PageAsync() => service.As(null).GetStringAsync(new Uri($"/v1/budget/public/projects/{id}", UriKind.Relative));
        Assert.Contains("Inventada", (await PageAsync()).Replace("Constructora Inventada", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var visited = await service.QueryAsync<Guid>($"SELECT message_id FROM published_event WHERE subject = '{id}' AND body ->> 'report' LIKE '%Inventada%'");
        await service.PostAsync(Roles.UnitHead, $"/published/{visited}/withdrawal", new { cause = "personal-data" }).JsonAsync();
        Assert.DoesNotContain("Inventada", (await PageAsync()).Replace("Constructora Inventada", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Se midi", await PageAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await service.As(null).GetAsync(new Uri($"/v1/budget/public/projects/{id}/photos/{seen}", UriKind.Relative))).StatusCode);
        project = await service.GetAsync(Roles.Resident, $"/projects/{id}").JsonAsync();
        await ByCommitteeAsync(oversight, "findings", finding with { on = On("01-24") }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "before_committee");
        project = await ByCommitteeAsync(oversight, "findings", finding).JsonAsync();
        await ByCommitteeAsync(oversight, "findings/1/notification", new { on = On("04-01") }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "before_last_step");
        // Notified the day before, entered today: from today the municipality has its fifteen days.
        project = await ByCommitteeAsync(oversight, "findings/1/notification", new { on = On("04-02") }).JsonAsync();
        Assert.Equal(("notified", On("04-18")), (project["findings"]![0]!.Text("state"), project["findings"]![0]!.Text("answerDue")));
        april.Dispose();

        // The committee reads the dossier of its project; another one does not, and neither reads files by their ids.
        var document = $"/v1/budget/projects/{id}/documents";
        Assert.Equal(HttpStatusCode.OK, (await service.AsCommittee(oversight).GetAsync(new Uri($"{document}/1/content", UriKind.Relative))).StatusCode);
        foreach (var paper in new[] { document, $"{document}/1/content", $"/v1/budget/projects/{id}/commitments" })
            await service.AsCommittee(Guid.NewGuid()).GetAsync(new Uri(paper, UriKind.Relative)).ProblemAsync(HttpStatusCode.Forbidden, "not_your_project");
        var carpeta = (await service.AsCommittee(oversight).GetAsync(new Uri(document, UriKind.Relative)).JsonAsync())["items"]![0]!.Text("fileId");
        await service.AsCommittee(oversight).GetAsync(new Uri($"/v1/budget/files/{carpeta}", UriKind.Relative)).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        // What is shown to everybody is no paper of the dossier.
        await ByCommitteeAsync(oversight, "findings", finding with { evidenceId = carpeta }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "not_to_be_shown");
        await ByCommitteeAsync(oversight, "findings", finding with { evidenceId = "" }).ProblemAsync(HttpStatusCode.BadRequest, "unreadable_body");
        await ByCommitteeAsync(oversight, "findings", finding with { evidenceId = Guid.NewGuid().ToString() }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "file_missing");
        await ByCommitteeAsync(oversight, "visits", new { on = On("04-02"), report = "Sin foto." }, versioned: false).ProblemAsync(HttpStatusCode.BadRequest, "unreadable_body");

        project = await StepAsync(project, "milestones/2", new { on = On("05-12"), place = "El Norte", photoId = await service.PhotoAsync() });
        project = await StepAsync(project, "provisional-reception", new { on = On("05-15") });
        Assert.Equal((5, 6, On("07-14")), ((int)project["daysLate"]!, (int)project["receptionDaysLate"]!, project.Text("finalReceptionDue"))); // Today, 20 July.
        await TryAsync(project, "final-reception", new { on = On("07-15") }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "final_reception_late");
        Assert.Equal("final_reception_in_time", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE project SET final_on = '{On("07-15")}' WHERE id = '{id}' RETURNING 'x'"))).ConstraintName);
        project = await StepAsync(project, "final-reception", new { on = On("07-15"), reason = "La lluvia cortó el camino." });
        Assert.Equal((5, 1), ((int)project["daysLate"]!, (int)project["receptionDaysLate"]!));
        project = await SpendAsync(id, "commitments", new { line = 1, amount = 9_000, reference = "Contrato", on = On("02-01") });
        await TryAsync(project, "settlement", new { on = On("07-15") }, Roles.Finance).ProblemAsync(HttpStatusCode.Conflict, "commitments_open");
        await SpendAsync(id, "payments", new { commitment = 1, amount = 8_500, reference = "Cheque 1", on = On("05-20") });
        foreach (var (kind, value) in new[] { ("labour", 480), ("materials", 75), ("cash", 300) })
            project = await SpendAsync(id, "contributions", new { kind, description = "De la comunidad", value, on = On("05-20") });
        Assert.Equal(
            ["cash 300 300", "labour 1200 480", "materials 0 75"],
            project["contributionTotals"]!.AsArray().Select(t => FormattableString.Invariant($"{t!.Text("kind")} {(decimal)t!["agreed"]!:0} {(decimal)t!["received"]!:0}")));
        project = await SpendAsync(id, "commitments/1/release", new { amount = 500, on = On("06-01"), reason = "Costó menos." });
        project = await StepAsync(project, "settlement", new { on = On("07-15") }, Roles.Finance);

        // The finding blocks closing until it was answered and resolved; the database says so as well.
        await TryAsync(project, "closing", new { on = On("07-18") }, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "findings_open");
        var blocked = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE project SET state = 'closed' WHERE id = '{id}' RETURNING 'x'"));
        Assert.Equal("findings_before_closing", blocked.ConstraintName);
        await service.Services.GetServices<IHostedService>().OfType<WatchFindings>().Single().ApplyAsync(TestContext.Current.CancellationToken);
        project = await service.GetAsync(Roles.Resident, $"/projects/{id}").JsonAsync();
        Assert.Equal("escalated", project["findings"]![0]!.Text("state")); // Nobody had answered by 18 April.
        await ByCommitteeAsync(oversight, "findings/1/resolution", new { on = On("07-20"), text = "x" }).ProblemAsync(HttpStatusCode.Conflict, "not_yours_to_resolve");
        // It is not resolved before it is answered, in the council either; the database says so as well.
        await TryAsync(project, "findings/1/resolution", new { on = On("07-20"), text = "x" }, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "finding_not_answered");
        Assert.Equal("finding_answered", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync(
            $"UPDATE finding SET state = 'resolved', decision = 'x', resolved_on = found_on WHERE project_id = '{id}' RETURNING 'x'"))).ConstraintName);
        project = await StepAsync(project, "findings/1/answer", new { on = On("07-20"), text = "Se cambió la tubería." });
        await TryAsync(project, "closing", new { on = On("07-20") }, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "findings_open");
        await ByCommitteeAsync(oversight, "findings/1/resolution", new { on = On("07-20"), text = "x" }).ProblemAsync(HttpStatusCode.Conflict, "not_yours_to_resolve");
        project = await StepAsync(project, "findings/1/resolution", new { on = On("07-20"), text = "Lo comprobamos en la obra." }, Roles.Council);
        project = await StepAsync(project, "closing", new { on = On("07-20") }, Roles.Council);
        Assert.Equal(("closed", 100, 8_500m), (project.Text("state"), (int)project["progress"]!, (decimal)project["paid"]!));

        // What ended stays.
        await TryAsync(project, "ending", new { kind = "cancelled", on = On("07-20"), reason = "x" }, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "project_ended");
        await service.PostAsync(Roles.Finance, $"/projects/{id}/payments", new { commitment = 1, amount = -1, reference = "x", reason = "x", on = On("07-20") }, key: "k").ProblemAsync(HttpStatusCode.Conflict, "project_not_spending");
        foreach (var change in new[] { "UPDATE project SET name = 'x' WHERE id", "UPDATE contribution SET value = 1 WHERE project_id", "UPDATE project_step SET reason = 'x' WHERE project_id", "DELETE FROM finding WHERE project_id" })
            Assert.Equal("project_ended", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} = '{id}' RETURNING 'x'"))).ConstraintName);
        foreach (var change in new[] { "DELETE FROM payment WHERE project_id", "UPDATE payment SET amount = 1 WHERE project_id", "UPDATE commitment SET paid = 0 WHERE project_id" })
            Assert.Contains((await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} = '{id}' RETURNING 'x'"))).ConstraintName, new[] { "money_stays", "project_ended" });
        // Everybody sees it; the cycle ends with it, and then nothing of the cycle changes.
        var page = WebUtility.HtmlDecode(await (await service.GetAsync(null, $"/public/projects/{id}")).Content.ReadAsStringAsync());
        foreach (var words in new[] { "Agua", "Cerrada", "Tubería", "5 días; recepción definitiva: 1 día", "mano de obra: $480.00 de $1,200.00 acordados", "La lluvia cortó el camino.", "La tubería es más delgada", "Lo comprobamos en la obra", "Se midió la zanja", "$8,500.00", "Comité oversight" })
            Assert.Contains(words, page, StringComparison.Ordinal);
        var photo = project["milestones"]![0]!.Text("photoId");
        Assert.Equal("image/png", (await service.GetAsync(null, $"/public/projects/{id}/photos/{photo}")).Content.Headers.ContentType!.MediaType);
        var dossier = (await service.GetAsync(Roles.Auditor, $"/projects/{id}/documents").JsonAsync())["items"]![0]!.Text("fileId");
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync(null, $"/public/projects/{id}/photos/{dossier}")).StatusCode);
        var accounts = await service.GetAsync(Roles.Resident, $"/cycles/{cycle.Id}/accountability").JsonAsync();
        Assert.Equal([500m, 2_500m], project["lines"]!.AsArray().Select(l => (decimal)l!["variance"]!));
        Assert.Equal(
            (3_000m, 3_000m, 3_000m, 1, 1, "300 480 75"),
            ((decimal)accounts["variance"]!, (decimal)accounts["zones"]![0]!["variance"]!, (decimal)accounts["projects"]![0]!["variance"]!, (int)accounts["receptionDaysLate"]!,
                (int)accounts["projects"]![0]!["receptionDaysLate"]!, string.Join(' ', accounts["contributions"]!.AsArray().Select(c => FormattableString.Invariant($"{(decimal)c!["received"]!:0}")))));
        Assert.Equal(
            (11_500m, 8_500m, 8_500m, 5, 100m, 73.9m),
            ((decimal)accounts["approved"]!, (decimal)accounts["committed"]!, (decimal)accounts["paid"]!, (int)accounts["projects"]![0]!["daysLate"]!, (decimal)accounts["zones"]![0]!["progress"]!,
                (decimal)accounts["zones"]![0]!["financialProgress"]!));
        // Files that nothing names are dropped after a week; what the project shows stays.
        var unused = await service.PhotoAsync();
        await service.RowsAsync("UPDATE stored_file SET stored_at = stored_at - interval '5000 days' RETURNING 'x'");
        await service.Services.GetServices<IHostedService>().OfType<Files.DropUnusedFiles>().Single().ApplyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["dossier", "photo"], await service.RowsAsync($"SELECT CASE id WHEN '{dossier}' THEN 'dossier' ELSE 'photo' END FROM stored_file WHERE id IN ('{unused}', '{photo}', '{dossier}') ORDER BY 1"));
        Assert.Contains("<svg", await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}/accountability")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // The cycle's page leads to its works and its accounts, and these to each work.
        foreach (var (from, to) in new[] { ("", $"/v1/budget/public/projects/{id}"), ("", $"/v1/budget/public/cycles/{cycle.Id}/accountability"), ("/accountability", $"/v1/budget/public/projects/{id}") })
            Assert.Contains($"href=\"{to}\"", await (await service.GetAsync(null, $"/public/cycles/{cycle.Id}{from}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var early in new[] { "2001-01-01", On("07-19") }) // The last of its works was closed on the 20th.
            await cycle.TryCycleStepAsync("finish", new { on = early }, Roles.Council).ProblemAsync(HttpStatusCode.UnprocessableEntity, "before_last_step");
        await cycle.TryCycleStepAsync("finish", new { on = On("07-20") }, Roles.UnitHead).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal("finished", (await cycle.CycleStepAsync("finish", new { on = On("07-20") }, Roles.Council)).Text("state"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM cycle_key WHERE cycle_id = '{cycle.Id}'"));
        await NothingOfItChangesAsync(cycle.Id);
        await service.EverythingSaidAsync();
        var told = await service.RowsAsync($"SELECT type FROM published_event WHERE subject = '{id}' GROUP BY type ORDER BY type");
        Assert.Equal(7, told.Count);
    }

    /// <summary>
    /// Whatever row of whatever table belongs to a finished cycle or an ended project: written again, even as it is, copied, or
    /// deleted, it is refused. A table that is made later is looked at too.
    /// </summary>
    private async Task NothingOfItChangesAsync(Guid cycle)
    {
        string[] said = ["cycle_is_finished", "cycle_is_agreed", "project_ended", "vote_stays", "result_stays", "count_stays", "money_stays", "line_is_agreed", "budget_cycle_pkey"]; // Only the cycle itself is kept from a copy by its key.
        var (proposals, projects) = ($"IN (SELECT id FROM proposal WHERE cycle_id = '{cycle}')", $"IN (SELECT id FROM project WHERE cycle_id = '{cycle}')");
        var ways = new (string Column, string Of)[] { ("cycle_id", $"= '{cycle}'"), ("project_id", projects), ("proposal_id", proposals), ("from_id", proposals), ("into_id", proposals) };
        var columns = await service.RowsAsync(
            """
            SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name IN ('cycle_id', 'project_id', 'proposal_id', 'from_id', 'into_id')
            """);
        var tables = columns.Select(c => c.Split('.')).GroupBy(c => c[0], c => c[1]).Select(g => (Name: g.Key, Way: ways.First(w => g.Contains(w.Column)))).Where(t => t.Name != "project_committee") // What Organizations says of its committees goes on.
            .Select(t => (t.Name, Where: $"{t.Way.Column} {t.Way.Of}", t.Way.Column)).Append(("budget_cycle", $"id = '{cycle}'", "id")).ToList();
        var empty = new List<string>();
        foreach (var (table, where, column) in tables)
        {
            if (await service.QueryAsync<long>($"SELECT count(*) FROM {table} WHERE {where}") == 0)
            {
                empty.Add(table);
                continue;
            }
            var copy = table == "ballot_mark" ? $"SELECT id, cycle_id, zone, 1, 1 FROM ballot b WHERE {where} AND NOT EXISTS (SELECT 1 FROM ballot_mark m WHERE m.ballot_id = b.id)" : $"SELECT * FROM {table} WHERE {where}";
            var some = table == "ballot" ? $"{where} AND NOT EXISTS (SELECT 1 FROM ballot_mark m WHERE m.ballot_id = ballot.id)" : where;
            string[] changes =
            [
                $"UPDATE {table} SET {column} = {column} WHERE {where}", $"UPDATE {table} SET {column} = gen_random_uuid() WHERE {where}", $"INSERT INTO {table} {copy}",
                $"SET budget.shaking = 'on'; DELETE FROM {table} WHERE {some}",
            ];
            foreach (var change in changes)
            {
                var refused = await Record.ExceptionAsync(() => service.RowsAsync($"{change} RETURNING 'x'"));
                Assert.True(refused is PostgresException { ConstraintName: { } constraint } && said.Contains(constraint), $"{change}: {refused?.Message}");
            }
        }
        // What this cycle had none of: nothing was divided or excluded, and nobody counted paper.
        Assert.Equal(["candidate_exclusion", "cycle_key", "paper_count", "polling_place", "proposal_file", "proposal_trace"], empty.Order());
        foreach (var gone in new[] { $"candidate_exclusion VALUES ('{cycle}', 1, 1, 2)", $"paper_count VALUES ('{cycle}', 1, 1, 0, '[]', NULL, 'x', now())", $"cycle_key VALUES ('{cycle}', decode(repeat('ab', 32), 'hex'))", $"polling_place SELECT '{cycle}', 99, 1, 'booth', 'x', 'x', now(), NULL" })
            Assert.Equal("cycle_is_finished", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"INSERT INTO {gone} RETURNING 'x'"))).ConstraintName);
        // Nor does anything of another one move in.
        var foreign = await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"INSERT INTO contribution SELECT id, 99, 'cash', 'x', 1, ended_on, 'x' FROM project WHERE cycle_id = '{cycle}' RETURNING 'x'"));
        Assert.Equal("project_ended", foreign.ConstraintName);
        var photo = (await service.RowsAsync("SELECT id::text FROM stored_file LIMIT 1"))[0];
        foreach (var (change, constraint) in new[] { ("content = content || decode('00', 'hex')", "file_stays"), ("sha256 = decode(repeat('ab', 32), 'hex')", "file_stays") })
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE stored_file SET {change} WHERE id = '{photo}' RETURNING 'x'"))).ConstraintName);
    }

    /// <summary>A committee that is silent, or that is no more, keeps no works from ending: what it found goes to the council by itself, and is answered.</summary>
    [Fact]
    public async Task A_finding_that_nobody_takes_further_goes_to_the_council_by_itself()
    {
        var (cycle, project) = await ApprovedAsync();
        var id = project.Text("id");
        string On(string date) => $"{cycle.Year}-{date}";
        var oversight = Guid.CreateVersion7();
        await TellCommitteeAsync(oversight, "oversight", Guid.Parse(id), On("01-06"));
        using (service.Clock.NoonOf(On("03-01")))
        {
            var body = new { on = On("03-01"), description = "El material no está.", evidenceId = await service.PhotoAsync() };
            project = await service.AsCommittee(oversight).SendJsonAsync(HttpMethod.Post, $"/v1/budget/projects/{id}/findings", body, BudgetService.ETag(project)).JsonAsync();
        }
        await service.TellAsync(new CommitteeDissolved
        {
            CommitteeId = oversight, Kind = "oversight", Name = "Comité oversight", Place = new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Norte", "El Norte, San Ensayo"), DissolvedOn = new(cycle.Year, 3, 2), ProjectId = Guid.Parse(id), Version = 2,
        });
        async Task<string> AfterAsync(string date)
        {
            using var day = service.Clock.NoonOf(On(date));
            await service.Services.GetServices<IHostedService>().OfType<WatchFindings>().Single().ApplyAsync(TestContext.Current.CancellationToken);
            project = await service.GetAsync(Roles.Resident, $"/projects/{id}").JsonAsync();
            return project["findings"]![0]!.Text("state");
        }
        Assert.Equal("open", await AfterAsync("03-16")); // The fifteenth day is still the committee's.
        Assert.Equal("notified", await AfterAsync("03-17"));
        Assert.Equal(On("04-01"), project["findings"]![0]!.Text("answerDue"));
        using (service.Clock.NoonOf(On("03-20")))
            project = await StepAsync(project, "findings/1/answer", new { on = On("03-20"), text = "Está en bodega." });
        Assert.Equal("answered", await AfterAsync("04-04"));
        Assert.Equal("escalated", await AfterAsync("04-05"));
        // A date of before takes no days from anybody: they count from when the step could be read.
        using (service.Clock.NoonOf(On("05-01")))
        {
            var successor = Guid.CreateVersion7();
            await TellCommitteeAsync(successor, "oversight", Guid.Parse(id), On("03-03"));
            Task<JsonNode> ByAsync(string step, object body) => service.AsCommittee(successor).SendJsonAsync(HttpMethod.Post, $"/v1/budget/projects/{id}/{step}", body, BudgetService.ETag(project)).JsonAsync();
            project = await ByAsync("findings", new { on = On("03-03"), description = "Falta cemento.", evidenceId = await service.PhotoAsync() });
            await service.Services.GetServices<IHostedService>().OfType<WatchFindings>().Single().ApplyAsync(TestContext.Current.CancellationToken);
            project = await ByAsync("findings/2/notification", new { on = On("03-04") });
            project = await StepAsync(project, "findings/2/answer", new { on = On("03-04"), text = "Llegó ayer." });
            await service.Services.GetServices<IHostedService>().OfType<WatchFindings>().Single().ApplyAsync(TestContext.Current.CancellationToken);
            project = await ByAsync("findings/2/resolution", new { on = On("05-01"), text = "Lo vimos." });
            Assert.Equal("resolved", project["findings"]![1]!.Text("state"));
        }
        using (service.Clock.NoonOf(On("05-06")))
        {
            await TryAsync(project, "ending", new { kind = "void", on = On("05-06"), reason = "Ya no." }, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "findings_open");
            project = await StepAsync(project, "findings/1/resolution", new { on = On("05-06"), text = "El concejo lo vio en bodega." }, Roles.Council);
            Assert.Equal("void", (await StepAsync(project, "ending", new { kind = "void", on = On("05-06"), reason = "Ya no." }, Roles.Council)).Text("state"));
        }
    }

    [Fact]
    public async Task The_database_itself_keeps_what_a_zone_grants_also_when_two_projects_begin_at_once()
    {
        var (cycle, project) = await ApprovedAsync("Agua", "Puente", "Muro");
        var id = project.Text("id");
        Task<List<string>> BeginAsync(string title, decimal granted) => service.RowsAsync(
            $"""
            INSERT INTO project (id, version, cycle_id, zone, proposal_id, name, place, granted, final_reception_days, state, created_at)
            SELECT gen_random_uuid(), 1, cycle_id, zone, id, title, content -> 'place', {granted}, 60, 'idea', now() FROM proposal WHERE cycle_id = '{cycle.Id}' AND title = '{title}' RETURNING 'x'
            """);
        async Task<string> RefusedAsync(Func<Task> change) => (await Assert.ThrowsAsync<PostgresException>(change)).ConstraintName!;
        // The zone has 21,200 and gave 12,000.
        Assert.Equal("granted_within_heading", await RefusedAsync(() => BeginAsync("Puente", 9_200.01m)));
        var both = await Task.WhenAll(new[] { "Puente", "Muro" }.Select(t => Record.ExceptionAsync(() => BeginAsync(t, 9_000)).AsTask()));
        Assert.Equal("granted_within_heading", Assert.IsType<PostgresException>(Assert.Single(both, e => e is not null)).ConstraintName);
        // What was agreed, and sums that nobody entered.
        foreach (var (change, constraint) in new[]
        {
            ($"INSERT INTO commitment VALUES ('{id}', 1, 1, 100, 0, 50, 'x', current_date, 'x')", "money_stays"),
            ($"INSERT INTO commitment VALUES ('{id}', 1, 1, 100, 50, 0, 'x', current_date, 'x')", "money_stays"),
            ($"INSERT INTO commitment VALUES ('{id}', 1, 1, 9000.01, 0, 0, 'x', current_date, 'x')", "committed_within_approved"),
            ($"INSERT INTO project_line VALUES ('{id}', 9, 'x', 1, 1, 0)", "line_is_agreed"),
            ($"INSERT INTO milestone VALUES ('{id}', 9, 'x', 1, current_date)", "line_is_agreed"),
            ($"UPDATE milestone SET weight = 1 WHERE project_id = '{id}'", "line_is_agreed"),
            ($"DELETE FROM milestone WHERE project_id = '{id}'", "line_is_agreed"),
            ($"UPDATE agreed_contribution SET value = 1 WHERE project_id = '{id}'", "line_is_agreed"),
        })
            Assert.Equal(constraint, await RefusedAsync(() => service.RowsAsync($"{change} RETURNING 'x'")));
    }

    [Fact]
    public async Task Money_never_passes_what_was_committed_or_approved_also_when_many_spend_at_once()
    {
        var (cycle, project) = await ApprovedAsync();
        var id = project.Text("id");
        using var day = service.Clock.NoonOf($"{cycle.Year}-01-20");
        object Commit(decimal amount) => new { line = 1, amount, reference = "Orden", on = $"{cycle.Year}-01-10" };
        // The line has 9,000: of twelve who commit 2,000 at once, four get it.
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => service.PostAsync(Roles.Finance, $"/projects/{id}/commitments", Commit(2_000), key: Guid.NewGuid().ToString())));
        Assert.Equal((4, 8), (answers.Count(a => a.IsSuccessStatusCode), answers.Count(a => a.StatusCode == HttpStatusCode.UnprocessableEntity)));
        var paid = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.PostAsync(
            Roles.Finance, $"/projects/{id}/payments", new { commitment = 1, amount = 900, reference = "Cheque", on = $"{cycle.Year}-01-12" }, key: Guid.NewGuid().ToString())));
        Assert.Equal(2, paid.Count(a => a.IsSuccessStatusCode));
        Assert.Equal(["8000.00 1800.00"], await service.RowsAsync($"SELECT committed || ' ' || paid FROM project_line WHERE project_id = '{id}' AND number = 1"));
        Task<HttpResponseMessage> PayAsync(decimal amount, string? reason = null) => service.PostAsync(
            Roles.Finance, $"/projects/{id}/payments", new { commitment = 1, amount, reference = "Cheque", reason, on = $"{cycle.Year}-01-12" }, key: Guid.NewGuid().ToString());
        await PayAsync(-100).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reason_missing");
        await PayAsync(-1_900, "Se anuló").ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_reversed");
        await PayAsync(0.001m).ProblemAsync(HttpStatusCode.UnprocessableEntity, "amount");
        await PayAsync(201).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_committed");
        var view = await PayAsync(-900, "El cheque se anuló").JsonAsync();
        Assert.Equal((8_000m, 900m), ((decimal)view["committed"]!, (decimal)view["paid"]!));
        await service.PostAsync(Roles.Finance, $"/projects/{id}/commitments/1/release", new { amount = 1_101, on = $"{cycle.Year}-01-13", reason = "Costó menos." }, key: Guid.NewGuid().ToString()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_committed");
        view = await SpendAsync(id, "commitments/1/release", new { amount = 1_100, on = $"{cycle.Year}-01-13", reason = "Costó menos." });
        Assert.Equal((6_900m, 900m), ((decimal)view["committed"]!, (decimal)view["paid"]!));
        view = await service.PostAsync(Roles.Promoter, $"/projects/{id}/contributions", new { kind = "labour", description = "40 jornales", value = 480, on = $"{cycle.Year}-01-15" }, key: Guid.NewGuid().ToString()).JsonAsync();
        Assert.Equal(480m, (decimal)view["contributed"]!);
        var list = await service.GetAsync(Roles.Finance, $"/projects/{id}/commitments").JsonAsync();
        Assert.Equal([900m, 900m, -900m], list["items"]![0]!["payments"]!.AsArray().Select(p => (decimal)p!["amount"]!));
        // What was released stands there as what was paid does, and nobody takes it back in silence.
        Assert.Equal((1_100m, "Costó menos."), ((decimal)list["items"]![0]!["releases"]![0]!["amount"]!, list["items"]![0]!["releases"]![0]!.Text("reason")));
        foreach (var change in new[] { "UPDATE commitment SET released = 0 WHERE project_id", "UPDATE commitment_release SET amount = 1 WHERE project_id", "DELETE FROM commitment_release WHERE project_id" })
            Assert.Equal("money_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} = '{id}' RETURNING 'x'"))).ConstraintName);
        await service.EverythingSaidAsync();
        Assert.Empty(await service.RowsAsync(
            $"SELECT body::text FROM published_event WHERE subject = '{id}' AND ((body ->> 'committed')::numeric > (body ->> 'approved')::numeric OR (body ->> 'paid')::numeric > (body ->> 'committed')::numeric)"));
    }

    /// <summary>Whatever is entered in whatever order, the books say what a ledger kept beside them says, and refuse what it refuses.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_entries_agree_with_a_ledger_kept_beside_them(int seed)
    {
        var (cycle, project) = await ApprovedAsync();
        var id = project.Text("id");
        using var day = service.Clock.NoonOf($"{cycle.Year}-01-20");
        var random = new Random(seed);
        var approved = new decimal[] { 9_000, 2_500 };
        var commitments = new List<(int Line, decimal Amount, decimal Released, decimal Paid)>();
        decimal Committed(int line) => commitments.Where(c => c.Line == line).Sum(c => c.Amount - c.Released);
        for (var step = 0; step < 60; step++)
        {
            var amount = random.Next(1, 400_000) / 100m;
            var which = commitments.Count == 0 ? -1 : random.Next(commitments.Count);
            var entry = which < 0 ? 0 : random.Next(4);
            var chosen = which < 0 ? default : commitments[which];
            var line = random.Next(2);
            var (path, body, fits) = entry switch
            {
                0 => ("commitments", (object)new { line = line + 1, amount, reference = "Orden", on = $"{cycle.Year}-01-10" }, Committed(line) + amount <= approved[line]),
                1 => ("payments", new { commitment = which + 1, amount, reference = "Cheque", on = $"{cycle.Year}-01-12" }, chosen.Paid + amount <= chosen.Amount - chosen.Released),
                2 => ("payments", new { commitment = which + 1, amount = -amount, reference = "Cheque", reason = "Se anuló", on = $"{cycle.Year}-01-12" }, amount <= chosen.Paid),
                _ => ($"commitments/{which + 1}/release", new { amount, on = $"{cycle.Year}-01-13", reason = "Costó menos." }, chosen.Paid + chosen.Released + amount <= chosen.Amount),
            };
            using var answer = await service.PostAsync(Roles.Finance, $"/projects/{id}/{path}", body, key: Guid.NewGuid().ToString());
            Assert.Equal(fits ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            if (!fits)
                continue;
            if (entry == 0)
                commitments.Add((line, amount, 0, 0));
            else
                commitments[which] = entry == 3 ? chosen with { Released = chosen.Released + amount } : chosen with { Paid = chosen.Paid + (entry == 1 ? amount : -amount) };
        }
        Assert.Equal(
            new[] { 0, 1 }.Select(l => (Committed(l), commitments.Where(c => c.Line == l).Sum(c => c.Paid))),
            (await service.GetAsync(Roles.Finance, $"/projects/{id}").JsonAsync())["lines"]!.AsArray().Select(l => ((decimal)l!["committed"]!, (decimal)l["paid"]!)));
        Assert.True(commitments.Count > 3 && commitments.Exists(c => c.Paid > 0));
        foreach (var change in new[] { "UPDATE project_line SET paid = 0, committed = 0", "UPDATE commitment SET paid = paid + 0.01", "DELETE FROM payment", "UPDATE payment SET amount = 1" })
            Assert.Equal("money_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} WHERE project_id = '{id}' RETURNING 'x'"))).ConstraintName);
    }

    [Fact]
    public async Task A_dossier_adds_up_and_a_zone_does_not_include_more_than_it_has()
    {
        var cycle = await service.OpenAsync();
        await cycle.FeasibleAsync("Agua", 12_000);
        await cycle.FeasibleAsync("Puente", 10_000);
        await cycle.PublishedAsync();
        using (cycle.On("10-20"))
        {
            for (var i = 0; i < 10; i++)
                await cycle.VoteAsync(BudgetService.NewDui(), [1, 2]).JsonAsync();
        }
        using var day = service.Clock.NoonOf($"{cycle.Year - 1}-11-10");
        await cycle.DeclareAsync("7");
        var proposals = (await service.GetAsync(Roles.Council, $"/proposals?cycleId={cycle.Id}").JsonAsync())["items"]!.AsArray();
        Assert.Equal(["Agua waiting-list", "Puente prioritised"], proposals.Select(p => $"{p!.Text("title")} {p!.Text("state")}"));
        async Task<HttpResponseMessage> IncludeAsync(JsonNode summary)
        {
            var seen = await service.GetAsync(Roles.Council, $"/proposals/{summary.Text("id")}").JsonAsync();
            return await service.PostAsync(Roles.Council, $"/proposals/{summary.Text("id")}/inclusion", Agreement(cycle), BudgetService.ETag(seen));
        }
        // What waits does not pass what won, also before the council has included it.
        await IncludeAsync(proposals[0]!).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_money");
        var included = new[] { await IncludeAsync(proposals[1]!).JsonAsync() };
        await IncludeAsync(proposals[0]!).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_money");
        var project = await service.PostAsync(Roles.UnitHead, $"/proposals/{Assert.Single(included).Text("id")}/project", null, key: Guid.NewGuid().ToString()).JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/proposals/{included[0].Text("id")}/project", null, key: Guid.NewGuid().ToString()).ProblemAsync(HttpStatusCode.Conflict, "proposal_not_there");
        var id = project.Text("id");
        project = await StepAsync(project, "profile", new { on = $"{cycle.Year - 1}-11-10" });
        project = await StepAsync(project, "dossier", new { on = $"{cycle.Year - 1}-11-10" });
        Task<HttpResponseMessage> WriteAsync(decimal amount, int weight) => service.PutAsync(Roles.UnitHead, $"/projects/{id}/dossier", new
        {
            lines = new[] { new { name = "Obra", amount } }, milestones = new[] { new { name = "Todo", weight, dueOn = $"{cycle.Year}-04-01" } },
        }, BudgetService.ETag(project));
        var granted = (decimal)project["granted"]!;
        await WriteAsync(granted + 0.01m, 100).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_granted");
        await WriteAsync(granted, 99).ProblemAsync(HttpStatusCode.UnprocessableEntity, "weights_not_100");
        project = await WriteAsync(100, 100).JsonAsync();
        project = await WriteAsync(granted, 100).JsonAsync(); // Written anew.
        Assert.Equal("lines_within_granted", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"INSERT INTO project_line VALUES ('{id}', 9, 'x', 0.01) RETURNING 'x'"))).ConstraintName);
        Assert.Equal("money_stays", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"INSERT INTO project_line VALUES ('{id}', 9, 'x', 0.01, 0.01) RETURNING 'x'"))).ConstraintName);
        await service.PutAsync(Roles.UnitHead, $"/projects/{id}/dossier", new
        {
            lines = new[] { new { name = "Obra", amount = 1 } }, milestones = new[] { new { name = "Todo", weight = 100, dueOn = $"{cycle.Year}-04-01" } },
            contributions = new[] { new { kind = "cash", description = "Rifa", value = 5 }, new { kind = "cash", description = "Otra rifa", value = 5 } },
        }, BudgetService.ETag(project)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "contribution_twice");
        await TryAsync(project, "approval", Agreement(cycle), Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "dossier_incomplete");
        await service.PostAsync(Roles.Finance, $"/projects/{id}/commitments", new { line = 1, amount = 1, reference = "x", on = $"{cycle.Year - 1}-11-01" }, key: "k").ProblemAsync(HttpStatusCode.Conflict, "project_not_spending");
        project = await StepAsync(project, "ending", new { kind = "void", on = $"{cycle.Year - 1}-11-10", reason = "La comunidad pidió la otra." }, Roles.Council);
        Assert.Equal("void", project.Text("state"));
        // Its money is free for the other one.
        Assert.Equal("included", (await IncludeAsync(proposals[0]!).JsonAsync()).Text("state"));
    }

    [Fact]
    public async Task A_project_that_does_not_go_on_answers_its_findings_and_frees_only_what_was_not_paid()
    {
        var (cycle, project) = await ApprovedAsync("Agua", "Puente");
        var id = project.Text("id");
        using var day = service.Clock.NoonOf($"{cycle.Year}-03-20");
        string On(string date) => $"{cycle.Year}-{date}";
        project = await StepAsync(project, "modality", new { direct = true, responsible = "Ing. Inventada", on = On("01-05") });
        var oversight = Guid.CreateVersion7();
        await TellCommitteeAsync(Guid.CreateVersion7(), "executing", Guid.Parse(id), On("01-06"));
        await TellCommitteeAsync(oversight, "oversight", Guid.Parse(id), On("01-06"));
        await SpendAsync(id, "commitments", new { line = 1, amount = 3_000, reference = "Materiales", on = On("01-10") });
        project = await SpendAsync(id, "payments", new { commitment = 1, amount = 3_000, reference = "Cheque", on = On("01-12") });
        await TryAsync(project, "start-order", new { startsOn = $"{cycle.Year + 2}-01-01", endsOn = $"{cycle.Year + 2}-06-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "start_too_far");
        // Ordered for April, found wanting in March, cancelled in March.
        project = await StepAsync(project, "start-order", new { startsOn = On("04-01"), endsOn = On("06-30") });
        await TryAsync(project, "start", new { on = On("03-20") }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "before_last_step");
        Task<JsonNode> ByCommitteeAsync(string step, object body) =>
            service.AsCommittee(oversight).SendJsonAsync(HttpMethod.Post, $"/v1/budget/projects/{id}/{step}", body, BudgetService.ETag(project)).JsonAsync();
        project = await ByCommitteeAsync("findings", new { on = On("03-20"), description = "El material no está.", evidenceId = await service.PhotoAsync() });
        project = await ByCommitteeAsync("findings/1/notification", new { on = On("03-20") });
        var cancelled = new { kind = "cancelled", on = On("03-20"), reason = "El terreno se derrumbó." };
        await TryAsync(project, "ending", cancelled, Roles.Council).ProblemAsync(HttpStatusCode.Conflict, "findings_open");
        project = await StepAsync(project, "findings/1/answer", new { on = On("03-20"), text = "Está en bodega." });
        project = await ByCommitteeAsync("findings/1/resolution", new { on = On("03-20"), text = "Lo vimos." });
        project = await StepAsync(project, "ending", cancelled, Roles.Council);
        Assert.Equal((3_000m, 3_000m, 0), ((decimal)project["approved"]!, (decimal)project["paid"]!, (int)project["daysLate"]!));

        // The zone has 21,200 and 3,000 of them are gone: 19,000 do not fit any more, 18,200 would.
        var waiting = (await service.GetAsync(Roles.Council, $"/proposals?cycleId={cycle.Id}").JsonAsync())["items"]![1]!;
        Assert.Equal(("waiting-list", 19_000m), (waiting.Text("state"), (decimal)waiting["cost"]!));
        waiting = await service.GetAsync(Roles.Council, $"/proposals/{waiting.Text("id")}").JsonAsync();
        await service.PostAsync(Roles.Council, $"/proposals/{waiting.Text("id")}/inclusion", Agreement(cycle), BudgetService.ETag(waiting)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "over_money");
    }

    [Fact]
    public async Task Works_that_stand_still_get_no_later_and_accounts_count_only_what_the_council_approved()
    {
        var (cycle, project) = await ApprovedAsync();
        var id = project.Text("id");
        string On(string date) => $"{cycle.Year}-{date}";
        using var day = service.Clock.NoonOf(On("05-20"));
        await TellCommitteeAsync(Guid.CreateVersion7(), "executing", Guid.Parse(id), On("01-06"));
        await TellCommitteeAsync(Guid.CreateVersion7(), "oversight", Guid.Parse(id), On("01-06"));
        project = await StepAsync(project, "modality", new { direct = true, responsible = "Ing. Inventada", on = On("01-05") });
        project = await StepAsync(project, "start-order", new { startsOn = On("02-01"), endsOn = On("04-30") });
        project = await StepAsync(project, "start", new { on = On("02-01") });
        project = await StepAsync(project, "suspension", new { on = On("05-10"), reason = "Lluvias." });
        Assert.Equal(10, (int)project["daysLate"]!); // From 30 April to 10 May, not to 20 May.
        var accounts = await service.GetAsync(Roles.Resident, $"/cycles/{cycle.Id}/accountability").JsonAsync();
        Assert.Equal((10, 10, 0m, 11_500m), ((int)accounts["daysLate"]!, (int)accounts["zones"]![0]!["daysLate"]!, (decimal)accounts["progress"]!, (decimal)accounts["approved"]!));
        project = await StepAsync(project, "resumption", new { on = On("05-20") });
        Assert.Equal((10, On("05-10")), ((int)project["daysLate"]!, project.Text("endsOn")));
        foreach (var change in new[] { $"UPDATE project_line SET approved = 1 WHERE project_id = '{id}'", $"INSERT INTO project_line VALUES ('{id}', 9, 'x', 1)" })
            Assert.Equal("line_is_agreed", (await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"{change} RETURNING 'x'"))).ConstraintName);
    }

    private static object Agreement(OpenCycle cycle) => new { agreement = new { minutesNumber = 9, agreementNumber = 1, date = $"{cycle.Year - 1}-11-08" } };

    /// <summary>A project of 12,000 whose dossier (9,000 and 2,500; milestones of 40 and 60) the council approved; what else is named costs 19,000 and waits.</summary>
    private async Task<(OpenCycle Cycle, JsonNode Project)> ApprovedAsync(string name = "Agua", params string[] waiting)
    {
        var cycle = await service.OpenAsync();
        await cycle.FeasibleAsync(name, 12_000);
        foreach (var other in waiting)
            await cycle.FeasibleAsync(other, 19_000);
        await cycle.PublishedAsync();
        using (cycle.On("10-20"))
        {
            // What waits has the ten points that the cycle asks for, and one less than what wins.
            for (var i = 0; i <= 10; i++)
                await cycle.VoteAsync(BudgetService.NewDui(), i == 10 ? [1] : [.. Enumerable.Range(1, 1 + waiting.Length)]).JsonAsync();
            await cycle.VoteAsync(BudgetService.NewDui(), []).JsonAsync(); // A blank one.
        }
        using var day = service.Clock.NoonOf($"{cycle.Year - 1}-12-20");
        await cycle.DeclareAsync("7");
        var proposal = (await service.GetAsync(Roles.Council, $"/proposals?cycleId={cycle.Id}").JsonAsync())["items"]![0]!;
        proposal = await service.GetAsync(Roles.Council, $"/proposals/{proposal.Text("id")}").JsonAsync();
        proposal = await service.PostAsync(Roles.Council, $"/proposals/{proposal.Text("id")}/inclusion", Agreement(cycle), BudgetService.ETag(proposal)).JsonAsync();
        var project = await service.PostAsync(Roles.UnitHead, $"/proposals/{proposal.Text("id")}/project", null, key: Guid.NewGuid().ToString()).JsonAsync();
        foreach (var step in new[] { "profile", "dossier" })
            project = await StepAsync(project, step, new { on = $"{cycle.Year - 1}-12-20" });
        project = await service.PutAsync(Roles.UnitHead, $"/projects/{project.Text("id")}/dossier", new
        {
            lines = new[] { new { name = "Perforación", amount = 9_000 }, new { name = "Tubería", amount = 2_500 } },
            milestones = new[] { new { name = "Pozo", weight = 40, dueOn = $"{cycle.Year}-03-31" }, new { name = "Red", weight = 60, dueOn = $"{cycle.Year}-04-30" } },
            contributions = new[] { new { kind = "labour", description = "100 jornales", value = 1_200 }, new { kind = "cash", description = "Rifa", value = 300 } },
        }, BudgetService.ETag(project)).JsonAsync();
        await service.PostAsync(Roles.UnitHead, $"/projects/{project.Text("id")}/documents", new { kind = "dossier", name = "Carpeta técnica", fileId = await service.PhotoAsync() }, key: Guid.NewGuid().ToString()).JsonAsync();
        return (cycle, await StepAsync(project, "approval", new { agreement = new { minutesNumber = 9, agreementNumber = 2, date = $"{cycle.Year - 1}-12-20" } }, Roles.Council));
    }

    private Task TellCommitteeAsync(Guid committee, string kind, Guid project, string on) => service.TellAsync(new CommitteeFormed
    {
        CommitteeId = committee, Kind = kind, Name = $"Comité {kind}", Place = new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Norte", "El Norte, San Ensayo"), FormedOn = DateOnly.Parse(on, System.Globalization.CultureInfo.InvariantCulture), Members = 5, ProjectId = project, Version = 1,
    });

    private Task<HttpResponseMessage> TryAsync(JsonNode project, string step, object? body, string role = Roles.UnitHead) =>
        service.PostAsync(role, $"/projects/{project.Text("id")}/{step}", body, BudgetService.ETag(project));

    private Task<JsonNode> StepAsync(JsonNode project, string step, object? body, string role = Roles.UnitHead) => TryAsync(project, step, body, role).JsonAsync();

    private Task<JsonNode> SpendAsync(string id, string entry, object body) => service.PostAsync(Roles.Finance, $"/projects/{id}/{entry}", body, key: Guid.NewGuid().ToString()).JsonAsync();
}
