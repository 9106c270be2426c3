using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>A proposal from its draft to the word of the technicians.</summary>
public sealed class ProposalTests(BudgetService service) : IClassFixture<BudgetService>
{
    [Fact]
    public async Task Residents_write_with_help_gather_signatures_and_present()
    {
        var cycle = await service.OpenAsync();
        using var day = cycle.On("08-20");
        var template = await service.GetAsync(Roles.Resident, $"/cycles/{cycle.Id}/proposal-template").JsonAsync();
        Assert.Equal((3, 4, 7), ((int)template["minimumSignatures"]!, template["criteria"]!.AsArray().Count, template["parts"]!.AsArray().Count));
        var content = OpenCycle.Proposal("Agua para El Norte");
        content["confirmed"] = new JsonArray();
        var draft = await cycle.DraftAsync(content, Roles.Resident).JsonAsync();
        Assert.Equal(["Reúna 3 firmas de apoyo: hay 0.", "Confirme el punto 1 de la lista: «Lo acordó la comunidad»."], draft["missing"]!.AsArray().Select(m => (string)m!));
        // Nobody else sees a draft; nobody else changes it.
        await service.GetAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", "otro").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.PutAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", content, BudgetService.ETag(draft), "otro").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        draft = await service.PutAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", OpenCycle.Proposal("Agua para El Norte"), BudgetService.ETag(draft), "vecina").JsonAsync();

        var first = BudgetService.NewDui();
        async Task<HttpResponseMessage> SignAsync(string? tokenDui, string? dui) => tokenDui is null
            ? await service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/signatures", new { dui })
            : await service.AsResident(tokenDui).SendJsonAsync(HttpMethod.Post, $"/v1/budget/proposals/{draft.Text("id")}/signatures", new { dui }, BudgetService.ETag(draft));
        Assert.Equal(1, (int)(await SignAsync(first, null).JsonAsync())["signatures"]!);
        await SignAsync(null, first).ProblemAsync(HttpStatusCode.Conflict, "already_signed");
        await SignAsync(null, null).ProblemAsync(HttpStatusCode.UnprocessableEntity, "dui_of_signer");
        await SignAsync(BudgetService.NewDui(), first).ProblemAsync(HttpStatusCode.UnprocessableEntity, "dui_of_signer");
        await service.PostAsync(Roles.Resident, $"/proposals/{draft.Text("id")}/signatures", new { }).ProblemAsync(HttpStatusCode.Forbidden, "not_verified");
        // Whoever signs from afar reads what it asks for, without its papers, and says which words they read.
        var toSign = await service.GetAsync(Roles.Resident, $"/proposals/{draft.Text("id")}/support", "otro").JsonAsync();
        Assert.Equal(("Agua para El Norte", 1, 3, null), (toSign.Text("title"), (int)toSign["signatures"]!, (int)toSign["needed"]!, toSign["estimatedCost"]));
        var old = BudgetService.ETag(draft);
        draft = await service.PutAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", OpenCycle.Proposal("Agua para El Norte y La Loma"), old, "vecina").JsonAsync();
        Assert.Equal(0, (int)draft["signatures"]!); // It asks for something else: nobody has signed that.
        await service.AsResident(BudgetService.NewDui()).SendJsonAsync(HttpMethod.Post, $"/v1/budget/proposals/{draft.Text("id")}/signatures", new { }, old).ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        await SignAsync(BudgetService.NewDui(), null).JsonAsync();
        // Papers, and what it may cost, are beside what was signed.
        var cheaper = OpenCycle.Proposal("Agua para El Norte y La Loma");
        cheaper["estimatedCost"] = 8_000;
        draft = await service.PutAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", cheaper, BudgetService.ETag(draft), "vecina").JsonAsync();
        Assert.Equal(1, (int)draft["signatures"]!);
        await SignAsync(null, BudgetService.NewDui()).JsonAsync();
        Assert.Equal("Reúna 3 firmas de apoyo: hay 2.", (await service.PostAsync(Roles.Resident, $"/proposals/{draft.Text("id")}/submission", null, BudgetService.ETag(draft), subject: "vecina")
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "proposal_incomplete")).Text("detail"));
        await SignAsync(null, BudgetService.NewDui()).JsonAsync();
        var presented = await service.PostAsync(Roles.Resident, $"/proposals/{draft.Text("id")}/submission", null, BudgetService.ETag(draft), subject: "vecina").JsonAsync();
        Assert.Equal(("received", 1, $"{cycle.Year - 1}-09-30"), (presented.Text("state"), (int)presented["number"]!, presented.Text("nextBy")));
        await SignAsync(null, BudgetService.NewDui()).ProblemAsync(HttpStatusCode.Conflict, "proposal_submitted");
        // Nothing of who signed is anywhere but as a key; the event names nobody.
        Assert.Empty(await service.RowsAsync($"SELECT 'x' FROM supporting_signature WHERE encode(person_key, 'escape') LIKE '%{first[..8]}%'"));
        await service.EverythingSaidAsync();
        var told = JsonNode.Parse((await service.RowsAsync($"SELECT body::text FROM published_event WHERE subject = '{draft.Text("id")}'")).Single())!;
        Assert.Null(told["association"]);
        Assert.DoesNotContain("vecina", told.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_association_presents_while_it_is_recognised_and_its_board_is_in_force()
    {
        var cycle = await service.OpenAsync();
        using var day = cycle.On("08-20");
        var id = Guid.CreateVersion7();
        var place = new PlaceRef(Guid.CreateVersion7(), "hamlet", "El Norte", "Caserío El Norte, San Ensayo");
        var draft = await cycle.DraftAsync(OpenCycle.Proposal("Muro", association: id)).JsonAsync();
        Task<HttpResponseMessage> SubmitAsync() => service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/submission", null, BudgetService.ETag(draft));
        await SubmitAsync().ProblemAsync(HttpStatusCode.UnprocessableEntity, "proposal_incomplete");
        await service.TellAsync(new AssociationActivated { AssociationId = id, Name = "ADESCO El Norte", Place = place, BoardFrom = new(2007, 1, 1), BoardUntil = new(2008, 12, 31), Version = 9 });
        await service.TellAsync(new AssociationBoardExpired { AssociationId = id, Name = "ADESCO El Norte", Place = place, ExpiredOn = new(2009, 1, 1), Version = 12 });
        await SubmitAsync().ProblemAsync(HttpStatusCode.UnprocessableEntity, "proposal_incomplete");
        await service.TellAsync(new AssociationActivated { AssociationId = id, Name = "ADESCO El Norte", Place = place, BoardFrom = new(2009, 1, 15), BoardUntil = new(2011, 1, 14), Version = 15 });
        await SubmitAsync().JsonAsync();

        // A resident speaks for it where their account says so, and for no other; signatures are the way of everybody else.
        async Task<HttpResponseMessage> ByAsync(HttpMethod method, string path, object? body, string? etag, Guid? speaksFor)
        {
            using var client = service.As(null);
            client.DefaultRequestHeaders.Authorization = new("Bearer", speaksFor is { } own
                ? Tokens.For(Roles.Resident, subject: "directiva", more: ("association", own.ToString())) : Tokens.For(Roles.Resident, subject: "directiva"));
            return await client.SendJsonAsync(method, $"/v1/budget{path}", body, etag, etag is null ? Guid.NewGuid().ToString() : null);
        }
        foreach (var stranger in new Guid?[] { null, Guid.CreateVersion7() })
            await ByAsync(HttpMethod.Post, $"/cycles/{cycle.Id}/proposals", OpenCycle.Proposal("Cancha", association: id), null, stranger).ProblemAsync(HttpStatusCode.Forbidden, "not_your_association");
        var own = await ByAsync(HttpMethod.Post, $"/cycles/{cycle.Id}/proposals", OpenCycle.Proposal("Cancha"), null, null).JsonAsync();
        await ByAsync(HttpMethod.Put, $"/proposals/{own.Text("id")}", OpenCycle.Proposal("Cancha", association: id), BudgetService.ETag(own), null).ProblemAsync(HttpStatusCode.Forbidden, "not_your_association");
        own = await ByAsync(HttpMethod.Put, $"/proposals/{own.Text("id")}", OpenCycle.Proposal("Cancha", association: id), BudgetService.ETag(own), id).JsonAsync();
        await ByAsync(HttpMethod.Post, $"/proposals/{own.Text("id")}/submission", null, BudgetService.ETag(own), null).ProblemAsync(HttpStatusCode.Forbidden, "not_your_association");
        own = await ByAsync(HttpMethod.Post, $"/proposals/{own.Text("id")}/submission", null, BudgetService.ETag(own), id).JsonAsync();
        Assert.Equal("received", own.Text("state"));
        await ByAsync(HttpMethod.Post, $"/proposals/{own.Text("id")}/withdrawal", new { reason = "x" }, BudgetService.ETag(own), null).ProblemAsync(HttpStatusCode.Forbidden, "not_your_association");
        await service.EverythingSaidAsync();
        Assert.Equal(["ADESCO El Norte"], await service.RowsAsync($"SELECT body ->> 'association' FROM published_event WHERE subject = '{draft.Text("id")}'"));
    }

    /// <summary>In every state the proposer reads what comes next and when; a day that has passed is not promised.</summary>
    [Fact]
    public async Task Whoever_proposes_sees_in_every_state_what_comes_next_and_when()
    {
        var cycle = await service.OpenAsync();
        async Task SaysAsync(string id, string on, string words, string? by)
        {
            using var day = cycle.On(on);
            var seen = await service.GetAsync(Roles.Resident, $"/proposals/{id}", "vecina").JsonAsync();
            Assert.Contains(words, seen.Text("next"), StringComparison.Ordinal);
            Assert.Equal(by is null ? null : $"{cycle.Year - 1}-{by}", (string?)seen["nextBy"]);
        }
        string draft;
        using (cycle.On("08-20"))
            draft = (await cycle.DraftAsync(OpenCycle.Proposal("Borrador")).JsonAsync()).Text("id");
        await SaysAsync(draft, "09-15", "preséntela a más tardar", "09-15");
        await SaysAsync(draft, "09-16", "El plazo para presentarla terminó", "09-15");
        var observed = await cycle.SubmittedAsync("Observada");
        await SaysAsync(observed.Text("id"), "09-20", "revisa si se admite, a más tardar", "09-30");
        await SaysAsync(observed.Text("id"), "10-01", "pregunte en la unidad", "09-30");
        using (cycle.On("09-10"))
            await cycle.StepAsync(observed, "observation", new { text = "Falta el croquis." });
        await SaysAsync(observed.Text("id"), "09-15", "Corrija lo observado a más tardar", "09-15");
        await SaysAsync(observed.Text("id"), "09-16", "la unidad decide", "09-15");
        using (cycle.On("09-16"))
            await cycle.StepAsync(await service.GetAsync(Roles.UnitHead, $"/proposals/{observed.Text("id")}").JsonAsync(), "rejection", new { cause = "not-corrected", reason = "Nadie trajo el croquis." });
        var admitted = await cycle.SubmittedAsync("En revisión");
        using (cycle.On("09-17"))
            await cycle.StepAsync(admitted, "admission", null);
        await SaysAsync(admitted.Text("id"), "09-20", "Los técnicos la valoran, a más tardar", "09-30");
        using (cycle.On("09-20"))
            await cycle.StepAsync(await service.GetAsync(Roles.UnitHead, $"/proposals/{admitted.Text("id")}").JsonAsync(), "rejection", new { cause = "legal", reason = "El terreno no está inscrito." });
        await SaysAsync(admitted.Text("id"), "09-21", "No sigue en este ciclo", null);
        var (wins, waits, unloved) = (await cycle.FeasibleAsync("Gana", 12_000), await cycle.FeasibleAsync("Espera", 19_000), await cycle.FeasibleAsync("Sin votos", 9_000));
        await SaysAsync(wins.Text("id"), "09-21", "la votación comienza", "10-01");
        await SaysAsync(wins.Text("id"), "10-01", "que todavía se publica: se vota a más tardar", "10-31");
        await SaysAsync(wins.Text("id"), "11-01", "la papeleta no se publicó", "10-31");
        await cycle.PublishedAsync();
        await SaysAsync(wins.Text("id"), "10-10", "Está en la papeleta: se vota a más tardar", "10-31");
        using (cycle.On("10-10"))
        {
            for (var i = 0; i <= 10; i++)
                await cycle.VoteAsync(BudgetService.NewDui(), i == 10 ? [(int)wins["number"]!] : [(int)wins["number"]!, (int)waits["number"]!]).JsonAsync();
        }
        await SaysAsync(wins.Text("id"), "11-01", "La votación terminó", "10-31");
        using (cycle.On("11-02"))
            await cycle.DeclareAsync("7");
        await SaysAsync(wins.Text("id"), "11-03", "El concejo la aprueba a más tardar", "12-31");
        await SaysAsync(waits.Text("id"), "11-03", "Entra si otra se cae", "12-31");
        await SaysAsync(unloved.Text("id"), "11-03", "No llegó al mínimo", null);
        using var council = cycle.On("11-10");
        wins = await service.GetAsync(Roles.Council, $"/proposals/{wins.Text("id")}").JsonAsync();
        wins = await cycle.StepAsync(wins, "inclusion", new { agreement = new { minutesNumber = 9, agreementNumber = 1, date = $"{cycle.Year - 1}-11-08" } }, Roles.Council);
        Assert.Equal($"{cycle.Year}-01-01", wins.Text("nextBy"));
        Assert.Null(wins["projectId"]);
        var project = await service.PostAsync(Roles.UnitHead, $"/proposals/{wins.Text("id")}/project", null, key: Guid.NewGuid().ToString()).JsonAsync();
        wins = await service.GetAsync(Roles.Resident, $"/proposals/{wins.Text("id")}", "vecina").JsonAsync();
        Assert.Equal(("turned-into-project", project.Text("id")), (wins.Text("state"), wins.Text("projectId")));
    }

    [Fact]
    public async Task What_is_observed_is_corrected_in_its_days_or_refused()
    {
        var cycle = await service.OpenAsync();
        var proposal = await cycle.SubmittedAsync("Cancha");
        var late = await cycle.SubmittedAsync("Parque");
        using (cycle.On("09-02"))
        {
            proposal = await cycle.StepAsync(proposal, "observation", new { text = "Falta decir de quién es el terreno." }, Roles.Promoter);
            late = await cycle.StepAsync(late, "observation", new { text = "Falta el croquis." });
            Assert.Equal(("observed", $"{cycle.Year - 1}-09-07"), (proposal.Text("state"), proposal.Text("correctBy")));
            await service.PostAsync(Roles.UnitHead, $"/proposals/{late.Text("id")}/rejection", new { cause = "not-corrected", reason = "x" }, BudgetService.ETag(late)).ProblemAsync(HttpStatusCode.Conflict, "correction_open");
        }
        using (cycle.On("09-07"))
        {
            var moved = OpenCycle.Proposal("Cancha", zone: 2);
            await service.PutAsync(Roles.Promoter, $"/proposals/{proposal.Text("id")}", moved, BudgetService.ETag(proposal), "vecina").ProblemAsync(HttpStatusCode.UnprocessableEntity, "proposer_changed");
            var corrected = OpenCycle.Proposal("Cancha en terreno comunal");
            var deed = await service.PhotoAsync();
            corrected["attachments"] = new JsonArray(new JsonObject { ["fileId"] = deed, ["name"] = "Escritura", ["item"] = 9 });
            await service.PutAsync(Roles.Promoter, $"/proposals/{proposal.Text("id")}", corrected, BudgetService.ETag(proposal), "vecina").ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_item");
            corrected["attachments"]![0]!["item"] = 1;
            proposal = await service.PutAsync(Roles.Promoter, $"/proposals/{proposal.Text("id")}", corrected, BudgetService.ETag(proposal), "vecina").JsonAsync();
            proposal = await cycle.StepAsync(proposal, "observation", new { text = "Falta la firma." });
            proposal = await service.PutAsync(Roles.Promoter, $"/proposals/{proposal.Text("id")}", corrected.DeepClone(), BudgetService.ETag(proposal), "vecina").JsonAsync(); // The same paper again.
            Assert.Equal(("in-review", "Cancha en terreno comunal"), (proposal.Text("state"), proposal["content"]!.Text("title")));
        }
        using (cycle.On("09-08"))
        {
            await service.PutAsync(Roles.Promoter, $"/proposals/{late.Text("id")}", OpenCycle.Proposal("Parque"), BudgetService.ETag(late), "vecina").ProblemAsync(HttpStatusCode.Conflict, "correction_late");
            late = await cycle.StepAsync(late, "rejection", new { cause = "not-corrected", reason = "Nadie trajo el croquis." });
        }
        Assert.Equal(["received", "observed", "not-feasible"], late["steps"]!.AsArray().Select(s => s!.Text("state")));
        // Why it is not feasible stays visible to everybody.
        Assert.Equal("Nadie trajo el croquis.", (await service.GetAsync(Roles.Resident, $"/proposals/{late.Text("id")}", "cualquiera").JsonAsync()).Text("reason"));
    }

    [Fact]
    public async Task Four_look_at_it_each_at_what_was_assigned_and_the_weights_decide()
    {
        var cycle = await service.OpenAsync();
        var proposal = await cycle.SubmittedAsync("Puente");
        var path = $"/proposals/{proposal.Text("id")}";
        using var day = cycle.On("09-20");
        await service.PutAsync(Roles.UnitHead, $"{path}/evaluators/technical", new { evaluator = "vecina" }, BudgetService.ETag(proposal)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "own_proposal");
        proposal = await cycle.StepAsync(proposal, "admission", null);
        await service.PutAsync(Roles.Finance, $"{path}/scores/1", new { given = 50, reason = "x" }, BudgetService.ETag(proposal), "ing").ProblemAsync(HttpStatusCode.Forbidden, "not_assigned");
        foreach (var none in new[] { 0, -1, 5 })
            await service.PutAsync(Roles.Finance, $"{path}/scores/{none}", new { given = 50, reason = "x" }, BudgetService.ETag(proposal), "ing").ProblemAsync(HttpStatusCode.UnprocessableEntity, "unknown_criterion");
        foreach (var (index, (aspect, points)) in new[] { ("technical", 50), ("social", 90), ("environmental", 60), ("legal", 100) }.Index())
        {
            await service.PostAsync(Roles.UnitHead, $"{path}/conclusion", new { feasible = true, reason = "Sí", cost = 100 }, BudgetService.ETag(proposal)).ProblemAsync(HttpStatusCode.Conflict, "assessment_incomplete");
            proposal = await service.PutAsync(Roles.UnitHead, $"{path}/evaluators/{aspect}", new { evaluator = "ing" }, BudgetService.ETag(proposal)).JsonAsync();
            await service.PutAsync(Roles.Promoter, $"{path}/scores/{index + 1}", new { given = points }, BudgetService.ETag(proposal), "ing").ProblemAsync(HttpStatusCode.BadRequest, "unreadable_body");
            proposal = await service.PutAsync(Roles.Promoter, $"{path}/scores/{index + 1}", new { given = points, reason = "Se midió." }, BudgetService.ETag(proposal), "ing").JsonAsync();
        }
        // Somebody else looks at the works again.
        proposal = await service.PutAsync(Roles.UnitHead, $"{path}/evaluators/technical", new { evaluator = "otra" }, BudgetService.ETag(proposal)).JsonAsync();
        await service.PutAsync(Roles.Promoter, $"{path}/scores/1", new { given = 1, reason = "x" }, BudgetService.ETag(proposal), "ing").ProblemAsync(HttpStatusCode.Forbidden, "not_assigned");
        proposal = await service.PutAsync(Roles.Finance, $"{path}/scores/1", new { given = 50, reason = "Se midió otra vez." }, BudgetService.ETag(proposal), "otra").JsonAsync();
        Assert.Equal("Se midió otra vez.", proposal["scores"]![0]!.Text("reason"));
        await service.PostAsync(Roles.UnitHead, $"{path}/conclusion", new { feasible = true, reason = "Sí", cost = 21_200.01m }, BudgetService.ETag(proposal)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cost_over_heading");
        await service.PostAsync(Roles.UnitHead, $"{path}/conclusion", new { feasible = true, reason = "Sí", cost = 0.001m }, BudgetService.ETag(proposal)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "amount");
        await service.PostAsync(Roles.UnitHead, $"{path}/conclusion", new { feasible = false, reason = "No" }, BudgetService.ETag(proposal)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cause_missing");
        proposal = await cycle.StepAsync(proposal, "conclusion", new { feasible = true, reason = "Se puede.", cost = 12_000 });
        Assert.Equal(("feasible", 69m), (proposal.Text("state"), (decimal)proposal["score"]!)); // 20 + 27 + 12 + 10.

        // Its cost is for staff until the voting begins; then it is everybody's.
        Task<JsonNode> SeenAsync(string query = "") => service.GetAsync(Roles.Resident, $"{path}{query}", "cualquiera").JsonAsync();
        Assert.Null((await SeenAsync())["cost"]);
        foreach (var outsider in new[] { Roles.Resident, Roles.Oversight })
        {
            Assert.Null((await service.GetAsync(outsider, $"/proposals?cycleId={cycle.Id}").JsonAsync())["items"]![0]!["cost"]);
            var seen = await service.GetAsync(outsider, path, "cualquiera").JsonAsync();
            Assert.Equal((null, null, 0), (seen["cost"], seen["content"]!["estimatedCost"], seen["evaluators"]!.AsArray().Count));
        }
        using (cycle.On("10-01"))
            Assert.Equal(12_000m, (decimal)(await SeenAsync())["cost"]!);
        await service.EverythingSaidAsync();
        Assert.Equal(["true"], await service.RowsAsync($"SELECT body ->> 'feasible' FROM published_event WHERE subject = '{proposal.Text("id")}' AND body ->> 'feasible' IS NOT NULL"));
        Assert.Empty(await service.RowsAsync($"SELECT 'x' FROM published_event WHERE body::text LIKE '%12000%' AND subject = '{proposal.Text("id")}'"));
    }

    [Fact]
    public async Task Proposals_are_merged_and_divided_and_remember_it()
    {
        var cycle = await service.OpenAsync();
        var (one, two) = (await cycle.SubmittedAsync("Pozo"), await cycle.SubmittedAsync("Pozo y tanque"));
        using var day = cycle.On("09-18");
        Task<HttpResponseMessage> MergeAsync(JsonObject whole) => service.PostAsync(
            Roles.UnitHead, "/proposals/merger", new { proposalIds = new[] { one.Text("id"), two.Text("id") }, whole, reason = "Piden lo mismo." }, key: Guid.NewGuid().ToString());
        await MergeAsync(OpenCycle.Proposal("Pozo con tanque", 2)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "other_zone");
        await MergeAsync(OpenCycle.Proposal("Pozo con tanque", association: Guid.NewGuid())).ProblemAsync(HttpStatusCode.UnprocessableEntity, "other_proposer");
        var merged = (await MergeAsync(OpenCycle.Proposal("Pozo con tanque")).JsonAsync())[0]!;
        Assert.Equal(("in-review", 3, 2), (merged.Text("state"), (int)merged["number"]!, merged["from"]!.AsArray().Count));
        await MergeAsync(OpenCycle.Proposal("Otra vez")).ProblemAsync(HttpStatusCode.Conflict, "proposal_not_in_review");
        var parts = await service.PostAsync(Roles.UnitHead, $"/proposals/{merged.Text("id")}/division", new
        {
            parts = new[] { OpenCycle.Proposal("Pozo"), OpenCycle.Proposal("Tanque") }, reason = "Por partes alcanza.",
        }, key: Guid.NewGuid().ToString()).JsonAsync();
        Assert.Equal([4, 5], parts.AsArray().Select(p => (int)p!["number"]!));
        var old = await service.GetAsync(Roles.Resident, $"/proposals/{merged.Text("id")}").JsonAsync();
        Assert.Equal(("divided", 2), (old.Text("state"), old["into"]!.AsArray().Count));
        // What came of them is still of those who proposed: they see it whole, correct it, and do not assess it.
        var mine = await service.GetAsync(Roles.Resident, $"/proposals?cycleId={cycle.Id}&mine=true", "vecina").JsonAsync();
        Assert.Equal([1, 2, 3, 4, 5], mine["items"]!.AsArray().Select(p => (int)p!["number"]!));
        var part = await cycle.StepAsync(parts[1]!, "observation", new { text = "Falta el croquis del tanque." });
        await service.PutAsync(Roles.UnitHead, $"/proposals/{part.Text("id")}/evaluators/legal", new { evaluator = "vecina" }, BudgetService.ETag(part)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "own_proposal");
        await service.PutAsync(Roles.Resident, $"/proposals/{part.Text("id")}", OpenCycle.Proposal("Tanque"), BudgetService.ETag(part), "otra").ProblemAsync(HttpStatusCode.Forbidden, "not_yours");
        Assert.Equal("in-review", (await service.PutAsync(Roles.Resident, $"/proposals/{part.Text("id")}", OpenCycle.Proposal("Tanque"), BudgetService.ETag(part), "vecina").JsonAsync()).Text("state"));
        await service.EverythingSaidAsync();
        Assert.Equal(["3", "4", "5"], await service.RowsAsync($"SELECT body ->> 'number' FROM published_event WHERE type LIKE '%ProposalSubmitted' AND body ->> 'cycleId' = '{cycle.Id}' AND (body ->> 'number')::int > 2 ORDER BY 1"));
    }

    [Fact]
    public async Task Somebody_of_a_committee_is_no_staff_and_drafts_stay_with_those_who_write_them()
    {
        var cycle = await service.OpenAsync();
        using var day = cycle.On("08-20");
        var draft = await cycle.DraftAsync(OpenCycle.Proposal("Pozo"), Roles.Resident).JsonAsync();
        using var both = service.As(null);
        both.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.For(Roles.Resident, subject: "otra", more: ("role", Roles.Oversight)));
        await both.SendJsonAsync(HttpMethod.Put, $"/v1/budget/proposals/{draft.Text("id")}", OpenCycle.Proposal("Otro"), BudgetService.ETag(draft)).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        // Withdrawn before anybody knew of it, it is still nobody else's.
        draft = await service.PostAsync(Roles.Resident, $"/proposals/{draft.Text("id")}/withdrawal", new { reason = "Ya no." }, BudgetService.ETag(draft), subject: "vecina").JsonAsync();
        await service.GetAsync(Roles.Resident, $"/proposals/{draft.Text("id")}", "otra").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        var unopened = await service.DraftAsync(BudgetService.NewYear());
        foreach (var outsider in new[] { Roles.Resident, Roles.Oversight })
        {
            await service.GetAsync(outsider, $"/cycles/{unopened.Text("id")}").ProblemAsync(HttpStatusCode.NotFound, "not_found");
            Assert.DoesNotContain((await service.GetAsync(outsider, "/cycles?limit=200").JsonAsync())["items"]!.AsArray(), c => c!.Text("id") == unopened.Text("id"));
        }
        await service.PostAsync(Roles.Council, $"/cycles/{unopened.Text("id")}/finish", new { on = "2009-01-01" }, BudgetService.ETag(unopened)).ProblemAsync(HttpStatusCode.Conflict, "cycle_not_open");
    }

    [Fact]
    public async Task Numbers_are_given_once_also_when_many_present_at_once()
    {
        var cycle = await service.OpenAsync();
        using var day = cycle.On("08-20");
        var drafts = new List<JsonNode>();
        for (var i = 0; i < 6; i++)
        {
            var draft = await cycle.DraftAsync(OpenCycle.Proposal($"Obra {i}")).JsonAsync();
            for (var s = 0; s < 3; s++)
                await service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/signatures", new { dui = BudgetService.NewDui() }).JsonAsync();
            drafts.Add(draft);
        }
        var numbers = await Task.WhenAll(drafts.Select(d => cycle.StepAsync(d, "submission", null, Roles.Promoter)));
        Assert.Equal([1, 2, 3, 4, 5, 6], numbers.Select(n => (int)n["number"]!).Order());
    }

    [Fact]
    public async Task Nothing_is_presented_before_or_after_its_phase_and_the_database_keeps_reasons_and_costs()
    {
        var cycle = await service.OpenAsync();
        JsonNode draft;
        using (cycle.On("07-31"))
        {
            draft = await cycle.DraftAsync(OpenCycle.Proposal("Temprano")).JsonAsync();
            await service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/submission", null, BudgetService.ETag(draft)).ProblemAsync(HttpStatusCode.Conflict, "wrong_phase");
        }
        using (cycle.On("09-16"))
        {
            await service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/submission", null, BudgetService.ETag(draft)).ProblemAsync(HttpStatusCode.Conflict, "wrong_phase");
            await cycle.DraftAsync(OpenCycle.Proposal("Tarde")).ProblemAsync(HttpStatusCode.Conflict, "proposals_closed");
        }
        var proposal = await cycle.FeasibleAsync("Muro", 900);
        foreach (var change in new[] { "state = 'not-feasible'", "cost = NULL", "cost = -1", "score = 101", "number = NULL", "zone = 77" })
            await Assert.ThrowsAsync<PostgresException>(() => service.RowsAsync($"UPDATE proposal SET {change} WHERE id = '{proposal.Text("id")}' RETURNING 'x'"));
        using var later = cycle.On("09-21");
        var withdrawn = await cycle.StepAsync(proposal, "withdrawal", new { reason = "Ya no se necesita." });
        Assert.Equal("withdrawn", withdrawn.Text("state"));
    }
}
