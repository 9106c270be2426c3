using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Elections, reliefs, reports and credentials of boards.</summary>
public sealed class BoardTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task The_second_board_follows_the_first_without_a_gap_or_an_overlap()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15", minutes: 2));
        Assert.Equal(("active", "2019-01-20", "2021-01-19"), (association.State, association.Seen.Text("boardFrom"), association.Seen.Text("boardUntil")));
        Assert.Equal("2017-01-20", (await BoardAsync(association, "2019-01-19")).Text("firstDay"));
        Assert.Equal("2019-01-20", (await BoardAsync(association, "2019-01-20")).Text("firstDay"));
        var terms = (await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board-terms").JsonAsync()).AsArray();
        Assert.Equal(["2019-01-20", "2017-01-20"], terms.Select(t => t!.Text("firstDay")));
        Assert.Equal("2018-12-30", terms[0]!.Text("reportDue"));

        await association.TryAsync(Roles.Secretary, "credential", new { issuedOn = "2019-01-21" }).ProblemAsync(HttpStatusCode.Conflict, "board_not_reported");
        await association.TryAsync(Roles.Secretary, "board/report", new { reportedOn = "2018-12-14" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reported_before_election");
        await association.DoAsync(Roles.Secretary, "board/report", new { reportedOn = "2018-12-20" });
        await association.TryAsync(Roles.Secretary, "board/report", new { reportedOn = "2018-12-20" }).ProblemAsync(HttpStatusCode.Conflict, "board_already_reported");
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2019-01-21" });
        Assert.EndsWith("-2019", association.Seen.Text("credentialNumber"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before the constitution", "election_before_constitution")]
    [InlineData("in the future", "date_in_future")]
    [InlineData("without quorum", "no_quorum")]
    [InlineData("with more people than members", "attendees_above_members")]
    [InlineData("a stranger", "board_member_not_a_member")]
    [InlineData("a number that is not the next", "minutes_number_not_next")]
    [InlineData("beginning before it was held", "term_before_election")]
    [InlineData("substitutes that the rules do not have", "too_many_substitutes")]
    public async Task An_election_that_breaks_a_rule_is_refused(string what, string code)
    {
        var association = await service.ActiveAsync();
        var election = what switch
        {
            "before the constitution" => association.Election("2017-01-19"),
            "in the future" => association.Election("2099-01-01"),
            "without quorum" => association.Election("2018-12-15", attendees: 12),
            "with more people than members" => association.Election("2018-12-15", attendees: 26),
            "a stranger" => association.Election("2018-12-15", board: [.. association.Board(4), ("member-1", await service.RegisterPersonAsync())]),
            "a number that is not the next" => association.Election("2018-12-15", minutes: 7),
            "beginning before it was held" => association.Election("2019-02-15", firstDay: "2019-02-14"),
            _ => association.Election("2018-12-15", board: [.. association.Board(), ("substitute-1", association.Members[6])]),
        };
        await association.TryAsync(Roles.Promoter, "elections", election).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal("2019-01-19", (await association.LookAsync()).Text("boardUntil"));
    }

    [Fact]
    public async Task Half_plus_one_is_a_quorum_and_in_second_call_those_present_are()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Promoter, "elections", association.Election("2018-12-15", attendees: 12)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "no_quorum");
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15", attendees: 13));
        var other = await service.ActiveAsync();
        await other.DoAsync(Roles.Promoter, "elections", other.Election("2018-12-15", call: 2, attendees: 6));
    }

    [Fact]
    public async Task The_same_post_is_held_two_terms_in_a_row_and_no_third()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15"));
        await association.TryAsync(Roles.Promoter, "elections", association.Election("2020-12-15")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "reelection_limit");
        var turned = association.Board().Select(s => s.Person).Skip(1).Append(association.Members[0]);
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2020-12-15", board: association.Board().Select(s => s.Post).Zip(turned)));
        // After a term in another post the old one is open again.
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2022-12-15"));
    }

    [Fact]
    public async Task Nobody_sits_in_the_boards_of_two_associations_at_one_time()
    {
        var association = await service.ActiveAsync();
        var other = await service.ActiveAsync();
        await other.DoAsync(Roles.Promoter, "members", new { personId = association.Members[0], joinedOn = "2017-06-01" });
        var board = other.BoardFrom(5).SkipLast(1).Append(("member-1", association.Members[0]));
        var problem = await other.TryAsync(Roles.Promoter, "elections", other.Election("2018-06-15", board: board, endsCurrent: true)).ProblemAsync(HttpStatusCode.Conflict, "person_sits_in_another_board");
        Assert.Contains(association.Seen.Text("name"), problem.Text("detail"), StringComparison.Ordinal);
        // When that board's term is over, it is possible.
        await other.DoAsync(Roles.Promoter, "elections", other.Election("2019-01-20", board: board));
    }

    [Fact]
    public async Task Of_two_elections_of_one_person_at_once_the_database_lets_one_pass()
    {
        var pair = await Task.WhenAll(service.RegisterAssociationAsync(), service.RegisterAssociationAsync());
        var wanted = await service.RegisterPersonAsync();
        foreach (var association in pair)
            await association.DoAsync(Roles.Promoter, "members", new { personId = wanted, joinedOn = "2017-01-10" });
        var answers = await Task.WhenAll(pair.Select(a => a.TryAsync(Roles.Promoter, "constitution", a.Constitution(board: [.. a.Board(4), ("member-1", wanted)]))));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
    }

    [Fact]
    public async Task A_board_cannot_begin_while_another_sits_unless_the_assembly_ends_it()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Promoter, "elections", association.Election("2018-05-10", firstDay: "2018-05-10")).ProblemAsync(HttpStatusCode.Conflict, "board_terms_overlap");
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-05-10", endsCurrent: true, board: association.BoardFrom(5)));
        Assert.Equal(("2018-05-10", "2020-05-09"), (association.Seen.Text("boardFrom"), association.Seen.Text("boardUntil")));
        Assert.Equal(association.Members[0].ToString(), Holder(await BoardAsync(association, "2018-05-09"), "president"));
        Assert.Equal(association.Members[5].ToString(), Holder(await BoardAsync(association, "2018-05-10"), "president"));
    }

    [Fact]
    public async Task A_post_falls_vacant_and_is_filled_and_the_credential_is_no_longer_good()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-08-31", reason = "resignation" });
        Assert.Null(Holder(await BoardAsync(association, "2017-09-01"), "secretary"));
        Assert.Equal(association.Members[1].ToString(), Holder(await BoardAsync(association, "2017-08-31"), "secretary"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM document WHERE association_id = '{association.Id}' AND kind = 'credential' AND withdrawn_on IS NULL"));
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-09-02" });
        Assert.EndsWith("-2017-2", association.Seen.Text("credentialNumber"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_successor_from_the_board_leaves_the_own_post()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "president", lastDay = "2017-08-31", reason = "death", successorId = association.Members[4] });
        var board = await BoardAsync(association, "2017-09-01");
        Assert.Equal((association.Members[4].ToString(), null), (Holder(board, "president"), Holder(board, "member-1")));
        await association.TryAsync(Roles.Promoter, "board/reliefs", new { post = "president", lastDay = "2017-08-31", reason = "death", successorId = association.Members[6] })
            .ProblemAsync(HttpStatusCode.Conflict, "post_already_filled");
        await association.TryAsync(Roles.Promoter, "board/reliefs", new { post = "member-1", lastDay = "2017-10-31", reason = "other" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "post_not_held");
        await association.TryAsync(Roles.Promoter, "board/reliefs", new { post = "syndic", lastDay = "2017-10-31", reason = "other", successorId = await service.RegisterPersonAsync() })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "board_member_not_a_member");
    }

    [Fact]
    public async Task Who_holds_a_post_is_relieved_before_leaving_the_association()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Promoter, $"members/{association.Members[0]}/departure", new { leftOn = "2017-12-31" }).ProblemAsync(HttpStatusCode.Conflict, "member_holds_a_post");
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "president", lastDay = "2017-12-31", reason = "left-the-association", successorId = association.Members[9] });
        await association.DoAsync(Roles.Promoter, $"members/{association.Members[0]}/departure", new { leftOn = "2017-12-31" });
        // And may join again, but not twice at one time.
        await association.TryAsync(Roles.Promoter, "members", new { personId = association.Members[0], joinedOn = "2017-12-31" }).ProblemAsync(HttpStatusCode.Conflict, "already_a_member");
        await association.DoAsync(Roles.Promoter, "members", new { personId = association.Members[0], joinedOn = "2018-03-01" });
    }

    [Fact]
    public async Task Statutes_may_ask_for_another_board_from_a_day_on()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Promoter, "statutes", new { heldOn = "2018-03-10", call = 1, attendees = 20, effectiveFrom = "2018-03-09", boardTermMonths = 36 })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "effective_before_assembly");
        await association.TryAsync(Roles.Promoter, "statutes", new { heldOn = "2018-03-10", call = 1, attendees = 20, effectiveFrom = "2018-06-01", dissolutionVotes = 1, dissolutionOf = 3 })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "dissolution_fraction");
        await association.DoAsync(Roles.Promoter, "statutes", new { heldOn = "2018-03-10", call = 1, attendees = 20, effectiveFrom = "2018-06-01", boardTermMonths = 36, substitutesMaximum = 2 });
        Assert.Equal(24, (int)(await RulesAsync("2018-05-31"))["termMonths"]!);
        Assert.Equal((36, 2), ((int)(await RulesAsync("2018-06-01"))["termMonths"]!, (int)(await RulesAsync("2018-06-01"))["substitutesMaximum"]!));
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15", board: [.. association.Board(), ("substitute-1", association.Members[6]), ("substitute-2", association.Members[7])]));
        Assert.Equal("2022-01-19", association.Seen.Text("boardUntil"));

        Task<JsonNode> RulesAsync(string on) => service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/statutes?on={on}").JsonAsync();
    }

    [Fact]
    public async Task A_credential_ends_with_a_term_that_was_cut_short_and_the_next_one_has_a_number_of_its_own()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2017-09-10", endsCurrent: true, board: association.BoardFrom(5)));
        await association.DoAsync(Roles.Secretary, "board/report", new { reportedOn = "2017-09-12" });
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-09-12" });
        var credentials = await service.RowsAsync($"SELECT number || ' ' || valid_until FROM document WHERE association_id = '{association.Id}' AND kind = 'credential' ORDER BY issued_at");
        Assert.Equal(2, credentials.Select(c => c.Split(' ')[0]).Distinct().Count());
        Assert.Equal(["2017-09-09", "2019-09-09"], credentials.Select(c => c.Split(' ')[1]));
    }

    [Fact]
    public async Task A_credential_of_the_day_of_a_relief_names_the_successor()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-09-30", reason = "resignation", successorId = association.Members[9] });
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-09-30" });
        Assert.Equal("2017-10-01", await service.QueryAsync<string>($"SELECT as_of::text FROM document WHERE association_id = '{association.Id}' AND kind = 'credential' AND withdrawn_on IS NULL"));
    }

    [Fact]
    public async Task Who_left_one_board_may_sit_in_another_and_the_first_goes_on_changing()
    {
        var (one, other) = (await service.ActiveAsync(), await service.ActiveAsync());
        await one.DoAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-06-30", reason = "resignation" });
        await other.DoAsync(Roles.Promoter, "members", new { personId = one.Members[1], joinedOn = "2017-07-01" });
        await other.DoAsync(Roles.Promoter, "board/reliefs", new { post = "treasurer", lastDay = "2017-08-31", reason = "resignation", successorId = one.Members[1] });
        await one.DoAsync(Roles.Promoter, "board/reliefs", new { post = "treasurer", lastDay = "2017-10-31", reason = "resignation", successorId = one.Members[9] });
        await one.TryAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-10-31", reason = "other", successorId = one.Members[1] })
            .ProblemAsync(HttpStatusCode.Conflict, "person_sits_in_another_board");
    }

    [Fact]
    public async Task A_post_that_fell_vacant_is_filled_later_from_then_on()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-03-31", reason = "resignation" });
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "secretary", lastDay = "2017-06-14", reason = "other", successorId = association.Members[9] });
        Assert.Null(Holder(await BoardAsync(association, "2017-06-14"), "secretary"));
        Assert.Equal(association.Members[9].ToString(), Holder(await BoardAsync(association, "2017-06-15"), "secretary"));
    }

    [Fact]
    public async Task A_report_is_of_the_board_that_waits_for_it_longest()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15"));
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2020-12-15", board: association.BoardFrom(5)));
        await association.DoAsync(Roles.Secretary, "board/report", new { reportedOn = "2020-12-20" });
        await association.DoAsync(Roles.Secretary, "board/report", new { reportedOn = "2020-12-21" });
        Assert.Equal(
            ["2019-01-20 2020-12-20", "2021-01-20 2020-12-21"],
            await service.RowsAsync($"SELECT first_day || ' ' || reported_on FROM board_term WHERE association_id = '{association.Id}' AND report_due IS NOT NULL ORDER BY first_day"));
        await association.TryAsync(Roles.Secretary, "board/report", new { reportedOn = "2020-12-21" }).ProblemAsync(HttpStatusCode.Conflict, "board_already_reported");
    }

    private Task<JsonNode> BoardAsync(Association association, string on) => service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board?on={on}").JsonAsync();

    private static string? Holder(JsonNode board, string post) => board["seats"]!.AsArray().SingleOrDefault(s => s!.Text("post") == post)?.Text("personId");
}
