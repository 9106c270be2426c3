using System.Net;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Dissolution by the assembly, cancellation by the council, and what comes in the years before.</summary>
public sealed class EndingTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task Two_thirds_of_all_members_dissolve_and_the_council_takes_note_of_the_settlement()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Promoter, "dissolution", Dissolution(16)).ProblemAsync(HttpStatusCode.UnprocessableEntity, "dissolution_majority");
        await association.TryAsync(Roles.Promoter, "dissolution", Dissolution(17, "illicit-activity")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cause_of_another_way");
        await association.TryAsync(Roles.Promoter, "dissolution", Dissolution(17, "boredom")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cause_unknown");
        await association.DoAsync(Roles.Promoter, "dissolution", Dissolution(17));
        Assert.Equal("dissolving", association.State);
        await association.TryAsync(Roles.Promoter, "elections", association.Election("2018-12-15")).ProblemAsync(HttpStatusCode.Conflict, "no_election_now");
        await association.TryAsync(Roles.Secretary, "dissolution/settlement", Settlement("2018-03-09")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "agreement_before_assembly");
        await association.DoAsync(Roles.Secretary, "dissolution/settlement", Settlement("2018-06-30"));
        Assert.Equal(("dissolved", "2018-06-30", "2018-06-30"), (association.State, association.Seen.Text("endedOn"), association.Seen.Text("boardUntil")));
        await association.TryAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2018-07-01" }).ProblemAsync(HttpStatusCode.Conflict, "association_ended");
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM document WHERE association_id = '{association.Id}' AND kind = 'credential' AND withdrawn_on IS NULL"));
        // Its name is free again.
        await service.PostAsync(Roles.Promoter, "/associations", new { name = association.Seen.Text("name"), placeId = await service.HamletAsync(), formedOn = "2018-07-01" }).JsonAsync();
    }

    [Fact]
    public async Task The_council_cancels_for_a_cause_of_the_law_also_what_is_being_dissolved()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Council, "cancellation", Cancellation("members-agreement", "2018-05-02")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cause_of_another_way");
        await association.TryAsync(Roles.Council, "cancellation", Cancellation("object-abandoned", "2017-02-09")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "cancelled_before_recognition");
        await association.DoAsync(Roles.Promoter, "dissolution", Dissolution(20));
        await association.DoAsync(Roles.Council, "cancellation", Cancellation("object-abandoned", "2018-05-02"));
        Assert.Equal("cancelled", association.State);
        await association.TryAsync(Roles.Council, "cancellation", Cancellation("object-abandoned", "2018-05-02")).ProblemAsync(HttpStatusCode.Conflict, "not_cancellable");
        var forming = await service.RegisterAssociationAsync(1);
        await forming.TryAsync(Roles.Council, "cancellation", Cancellation("object-abandoned", "2018-05-02")).ProblemAsync(HttpStatusCode.Conflict, "not_cancellable");
    }

    [Fact]
    public async Task A_board_that_was_to_begin_never_does_and_its_people_are_free()
    {
        var association = await service.ActiveAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-11-15", board: association.BoardFrom(5)));
        await association.DoAsync(Roles.Council, "cancellation", Cancellation("object-abandoned", "2018-12-01"));
        Assert.Equal("2018-12-01", association.Seen.Text("boardUntil"));
        foreach (var day in new[] { "2018-12-02", "2019-01-20", "2019-06-01" })
            await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board?on={day}").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM board_seat s JOIN board_term t ON t.id = s.board_term_id WHERE t.association_id = '{association.Id}' AND s.last_day > '2018-12-01'"));
    }

    [Fact]
    public async Task In_January_roll_and_plan_come_once_against_a_receipt()
    {
        var association = await service.ActiveAsync();
        await association.TryAsync(Roles.Secretary, "annual-filings", new { filedOn = "2018-01-15", memberRoll = true, workPlan = false }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "annual_filing_incomplete");
        await association.DoAsync(Roles.Secretary, "annual-filings", new { filedOn = "2018-01-15", memberRoll = true, workPlan = true });
        await association.TryAsync(Roles.Secretary, "annual-filings", new { filedOn = "2018-01-20", memberRoll = true, workPlan = true }).ProblemAsync(HttpStatusCode.Conflict, "already_filed");
        var receipts = (await service.GetAsync(Roles.Secretary, $"/associations/{association.Id}/receipts").JsonAsync()).AsArray();
        Assert.Contains(receipts, r => r!.Text("kind") == "annual-filing" && r!.Text("number").StartsWith("2018-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tax_number_is_of_one_association()
    {
        var association = await service.ActiveAsync();
        using var refused = await service.PutAsync(Roles.Secretary, $"/associations/{association.Id}/tax-number", new { number = "0614-100217-101" }, association.ETag);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var set = await service.PutAsync(Roles.Secretary, $"/associations/{association.Id}/tax-number", new { number = "06141002171013" }, association.ETag).JsonAsync();
        Assert.Equal("0614-100217-101-3", set.Text("taxNumber"));
        var other = await service.ActiveAsync();
        await service.PutAsync(Roles.Secretary, $"/associations/{other.Id}/tax-number", new { number = "0614-100217-101-3" }, other.ETag).ProblemAsync(HttpStatusCode.Conflict, "tax_number_taken");
    }

    private static object Dissolution(int inFavour, string cause = "members-agreement") => new { heldOn = "2018-03-10", call = 1, attendees = 22, inFavour, cause };

    private static object Settlement(string date) => new { agreement = new { minutesNumber = 20, agreementNumber = 3, date }, assetsTo = "Escuela del caserío" };

    private static object Cancellation(string cause, string date) => new { cause, agreement = new { minutesNumber = 21, agreementNumber = 4, date }, assetsTo = "Municipalidad" };
}
