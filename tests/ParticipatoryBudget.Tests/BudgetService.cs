using System.Globalization;
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

    public TestClock Clock { get; } = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);

    /// <summary>A resident whose account carries a verified DUI.</summary>
    public HttpClient AsResident(string dui, string subject = "vecino")
    {
        var client = As(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.For(Roles.Resident, subject: subject, more: ("dui", dui)));
        return client;
    }

    /// <summary>Somebody who speaks for an oversight committee.</summary>
    public HttpClient AsCommittee(Guid committee)
    {
        var client = As(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.For(Roles.Oversight, subject: "comite", more: ("committee", committee.ToString())));
        return client;
    }

    /// <summary>A photo that was handed in.</summary>
    public async Task<string> PhotoAsync()
    {
        var photo = new ByteArrayContent([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. Guid.NewGuid().ToByteArray()]);
        photo.Headers.ContentType = new("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/budget/files") { Content = photo };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return (await As(Roles.Promoter).SendAsync(request).JsonAsync()).Text("id");
    }

    /// <summary>A cycle that the council has opened.</summary>
    public async Task<OpenCycle> OpenAsync(Action<JsonObject>? change = null)
    {
        var year = NewYear();
        var content = Content(year);
        change?.Invoke(content);
        var cycle = await PostAsync(Roles.UnitHead, "/cycles", content, key: Guid.NewGuid().ToString()).JsonAsync();
        using var day = Clock.NoonOf($"{year - 1}-06-15");
        var opened = await PostAsync(Roles.Council, $"/cycles/{cycle.Text("id")}/opening", Agreement, ETag(cycle)).JsonAsync();
        return new(this, year, Guid.Parse(opened.Text("id")));
    }

    public static readonly object Agreement = new { agreement = new { minutesNumber = 16, agreementNumber = 3, date = "2009-05-20" } };

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
        ["assessment"] = new JsonObject
        {
            ["criteria"] = new JsonArray(Criterion("Factibilidad", "technical", 40), Criterion("Beneficio", "social", 30), Criterion("Ambiente", "environmental", 20), Criterion("Terreno", "legal", 10)),
            ["checklist"] = new JsonArray(new JsonObject { ["text"] = "Lo acordó la comunidad", ["required"] = true, ["paper"] = false }), ["minimumSignatures"] = 3, ["passingScore"] = 60, ["correctionDays"] = 5,
        },
    };

    private static JsonObject Criterion(string name, string aspect, int weight) => new() { ["name"] = name, ["aspect"] = aspect, ["weight"] = weight };

    private static int _people;

    /// <summary>A DUI that nobody has, and that no other test uses.</summary>
    public static string NewDui()
    {
        var digits = (90_000_000 + Interlocked.Increment(ref _people)).ToString(CultureInfo.InvariantCulture);
        var check = (10 - Enumerable.Range(0, 8).Sum(i => (digits[i] - '0') * (9 - i)) % 10) % 10;
        return $"{digits}-{check}";
    }

    public async Task<JsonNode> DraftAsync(int year) => await PostAsync(Roles.UnitHead, "/cycles", Content(year), key: Guid.NewGuid().ToString()).JsonAsync();

    public static string ETag(JsonNode seen) => $"\"{seen["version"]}\"";

    private static JsonObject Zone(string name, int population, decimal need) => new() { ["name"] = name, ["place"] = $"Cantón {name}, San Ensayo", ["population"] = population, ["need"] = need };

    private static JsonObject Phase(string phase, int year, string first, string last) => new() { ["phase"] = phase, ["firstDay"] = $"{year}-{first}", ["lastDay"] = $"{year}-{last}" };
}

/// <summary>An open cycle and what people do in it.</summary>
public sealed class OpenCycle(BudgetService service, int year, Guid id)
{
    public int Year => year;
    public Guid Id => id;

    /// <summary>Noon of a day of the year before the fiscal one.</summary>
    public IDisposable On(string day) => service.Clock.NoonOf($"{year - 1}-{day}");

    public static JsonObject Proposal(string title, int zone = 1, Guid? association = null) => new()
    {
        ["zone"] = zone, ["title"] = title, ["problem"] = "Falta desde hace años.", ["description"] = "Se haría.", ["beneficiaries"] = 120, ["estimatedCost"] = 9000, ["associationId"] = association?.ToString(),
        ["place"] = new JsonObject { ["id"] = "01936d0a-7c00-7000-8000-000000000002", ["kind"] = "hamlet", ["name"] = "Caserío Norte", ["path"] = "Caserío Norte, San Ensayo" }, ["confirmed"] = new JsonArray(1),
    };

    public Task<HttpResponseMessage> DraftAsync(JsonObject content, string role = Roles.Promoter, string subject = "vecina") =>
        service.PostAsync(role, $"/cycles/{id}/proposals", content, key: Guid.NewGuid().ToString(), subject: subject);

    /// <summary>Drafted with three signatures and presented.</summary>
    public async Task<JsonNode> SubmittedAsync(string title, int zone = 1)
    {
        using var day = On("08-20");
        var draft = await DraftAsync(Proposal(title, zone)).JsonAsync();
        for (var i = 0; i < 3; i++)
            await service.PostAsync(Roles.Promoter, $"/proposals/{draft.Text("id")}/signatures", new { dui = BudgetService.NewDui() }).JsonAsync();
        return await StepAsync(draft, "submission", null, Roles.Promoter);
    }

    /// <summary>Presented, assessed by four and found feasible at this cost.</summary>
    public async Task<JsonNode> FeasibleAsync(string title, decimal cost, int zone = 1)
    {
        var proposal = await SubmittedAsync(title, zone);
        using var day = On("09-20");
        proposal = await StepAsync(proposal, "admission", null);
        foreach (var (index, aspect) in new[] { "technical", "social", "environmental", "legal" }.Index())
        {
            proposal = await service.PutAsync(Roles.UnitHead, $"/proposals/{proposal.Text("id")}/evaluators/{aspect}", new { evaluator = "valora" }, BudgetService.ETag(proposal)).JsonAsync();
            proposal = await service.PutAsync(Roles.Promoter, $"/proposals/{proposal.Text("id")}/scores/{index + 1}", new { given = 80, reason = "Se vio en el lugar." }, BudgetService.ETag(proposal), "valora").JsonAsync();
        }
        return await StepAsync(proposal, "conclusion", new { feasible = true, reason = "Se puede hacer.", cost });
    }

    /// <summary>The ballot is published with what was found feasible.</summary>
    public async Task<JsonNode> PublishedAsync(params object[] incompatible)
    {
        using var day = On("10-01");
        return await CycleStepAsync("ballot-paper", new { incompatible });
    }

    /// <summary>A step of the cycle on its present version.</summary>
    public async Task<JsonNode> CycleStepAsync(string step, object? body, string role = Roles.UnitHead) => await TryCycleStepAsync(step, body, role).JsonAsync();

    /// <summary>Publishes the seed, and declares the first zone's result.</summary>
    public async Task<JsonNode> DeclareAsync(string seed)
    {
        await CycleStepAsync("seed", new { seed });
        return await CycleStepAsync("zones/1/result", null);
    }

    public async Task<HttpResponseMessage> TryCycleStepAsync(string step, object? body, string role = Roles.UnitHead)
    {
        var seen = await service.GetAsync(Roles.UnitHead, $"/cycles/{id}").JsonAsync();
        return await service.PostAsync(role, $"/cycles/{id}/{step}", body, BudgetService.ETag(seen));
    }

    public async Task<int> PollingPlaceAsync(string kind = "booth", int zone = 1) =>
        (int)(await service.PostAsync(Roles.Promoter, $"/cycles/{id}/polling-places", new { zone, kind, name = $"Mesa de la zona {zone}" }, key: Guid.NewGuid().ToString()).JsonAsync())["number"]!;

    public Task<HttpResponseMessage> VoteAtAsync(int place, string dui, int[] candidates, Guid? attempt = null) => service.PostAsync(
        Roles.Promoter, $"/cycles/{id}/polling-places/{place}/ballots", new { dui, marks = candidates.Select(c => new { candidate = c }), attempt = attempt ?? Guid.NewGuid() });

    public Task<HttpResponseMessage> VoteAsync(string dui, int[] candidates, int zone = 1, Guid? attempt = null) => service.AsResident(dui).SendJsonAsync(
        HttpMethod.Post, $"/v1/budget/cycles/{id}/ballots", new { zone, marks = candidates.Select(c => new { candidate = c }), attempt = attempt ?? Guid.NewGuid() });

    public Task<JsonNode> StepAsync(JsonNode proposal, string step, object? body, string role = Roles.UnitHead) =>
        service.PostAsync(role, $"/proposals/{proposal.Text("id")}/{step}", body, BudgetService.ETag(proposal)).JsonAsync();
}
