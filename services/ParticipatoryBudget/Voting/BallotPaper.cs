using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

/// <summary>A line of the ballot.</summary>
internal sealed class BallotCandidate
{
    public required Guid CycleId { get; init; }
    public required int Zone { get; init; }
    public required int Number { get; init; }
    public required Guid ProposalId { get; init; }
    public required string Name { get; init; }
    public required decimal Cost { get; init; }
}

/// <summary>Two that cannot be done together; the smaller number stands first.</summary>
internal sealed class CandidateExclusion
{
    public required Guid CycleId { get; init; }
    public required int Zone { get; init; }
    public required int Number { get; init; }
    public required int Other { get; init; }
}

/// <summary>What residents vote on is fixed and published, with what it costs.</summary>
internal static class BallotPaper
{
    public static void MapBallotPaper(this IEndpointRouteBuilder cycles)
    {
        cycles.MapPost("/{id:guid}/ballot-paper", PublishAsync).WithName("PublishBallotPaper").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Publicar la papeleta: las propuestas viables de todas las zonas, con su costo")
            .WithDescription("En la fase de votación, cuando todas las propuestas están valoradas. Desde entonces la papeleta no cambia.");
        cycles.MapGet("/{id:guid}/ballot-paper", GetAsync).WithName("GetBallotPaper").Allow("budget.read", ReadCycles.Readers).WithSummary("Ver la papeleta publicada, por zona");
        cycles.MapPut("/{id:guid}/rules", ChangeRulesAsync).WithName("ChangeCycleRules").Allow("budget.write", Roles.Council)
            .WithSummary("Cambiar las reglas de la votación con acuerdo del concejo, mientras nadie haya votado");
    }

    /// <param name="Incompatible">Pairs of proposal numbers that cannot be done together.</param>
    internal sealed record Publication([Count(0, 200)] IReadOnlyList<Pair> Incompatible)
    {
        public static Publication Example => new([Pair.Example]);
    }

    internal sealed record Pair([Between(1, 100_000)] int One, [Between(1, 100_000)] int Other)
    {
        public static Pair Example => new(3, 7);
    }

    internal sealed record RuleChange(CycleRules Rules, CouncilAgreement Agreement)
    {
        public static RuleChange Example => new(CycleRules.Example, CouncilAgreement.Example);
    }

    internal sealed record PaperView(IReadOnlyList<PaperView.ZoneView> Zones)
    {
        internal sealed record ZoneView(int Number, string Name, decimal Money, IReadOnlyList<LineView> Lines);

        internal sealed record LineView(int Number, string Name, decimal Cost, IReadOnlyList<int> Excludes, Guid ProposalId);

        public static PaperView Example => new([new(1, "Zona norte", 30_000, [new(3, "Agua potable para El Ensayo", 23_500, [7], Examples.Id)])]);
    }

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> PublishAsync(
        Guid id, Publication request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), async (cycle, cancellation) =>
        {
            var pending = await db.Proposals.CountAsync(
                p => p.CycleId == id && (p.State == ProposalState.Received || p.State == ProposalState.InReview || p.State == ProposalState.Observed), cancellation);
            Rule.State(pending == 0, "assessment_pending", $"Faltan {pending} propuestas por valorar: concluya o rechace cada una.");
            var feasible = await db.Proposals.AsNoTracking().Where(p => p.CycleId == id && p.State == ProposalState.Feasible).OrderBy(p => p.Number).ToListAsync(cancellation);
            var candidates = feasible.ConvertAll(p => new BallotCandidate { CycleId = id, Zone = p.Zone, Number = p.Number!.Value, ProposalId = p.Id, Name = p.Title, Cost = p.Cost!.Value });
            var exclusions = new List<CandidateExclusion>();
            foreach (var (index, pair) in request.Incompatible.Index())
            {
                var (one, other) = (candidates.Find(c => c.Number == Math.Min(pair.One, pair.Other)), candidates.Find(c => c.Number == Math.Max(pair.One, pair.Other)));
                Rule.That(one is not null && other is not null && one != other && one.Zone == other.Zone, "unknown_pair", "Son dos propuestas distintas, viables y de la misma zona.", $"/incompatible/{index}");
                Rule.That(exclusions.TrueForAll(e => e.Number != one!.Number || e.Other != other!.Number), "pair_twice", "Esa pareja aparece dos veces.", $"/incompatible/{index}");
                exclusions.Add(new() { CycleId = id, Zone = one!.Zone, Number = one.Number, Other = other!.Number });
            }
            cycle.PublishBallot(candidates, exclusions, time.GetUtcNow());
            db.AddRange(candidates);
            db.AddRange(exclusions);
            return cycle;
        }, CycleView.Of, http.RequestAborted));

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> ChangeRulesAsync(
        Guid id, RuleChange request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), (cycle, _) =>
        {
            Rule.NotInFuture(request.Agreement.Date, time.GetUtcNow(), "/agreement/date");
            cycle.ChangeRules(request.Rules, request.Agreement, time.GetUtcNow());
            return Task.FromResult(cycle);
        }, CycleView.Of, http.RequestAborted));

    private static async Task<Results<Ok<PaperView>, ProblemHttpResult>> GetAsync(Guid id, BudgetDb db, CancellationToken cancellation)
    {
        var cycle = await db.Cycles.AsNoTracking().Include(c => c.Zones).SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null)
            return Problems.NotFound();
        Rule.State(cycle.BallotPublishedAt is not null, "ballot_not_published", "La papeleta todavía no se publica.");
        var candidates = await db.Candidates.AsNoTracking().Where(c => c.CycleId == id).OrderBy(c => c.Number).ToListAsync(cancellation);
        var exclusions = await db.Exclusions.AsNoTracking().Where(e => e.CycleId == id).ToListAsync(cancellation);
        return TypedResults.Ok(new PaperView(
        [
            .. cycle.Zones.OrderBy(z => z.Number).Select(z => new PaperView.ZoneView(z.Number, z.Name, z.Amount,
                [.. candidates.Where(c => c.Zone == z.Number).Select(c => new PaperView.LineView(c.Number, c.Name, c.Cost, CandidateExclusions.Of(c.Number, exclusions), c.ProposalId))])),
        ]));
    }
}

internal static class CandidateExclusions
{
    /// <summary>Numbers of those with which a candidate cannot be done.</summary>
    public static IReadOnlyList<int> Of(int number, IReadOnlyList<CandidateExclusion> exclusions) =>
        [.. exclusions.Where(e => e.Number == number || e.Other == number).Select(e => e.Number == number ? e.Other : e.Number).Order()];
}
