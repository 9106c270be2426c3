using System.Globalization;
using CsvHelper;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>An election as a <c>.pb</c> file has it: what was declared, what was voted, and who officially won.</summary>
/// <param name="Meta">As it stands in the file.</param>
/// <param name="Election">With its ballots, those that say the same together.</param>
/// <param name="Selected">Ids of those that the file calls winners; null where it does not say.</param>
/// <param name="Rules">As far as the file says them; the minimum as everybody writes it, the rest as we do.</param>
/// <param name="Notes">Where the file contradicts itself, in Spanish.</param>
internal sealed record PabulibFile(IReadOnlyDictionary<string, string> Meta, Election Election, IReadOnlySet<string>? Selected, ResultRules Rules, IReadOnlyList<string> Notes);

/// <summary>
/// The format in which the Participatory Budgeting Library keeps elections, so that anybody can decide them again: three
/// sections, <c>META</c>, <c>PROJECTS</c> and <c>VOTES</c>, each with its own header, fields divided by semicolons.
/// </summary>
internal static class Pabulib
{
    private const int LargestRecord = 1024 * 1024;

    private const int MostExclusions = 5000;

    private const decimal LargestNumber = 1_000_000_000_000;

    private const string AddsShares = "equalshares/add";

    /// <summary>A rule as the format names it; what only we do gets a name that nobody takes for another.</summary>
    public static string NameOf(CycleRules rules) =>
        rules.Method == DecisionMethod.Greedy ? "greedy"
        : $"{AddsShares}{rules.Increment.ToString("0.##", CultureInfo.InvariantCulture)}{(rules.Satisfaction == Satisfaction.Points ? "/points" : "")}";

    /// <summary>Which rule a name of the format means, and by how much shares grow where the file says no more; null for a rule that is not known here.</summary>
    public static (DecisionMethod? Method, decimal Increment) RuleOf(string? name) => name?.ToLowerInvariant() switch
    {
        "greedy" => (DecisionMethod.Greedy, 0),
        "equalshares" => (DecisionMethod.EqualShares, 0),
        { } shares when shares.StartsWith(AddsShares, StringComparison.Ordinal)
            && decimal.TryParse(shares[AddsShares.Length..].Split('/')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var increment) && increment <= 1_000_000 => (DecisionMethod.EqualShares, increment),
        _ => (null, 0),
    };

    /// <exception cref="FormatException">It is none; the message names the line and what is wrong, in Spanish.</exception>
    public static PabulibFile Read(byte[] content)
    {
        using var csv = CsvReader.Create(content, CsvReaderOptions.Default with { Separator = ';', HasHeader = false, TrimWhitespace = true, TrackLineNumbers = true, MaxRecordSize = LargestRecord });
        var meta = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var (candidates, places, selected) = (new List<Candidate>(), new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>());
        var ballots = new Dictionary<(string Vote, string Points), int>();
        var (section, says) = ("", false);
        Dictionary<string, int>? header = null;
        try
        {
            while (csv.Read())
            {
                var first = csv.GetString(0).Trim();
                if (first.ToUpperInvariant() is "META" or "PROJECTS" or "VOTES" && Enumerable.Range(1, csv.FieldCount - 1).All(i => csv.GetString(i).Length == 0))
                {
                    (section, header) = (first.ToUpperInvariant(), null);
                    continue;
                }
                if (header is null)
                {
                    header = Enumerable.Range(0, csv.FieldCount).GroupBy(i => csv.GetString(i).Trim().ToLowerInvariant()).ToDictionary(g => g.Key, g => g.First());
                    says |= section == "PROJECTS" && header.ContainsKey("selected");
                    if (section == "VOTES" && !header.ContainsKey("vote"))
                        throw new FormatException("a VOTES le falta la columna vote.");
                    continue;
                }
                string Field(string name) => header.TryGetValue(name, out var at) && at < csv.FieldCount ? csv.GetString(at).Trim() : "";
                switch (section)
                {
                    case "META":
                        meta[first] = csv.FieldCount > 1 ? csv.GetString(1).Trim() : "";
                        break;
                    case "PROJECTS":
                        var id = Field("project_id");
                        if (id.Length == 0 || !places.TryAdd(id, candidates.Count))
                            throw new FormatException($"el proyecto «{id}» no tiene código, o aparece dos veces.");
                        candidates.Add(new(id, Field("name"), Number(Field("cost"), "el costo")));
                        if (Field("selected") == "1")
                            selected.Add(id);
                        break;
                    case "VOTES":
                        var ballot = (Field("vote"), Field("points"));
                        ballots[ballot] = ballots.GetValueOrDefault(ballot) + 1;
                        break;
                    default:
                        throw new FormatException("el archivo comienza con META.");
                }
            }
        }
        catch (FormatException unreadable)
        {
            throw new FormatException($"Línea {csv.LineNumber}: {(unreadable is CsvFormatException ? "no se puede leer como filas separadas por punto y coma." : unreadable.Message)}", unreadable);
        }
        if (candidates.Count == 0)
            throw new FormatException("El archivo no tiene proyectos.");
        var style = Meta("vote_type").ToLowerInvariant() switch
        {
            "approval" or "choose-1" => meta.ContainsKey("max_sum_cost") ? BallotStyle.Knapsack : BallotStyle.Approval,
            "cumulative" or "scoring" => BallotStyle.Cumulative,
            "ordinal" => BallotStyle.Ranked,
            var other => throw new FormatException($"No se conoce el tipo de voto «{other}»."),
        };
        var longest = meta.TryGetValue("max_length", out var most) && int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : candidates.Count;
        var money = Number(Meta("budget"), "budget");
        if (section != "VOTES")
            throw new FormatException("El archivo no llega a la sección VOTES: revise si a un texto le falta la comilla de cierre.");
        var isScored = Meta("vote_type").Equals("scoring", StringComparison.OrdinalIgnoreCase); // Where points may be negative.
        var notes = new List<string>();
        Compare("num_projects", candidates.Count, "proyectos");
        Compare("num_votes", ballots.Values.Sum(), "papeletas");
        return new(
            meta, new(style, money, Excluding(), [.. ballots.Select(b => new Ballot(Marks(b.Key.Vote, b.Key.Points), b.Value))]), says ? selected : null, new(
                [.. Optional("tie_breaks").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => Choice<TieBreak>.TryParse(t.Trim(), null, out var known) ? known.Value : throw new FormatException($"No se conoce el desempate «{t}»."))],
                Optional("seed"), Optional("min_project_score_threshold") is { Length: > 0 } least ? Number(least, "min_project_score_threshold") : 0,
                Optional("max_projects") is { Length: > 0 } limit ? (int)Math.Min(Number(limit, "max_projects"), int.MaxValue) : null), notes);

        void Compare(string key, int has, string what)
        {
            if (Optional(key) is { Length: > 0 } says && says != has.ToString(CultureInfo.InvariantCulture))
                notes.Add($"El archivo dice {says} {what} y tiene {has}.");
        }

        string Optional(string key) => meta.GetValueOrDefault(key, "");

        // Ours: pairs of ids that cannot be done together, as 3+7 4+9.
        IReadOnlyList<Candidate> Excluding()
        {
            var named = Optional("incompatible").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (named.Length > MostExclusions)
                throw new FormatException($"El archivo dice más de {MostExclusions} pares que no pueden hacerse juntos.");
            var pairs = named.Select(p => p.Split('+')).ToLookup(p => p[0], p => p[^1]);
            return pairs.Count == 0 ? candidates : candidates.ConvertAll(c => c with { Excludes = [.. pairs[c.Id]] });
        }

        string Meta(string key) => meta.TryGetValue(key, out var value) && value.Length > 0 ? value : throw new FormatException($"META no dice {key}.");

        // What a ballot names twice counts once, and what is no project of the file, not at all.
        IReadOnlyList<Mark> Marks(string vote, string points)
        {
            var named = vote.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var given = points.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (style == BallotStyle.Cumulative && given.Length != named.Length)
                throw new FormatException($"La papeleta «{vote}» no dice los puntos de cada proyecto.");
            return
            [
                .. named.Index().DistinctBy(n => n.Item).Where(n => places.ContainsKey(n.Item)).Select(n => new Mark(places[n.Item], style switch
                {
                    BallotStyle.Cumulative => Number(given[n.Index], "los puntos", isScored),
                    BallotStyle.Ranked => given.Length == named.Length ? Number(given[n.Index], "los puntos") : Math.Max(0, longest - n.Index),
                    _ => 1,
                })),
            ];
        }
    }

    /// <summary>
    /// Writes an election so that its reader, and anybody's, decides the same. Ballots stand in the order of what they say,
    /// numbered anew: nothing tells when or where one was cast.
    /// </summary>
    /// <param name="to">Where.</param>
    /// <param name="meta">What else is to be said, in this order.</param>
    /// <param name="election">With its ballots.</param>
    /// <param name="selected">Ids of the winners.</param>
    /// <param name="cancellation">Who asked does not wait any more.</param>
    public static async Task WriteAsync(TextWriter to, IEnumerable<(string Key, string Value)> meta, Election election, IReadOnlySet<string> selected, CancellationToken cancellation)
    {
        var tallies = election.Tally();
        await to.WriteAsync("META\nkey;value\n");
        foreach (var (key, value) in meta)
            await to.WriteAsync($"{key};{Field(value)}\n");
        await to.WriteAsync("PROJECTS\nproject_id;cost;votes;score;name;selected\n");
        foreach (var t in tallies)
            await to.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{Field(t.Candidate.Id)};{t.Candidate.Cost:0.00};{t.Ballots};{t.Points:0.##};{Field(t.Candidate.Name)};{(selected.Contains(t.Candidate.Id) ? 1 : 0)}\n"));
        var withPoints = election.Style is BallotStyle.Cumulative or BallotStyle.Ranked;
        await to.WriteAsync(withPoints ? "VOTES\nvoter_id;vote;points\n" : "VOTES\nvoter_id;vote\n");
        var voter = 0;
        foreach (var ballot in election.Ballots)
        {
            var line = $"{string.Join(',', ballot.Marks.Select(m => election.Candidates[m.Candidate].Id))}{(withPoints ? ";" + string.Join(',', ballot.Marks.Select(m => m.Points.ToString("0.##", CultureInfo.InvariantCulture))) : "")}\n";
            for (var i = 0; i < ballot.Count; i++)
                await to.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{++voter};{line}"));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(";\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static decimal Number(string text, string what, bool negative = false) =>
        decimal.TryParse(text.Replace(" ", "", StringComparison.Ordinal).Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (number >= 0 || negative) && Math.Abs(number) <= LargestNumber
            ? number
            : throw new FormatException($"{what} dice «{text}», que no es un número {(negative ? "" : "de cero o más ")}que se pueda contar.");
}
