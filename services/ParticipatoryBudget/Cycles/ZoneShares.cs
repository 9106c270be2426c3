using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Cycles;

/// <summary>
/// How the ceiling is divided among the zones: a part of it equally, a part by their people, a part by their unmet need.
/// Recorded with the cycle, so that anybody can divide it again.
/// </summary>
/// <param name="Equally">Percent of the ceiling.</param>
/// <param name="ByPopulation">Percent of the ceiling.</param>
/// <param name="ByNeed">Percent of the ceiling; the three are 100 together.</param>
internal sealed record ShareFormula([Between(0, 100)] int Equally, [Between(0, 100)] int ByPopulation, [Between(0, 100)] int ByNeed)
{
    public static ShareFormula Example => new(40, 40, 20);

    /// <summary>
    /// Each zone's amount, to the cent. What rounding down leaves goes, a cent each, to those that lost most by it; among
    /// equals to the one that stands first. Together they are the ceiling.
    /// </summary>
    /// <param name="ceiling">In US dollars, with two decimals.</param>
    /// <param name="zones">People and unmet need of each; where nobody has any, that part is divided equally.</param>
    public decimal[] Divide(decimal ceiling, IReadOnlyList<(int Population, decimal Need)> zones)
    {
        var (people, need) = (zones.Sum(z => (decimal)z.Population), zones.Sum(z => z.Need));
        var exact = zones.Select(z => ceiling / 100 * (
            (decimal)Equally / zones.Count
            + ByPopulation * (people == 0 ? 1m / zones.Count : z.Population / people)
            + ByNeed * (need == 0 ? 1m / zones.Count : z.Need / need))).ToArray();
        var amounts = exact.Select(e => decimal.Round(e, 2, MidpointRounding.ToZero)).ToArray();
        var cents = (int)((ceiling - amounts.Sum()) * 100);
        foreach (var zone in Enumerable.Range(0, zones.Count).OrderByDescending(z => exact[z] - amounts[z]).ThenBy(z => z).Take(cents))
            amounts[zone] += 0.01m;
        return amounts;
    }
}
