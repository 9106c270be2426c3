using System.Net;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class AssociationTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task The_whole_path_from_forming_to_active()
    {
        var association = await service.RegisterAssociationAsync();
        Assert.Equal("forming", association.State);
        await association.ConstituteAsync();
        Assert.Equal("constituted", association.State);
        await association.DoAsync(Roles.Secretary, "application", Application());
        Assert.Equal(("application-filed", "2017-02-16"), (association.State, association.Seen.Text("resolutionDue")));
        await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-06"));
        Assert.Equal(("observed", "2017-02-21"), (association.State, association.Seen.Text("correctionDue")));
        await association.DoAsync(Roles.Secretary, "correction", new { correctedOn = "2017-02-08" });
        Assert.Equal(("corrected", "2017-02-23"), (association.State, association.Seen.Text("resolutionDue")));
        await association.DoAsync(Roles.Council, "resolution", Agreement("2017-02-23"));
        Assert.Equal(("resolved", "2017-02-23"), (association.State, association.Seen.Text("recognizedOn")));
        await association.DoAsync(Roles.Secretary, "registration", Registration("2017-02-24"));
        Assert.Equal("registered", association.State);
        await association.DoAsync(Roles.Secretary, "publication", new { gazetteNumber = 44, gazetteVolume = 414, publishedOn = "2017-03-03" });
        Assert.Equal("published", association.State);
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-03-06" });
        Assert.Equal("active", association.State);
        Assert.Matches(@"^1-\d{3}-2017$", association.Seen.Text("credentialNumber"));

        var receipts = (await service.GetAsync(Roles.Secretary, $"/associations/{association.Id}/receipts").JsonAsync()).AsArray();
        Assert.Equal(["application", "correction"], receipts.Select(r => r!.Text("kind")));
        Assert.All(receipts, r => Assert.Matches(@"^2017-\d{4}$", r!.Text("number")));
        var board = await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board?on=2019-01-19").JsonAsync();
        Assert.Equal(("2017-01-20", "2019-01-19", 5), (board.Text("firstDay"), board.Text("lastDay"), board["seats"]!.AsArray().Count));
        await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board?on=2019-01-20").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task After_2019_the_terms_are_counted_in_business_days()
    {
        var association = await service.RegisterAssociationAsync(formedOn: "2024-07-01");
        await association.ConstituteAsync("2024-07-10");
        await association.DoAsync(Roles.Secretary, "application", Application("2024-07-26"));
        Assert.Equal("2024-08-22", association.Seen.Text("resolutionDue"));
    }

    [Fact]
    public async Task Twenty_four_members_are_too_few()
    {
        var association = await service.RegisterAssociationAsync(24);
        var problem = await association.TryAsync(Roles.Promoter, "constitution", association.Constitution()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "members_below_minimum");
        Assert.Contains("24", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_count_on_the_day_of_the_assembly()
    {
        var association = await service.RegisterAssociationAsync(25);
        await association.DoAsync(Roles.Promoter, $"members/{association.Members[24]}/departure", new { leftOn = "2017-01-19" });
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "members_below_minimum");
        // An end that lies ahead of the assembly does not end the membership.
        await association.DoAsync(Roles.Promoter, $"members/{association.Members[24]}/departure", new { leftOn = "2017-01-20" });
        await association.ConstituteAsync();
    }

    [Fact]
    public async Task Statutes_that_leave_a_subject_out_are_refused_by_its_name()
    {
        var association = await service.RegisterAssociationAsync();
        var problem = await association.TryAsync(Roles.Promoter, "constitution", association.Constitution(topics: [.. Topics.Except(["quorum", "control"])]))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "statutes_incomplete");
        Assert.Contains("quórum, control", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("four posts", "board_size")]
    [InlineData("twelve posts", "board_size")]
    [InlineData("the same post twice", "post_taken_twice")]
    [InlineData("the same person twice", "person_holds_two_posts")]
    [InlineData("no syndic", "required_post_missing")]
    [InlineData("an unknown post", "post_unknown")]
    [InlineData("a stranger", "board_member_not_a_member")]
    public async Task A_board_that_breaks_a_rule_is_refused(string what, string code)
    {
        var association = await service.RegisterAssociationAsync();
        var stranger = await service.RegisterPersonAsync();
        var board = association.Board().ToList();
        board = what switch
        {
            "four posts" => board[..4],
            "twelve posts" => [.. association.Board(11), ("vice-president", association.Members[11])],
            "the same post twice" => [.. board[..4], ("president", board[4].Person)],
            "the same person twice" => [.. board[..4], ("member-1", board[0].Person)],
            "no syndic" => [.. board.Where(s => s.Post != "syndic"), ("member-2", association.Members[6])],
            "an unknown post" => [.. board[..4], ("emperor", board[4].Person)],
            _ => [.. board[..4], ("member-1", stranger)],
        };
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution(board: board)).ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal("forming", (await association.LookAsync()).Text("state"));
    }

    [Fact]
    public async Task A_board_of_eleven_is_taken()
    {
        var association = await service.RegisterAssociationAsync();
        await association.DoAsync(Roles.Promoter, "constitution", association.Constitution(board: association.Board(11)));
        Assert.Equal("constituted", association.State);
    }

    [Fact]
    public async Task An_assembly_that_was_not_convened_for_it_is_refused()
    {
        var association = await service.RegisterAssociationAsync();
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution(convenedForIt: false))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "assembly_not_convened_for_it");
    }

    [Fact]
    public async Task Dates_go_forward()
    {
        var association = await service.RegisterAssociationAsync();
        // Before forming nobody is a member, so it is the board that is refused.
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution("2017-01-09")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "board_member_not_a_member");
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution("2099-01-01")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        await association.ConstituteAsync();
        await association.TryAsync(Roles.Secretary, "application", Application("2017-01-19")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "filed_before_assembly");
        await association.DoAsync(Roles.Secretary, "application", Application());
        await association.TryAsync(Roles.Secretary, "observation", Observation("2017-01-31")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "notified_before_filing");
        await association.TryAsync(Roles.Council, "resolution", Agreement("2017-01-31")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "agreement_before_filing");
        await association.DoAsync(Roles.Council, "resolution", Agreement("2017-02-10"));
        await association.TryAsync(Roles.Secretary, "registration", Registration("2017-02-09")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "registered_before_recognition");
        await association.DoAsync(Roles.Secretary, "registration", Registration());
        await association.TryAsync(Roles.Secretary, "publication", new { gazetteNumber = 1, gazetteVolume = 1, publishedOn = "2017-02-09" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "published_before_recognition");
        await association.DoAsync(Roles.Secretary, "publication", new { gazetteNumber = 1, gazetteVolume = 1, publishedOn = "2017-03-01" });
        await association.TryAsync(Roles.Secretary, "credential", new { issuedOn = "2017-02-28" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "credential_before_publication");
        await association.TryAsync(Roles.Secretary, "credential", new { issuedOn = "2019-01-20" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "board_term_over");
    }

    [Fact]
    public async Task Steps_cannot_be_skipped_or_repeated()
    {
        var association = await service.RegisterAssociationAsync();
        await association.TryAsync(Roles.Secretary, "application", Application()).ProblemAsync(HttpStatusCode.Conflict, "not_constituted");
        await association.TryAsync(Roles.Council, "resolution", Agreement("2017-02-10")).ProblemAsync(HttpStatusCode.Conflict, "application_not_pending");
        await association.ConstituteAsync();
        await association.TryAsync(Roles.Promoter, "constitution", association.Constitution()).ProblemAsync(HttpStatusCode.Conflict, "not_forming");
        await association.TryAsync(Roles.Secretary, "registration", Registration()).ProblemAsync(HttpStatusCode.Conflict, "not_recognized");
        await association.TryAsync(Roles.Secretary, "publication", new { gazetteNumber = 1, gazetteVolume = 1, publishedOn = "2017-03-01" }).ProblemAsync(HttpStatusCode.Conflict, "not_registered");
        await association.TryAsync(Roles.Secretary, "correction", new { correctedOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.Conflict, "not_observed");
        await association.TryAsync(Roles.Secretary, "credential", new { issuedOn = "2017-03-01" }).ProblemAsync(HttpStatusCode.Conflict, "not_registered");
    }

    [Fact]
    public async Task An_application_lacks_none_of_its_three_papers()
    {
        var association = await service.RegisterAssociationAsync();
        await association.ConstituteAsync();
        await association.TryAsync(Roles.Secretary, "application", new { filedOn = "2017-02-01", constitutionMinutes = true, statutes = true, memberRoll = false })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "application_incomplete");
    }

    [Theory]
    [InlineData("2017-02-21", null)]
    [InlineData("2017-02-22", "correction_too_late")]
    public async Task Defects_are_corrected_until_the_last_day(string correctedOn, string? code)
    {
        var association = await service.FiledAsync();
        await association.DoAsync(Roles.Secretary, "observation", Observation("2017-02-06"));
        var correcting = association.TryAsync(Roles.Secretary, "correction", new { correctedOn });
        if (code is null)
            Assert.Equal("corrected", (await correcting.JsonAsync()).Text("state"));
        else
            await correcting.ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
    }

    [Theory]
    [InlineData("2017-02-16", null)]
    [InlineData("2017-02-17", "agreement_after_deadline")]
    public async Task The_council_resolves_until_the_last_day(string date, string? code)
    {
        var association = await service.FiledAsync();
        var resolving = association.TryAsync(Roles.Council, "resolution", Agreement(date));
        if (code is null)
            Assert.Equal("resolved", (await resolving.JsonAsync()).Text("state"));
        else
            await resolving.ProblemAsync(HttpStatusCode.UnprocessableEntity, code);
    }

    [Fact]
    public async Task After_the_deadline_nothing_is_observed_any_more()
    {
        var association = await service.FiledAsync();
        await association.TryAsync(Roles.Secretary, "observation", Observation("2017-02-17")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "notified_after_deadline");
    }

    [Fact]
    public async Task An_association_is_of_a_community_in_force_and_has_a_name_of_its_own_there()
    {
        var hamlet = await service.HamletAsync();
        await RegisterAsync("ADESCO Única", hamlet).JsonAsync();
        await RegisterAsync("ADESCO Única", hamlet).ProblemAsync(HttpStatusCode.Conflict, "association_already_exists");
        await RegisterAsync("ADESCO Distrital", await service.PlaceAsync("99-01-01")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "place_not_a_community");
        await RegisterAsync("ADESCO Retirada", await service.PlaceAsync("99-01-01-01-02")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "place_not_in_force");
        await RegisterAsync("ADESCO Perdida", Guid.CreateVersion7()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "place_unknown");
        await RegisterAsync("ADESCO 90000001-7", hamlet).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        await RegisterAsync("ADESCO llame al 7000-0000", hamlet).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
    }

    [Fact]
    public async Task A_member_is_of_age_known_and_joins_once()
    {
        var association = await service.RegisterAssociationAsync(3);
        var minor = await service.RegisterPersonAsync("2010-01-01", association.Members[0]);
        await association.TryAsync(Roles.Promoter, "members", new { personId = minor, joinedOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "member_under_age");
        await association.TryAsync(Roles.Promoter, "members", new { personId = Guid.CreateVersion7(), joinedOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "person_unknown");
        await association.TryAsync(Roles.Promoter, "members", new { personId = association.Members[0], joinedOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.Conflict, "already_a_member");
        await association.TryAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2017-01-09" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "joined_before_forming");
        await association.DoAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2017-02-01" });
        var members = await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/members?on=2017-01-31").JsonAsync();
        Assert.Equal(3, members["items"]!.AsArray().Count);
        await association.TryAsync(Roles.Promoter, $"members/{Guid.CreateVersion7()}/departure", new { leftOn = "2017-02-01" }).ProblemAsync(HttpStatusCode.NotFound, "not_a_member");
        await association.TryAsync(Roles.Promoter, $"members/{association.Members[0]}/departure", new { leftOn = "2017-01-01" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "left_before_joining");
    }

    [Fact]
    public async Task The_list_is_filtered_by_state_as_it_is_written()
    {
        var association = await service.FiledAsync();
        var filed = (await service.GetAsync(Roles.Council, "/associations?state=application-filed&limit=200").JsonAsync())["items"]!.AsArray();
        Assert.Contains(filed, a => a!.Text("id") == association.Id);
        Assert.All(filed, a => Assert.Equal("application-filed", a!.Text("state")));
    }

    private Task<HttpResponseMessage> RegisterAsync(string name, Guid placeId) =>
        service.PostAsync(Roles.Promoter, "/associations", new { name, placeId, formedOn = "2017-01-10" });
}
