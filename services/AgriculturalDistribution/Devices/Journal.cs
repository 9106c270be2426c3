using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ProyeccionSocial.AgriculturalDistribution.Deliveries;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Devices;

/// <summary>What a device wrote down, as it signed it.</summary>
/// <param name="Device">Who writes.</param>
/// <param name="Sequence">From 1, without gaps.</param>
/// <param name="List">Which list it worked with.</param>
/// <param name="Receipt">A number that the device makes.</param>
/// <param name="Person">As the list names them.</param>
/// <param name="Package">Its number.</param>
/// <param name="HandedAt">By the device's clock.</param>
/// <param name="Act">What happened.</param>
/// <param name="Kind">Whether it is a replacement.</param>
/// <param name="Items">What was handed over, by lot.</param>
/// <param name="Evidence">The mark of whoever collected.</param>
/// <param name="Deputy">Who collected for the person.</param>
/// <param name="Previous">SHA-256 of the entry before, in base64url; null for the first.</param>
internal sealed record JournalEntry(
    Guid Device, long Sequence, Guid List, Guid Receipt, Guid Person, int Package, DateTimeOffset HandedAt, Act Act = Act.Delivery, DeliveryKind Kind = DeliveryKind.Original,
    IReadOnlyList<ItemView>? Items = null, EvidenceContent? Evidence = null, DeputyContent? Deputy = null, string? Previous = null)
{
    /// <summary>More than a device writes in all its life; what lies beyond has no place in a journal.</summary>
    public const long Last = 10_000_000;

    /// <summary>Whether the device's clock can be believed.</summary>
    public bool IsClockRight(DateTimeOffset now) => HandedAt.Year >= 2017 && HandedAt <= now.AddHours(1);

    /// <summary>Everything that no later look can mend: what breaks it makes the entry invalid.</summary>
    public void Check()
    {
        Rule.That(Sequence >= 1 && (Sequence == 1) == (Previous is null), "sequence", "La primera entrada es la 1 y no tiene anterior; las demás sí.");
        Rule.That(Package is >= 1 and <= 15, "unknown_package", "No hay un paquete con ese número.");
        Rule.That((Act == Act.Delivery) == (Items is { Count: > 0 and <= 40 }), "items", "Una entrega lleva lo entregado; una constancia de que no quiso, nada.");
        foreach (var item in Items ?? [])
        {
            Rule.That(item is { Lot: >= 1 }, "unknown_lot", "Falta el lote de lo entregado.");
            StockEntry.RequireQuantity(item.Quantity, "/items");
        }
        Rule.That((Items ?? []).DistinctBy(i => i.Lot).Count() == (Items ?? []).Count, "lot_twice", "Un lote aparece dos veces.");
        Rule.That(Act == Act.Refusal || Evidence is not null, "evidence", "Falta la firma o la huella de quien recogió.");
        Evidence?.Read();
        Rule.That(Deputy is null || (Dui.Parse(Deputy.Dui) is not null && TextAttribute.IsText(Deputy.Names, 160) && TextAttribute.IsText(Deputy.Authorisation, 200)), "deputy", "Faltan datos de quien recogió por la persona.");
    }
}

/// <summary>
/// Lists and journals are JSON Web Signatures (RFC 7515) in compact form with ES256, so that any language can write and check
/// them: docs/offline.md.
/// </summary>
internal static class Journal
{
    private static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = 32 * 1024 * 1024 };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, EventJson.Options);

    /// <summary>The digest by which the next entry names this one.</summary>
    public static byte[] DigestOf(string signed) => SHA256.HashData(Encoding.UTF8.GetBytes(signed));

    /// <summary>The key of a device; null when it is none on the curve.</summary>
    public static ECDsaSecurityKey? KeyOf(string jwk)
    {
        try
        {
            var key = new JsonWebKey(jwk);
            return new(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) } }));
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Signs a list.</summary>
    public static string Sign<T>(T value, ECDsa key) => Handler.CreateToken(Write(value), new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256)
    {
        CryptoProviderFactory = new() { CacheSignatureProviders = false }, // It would keep the key after it is gone.
    });

    /// <summary>What somebody signed: not signed, or signed and no such thing (null), or signed and read.</summary>
    public static async Task<(bool IsSigned, T? Content)> ReadAsync<T>(string signed, SecurityKey key)
        where T : class
    {
        var result = await Handler.ValidateTokenAsync(signed, new TokenValidationParameters
        {
            IssuerSigningKey = key, ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256], ValidateIssuer = false, ValidateAudience = false, ValidateLifetime = false, RequireExpirationTime = false,
        });
        if (!result.IsValid)
            return (false, null);
        try
        {
            return (true, JsonSerializer.Deserialize<T>(Base64UrlEncoder.DecodeBytes(((JsonWebToken)result.SecurityToken).EncodedPayload), Strict));
        }
        catch (JsonException)
        {
            return (true, null);
        }
    }

    // As strict as a request's body: a number where a word belongs, or a missing member, is no entry.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
