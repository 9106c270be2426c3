using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>What comes up in the years of an association: statutes amended, January's papers, its tax number, who accompanies it.</summary>
internal static class KeepAssociation
{
    public static void MapKeepAssociation(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/statutes", AmendAsync).WithName("AmendStatutes")
            .Allow("organizations.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar una reforma de estatutos: junta, período, reelección, mayoría para disolver")
            .WithDescription("Lo que no se indica queda como la ley lo pone por defecto.");
        associations.MapPost("/{id:guid}/annual-filings", FileAsync).WithName("FileYear")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Recibir la nómina y el plan de trabajo del año y dar su recibo");
        associations.MapPut("/{id:guid}/tax-number", SetTaxNumberAsync).WithName("SetTaxNumber")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Anotar el NIT de la asociación");
        associations.MapPut("/{id:guid}/promoter", AssignAsync).WithName("AssignPromoter")
            .Allow("organizations.write", Roles.UnitHead)
            .WithSummary("Decidir qué promotor acompaña a la asociación");
        associations.MapGet("/{id:guid}/statutes", StatutesAsync).WithName("GetBoardRules")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor)
            .WithSummary("Reglas de la junta y de la disolución vigentes en una fecha; hoy, si no se indica");
    }

    internal sealed record Amendment(
        DateOnly HeldOn, [Between(1, 2)] int Call, [Between(1, 100000)] int Attendees, DateOnly EffectiveFrom, [Between(1, 99999)] int? MinutesNumber = null,
        [Between(4, 16)] int? BoardMinimum = null, [Between(4, 16)] int? BoardMaximum = null, [Between(6, 60)] int? BoardTermMonths = null,
        [Between(0, 3)] int? SubstitutesMaximum = null, [Between(1, 10)] int? ConsecutiveTermsMaximum = null,
        [Between(1, 100)] int? DissolutionVotes = null, [Between(1, 100)] int? DissolutionOf = null)
    {
        public static Amendment Example => new(new(2026, 4, 18), 1, 30, new(2026, 5, 1), BoardTermMonths: 36, SubstitutesMaximum: 2);
    }

    internal sealed record Filing(DateOnly FiledOn, bool MemberRoll, bool WorkPlan)
    {
        public static Filing Example => new(new(2026, 1, 15), true, true);
    }

    internal sealed record TaxNumber([TaxNumber] string Number)
    {
        public static TaxNumber Example => new("0614-200225-101-3");
    }

    internal sealed record Assignment([Text(100)] string Promoter)
    {
        public static Assignment Example => new("marta.promotora");
    }

    internal sealed record RulesView(
        string Ruleset, string Source, int MinimumMembers, int MinimumAge, int BoardMinimum, int BoardMaximum, int TermMonths, int SubstitutesMaximum,
        int? ConsecutiveTermsMaximum, bool OneBoardPerPerson, int DissolutionVotes, int DissolutionOf)
    {
        public static RulesView Example => new("codigo-municipal", "Código Municipal, arts. 118-125", 25, 18, 5, 11, 24, 0, 2, true, 2, 3);

        public static RulesView Of(Ruleset set, BoardRules rules) => new(
            set.Code, set.Source, set.MinimumMembers, set.MinimumAge, rules.BoardMinimum, rules.BoardMaximum, rules.TermMonths, rules.SubstitutesMaximum,
            rules.ConsecutiveTermsMaximum, rules.OneBoardPerPerson, rules.DissolutionVotes, rules.DissolutionOf);
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> AmendAsync(
        Guid id, Amendment request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.HeldOn, change.Now, "/heldOn");
            Rule.State(association.IsAlive, "not_recognized", "Los estatutos se reforman cuando la asociación tiene personería.");
            Rule.That((request.BoardMinimum is null) == (request.BoardMaximum is null) && !(request.BoardMinimum > request.BoardMaximum), "board_range",
                "Indique el mínimo y el máximo de cargos de la junta, en orden.", "/boardMaximum");
            Rule.That((request.DissolutionVotes is null) == (request.DissolutionOf is null) && !(request.DissolutionVotes > request.DissolutionOf)
                && !(request.DissolutionVotes * 2 <= request.DissolutionOf), "dissolution_fraction",
                "La mayoría para disolver es una fracción mayor que la mitad, como 2 de 3.", "/dissolutionVotes");
            Rule.That(request.EffectiveFrom <= change.Now.LocalDate().AddYears(2), "effective_too_far_ahead", "La reforma rige a más tardar dentro de dos años.", "/effectiveFrom");
            Rule.State(!await change.Db.Statutes.AnyAsync(s => s.AssociationId == id && s.EffectiveFrom == request.EffectiveFrom, cancellation),
                "statutes_already_amended", "Ya hay una reforma que rige desde esa fecha.");
            var minutes = await change.MinutesOfAsync(
                association, request.HeldOn, request.MinutesNumber, "Reforma de estatutos", $"La asamblea, con {request.Attendees} asistentes, reformó los estatutos desde el {request.EffectiveFrom:dd/MM/yyyy}.", cancellation);
            association.AmendStatutes(
                new(request.HeldOn, minutes, request.Call, request.Attendees), await change.MembersOnAsync(association, request.HeldOn, cancellation), request.EffectiveFrom, change.Now);
            change.Db.Add(new Statutes
            {
                AssociationId = id, EffectiveFrom = request.EffectiveFrom, MinutesNumber = minutes, BoardMinimum = request.BoardMinimum, BoardMaximum = request.BoardMaximum,
                BoardTermMonths = request.BoardTermMonths, SubstitutesMaximum = request.SubstitutesMaximum, ConsecutiveTermsMaximum = request.ConsecutiveTermsMaximum,
                DissolutionVotes = request.DissolutionVotes, DissolutionOf = request.DissolutionOf,
            });
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> FileAsync(
        Guid id, Filing request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.FiledOn, change.Now, "/filedOn");
            Rule.That(request is { MemberRoll: true, WorkPlan: true }, "annual_filing_incomplete", "Cada enero se presentan la nómina de miembros y el plan de trabajo.");
            var year = request.FiledOn.Year;
            Rule.State(!await change.Db.AnnualFilings.AnyAsync(f => f.AssociationId == id && f.Year == year, cancellation), "already_filed", "Lo de ese año ya fue presentado.");
            association.FileYear(year, request.FiledOn, change.Now);
            var receipt = await Receipt.DrawAsync(change.Db, id, ReceiptKind.AnnualFiling, request.FiledOn, change.Caller, change.Now, cancellation);
            change.Db.Add(new AnnualFiling { AssociationId = id, Year = year, FiledOn = request.FiledOn, ReceiptNumber = receipt.Text });
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> SetTaxNumberAsync(
        Guid id, TaxNumber request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            association.SetTaxNumber(Nit.Parse(request.Number)!);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> AssignAsync(
        Guid id, Assignment request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, (association, _) =>
        {
            association.Assign(request.Promoter.Trim());
            return Task.CompletedTask;
        });

    private static async Task<Results<Ok<RulesView>, ProblemHttpResult>> StatutesAsync(
        Guid id, OrganizationsDb db, AssociationChange change, TimeProvider time, DateOnly? on = null, CancellationToken cancellation = default)
    {
        var association = await db.Associations.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellation);
        if (association is null)
            return Problems.NotFound();
        return TypedResults.Ok(RulesView.Of(
            await change.RulesetOfAsync(association, cancellation), await change.RulesOnAsync(association, on ?? time.Today(), cancellation)));
    }
}

/// <summary>What an association brought in the January of a year.</summary>
internal sealed class AnnualFiling
{
    public required Guid AssociationId { get; init; }
    public required int Year { get; init; }
    public required DateOnly FiledOn { get; init; }
    public required string ReceiptNumber { get; init; }
}

/// <summary>
/// The tax number of an association, <c>####-######-###-#</c>. Only its form is checked: the rule of its last digit is
/// not in a source that we could rely on.
/// </summary>
internal static partial class Nit
{
    /// <summary>Accepts fourteen digits with or without hyphens; gives the written form with them, or null.</summary>
    public static string? Parse(string? text)
    {
        var match = Form().Match(text?.Trim() ?? "");
        if (!match.Success || match.Value.All(c => c is '0' or '-'))
            return null;
        var digits = match.Value.Replace("-", "", StringComparison.Ordinal);
        return $"{digits[..4]}-{digits[4..10]}-{digits[10..13]}-{digits[13]}";
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{6}-[0-9]{3}-[0-9]|[0-9]{14})\z")]
    private static partial Regex Form();
}

[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class TaxNumberAttribute() : ValidationAttribute("El NIT no es válido: son cuatro, seis, tres y un dígitos, separados por guiones.")
{
    public override bool IsValid(object? value) => value is null || Nit.Parse(value as string) is not null;
}
