using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

internal enum PollingPlaceKind
{
    Assembly,
    Booth,
}

/// <summary>Where ballots of a zone are handed in on paper.</summary>
internal sealed class PollingPlace
{
    public required Guid CycleId { get; init; }
    public required int Number { get; init; }
    public required int Zone { get; init; }
    public required PollingPlaceKind Kind { get; init; }
    public required string Name { get; init; }
    public required string OpenedBy { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; set; }
}

/// <summary>Points of a candidate as hands counted them.</summary>
internal sealed record PaperTotal([Between(1, 100_000)] int Candidate, [Between(0, 10_000_000)] int Points)
{
    public static PaperTotal Example => new(3, 41);
}

/// <summary>The paper ballots of a place, counted by hand; counted again, it is another of them.</summary>
internal sealed class PaperCount
{
    public required Guid CycleId { get; init; }
    public required int PollingPlace { get; init; }
    public required int Number { get; init; }
    public required int Ballots { get; init; }
    public required IReadOnlyList<PaperTotal> Totals { get; init; }

    /// <summary>Why it may differ from what was written down.</summary>
    public string? Note { get; init; }
    public required string CountedBy { get; init; }
    public required DateTimeOffset CountedAt { get; init; }
}

internal static class PollingPlaces
{
    private static readonly string[] Unit = [Roles.Promoter, Roles.UnitHead];

    public static void MapPollingPlaces(this IEndpointRouteBuilder cycles)
    {
        cycles.MapPost("/{id:guid}/polling-places", OpenAsync).WithName("OpenPollingPlace").Idempotent().Allow("budget.write", Unit).WithSummary("Abrir una asamblea o una mesa de votación en una zona");
        cycles.MapGet("/{id:guid}/polling-places", ListAsync).WithName("ListPollingPlaces").Allow("budget.read", ReadCycles.Readers).WithSummary("Asambleas y mesas de un ciclo");
        cycles.MapPost("/{id:guid}/polling-places/{number:int}/closing", CloseAsync).WithName("ClosePollingPlace").Allow("budget.write", Unit).WithSummary("Cerrar una asamblea o mesa: ya no recibe papeletas");
        cycles.MapPost("/{id:guid}/polling-places/{number:int}/paper-counts", CountAsync).WithName("CountPaperBallots").Idempotent().Allow("budget.write", Unit)
            .WithSummary("Anotar el conteo a mano de las papeletas de una mesa cerrada; contadas otra vez, se anota otra vez")
            .WithDescription("Cuando la votación termina se compara con lo que se anotó. Si difiere, hay que contar otra vez o explicar por qué en note antes de declarar el resultado.");
        cycles.MapGet("/{id:guid}/polling-places/{number:int}/paper-counts", CompareAsync).WithName("ComparePaperCounts").Allow("budget.read", ReadCycles.Watchers)
            .WithSummary("Comparar el último conteo a mano con lo anotado, cuando la votación ya terminó y la semilla del sorteo se publicó");
    }

    internal sealed record NewPlace([Between(1, 100)] int Zone, PollingPlaceKind Kind, [PublicText(150)] string Name)
    {
        public static NewPlace Example => new(1, PollingPlaceKind.Assembly, "Asamblea de la zona norte, casa comunal");
    }

    internal sealed record PlaceView(int Number, int Zone, PollingPlaceKind Kind, string Name, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt)
    {
        public static PlaceView Example => new(1, 1, PollingPlaceKind.Assembly, "Asamblea de la zona norte, casa comunal", Examples.Instant, null);

        public static PlaceView Of(PollingPlace p) => new(p.Number, p.Zone, p.Kind, p.Name, p.OpenedAt, p.ClosedAt);
    }

    internal sealed record NewCount([Between(0, 1_000_000)] int Ballots, [Count(0, 1000)] IReadOnlyList<PaperTotal> Totals, [PublicText(500)] string? Note = null)
    {
        public static NewCount Example => new(96, [PaperTotal.Example]);
    }

    internal sealed record CountView(int Number, int Ballots, IReadOnlyList<PaperTotal> Totals, string? Note)
    {
        public static CountView Example => new(1, 96, [PaperTotal.Example], null);
    }

    internal sealed record ComparisonView(CountView Counted, int WrittenDown, IReadOnlyList<DifferenceView> Differences)
    {
        public static ComparisonView Example => new(CountView.Example, 96, [new(3, 41, 40)]);
    }

    internal sealed record DifferenceView(int Candidate, int Counted, int WrittenDown);

    private static async Task<Results<Created<PlaceView>, ProblemHttpResult>> OpenAsync(Guid id, NewPlace request, BudgetDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Cycle>(id, cancellation);
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null)
            return Problems.NotFound();
        cycle.Zone(request.Zone, "/zone");
        Rule.State(
            cycle.State == CycleState.Open && time.Today() <= cycle.PhaseOf(CyclePhase.Voting).LastDay, "wrong_phase", "Las mesas se abren en un ciclo abierto, antes de que termine la votación.");
        var place = new PollingPlace
        {
            CycleId = id, Number = (await db.PollingPlaces.Where(p => p.CycleId == id).MaxAsync(p => (int?)p.Number, cancellation) ?? 0) + 1, Zone = request.Zone, Kind = request.Kind,
            Name = request.Name.Trim(), OpenedBy = Access.CallerOf(http.User), OpenedAt = time.GetUtcNow(),
        };
        db.Add(place);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/budget/cycles/{id}/polling-places/{place.Number}", PlaceView.Of(place));
    }

    private static async Task<Results<Ok<Page<PlaceView>>, ProblemHttpResult>> ListAsync(Guid id, BudgetDb db, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Cycles.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var items = await db.PollingPlaces.AsNoTracking().Where(p => p.CycleId == id && (after == null || p.Number > after)).OrderBy(p => p.Number).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(PlaceView.Of), size, p => p.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Ok<PlaceView>, ProblemHttpResult>> CloseAsync(Guid id, int number, BudgetDb db, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Cycle>(id, cancellation); // Waits for the ballots that are on their way in.
        var place = await db.PollingPlaces.SingleOrDefaultAsync(p => p.CycleId == id && p.Number == number, cancellation);
        if (place is null)
            return Problems.NotFound();
        Rule.State(place.ClosedAt is null, "polling_place_closed", "Esa mesa ya se cerró.");
        place.ClosedAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(PlaceView.Of(place));
    }

    private static async Task<Results<Created<CountView>, ProblemHttpResult>> CountAsync(
        Guid id, int number, NewCount request, BudgetDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Cycle>(id, cancellation);
        var place = await db.PollingPlaces.AsNoTracking().SingleOrDefaultAsync(p => p.CycleId == id && p.Number == number, cancellation);
        if (place is null)
            return Problems.NotFound();
        Rule.State(place.ClosedAt is not null, "polling_place_open", "Cierre la mesa antes de contar sus papeletas.");
        Rule.State(!await db.Results.AnyAsync(r => r.CycleId == id && r.Zone == place.Zone, cancellation), "result_declared", "El resultado de esa zona ya se declaró.");
        var candidates = await db.Candidates.Where(c => c.CycleId == id && c.Zone == place.Zone).Select(c => c.Number).ToListAsync(cancellation);
        foreach (var (index, total) in request.Totals.Index())
            Rule.That(candidates.Contains(total.Candidate), "not_on_ballot", "Esa propuesta no está en la papeleta de esa zona.", $"/totals/{index}/candidate");
        Rule.That(request.Totals.Select(t => t.Candidate).Distinct().Count() == request.Totals.Count, "marked_twice", "Una propuesta aparece dos veces.", "/totals");
        var count = new PaperCount
        {
            CycleId = id, PollingPlace = number, Number = await db.PaperCounts.CountAsync(c => c.CycleId == id && c.PollingPlace == number, cancellation) + 1, Ballots = request.Ballots,
            Totals = request.Totals, Note = request.Note?.Trim(), CountedBy = Access.CallerOf(http.User), CountedAt = time.GetUtcNow(),
        };
        db.Add(count);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/budget/cycles/{id}/polling-places/{number}/paper-counts", new CountView(count.Number, count.Ballots, count.Totals, count.Note));
    }

    private static async Task<Results<Ok<ComparisonView>, ProblemHttpResult>> CompareAsync(Guid id, int number, BudgetDb db, TimeProvider time, CancellationToken cancellation)
    {
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null || !await db.PollingPlaces.AnyAsync(p => p.CycleId == id && p.Number == number, cancellation))
            return Problems.NotFound();
        cycle.RequireVotingOver(time.Today());
        cycle.RequireSeed();
        var place = (await ComparisonsAsync(db, db.PollingPlaces.Where(p => p.CycleId == id && p.Number == number), cancellation))[0];
        if (place.Counted is not { } count)
            return Problems.Of(409, "not_counted", "Las papeletas de esa mesa todavía no se han contado a mano.");
        return TypedResults.Ok(new ComparisonView(new(count.Number, count.Ballots, count.Totals, count.Note), place.WrittenDown, place.Differences));
    }

    /// <summary>Hands and book side by side, for places of one cycle in the order of their numbers.</summary>
    public static async Task<IReadOnlyList<PlaceComparison>> ComparisonsAsync(BudgetDb db, IQueryable<PollingPlace> of, CancellationToken cancellation)
    {
        var places = await of.AsNoTracking().OrderBy(p => p.Number).ToListAsync(cancellation);
        if (places.Count == 0)
            return [];
        var (cycle, numbers) = (places[0].CycleId, places.ConvertAll(p => p.Number).ToArray());
        var last = await db.PaperCounts.AsNoTracking().Where(c => c.CycleId == cycle && numbers.Contains(c.PollingPlace)).GroupBy(c => c.PollingPlace)
            .Select(g => g.OrderByDescending(c => c.Number).First()).ToDictionaryAsync(c => c.PollingPlace, cancellation);
        var ballots = await db.Database.SqlQuery<WrittenBallots>(
            $"""
            SELECT polling_place AS "Place", count(*)::int AS "Ballots" FROM ballot WHERE cycle_id = {cycle} AND polling_place = ANY ({numbers}) GROUP BY polling_place
            """).ToDictionaryAsync(w => w.Place, w => w.Ballots, cancellation);
        var points = (await db.Database.SqlQuery<WrittenPoints>(
            $"""
            SELECT b.polling_place AS "Place", m.candidate AS "Candidate", sum(m.points)::int AS "Points" FROM ballot b JOIN ballot_mark m ON m.ballot_id = b.id
            WHERE b.cycle_id = {cycle} AND b.polling_place = ANY ({numbers}) GROUP BY b.polling_place, m.candidate
            """).ToListAsync(cancellation)).ToLookup(w => w.Place);
        return places.ConvertAll(p => new PlaceComparison(
            p, last.GetValueOrDefault(p.Number), ballots.GetValueOrDefault(p.Number), points[p.Number].ToDictionary(w => w.Candidate, w => w.Points)));
    }

    private sealed record WrittenBallots(int Place, int Ballots);

    private sealed record WrittenPoints(int Place, int Candidate, int Points);

    /// <param name="Place">A polling place.</param>
    /// <param name="Counted">Its last count by hand; null when nobody counted.</param>
    /// <param name="WrittenDown">Ballots in the book.</param>
    /// <param name="Points">Of the book, by candidate.</param>
    internal sealed record PlaceComparison(PollingPlace Place, PaperCount? Counted, int WrittenDown, IReadOnlyDictionary<int, int> Points)
    {
        /// <summary>Candidates whose points differ between hands and book.</summary>
        public IReadOnlyList<DifferenceView> Differences { get; } = Counted is null ? [] :
        [
            .. Counted.Totals.Select(t => t.Candidate).Union(Points.Keys).Order()
                .Select(c => new DifferenceView(c, Counted.Totals.SingleOrDefault(t => t.Candidate == c)?.Points ?? 0, Points.GetValueOrDefault(c)))
                .Where(d => d.Counted != d.WrittenDown),
        ];

        public bool Agrees => Counted?.Ballots == WrittenDown && Differences.Count == 0;
    }
}
