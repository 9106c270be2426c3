using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Pages;

/// <summary>What anybody may open without an account: the calendar, a receipt, and a result with the file to decide it again.</summary>
internal static class PublicPages
{
    private const int MostWorks = 500;

    // A large zone's ballots are put together once for all who ask within this time; an override changes who is selected.
    private static readonly TimeSpan FileLasts = TimeSpan.FromMinutes(5);

    // Whoever asks with a token is not answered from what is kept: of those, two at a time.
    private static readonly SemaphoreSlim AtOnce = new(2);

    public static void MapPublicPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/cycles/{id:guid}", CalendarAsync).WithName("GetPublicCycle").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de un ciclo: cuánto hay, por zona, y qué se hace cuándo");
        pages.MapGet("/receipts/{code}", ReceiptAsync).WithName("GetPublicReceipt").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de un comprobante: que su papeleta está en la urna, y nada de lo que dice");
        pages.MapGet("/cycles/{id:guid}/zones/{number:int}/act", ActAsync).WithName("GetResultAct").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Acta de resultados de una zona, para imprimir");
        pages.MapGet("/cycles/{id:guid}/zones/{number:int}/election.pb", FileAsync).WithName("GetElectionFile").AllowAnonymous().CacheOutput(cached => cached.Expire(FileLasts).SetVaryByQuery([]))
            .Produces<string>(200, "text/plain").ProducesProblem(404).WithSummary("Las papeletas de una zona en formato Pabulib (.pb), para calcular de nuevo el resultado; cuando ya se declaró");
    }

    private static async Task<IResult> CalendarAsync(Guid id, BudgetDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.State != CycleState.Draft, cancellation);
        var declared = await db.Results.Where(r => r.CycleId == id).Select(r => r.Zone).ToListAsync(cancellation);
        var projects = await db.Projects.AsNoTracking().Where(p => p.CycleId == id).OrderBy(p => p.Zone).ThenBy(p => p.Name).ThenBy(p => p.Id).Take(MostWorks)
            .Select(p => new { p.Id, p.Name, p.State }).ToListAsync(cancellation);
        return Html.Page<CyclePage>(http, new() { ["Cycle"] = cycle is null ? null : CyclePaper.Of(cycle, declared, projects.ConvertAll(p => (p.Id, p.Name, p.State)), time.Today()) }, cycle is null ? 404 : 200);
    }

    private sealed record Found(string Title, string Zone);

    private static async Task<IResult> ReceiptAsync(string code, BudgetDb db, HttpContext http, CancellationToken cancellation)
    {
        var found = (await db.Database.SqlQuery<Found>(
            $"""
            SELECT c.title AS "Title", z.name AS "Zone" FROM voter v JOIN budget_cycle c ON c.id = v.cycle_id JOIN cycle_zone z ON z.cycle_id = v.cycle_id AND z.number = v.zone
            WHERE v.receipt = {code}
            """).ToListAsync(cancellation)).SingleOrDefault();
        return Html.Page<ReceiptPage>(http, new() { ["Code"] = code, ["CycleTitle"] = found?.Title, ["Zone"] = found?.Zone }, found is null ? 404 : 200);
    }

    private static async Task<IResult> ActAsync(Guid id, int number, BudgetDb db, HttpContext http, IConfiguration configuration, CancellationToken cancellation)
    {
        if (await DeclareResult.FindAsync(db, id, number, cancellation) is not var (cycle, _, view))
            return Html.Page<ReceiptPage>(http, new() { ["Missing"] = "Ese resultado todavía no se declara." }, 404);
        var counts = (await PollingPlaces.ComparisonsAsync(db, db.PollingPlaces.Where(p => p.CycleId == id && p.Zone == number), cancellation)).Select(place =>
        {
            var count = place.Counted!; // Nothing is declared before every place was counted.
            var comparison = place.Agrees ? "Iguales" : place.Differences.Count == 0 ? "Difiere el número de papeletas" : $"Difieren los puntos de {place.Differences.Count} propuestas";
            return new ActPaper.PlaceCount(place.Place.Name, count.Ballots, place.WrittenDown, $"{comparison}{(count.Number > 1 ? $", conteo {count.Number}" : "")}{(count.Note is null ? "" : $". {count.Note}")}");
        }).ToList();
        var address = configuration["PublicUrl"] is { } home ? new Uri($"{home.TrimEnd('/')}/v1/budget/public/cycles/{id}/zones/{number.ToString(CultureInfo.InvariantCulture)}/act") : null;
        return Html.Page<ResultAct>(http, new() { ["Act"] = ActPaper.Of(cycle, cycle.Zone(number, ""), view, counts, address) });
    }

    private static async Task<IResult> FileAsync(Guid id, int number, BudgetDb db, HttpContext http, CancellationToken cancellation)
    {
        if (await DeclareResult.FindAsync(db, id, number, cancellation) is not var (cycle, result, _))
            return Problems.NotFound();
        if (!await AtOnce.WaitAsync(TimeSpan.FromSeconds(5), cancellation))
            return Problems.Of(429, "too_many_requests", "Otros están descargando papeletas. Intente en un momento.");
        Election election;
        try
        {
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
            (election, _) = await DeclareResult.ReadAsync(db, cycle, number, withBallots: true, cancellation);
        }
        finally
        {
            AtOnce.Release();
        }
        var zone = cycle.Zone(number, "");
        var voting = cycle.PhaseOf(CyclePhase.Voting);
        var rules = cycle.Rules;
        var selected = result.Lines.Where(l => l.Chosen).Select(l => l.Number.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        (string, string?)[] meta =
        [
            ("description", $"{cycle.Title}, {zone.Name}"), ("country", "El Salvador"), ("unit", zone.Place), ("instance", Text(cycle.FiscalYear)), ("subunit", zone.Name), ("language", "es"),
            ("num_projects", Text(election.Candidates.Count)), ("num_votes", Text(result.Ballots)), ("budget", zone.Amount.ToString("0.00", CultureInfo.InvariantCulture)),
            ("vote_type", rules.Style switch { BallotStyle.Cumulative => "cumulative", BallotStyle.Ranked => "ordinal", _ => "approval" }), ("rule", Pabulib.NameOf(rules)),
            ("date_begin", Date(voting.FirstDay)), ("date_end", Date(voting.LastDay)), ("max_length", rules.MostMarks is { } most ? Text(most) : null),
            ("max_sum_cost", rules.Style == BallotStyle.Knapsack ? zone.Amount.ToString("0.00", CultureInfo.InvariantCulture) : null), ("max_sum_points", rules.Points is { } points ? Text(points) : null),
            ("min_project_score_threshold", Text(rules.MinimumPoints)), ("max_projects", rules.MostProjects is { } projects ? Text(projects) : null),
            ("tie_breaks", string.Join(',', (rules.TieBreaks ?? []).Append(TieBreak.Draw).Distinct().Select(Choice<TieBreak>.NameOf))), ("seed", result.Seed), ("seed_source", rules.SeedSource),
            ("satisfaction", rules.Method == DecisionMethod.EqualShares ? Choice<Satisfaction>.NameOf(rules.Satisfaction) : null),
            ("increment", rules.Method == DecisionMethod.EqualShares ? rules.Increment.ToString("0.00", CultureInfo.InvariantCulture) : null),
            ("incompatible", string.Join(' ', election.Candidates.SelectMany(c => (c.Excludes ?? []).Where(e => string.CompareOrdinal(c.Id, e) < 0).Select(e => $"{c.Id}+{e}")))),
            ("override_reason", result.OverrideReason),
        ];
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{Text(cycle.FiscalYear)}-zona-{Text(number)}.pb\"";
        await using var writer = new StreamWriter(http.Response.Body, leaveOpen: true);
        await Pabulib.WriteAsync(writer, meta.Where(m => !string.IsNullOrEmpty(m.Item2)).Select(m => (m.Item1, m.Item2!)), election, selected, cancellation);
        return TypedResults.Empty;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        static string Date(DateOnly day) => day.ToString("dd.MM.yyyy", CultureInfo.InvariantCulture);
    }
}
