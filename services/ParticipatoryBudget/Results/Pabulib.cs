using System.Globalization;
using CsvHelper;

namespace ProyeccionSocial.ParticipatoryBudget.Results;

/// <summary>An election as a <c>.pb</c> file has it: what was declared, what was voted, and who officially won.</summary>
/// <param name="Meta">As it stands in the file.</param>
/// <param name="Election">With its ballots, those that say the same together.</param>
/// <param name="Selected">Ids of those that the file calls winners; null where it does not say.</param>
/// <param name="MinimumPoints">That a winner needs.</param>
internal sealed record PabulibFile(IReadOnlyDictionary<string, string> Meta, Election Election, IReadOnlySet<string>? Selected, decimal MinimumPoints);

/// <summary>
/// The format in which the Participatory Budgeting Library keeps elections, so that anybody can decide them again: three
/// sections, <c>META</c>, <c>PROJECTS</c> and <c>VOTES</c>, each with its own header, fields divided by semicolons.
/// </summary>
internal static class Pabulib
{
    private const int LargestRecord = 1024 * 1024;

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
        catch (Exception unreadable) when (unreadable is FormatException or CsvFormatException)
        {
            throw new FormatException($"Línea {csv.LineNumber}: {(unreadable is FormatException ? unreadable.Message : "no se puede leer como filas separadas por punto y coma.")}", unreadable);
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
            : ballots.Keys.Select(b => b.Vote.Split(',').Length).DefaultIfEmpty().Max();
        var money = Number(Meta("budget"), "budget");
        return new(
            meta, new(style, money, candidates, [.. ballots.Select(b => new Ballot(Marks(b.Key.Vote, b.Key.Points), b.Value))]), says ? selected : null,
            meta.TryGetValue("min_project_score_threshold", out var least) && least.Length > 0 ? Number(least, "min_project_score_threshold") : 0);

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
                    BallotStyle.Cumulative => Number(given[n.Index], "los puntos"),
                    BallotStyle.Ranked => given.Length == named.Length ? Number(given[n.Index], "los puntos") : Math.Max(0, longest - n.Index),
                    _ => 1,
                })),
            ];
        }
    }

    private static decimal Number(string text, string what) =>
        decimal.TryParse(text.Replace(" ", "", StringComparison.Ordinal).Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException($"{what} dice «{text}», que no es un número de cero o más.");
}
