using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ProyeccionSocial.Testing;

/// <summary>A device that hands out packages without a signal, written from docs/offline.md and not from the service's code.</summary>
public sealed class OfflineDevice(HttpClient client) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string? _last;

    /// <summary>Its number, which it makes itself.</summary>
    public string Id { get; } = Guid.NewGuid().ToString();

    /// <summary>The journal, as it was signed.</summary>
    public List<string> Entries { get; } = [];

    /// <summary>The list that it took along.</summary>
    public JsonNode List { get; private set; } = null!;

    /// <summary>Says whose key this is.</summary>
    public async Task RegisterAsync()
    {
        var q = _key.ExportParameters(false).Q;
        var key = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y) };
        await client.SendJsonAsync(HttpMethod.Put, $"/v1/distribution/devices/{Id}", new JsonObject { ["name"] = "Tableta", ["key"] = key }).JsonAsync();
    }

    /// <summary>Takes a centre's list along and checks who signed it.</summary>
    public async Task TakeListAsync(string campaign, int centre)
    {
        var issued = await client.SendJsonAsync(HttpMethod.Put, $"/v1/distribution/devices/{Id}/lists/{Guid.NewGuid()}", new JsonObject { ["campaignId"] = campaign, ["centre"] = centre }).JsonAsync();
        var parts = issued.Text("list").Split('.');
        var jwk = (await client.SendJsonAsync(HttpMethod.Get, "/v1/distribution/public/keys", null).JsonAsync())["keys"]![0]!;
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = Base64Url.DecodeFromChars(jwk.Text("x")), Y = Base64Url.DecodeFromChars(jwk.Text("y")) } });
        if (!key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256))
            throw new InvalidOperationException("The list is not signed.");
        List = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
    }

    /// <summary>Hands over all that the list says is due to the person in this place of it, from the first lot of each article.</summary>
    public string Deliver(int person, string handedAt = "2027-04-28T09:00:00-06:00", Action<JsonObject>? change = null)
    {
        var who = List["people"]![person]!;
        var package = who["packages"]![0]!;
        var items = package["due"]!.AsArray().Select(due => new JsonObject
        {
            ["lot"] = (int)List["lots"]!.AsArray().First(lot => (int)lot!["article"]! == (int)due!["article"]!)!["number"]!, ["quantity"] = (decimal)due!["quantity"]!,
        });
        return Write(new()
        {
            ["list"] = List.Text("list"), ["receipt"] = Guid.NewGuid().ToString(), ["person"] = who.Text("id"), ["package"] = (int)package["package"]!, ["handedAt"] = handedAt, ["items"] = new JsonArray([.. items]),
            ["evidence"] = new JsonObject { ["kind"] = "signature", ["image"] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==" },
        }, change);
    }

    /// <summary>Writes an entry into the journal and gives it as it was signed.</summary>
    public string Write(JsonObject entry, Action<JsonObject>? change = null)
    {
        (entry["device"], entry["sequence"]) = (Id, Entries.Count + 1);
        if (_last is not null)
            entry["previous"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(_last)));
        change?.Invoke(entry);
        Entries.Add(_last = Sign(entry));
        return _last;
    }

    /// <summary>Signs something with this device's key.</summary>
    public string Sign(JsonObject payload) => Sign(payload, _key);

    /// <summary>Signs something with any key.</summary>
    public static string Sign(JsonObject payload, ECDsa key)
    {
        var signing = $"{Base64Url.EncodeToString("{\"alg\":\"ES256\"}"u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        return $"{signing}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signing), HashAlgorithmName.SHA256))}";
    }

    /// <summary>Sends entries, in whatever order.</summary>
    public Task<HttpResponseMessage> UploadAsync(IEnumerable<string> entries, CancellationToken cancellation = default) =>
        client.SendJsonAsync(HttpMethod.Post, $"/v1/distribution/devices/{Id}/journal", new JsonObject { ["entries"] = new JsonArray([.. entries.Select(e => JsonValue.Create(e))]) }, cancellation: cancellation);

    /// <summary>Says that all that was written is there.</summary>
    public Task<HttpResponseMessage> ReturnListAsync() => client.SendJsonAsync(HttpMethod.Post, $"/v1/distribution/devices/{Id}/lists/{List.Text("list")}/return", new JsonObject
    {
        ["signed"] = Sign(new() { ["list"] = List.Text("list"), ["lastSequence"] = Entries.Count }),
    });

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
