using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

/// <summary>The service on its own database and virtual host.</summary>
public sealed class DistributionService() : ServiceUnderTest<Program>("distribution")
{
    public const string Header = "dui;nombres;apellidos;fecha de nacimiento;sexo;distrito;cantón;caserío;paquetes;teléfono;hogar;embarazada;discapacidad\n";

    private static int _names, _people;

    public TestClock Clock { get; } = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);

    internal async Task<T> InDatabaseAsync<T>(Func<DistributionDb, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<DistributionDb>());
    }

    public static string ETag(JsonNode seen) => $"\"{seen["version"]}\"";

    /// <summary>Maize and beans, with one article in both packages, at two centres.</summary>
    public static JsonObject Content() => new()
    {
        ["name"] = $"Paquete agrícola {Interlocked.Increment(ref _names)}", ["owner"] = "ministry", ["ownerName"] = "Ministerio de Agricultura y Ganadería", ["season"] = "Mayo de 2027",
        ["firstDay"] = "2027-04-15", ["lastDay"] = "2027-06-30", ["rules"] = new JsonObject { ["deputies"] = true },
        ["articles"] = new JsonArray(Article("Semilla de maíz"), Article("Semilla de frijol"), Article("Fertilizante")),
        ["packages"] = new JsonArray(
            new JsonObject { ["code"] = "maiz", ["name"] = "Paquete de maíz", ["components"] = new JsonArray(Component(1, 22), Component(3, 100)) },
            new JsonObject { ["code"] = "frijol", ["name"] = "Paquete de frijol", ["components"] = new JsonArray(Component(2, 25), Component(3, 50)) }),
        ["centres"] = new JsonArray(Centre("Casa comunal Norte"), Centre("Cancha Sur")),
    };

    public Task<JsonNode> CampaignAsync() => PostAsync(Roles.UnitHead, "/campaigns", Content(), key: Guid.NewGuid().ToString()).JsonAsync();

    /// <summary>A DUI that nobody has, and that no other test uses.</summary>
    public static string NewDui()
    {
        var digits = (90_000_000 + Interlocked.Increment(ref _people)).ToString(CultureInfo.InvariantCulture);
        return $"{digits}-{(10 - Enumerable.Range(0, 8).Sum(i => (digits[i] - '0') * (9 - i)) % 10) % 10}";
    }

    /// <summary>A row of a roster as its owner writes it.</summary>
    public static string Row(string dui, string names = "Ana María", string hamlet = "El Ensayo", string packages = "maiz", string birth = "1980-05-01", string sex = "F", string more = ";;;") =>
        $"{dui};{names};Prueba Inventada;{birth};{sex};San Ensayo;Las Lomas;{hamlet};{packages};{more}\n";

    /// <summary>Hands a roster in and waits until its work has ended.</summary>
    public async Task<JsonNode> ImportAsync(string campaign, string rows, Encoding? encoding = null)
    {
        using var content = new ByteArrayContent((encoding ?? Encoding.UTF8).GetBytes(Header + rows));
        content.Headers.ContentType = new("text/csv");
        return await DoneAsync(campaign, await As(Roles.Promoter).SendJsonAsync(HttpMethod.Post, $"{Api}/campaigns/{campaign}/roster/imports", content, idempotencyKey: Guid.NewGuid().ToString()).JsonAsync());
    }

    public async Task<JsonNode> DoneAsync(string campaign, JsonNode job) => await Eventually.GetAsync(async () =>
    {
        var seen = await GetAsync(Roles.Auditor, $"/campaigns/{campaign}/roster/imports/{job.Text("id")}").JsonAsync();
        return seen.Text("state") is "queued" or "running" ? null : seen;
    }, what: "The end of the import");

    public Task<HttpResponseMessage> LotAsync(string campaign, int article = 1, string expiresOn = "2027-12-31") => PostAsync(
        Roles.Promoter, $"/campaigns/{campaign}/lots", new { article, code = expiresOn == "2027-12-31" ? "L-1" : $"L-{expiresOn}", supplier = "Semillas Inventadas", expiresOn }, key: Guid.NewGuid().ToString());

    public Task<HttpResponseMessage> EnterAsync(string campaign, string kind, object body, string role = Roles.Promoter) =>
        PostAsync(role, $"/campaigns/{campaign}/stock/{kind}", body, key: Guid.NewGuid().ToString());

    /// <summary>What came to the first centre, as a lot of its own.</summary>
    public async Task ReceiveAsync(string campaign, int article, decimal quantity, string expiresOn = "2027-12-31")
    {
        var lot = (int)(await LotAsync(campaign, article, expiresOn).JsonAsync())["number"]!;
        await EnterAsync(campaign, "receipts", new { centre = 1, lot, quantity, document = "Nota", on = "2026-11-20" }).JsonAsync();
    }

    /// <summary>A step of the campaign on its present version.</summary>
    public async Task<HttpResponseMessage> StepAsync(string campaign, string step)
    {
        var seen = await GetAsync(Roles.UnitHead, $"/campaigns/{campaign}").JsonAsync();
        return await PostAsync(Roles.UnitHead, $"/campaigns/{campaign}/{step}", null, ETag(seen));
    }

    /// <summary>An approved campaign that gives maize to those of a roster.</summary>
    public async Task<string> ApprovedAsync(string rows, int people, Action<JsonObject>? change = null, Func<string, Task>? more = null)
    {
        var content = Content();
        change?.Invoke(content);
        var campaign = (await PostAsync(Roles.UnitHead, "/campaigns", content, key: Guid.NewGuid().ToString()).JsonAsync()).Text("id");
        await ImportAsync(campaign, rows);
        await ReceiveAsync(campaign, 1, 22 * people);
        await ReceiveAsync(campaign, 3, 100 * people);
        if (more is not null)
            await more(campaign);
        await StepAsync(campaign, "approval").JsonAsync();
        return campaign;
    }

    /// <summary>An approved campaign whose first centre hands out on this day.</summary>
    public async Task<string> OpenAsync(string rows, int people, string day, Action<JsonObject>? change = null, bool assign = false, Func<string, Task>? more = null)
    {
        var campaign = await ApprovedAsync(rows, people, content =>
        {
            foreach (var centre in content["centres"]!.AsArray())
                centre!["quotas"] = new JsonArray();
            change?.Invoke(content);
        }, more);
        if (assign)
            await AssignAsync(campaign);
        await ScheduleAsync(campaign, day).JsonAsync();
        return campaign;
    }

    /// <summary>All hamlets of the roster go to the first centre.</summary>
    public async Task AssignAsync(string campaign)
    {
        var hamletIds = (await RowsAsync($"SELECT DISTINCT hamlet_id::text FROM beneficiary WHERE campaign_id = '{campaign}'")).ConvertAll(int.Parse);
        await PutAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/1/hamlets", new { hamletIds }, null).JsonAsync();
    }

    public Task<HttpResponseMessage> ScheduleAsync(string campaign, string date, string opens = "07:00", string closes = "15:00", int perHour = 60, int centre = 1) =>
        PostAsync(Roles.Promoter, $"/campaigns/{campaign}/centres/{centre}/days", Day(date, opens, closes, perHour), key: Guid.NewGuid().ToString());

    public static object Day(string date, string opens = "07:00", string closes = "15:00", int perHour = 60) => new { date, opens = opens + ":00", closes = closes + ":00", perHour };

    /// <summary>What somebody who works at the centre hands over; everything that is due without items.</summary>
    public Task<HttpResponseMessage> HandAsync(
        string campaign, string? dui, int package = 1, JsonArray? items = null, JsonObject? deputy = null, string kind = "original", string act = "delivery", int centre = 1, string? receipt = null,
        JsonObject? evidence = null, string? code = null, string subject = "promotora", string role = Roles.Promoter) =>
        PutAsync(role, $"/campaigns/{campaign}/receipts/{receipt ?? Guid.NewGuid().ToString()}", new JsonObject
        {
            ["centre"] = centre, ["package"] = package, ["dui"] = dui, ["code"] = code, ["items"] = items, ["deputy"] = deputy?.DeepClone(), ["kind"] = kind, ["act"] = act, ["evidence"] = evidence ?? Signature(),
        }, null, subject);

    /// <summary>A drawn name, or another picture.</summary>
    public static JsonObject Signature(string? image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==") => new() { ["kind"] = "signature", ["image"] = image };

    private static JsonObject Article(string name) => new() { ["name"] = name, ["unit"] = "lb" };

    private static JsonObject Component(int article, decimal quantity) => new() { ["article"] = article, ["quantity"] = quantity };

    private static JsonObject Centre(string name) => new()
    {
        ["name"] = name, ["quotas"] = new JsonArray(new JsonObject { ["package"] = 1, ["most"] = 500 }), ["staff"] = new JsonArray("promotora"),
        ["place"] = new JsonObject { ["id"] = "01936d0a-7c00-7000-8000-000000000002", ["kind"] = "hamlet", ["name"] = "El Ensayo", ["path"] = "El Ensayo, Las Lomas, San Ensayo" },
    };
}
