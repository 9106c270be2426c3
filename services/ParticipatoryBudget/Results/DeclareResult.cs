using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>The database counts, the declared rule decides, and what came out stays.</summary>
internal static class DeclareResult
{
    private const int MostShakenAtOnce = 60_000;

    public static void MapResults(this IEndpointRouteBuilder cycles)
    {
        cycles.MapPost("/{id:guid}/zones/{number:int}/result", DeclareAsync).WithName("DeclareResult").TakesLong().Allow("budget.write", Roles.UnitHead)
            .WithSummary("Contar las papeletas de una zona y declarar el resultado").WithDescription(
                "Cuando la votación terminó, la semilla del sorteo se publicó, cada mesa se cerró y se contó a mano, y lo que difiere se explicó. Se declara una vez; las propuestas pasan a priorizadas o a lista de espera, y las que no llegan al mínimo quedan fuera.");
        cycles.MapPost("/{id:guid}/seed", DrawAsync).WithName("DrawSeed").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Publicar la semilla del sorteo entre empates").WithDescription("Lo que salió del sorteo que el ciclo anunció, después de la votación y antes de que nadie vea un conteo. No cambia.");
        cycles.MapPost("/{id:guid}/zones/{number:int}/result/override", OverrideAsync).WithName("OverrideResult").Allow("budget.write", Roles.Council)
            .WithSummary("Elegir otra cosa que las papeletas, con acuerdo y motivo del concejo, que el acta muestra");
        cycles.MapGet("/{id:guid}/zones/{number:int}/result", GetAsync).WithName("GetResult").Allow("budget.read", ReadCycles.Readers).WithSummary("Ver el resultado declarado de una zona");
    }

    /// <param name="Seed">What came out of the drawing that the cycle announced.</param>
    internal sealed record Drawing([Text(200)] string Seed)
    {
        public static Drawing Example => new("48213");
    }

    internal sealed record OtherChoice([Count(0, 1000)] IReadOnlyList<int> Chosen, [PublicText(2000)] string Reason, CouncilAgreement Agreement)
    {
        public static OtherChoice Example => new([3, 5], "El puente de la propuesta 5 se cayó después de la votación.", CouncilAgreement.Example);
    }

    internal sealed record ResultView(
        int Zone, decimal Money, decimal Spent, int Ballots, IReadOnlyDictionary<string, int> ByChannel, string Seed, IReadOnlyList<IReadOnlyList<int>> DecidedByTie, DateTimeOffset DeclaredAt,
        IReadOnlyList<ResultView.LineView> Lines, string? OverrideReason, CouncilReference? Override)
    {
        internal sealed record LineView(int Number, string Name, decimal Cost, int Points, int Ballots, Verdict Verdict, decimal Left, bool Chosen);

        public static ResultView Example => new(
            1, 30_000, 23_500, 412, new Dictionary<string, int> { ["assembly"] = 180, ["booth"] = 200, ["individual"] = 32 }, "48213", [], Examples.Instant,
            [new(3, "Agua potable para El Ensayo", 23_500, 231, 231, Verdict.Wins, 6_500, true)], null, null);

        public static ResultView Of(ZoneResult result, decimal money, IReadOnlyList<BallotCandidate> candidates)
        {
            var lines = (from line in result.Lines
                         orderby line.Position
                         join candidate in candidates on line.Number equals candidate.Number
                         select new LineView(line.Number, candidate.Name, candidate.Cost, line.Points, line.Ballots, line.Verdict, line.Remaining, line.Chosen)).ToList();
            return new(
                result.Zone, money, lines.Where(l => l.Chosen).Sum(l => l.Cost), result.Ballots, result.ByChannel, result.Seed, result.Tied, result.DeclaredAt, lines, result.OverrideReason, result.Override);
        }
    }

    private static async Task<Results<Ok<CycleView>, ProblemHttpResult>> DrawAsync(
        Guid id, Drawing request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), (cycle, _) =>
        {
            cycle.DrawSeed(request.Seed.Trim(), time.GetUtcNow());
            return Task.FromResult(cycle);
        }, CycleView.Of, http.RequestAborted));

    private static async Task<Results<Ok<ResultView>, ProblemHttpResult>> DeclareAsync(
        Guid id, int number, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), async (cycle, cancellation) =>
        {
            var now = time.GetUtcNow();
            var caller = Access.CallerOf(http.User);
            cycle.RequireVotingOver(now.LocalDate());
            var zone = cycle.Zone(number, "");
            Rule.State(!await db.Results.AnyAsync(r => r.CycleId == id && r.Zone == number, cancellation), "result_declared", "El resultado de esa zona ya se declaró: no se vuelve a calcular.");
            var seed = cycle.RequireSeed();
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5)); // A large zone's ballots are all looked at.
            await RequireCountedAsync(db, id, number, cancellation);
            var byChannel = await db.Database.SqlQuery<ChannelCount>(
                $"""
                SELECT coalesce(p.kind, 'individual') AS "Channel", sum(b.ballots)::int AS "Ballots"
                FROM (SELECT polling_place, count(*) AS ballots FROM ballot WHERE cycle_id = {id} AND zone = {number} GROUP BY polling_place) b
                LEFT JOIN polling_place p ON p.cycle_id = {id} AND p.number = b.polling_place GROUP BY 1 ORDER BY 1
                """).ToDictionaryAsync(c => c.Channel, c => c.Ballots, cancellation);
            var ballots = byChannel.Values.Sum();
            if (await db.Database.SqlQuery<bool>($"""SELECT EXISTS (SELECT 1 FROM ballot WHERE cycle_id = {id} AND zone = {number} AND NOT shaken) AS "Value" """).ToAsyncEnumerable().SingleAsync(cancellation))
            {
                // In the background it is done within a minute of the last day; a large urn is not rewritten while somebody waits.
                var marks = await db.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM ballot_mark WHERE cycle_id = {id} AND zone = {number}""").ToAsyncEnumerable().SingleAsync(cancellation);
                Rule.State(ballots + marks <= MostShakenAtOnce, "urn_not_shaken", "La urna todavía se está mezclando. Intente en unos minutos.");
                await db.Database.ExecuteSqlAsync($"SELECT shake_urn({id}, {number})", cancellation);
            }
            var voters = await db.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM voter WHERE cycle_id = {id} AND zone = {number}""").ToAsyncEnumerable().SingleAsync(cancellation);
            var (election, candidates) = await ReadAsync(db, cycle, number, cycle.Rules.Method == DecisionMethod.EqualShares, cancellation);
            Rule.State(voters == ballots, "urn_differs", "En la urna no hay tantas papeletas como personas votaron. No se declara: avise a quien opera el sistema.");
            var outcome = Decide(cycle.Rules, seed, election, await TallyAsync(db, id, number, election.Candidates, cancellation), cancellation);
            var result = ZoneResult.Declare(cycle, number, seed, ballots, byChannel, outcome, caller, now);
            db.Add(result);
            cycle.Tell(result, candidates, now);
            await DecideProposalsAsync(db, result, candidates, "Lo decidieron las papeletas", caller, now, cancellation);
            return (result, zone.Amount, candidates);
        }, r => ResultView.Of(r.result, r.Amount, r.candidates), http.RequestAborted));

    private static async Task<Results<Ok<ResultView>, ProblemHttpResult>> OverrideAsync(
        Guid id, int number, OtherChoice request, [FromHeader(Name = "If-Match")] string? ifMatch, BudgetDb db, HttpContext http, TimeProvider time) =>
        http.Response.Versioned(await db.StepAsync(id, db.WholeCycles, cycle => Preconditions.Require(ifMatch, cycle.Version), async (cycle, cancellation) =>
        {
            var now = time.GetUtcNow();
            Rule.NotInFuture(request.Agreement.Date, now, "/agreement/date");
            var voting = cycle.PhaseOf(CyclePhase.Voting).LastDay;
            Rule.That(request.Agreement.Date > voting, "before_last_step", $"La votación terminó el {voting.Day()}: el concejo elige otra cosa después.", "/agreement/date");
            var zone = cycle.Zone(number, "");
            var result = await db.Results.Include(r => r.Lines).SingleOrDefaultAsync(r => r.CycleId == id && r.Zone == number, cancellation);
            Rule.State(result is not null, "result_not_declared", "El resultado de esa zona todavía no se declara.");
            Rule.State(
                !await db.Proposals.AnyAsync(p => p.CycleId == id && p.Zone == number && (p.State == ProposalState.Included || p.State == ProposalState.TurnedIntoProject), cancellation), "proposals_included",
                "El concejo ya aprobó propuestas de esa zona.");
            var candidates = await CandidatesAsync(db, id, number, cancellation);
            var exclusions = await db.Exclusions.AsNoTracking().Where(e => e.CycleId == id && e.Zone == number).ToListAsync(cancellation);
            result!.ChooseOtherwise(request.Chosen, candidates, exclusions, zone.Amount, cycle.Rules.MostProjects, request.Reason.Trim(), request.Agreement);
            cycle.Tell(result, candidates, now);
            await DecideProposalsAsync(db, result, candidates, $"El concejo eligió otra cosa: {request.Reason.Trim()}", Access.CallerOf(http.User), now, cancellation);
            return (result, zone.Amount, candidates);
        }, r => ResultView.Of(r.result, r.Amount, r.candidates), http.RequestAborted));

    private static async Task<Results<Ok<ResultView>, ProblemHttpResult>> GetAsync(Guid id, int number, BudgetDb db, CancellationToken cancellation) =>
        await FindAsync(db, id, number, cancellation) is { } found ? TypedResults.Ok(found.View) : Problems.NotFound();

    public static async Task<(Cycle Cycle, ZoneResult Result, ResultView View)?> FindAsync(BudgetDb db, Guid id, int number, CancellationToken cancellation)
    {
        var result = await db.Results.AsNoTracking().Include(r => r.Lines).SingleOrDefaultAsync(r => r.CycleId == id && r.Zone == number, cancellation);
        if (result is null)
            return null;
        var cycle = await db.WholeCycles.AsNoTracking().SingleAsync(c => c.Id == id, cancellation);
        return (cycle, result, ResultView.Of(result, cycle.Zone(number, "").Amount, await CandidatesAsync(db, id, number, cancellation)));
    }

    private sealed record ChannelCount(string Channel, int Ballots);

    private sealed record CandidateCount(int Candidate, int Points, int Ballots);

    private sealed record SameBallots(string Marks, int Count);

    /// <summary>What a rule makes of ballots; no date and no machine comes in.</summary>
    public static Outcome Decide(CycleRules rules, string seed, Election election, IReadOnlyList<Tally> tallies, CancellationToken cancellation)
    {
        var declared = new ResultRules(rules.TieBreaks ?? [], seed, rules.MinimumPoints, rules.MostProjects);
        return rules.Method == DecisionMethod.Greedy
            ? Greedy.Decide(tallies, election.Money, declared)
            : EqualShares.Decide(election, declared, rules.Satisfaction, rules.Increment, cancellation: cancellation);
    }

    /// <summary>Every point counted where it lies.</summary>
    private static async Task<IReadOnlyList<Tally>> TallyAsync(BudgetDb db, Guid cycle, int zone, IReadOnlyList<Candidate> candidates, CancellationToken cancellation)
    {
        var counts = await db.Database.SqlQuery<CandidateCount>(
            $"""
            SELECT candidate AS "Candidate", sum(points)::int AS "Points", count(*)::int AS "Ballots" FROM ballot_mark WHERE cycle_id = {cycle} AND zone = {zone} GROUP BY candidate
            """).ToDictionaryAsync(c => c.Candidate.ToString(CultureInfo.InvariantCulture), cancellation);
        return [.. candidates.Select(c => counts.TryGetValue(c.Id, out var count) ? new Tally(c, count.Points, count.Ballots) : new Tally(c, 0, 0))];
    }

    /// <summary>A zone's election, with its ballots where they are needed, those that say the same together.</summary>
    public static async Task<(Election Election, IReadOnlyList<BallotCandidate> Candidates)> ReadAsync(BudgetDb db, Cycle cycle, int zone, bool withBallots, CancellationToken cancellation)
    {
        var rows = await CandidatesAsync(db, cycle.Id, zone, cancellation);
        var exclusions = await db.Exclusions.AsNoTracking().Where(e => e.CycleId == cycle.Id && e.Zone == zone).ToListAsync(cancellation);
        Candidate[] candidates =
        [
            .. rows.Select(r => new Candidate(
                r.Number.ToString(CultureInfo.InvariantCulture), r.Name, r.Cost, [.. CandidateExclusions.Of(r.Number, exclusions).Select(n => n.ToString(CultureInfo.InvariantCulture))])),
        ];
        var ballots = new List<Ballot>();
        if (withBallots)
        {
            var places = rows.Index().ToDictionary(r => r.Item.Number, r => r.Index);
            var same = db.Database.SqlQuery<SameBallots>(
                $"""
                SELECT b.marks AS "Marks", count(*)::int AS "Count" FROM (
                    SELECT coalesce(string_agg(m.candidate || ':' || m.points, ',' ORDER BY m.points DESC, m.candidate), '') AS marks
                    FROM ballot b LEFT JOIN ballot_mark m ON m.ballot_id = b.id WHERE b.cycle_id = {cycle.Id} AND b.zone = {zone} GROUP BY b.id) b
                GROUP BY b.marks ORDER BY b.marks COLLATE "C"
                """);
            await foreach (var group in same.AsAsyncEnumerable().WithCancellation(cancellation))
                ballots.Add(new([.. group.Marks.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(m => m.Split(':')).Select(m => new Mark(places[Number(m[0])], Number(m[1])))], group.Count));
        }
        return (new(cycle.Rules.Style, cycle.Zone(zone, "").Amount, candidates, ballots), rows);

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    private static async Task<IReadOnlyList<BallotCandidate>> CandidatesAsync(BudgetDb db, Guid cycle, int zone, CancellationToken cancellation) =>
        await db.Candidates.AsNoTracking().Where(c => c.CycleId == cycle && c.Zone == zone).OrderBy(c => c.Number).ToListAsync(cancellation);

    /// <summary>Each place is closed, counted by hand, and where hands and book differ somebody said why.</summary>
    private static async Task RequireCountedAsync(BudgetDb db, Guid cycle, int zone, CancellationToken cancellation)
    {
        foreach (var place in await PollingPlaces.ComparisonsAsync(db, db.PollingPlaces.Where(p => p.CycleId == cycle && p.Zone == zone), cancellation))
        {
            var name = $"{place.Place.Number} ({place.Place.Name})";
            Rule.State(place.Place.ClosedAt is not null && place.Counted is not null, "place_not_counted", $"Falta cerrar la mesa {name}, o contar a mano sus papeletas.");
            Rule.State(
                place.Agrees || place.Counted!.Note is not null, "paper_count_differs",
                $"El conteo a mano de la mesa {name} difiere de lo anotado: cuente otra vez, o explique por qué en note.");
        }
    }

    private static async Task DecideProposalsAsync(
        BudgetDb db, ZoneResult result, IReadOnlyList<BallotCandidate> candidates, string note, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = candidates.Select(c => c.ProposalId).ToArray();
        var lines = result.Lines.ToDictionary(l => l.Number);
        foreach (var proposal in await db.Proposals.Include(p => p.Steps).Where(p => ids.Contains(p.Id)).OrderBy(p => p.Number).ToListAsync(cancellation))
        {
            var line = lines[proposal.Number!.Value];
            // Without the support that the rules ask for there is nothing to wait for.
            var (state, why) =
                line.Chosen ? (ProposalState.Prioritised, note)
                : line.Verdict == Verdict.BelowMinimum ? (ProposalState.NotSupported, $"Tuvo {line.Points} puntos: no llega al mínimo")
                : (ProposalState.WaitingList, note);
            proposal.Decide(state, why, by, now);
        }
    }
}
