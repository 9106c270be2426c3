using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>Decides an election of anybody's again, from its file: nothing of it is kept.</summary>
internal static class Recounts
{
    private const int LargestFile = 16 * 1024 * 1024;
    private const int MostCandidates = 5000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>As many at once as leave the other requests their share of the processor.</summary>
    private static readonly SemaphoreSlim AtOnce = new(2);

    // Files of 16 MB that are on their way in.
    private static readonly SemaphoreSlim Reading = new(8);

    internal sealed record LineView(string Id, string Name, decimal Cost, decimal Points, int Ballots, Verdict Verdict, decimal Left, bool? Official);

    /// <summary>A result with its reasons, and how it compares with what the file says.</summary>
    internal sealed record RecountView(
        BallotStyle Style, DecisionMethod Method, decimal Money, decimal Spent, int Voters, bool? AgreesWithOfficial, IReadOnlyList<IReadOnlyList<string>> DecidedByTie, IReadOnlyList<LineView> Lines,
        IReadOnlyList<string> Notes)
    {
        public static RecountView Example => new(
            BallotStyle.Approval, DecisionMethod.Greedy, 60_000, 45_000, 1664, true, [],
            [new("456", "Cien árboles", 45_000, 1449, 1449, Verdict.Wins, 15_000, true), new("410", "Parque canino", 20_000, 900, 900, Verdict.TooExpensive, 15_000, false)], []);
    }

    public static void MapRecounts(this IEndpointRouteBuilder recounts) =>
        recounts.MapPost("/", RecountAsync).WithName("Recount").Allow("budget.read", [.. Cycles.ReadCycles.Readers])
            .Accepts<string>("text/plain").WithMetadata(new RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Calcular de nuevo el resultado de un archivo Pabulib (.pb)")
            .WithDescription("Con method=greedy, por puntos, saltando lo que ya no alcanza; con method=equal-shares, por partes iguales, usando increment (dólares por votante y vuelta) para lo que sobra. "
                + "seed es la semilla del sorteo entre empates. La parte crece mil veces a lo más. Lo que no se indica se toma del archivo, si lo dice (rule, seed, tie_breaks, max_projects, incompatible, satisfaction, increment). Nada se guarda.");

    private static async Task<Results<Ok<RecountView>, ProblemHttpResult>> RecountAsync(
        HttpContext http, Choice<DecisionMethod>? method = null, string? seed = null, decimal? increment = null, Choice<Satisfaction>? satisfaction = null, CancellationToken cancellation = default)
    {
        if (http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() != "text/plain")
            return Problems.Of(415, "unsupported_media_type", "Envíe el archivo .pb como text/plain.");
        if (increment is < 0 or > 1_000_000 || seed?.Length > 200)
            return Problems.Of(400, "parameter_out_of_range", "increment va de 0 a 1,000,000 y seed lleva hasta 200 caracteres.");
        // Whoever sends slowly takes the place of somebody who sends, and not of somebody who counts.
        if (await InTurnAsync(Reading, () => ReadAsync(http, cancellation), cancellation) is not { } content)
            return Busy();
        return await InTurnAsync(AtOnce, () => CountAsync(content, method, seed, increment, satisfaction, cancellation), cancellation) ?? Busy();

        static ProblemHttpResult Busy() => Problems.Of(429, "too_many_requests", "Ya se están calculando otros archivos. Intente en un momento.");
    }

    private static async Task<T?> InTurnAsync<T>(SemaphoreSlim places, Func<Task<T>> work, CancellationToken cancellation)
        where T : class
    {
        if (!await places.WaitAsync(Patience / 4, cancellation))
            return null;
        try
        {
            return await work();
        }
        finally
        {
            places.Release();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContext http, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        await http.Request.Body.CopyToAsync(content, cancellation);
        return content.ToArray();
    }

    private static async Task<Results<Ok<RecountView>, ProblemHttpResult>> CountAsync(
        byte[] content, Choice<DecisionMethod>? method, string? seed, decimal? increment, Choice<Satisfaction>? satisfaction, CancellationToken cancellation)
    {
        PabulibFile file;
        try
        {
            file = Pabulib.Read(content);
        }
        catch (FormatException unreadable)
        {
            return Problems.Of(422, "not_an_election", unreadable.Message);
        }
        if (file.Election.Candidates.Count > MostCandidates)
            return Problems.Of(422, "not_an_election", $"El archivo tiene más de {MostCandidates} proyectos.");
        // What the file says holds where the caller says nothing.
        var rules = file.Rules with { Seed = seed ?? file.Rules.Seed };
        var (said, usual) = Pabulib.RuleOf(file.Meta.GetValueOrDefault("rule"));
        var how = method?.Value ?? said ?? DecisionMethod.Greedy;
        var worth = satisfaction?.Value ?? (Choice<Satisfaction>.TryParse(file.Meta.GetValueOrDefault("satisfaction"), null, out var counted) ? counted.Value : Satisfaction.Cost);
        var step = increment ?? (decimal.TryParse(file.Meta.GetValueOrDefault("increment"), System.Globalization.CultureInfo.InvariantCulture, out var written) ? Math.Clamp(written, 0, 1_000_000) : usual);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        Outcome outcome;
        try
        {
            outcome = how == DecisionMethod.Greedy
                ? Greedy.Decide(file.Election.Tally(), file.Election.Money, rules)
                : EqualShares.Decide(file.Election, rules, worth, step, cancellation: limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Problems.Of(422, "takes_too_long", "El cálculo de ese archivo tarda demasiado aquí: use un increment mayor, o calcúlelo en su computadora.");
        }
        catch (ArithmeticException) // Too large, or so small that nothing is left of it.
        {
            return Problems.Of(422, "not_an_election", "Los costos o los puntos del archivo son demasiado grandes o demasiado pequeños para calcular con ellos.");
        }
        var notes = file.Notes.ToList();
        if (said is null && method is null && file.Meta.TryGetValue("rule", out var unknown) && unknown.Length > 0)
            notes.Add($"No se conoce la regla «{unknown}»: se calculó por puntos.");
        return TypedResults.Ok(new RecountView(
            file.Election.Style, how, outcome.Money, outcome.Spent, file.Election.Voters,
            file.Selected is null ? null : file.Selected.SetEquals(outcome.Winners.Select(w => w.Id)), outcome.DecidedByTie,
            [.. outcome.Lines.Select(l => new LineView(
                l.Tally.Candidate.Id, l.Tally.Candidate.Name, l.Tally.Candidate.Cost, l.Tally.Points, l.Tally.Ballots, l.Verdict, l.Left, file.Selected?.Contains(l.Tally.Candidate.Id)))], notes));
    }
}
