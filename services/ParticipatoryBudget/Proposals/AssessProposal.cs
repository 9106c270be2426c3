using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

/// <summary>What the unit and its evaluators do with a proposal, each time with the reason.</summary>
internal static class AssessProposal
{
    private static readonly string[] Unit = [Roles.Promoter, Roles.UnitHead];
    private static readonly string[] Evaluators = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Finance];

    public static void MapAssessProposal(this IEndpointRouteBuilder api)
    {
        var proposals = api.MapGroup("/proposals").WithTags("proposals");
        proposals.MapPost("/{id:guid}/admission", AdmitAsync).WithName("AdmitProposal").Allow("budget.write", Unit).WithSummary("Admitir una propuesta: pasa a valorarse");
        proposals.MapPost("/{id:guid}/observation", ObserveAsync).WithName("ObserveProposal").Allow("budget.write", Unit)
            .WithSummary("Observar una propuesta: quien la presentó la corrige en los días que da el ciclo");
        proposals.MapPost("/{id:guid}/rejection", RejectAsync).WithName("RejectProposal").Allow("budget.write", Roles.UnitHead).WithSummary("Declarar no viable una propuesta sin valorarla, con su causa y su motivo");
        proposals.MapPut("/{id:guid}/evaluators/{aspect}", AssignAsync).WithName("AssignEvaluator").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Asignar quién valora un aspecto: technical, social, environmental o legal");
        proposals.MapPut("/{id:guid}/scores/{number:int}", GiveAsync).WithName("ScoreProposal").Allow("budget.write", Evaluators)
            .WithSummary("Dar los puntos de un criterio, de 0 a 100, con su motivo").WithDescription("Solo quien tiene asignado el aspecto de ese criterio.");
        proposals.MapPost("/{id:guid}/conclusion", ConcludeAsync).WithName("ConcludeProposal").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Concluir la valoración: viable con su costo, o no viable con su causa").WithDescription("Con todos los criterios valorados. El costo se publica al comenzar la votación.");
        proposals.MapPost("/{id:guid}/division", DivideAsync).WithName("DivideProposal").Idempotent().Allow("budget.write", Roles.UnitHead).WithSummary("Dividir una propuesta en otras, que recuerdan de dónde vienen");
        proposals.MapPost("/merger", MergeAsync).WithName("MergeProposals").Idempotent().Allow("budget.write", Roles.UnitHead).WithSummary("Unir propuestas en una, que recuerda de dónde viene");
    }

    internal sealed record Observation([PublicText(2000)] string Text)
    {
        public static Observation Example => new("Falta el permiso de quien es dueño del terreno.");
    }

    internal sealed record Rejection(RejectionCause Cause, [PublicText(2000)] string Reason)
    {
        public static Rejection Example => new(RejectionCause.OutsideMunicipalCompetence, "El alumbrado de esa carretera es del ministerio.");
    }

    internal sealed record Assignment([Text(100)] string Evaluator)
    {
        public static Assignment Example => new("ing.inventado");
    }

    internal sealed record Points([Between(0, 100)] int Given, [PublicText(1000)] string Reason)
    {
        public static Points Example => new(85, "Hay agua a 60 metros.");
    }

    internal sealed record Conclusion(bool Feasible, [PublicText(2000)] string Reason, decimal? Cost = null, RejectionCause? Cause = null)
    {
        public static Conclusion Example => new(true, "El pozo es factible a 60 metros.", 23_500);
    }

    internal sealed record Division([Count(2, 10)] IReadOnlyList<ProposalContent> Parts, [PublicText(1000)] string Reason)
    {
        public static Division Example => new([ProposalContent.Example, ProposalContent.Example with { Title = "Tubería para El Ensayo" }], "El pozo y la tubería alcanzan por separado.");
    }

    internal sealed record Merger([Count(2, 10)] IReadOnlyList<Guid> ProposalIds, ProposalContent Whole, [PublicText(1000)] string Reason)
    {
        public static Merger Example => new([Examples.Id, Examples.OtherId], ProposalContent.Example, "Piden el mismo pozo.");
    }

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> AdmitAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, _) => proposal.Admit(change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> ObserveAsync(
        Guid id, Observation request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, cycle) => proposal.Observe(cycle, request.Text.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> RejectAsync(
        Guid id, Rejection request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, _) => proposal.Reject(request.Cause, request.Reason.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> AssignAsync(
        Guid id, Choice<Aspect> aspect, Assignment request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, _) => proposal.Assign(aspect.Value, request.Evaluator.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> GiveAsync(
        Guid id, int number, Points request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, cycle) => proposal.Give(cycle, number, request.Given, request.Reason.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> ConcludeAsync(
        Guid id, Conclusion request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        StepAsync(change, id, ifMatch, (proposal, cycle) => proposal.Conclude(cycle, request.Feasible, request.Cost, request.Cause, request.Reason.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> StepAsync(
        ProposalChange change, Guid id, string? ifMatch, Action<Proposal, Cycle> step, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, byProposer: false, (proposal, cycle) =>
        {
            step(proposal, cycle);
            return Task.CompletedTask;
        }, cancellation);

    private static Task<Results<Ok<List<ProposalView>>, ProblemHttpResult>> DivideAsync(Guid id, Division request, ProposalChange change, CancellationToken cancellation) =>
        RecastAsync([id], request.Parts, "/parts/{0}", request.Reason.Trim(), change, cancellation);

    private static Task<Results<Ok<List<ProposalView>>, ProblemHttpResult>> MergeAsync(Merger request, ProposalChange change, CancellationToken cancellation)
    {
        Rule.That(request.ProposalIds.Distinct().Count() == request.ProposalIds.Count, "proposal_twice", "Una propuesta aparece dos veces.", "/proposalIds");
        return RecastAsync(request.ProposalIds, [request.Whole], "/whole", request.Reason.Trim(), change, cancellation);
    }

    /// <summary>Some proposals of one cycle and zone go on in others.</summary>
    private static async Task<Results<Ok<List<ProposalView>>, ProblemHttpResult>> RecastAsync(
        IReadOnlyList<Guid> from, IReadOnlyList<ProposalContent> into, string at, string reason, ProposalChange change, CancellationToken cancellation)
    {
        var db = change.Db;
        await using var transaction = await db.BeginStepAsync(cancellation);
        var old = new List<Proposal>();
        await change.LockCycleOfAsync(from[0], cancellation);
        foreach (var id in from.Order()) // Always in the same order, so that two of these never wait for each other.
        {
            await db.LockAsync<Proposal>(id, cancellation);
            if (await db.WholeProposals.SingleOrDefaultAsync(p => p.Id == id, cancellation) is not { } proposal)
                return Problems.NotFound();
            old.Add(proposal);
        }
        Rule.That(old.All(p => p.CycleId == old[0].CycleId && p.Zone == old[0].Zone), "other_zone", "Solo se unen propuestas del mismo ciclo y de la misma zona.");
        var number = await change.NextNumberAsync(old[0].CycleId, cancellation);
        var cycle = await db.WholeCycles.AsNoTracking().SingleAsync(c => c.Id == old[0].CycleId, cancellation);
        Rule.State(cycle.BallotPublishedAt is null, "ballot_published", "La papeleta ya se publicó: lo que está en ella, y lo que no, ya no cambia.");
        var fresh = new List<Proposal>();
        foreach (var (index, content) in into.Index())
        {
            Rule.That(content.Zone == old[0].Zone, "other_zone", "Lo que resulta es de la misma zona.", string.Format(System.Globalization.CultureInfo.InvariantCulture, at, index) + "/zone");
            Rule.That(
                content.AssociationId is null || old.Any(p => p.AssociationId == content.AssociationId), "other_proposer", "Lo presentan quienes presentaron las propuestas de las que sale.",
                string.Format(System.Globalization.CultureInfo.InvariantCulture, at, index) + "/associationId");
            await change.RequireFilesAsync(content, cancellation);
            fresh.Add(Proposal.From(
                old, cycle, content, await db.Associations.AsNoTracking().SingleOrDefaultAsync(a => a.Id == content.AssociationId, cancellation), number + index, reason, change.Caller, change.Now));
        }
        foreach (var proposal in old)
        {
            proposal.GoInto(fresh, reason, change.Caller, change.Now);
            db.AddRange(fresh.Select(f => new ProposalTrace { FromId = proposal.Id, IntoId = f.Id }));
        }
        db.AddRange(fresh);
        await db.SaveChangesAsync(cancellation);
        var views = new List<ProposalView>();
        foreach (var proposal in fresh)
            views.Add(await change.ViewAsync(proposal, cycle, cancellation));
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(views);
    }
}
