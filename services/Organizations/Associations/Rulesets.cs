using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The law's numbers in time. A reform that is prepared is enacted when it is law; what began before keeps its rules.</summary>
internal static class Rulesets
{
    public static void MapRulesets(this IEndpointRouteBuilder api)
    {
        var rulesets = api.MapGroup("/rulesets").WithTags("rulesets");
        rulesets.MapGet("/", ListAsync).WithName("ListRulesets")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor)
            .WithSummary("Reglas de la ley para asociaciones, con sus fechas; las preparadas y no vigentes van con enabled=false");
        rulesets.MapPost("/{code}/enactment", EnactAsync).WithName("EnactRuleset")
            .Allow("organizations.rules", Roles.UnitHead)
            .WithSummary("Poner en vigencia una reforma preparada")
            .WithDescription("Las reglas vigentes terminan el día anterior. Rige para asociaciones que se formen desde esa fecha.");
    }

    internal sealed record Enactment(DateOnly EffectiveFrom, [Text(300)] string Source)
    {
        public static Enactment Example => new(new(2027, 1, 1), "Decreto Legislativo, Diario Oficial");
    }

    internal sealed record RulesetView(
        string Code, bool Enabled, DateOnly EffectiveFrom, DateOnly? EffectiveTo, int MinimumMembers, int MinimumAge, int BoardMinimum, int BoardMaximum,
        int SubstitutesMaximum, int BoardTermMonths, int? ConsecutiveTermsMaximum, bool OneBoardPerPerson, int ResolutionDays, int CorrectionDays,
        int BoardReportDays, IReadOnlyList<int> ExpiryWarningDays, int DissolutionVotes, int DissolutionOf, string Source)
    {
        public static RulesetView Example => new(
            "codigo-municipal", true, new(1986, 3, 1), null, 25, 18, 5, 11, 0, 24, 2, true, 15, 15, 15, [60, 30, 7], 2, 3, "Código Municipal, arts. 118-125");

        public static RulesetView Of(Ruleset r) => new(
            r.Code, r.Enabled, r.EffectiveFrom, r.EffectiveTo, r.MinimumMembers, r.MinimumAge, r.BoardMinimum, r.BoardMaximum, r.SubstitutesMaximum, r.BoardTermMonths,
            r.ConsecutiveTermsMaximum, r.OneBoardPerPerson, r.ResolutionDays, r.CorrectionDays, r.BoardReportDays, r.ExpiryWarningDays, r.DissolutionVotes, r.DissolutionOf, r.Source);
    }

    private static async Task<Ok<List<RulesetView>>> ListAsync(OrganizationsDb db, CancellationToken cancellation) =>
        TypedResults.Ok((await db.Rulesets.AsNoTracking().OrderBy(r => r.EffectiveFrom).ThenBy(r => r.Code).Take(Page.MaximumSize).ToListAsync(cancellation)).ConvertAll(RulesetView.Of));

    private static async Task<Results<Ok<RulesetView>, ProblemHttpResult>> EnactAsync(string code, Enactment request, OrganizationsDb db, CancellationToken cancellation)
    {
        var reform = await db.Rulesets.SingleOrDefaultAsync(r => r.Code == code, cancellation);
        if (reform is null)
            return Problems.NotFound();
        Rule.State(!reform.Enabled, "ruleset_in_force", "Esas reglas ya están en vigencia.");
        var current = await db.Rulesets.SingleOrDefaultAsync(r => r.Enabled && r.EffectiveTo == null, cancellation);
        Rule.That(current is null || request.EffectiveFrom > current.EffectiveFrom, "effective_before_the_current", "La fecha es anterior a la de las reglas vigentes.", "/effectiveFrom");
        Rule.State(!await db.Associations.AnyAsync(a => a.FormedOn >= request.EffectiveFrom, cancellation), "formed_since_then",
            "Ya hay asociaciones formadas desde esa fecha con las reglas anteriores.");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        current?.EffectiveTo = request.EffectiveFrom.AddDays(-1);
        await db.SaveChangesAsync(cancellation);
        (reform.Enabled, reform.EffectiveFrom, reform.Source) = (true, request.EffectiveFrom, request.Source.Trim());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(RulesetView.Of(reform));
    }
}
