using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ProyeccionSocial.Local.Engine;

/// <summary>A JWT signed with this system's own key, where no outside issuer is configured.</summary>
internal static class Token
{
    /// <summary>The parameter of the topology that signs.</summary>
    public const string SigningKey = "signingkey";

    private const string IssuerAndAudience = "proyeccion-social";

    public static string Create(string key, IReadOnlyList<string> roles, string subject, string? scope, TimeSpan validity, IReadOnlyList<(string Name, string Value)>? more = null)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new Dictionary<string, object>
        {
            ["iss"] = IssuerAndAudience,
            ["aud"] = IssuerAndAudience,
            ["sub"] = subject,
            ["role"] = roles.Count == 1 ? roles[0] : roles,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + validity).ToUnixTimeSeconds(),
        };
        if (scope is not null)
            claims["scope"] = scope;
        foreach (var (name, value) in more ?? [])
            claims.TryAdd(name, value);
        var content = Part(new { alg = "HS256", typ = "JWT" }) + "." + Part(claims);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(content));
        return content + "." + Base64Url.EncodeToString(signature);
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
