using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>The law's numbers are data: a reform that is only proposed changes nothing, an enacted one what begins after it.</summary>
public sealed class RulesetTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task A_reform_holds_from_the_day_it_is_enacted_for_what_is_formed_from_then_on()
    {
        var sets = (await service.GetAsync(Roles.Auditor, "/rulesets").JsonAsync()).AsArray();
        Assert.Equal(["codigo-municipal true 25", "reforma-2025 false 10"], sets.Select(s => $"{s!.Text("code")} {s!["enabled"]} {s!["minimumMembers"]}"));
        using var now = service.Clock.NoonOf("2026-11-20");
        var before = await service.RegisterAssociationAsync(10, "2026-05-31");
        await before.TryAsync(Roles.Promoter, "constitution", before.Constitution("2026-06-20")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "members_below_minimum");

        await EnactAsync("2026-05-01").ProblemAsync(HttpStatusCode.Conflict, "formed_since_then");
        await EnactAsync("2026-06-01").JsonAsync();
        await EnactAsync("2026-06-01").ProblemAsync(HttpStatusCode.Conflict, "ruleset_in_force");

        var after = await service.RegisterAssociationAsync(10, "2026-06-01");
        await after.TryAsync(Roles.Promoter, "constitution", after.Constitution("2026-06-20", board: after.Board(6))).ProblemAsync(HttpStatusCode.UnprocessableEntity, "board_size");
        await after.DoAsync(Roles.Promoter, "constitution", after.Constitution("2026-06-20", board: [.. after.Board(), .. Enumerable.Range(1, 3).Select(i => ($"substitute-{i}", after.Members[4 + i]))]));
        Assert.Equal("reforma-2025", after.Seen.Text("ruleset"));
        await before.LookAsync();
        await before.TryAsync(Roles.Promoter, "constitution", before.Constitution("2026-06-20")).ProblemAsync(HttpStatusCode.UnprocessableEntity, "members_below_minimum");
    }

    [Fact]
    public async Task An_observation_is_corrected_on_the_fifteenth_business_day_and_not_on_the_sixteenth()
    {
        // Notified on Friday 2024-07-26; the fifteenth business day, over the August holidays, is 2024-08-22.
        foreach (var (day, isInTime) in new[] { ("2024-08-22", true), ("2024-08-23", false) })
        {
            var association = await service.RegisterAssociationAsync(formedOn: "2024-06-01");
            await association.ConstituteAsync("2024-06-10");
            await association.DoAsync(Roles.Secretary, "application", Association.Application("2024-07-25"));
            await association.DoAsync(Roles.Secretary, "observation", Association.Observation("2024-07-26"));
            var answering = association.TryAsync(Roles.Secretary, "correction", new { correctedOn = day });
            if (isInTime)
                await answering.JsonAsync();
            else
                await answering.ProblemAsync(HttpStatusCode.UnprocessableEntity, "correction_too_late");
        }
    }

    [Fact]
    public void A_tax_number_is_read_with_and_without_hyphens_and_nothing_else_is()
    {
        var digits = Gen.Choose(0, 9).ArrayOf(14).Select(d => string.Concat(d)).Where(d => d.Any(c => c != '0'));
        Prop.ForAll(digits.ToArbitrary(), d =>
        {
            var written = $"{d[..4]}-{d[4..10]}-{d[10..13]}-{d[13]}";
            return Nit.Parse(d) == written && Nit.Parse(written) == written && Nit.Parse($" {written} ") == written
                && Nit.Parse(d[1..]) is null && Nit.Parse(d + "1") is null && Nit.Parse(written.Replace('-', '/')) is null;
        }).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => Nit.Parse(text) is null or { Length: 17 }).QuickCheckThrowOnFailure();
        Assert.Null(Nit.Parse("0000-000000-000-0"));
        Assert.Null(Nit.Parse("٠٦١٤-١٠٠٢١٧-١٠١-٣"));
    }

    private Task<HttpResponseMessage> EnactAsync(string from) =>
        service.PostAsync(Roles.UnitHead, "/rulesets/reforma-2025/enactment", new { effectiveFrom = from, source = "Decreto de prueba" });
}
