using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.Organizations.Calendar;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The way of the application: filed, observed, corrected, each with its receipt and its term.</summary>
internal static class ApplyForRecognition
{
    public static void MapApplyForRecognition(this IEndpointRouteBuilder associations)
    {
        associations.MapPost("/{id:guid}/application", FileAsync).WithName("FileApplication")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Recibir la solicitud de personería y dar su recibo");
        associations.MapPost("/{id:guid}/observation", ObserveAsync).WithName("ObserveApplication")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Notificar defectos que se pueden subsanar");
        associations.MapPost("/{id:guid}/correction", CorrectAsync).WithName("CorrectDefects")
            .Allow("organizations.write", Roles.Secretary, Roles.UnitHead)
            .WithSummary("Recibir la subsanación y dar su recibo");
    }

    internal sealed record Filing(DateOnly FiledOn, bool ConstitutionMinutes, bool Statutes, bool MemberRoll)
    {
        public static Filing Example => new(new(2025, 2, 3), true, true, true);
    }

    internal sealed record Observation(DateOnly NotifiedOn, [Text(2000)] string Defects)
    {
        public static Observation Example => new(new(2025, 2, 7), "Falta la firma de una hoja de la nómina.");
    }

    internal sealed record Correction(DateOnly CorrectedOn)
    {
        public static Correction Example => new(new DateOnly(2025, 2, 14));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> FileAsync(
        Guid id, Filing request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.FiledOn, change.Now, "/filedOn");
            Rule.That(request is { ConstitutionMinutes: true, Statutes: true, MemberRoll: true }, "application_incomplete",
                "La solicitud lleva el acta de constitución, los estatutos y la nómina de miembros.");
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            var due = await change.Db.LastDayAsync(request.FiledOn, ruleset.ResolutionDays, cancellation);
            var receipt = await Receipt.DrawAsync(
                change.Db, id, ReceiptKind.Application, request.FiledOn, change.Caller, change.Now, cancellation, due);
            association.FileApplication(receipt.Text, request.FiledOn, due, change.Now);
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> ObserveAsync(
        Guid id, Observation request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.NotifiedOn, change.Now, "/notifiedOn");
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            var due = await change.Db.LastDayAsync(request.NotifiedOn, ruleset.CorrectionDays, cancellation);
            association.Observe(request.Defects, request.NotifiedOn, due, change.Now);
        });

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> CorrectAsync(
        Guid id, Correction request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.CorrectedOn, change.Now, "/correctedOn");
            var ruleset = await change.RulesetOfAsync(association, cancellation);
            var due = await change.Db.LastDayAsync(request.CorrectedOn, ruleset.ResolutionDays, cancellation);
            var receipt = await Receipt.DrawAsync(
                change.Db, id, ReceiptKind.Correction, request.CorrectedOn, change.Caller, change.Now, cancellation, due);
            association.CorrectDefects(receipt.Text, request.CorrectedOn, due, change.Now);
        });
}
