using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>The service on its own database and virtual host.</summary>
public sealed class BudgetService() : ServiceUnderTest<Program>("budget")
{
    private static int _years = 2010;

    /// <summary>A year that no other test uses.</summary>
    public static int NewYear() => Interlocked.Increment(ref _years);

    internal async Task<T> InDatabaseAsync<T>(Func<BudgetDb, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<BudgetDb>());
    }

    /// <summary>What a unit writes: three zones, 60,000 and the phases of a year.</summary>
    public static JsonObject Content(int year) => new()
    {
        ["fiscalYear"] = year,
        ["title"] = $"Presupuesto participativo {year}",
        ["ceiling"] = 60_000.01m,
        ["sources"] = new JsonArray(new JsonObject { ["name"] = "Fondos propios", ["amount"] = 20_000.01m }, new JsonObject { ["name"] = "Transferencia", ["amount"] = 40_000 }),
        ["formula"] = new JsonObject { ["equally"] = 40, ["byPopulation"] = 40, ["byNeed"] = 20 },
        ["zones"] = new JsonArray(Zone("Norte", 3000, 50), Zone("Centro", 6000, 20), Zone("Sur", 1000, 30)),
        ["phases"] = new JsonArray(
            Phase("preparation", year - 1, "06-01", "07-31"), Phase("proposals", year - 1, "08-01", "09-15"), Phase("assessment", year - 1, "09-16", "09-30"),
            Phase("voting", year - 1, "10-01", "10-31"), Phase("approval", year - 1, "11-01", "12-31"), Phase("execution", year, "01-01", "12-31")),
        ["rules"] = new JsonObject
        {
            ["style"] = "approval", ["method"] = "greedy", ["seedSource"] = "Lotería Nacional, sorteo siguiente al cierre", ["mostMarks"] = 3, ["minimumPoints"] = 10,
            ["tieBreaks"] = new JsonArray("more-ballots", "lower-cost"),
        },
    };

    public async Task<JsonNode> DraftAsync(int year) => await PostAsync(Roles.UnitHead, "/cycles", Content(year), key: Guid.NewGuid().ToString()).JsonAsync();

    public static string ETag(JsonNode seen) => $"\"{seen["version"]}\"";

    private static JsonObject Zone(string name, int population, decimal need) => new() { ["name"] = name, ["place"] = $"Cantón {name}, San Ensayo", ["population"] = population, ["need"] = need };

    private static JsonObject Phase(string phase, int year, string first, string last) => new() { ["phase"] = phase, ["firstDay"] = $"{year}-{first}", ["lastDay"] = $"{year}-{last}" };
}
