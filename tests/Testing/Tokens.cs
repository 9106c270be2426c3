using System.Security.Claims;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ProyeccionSocial.Testing;

/// <summary>Bearer tokens for a service under test.</summary>
public static class Tokens
{
    /// <summary>The key that hosts under test are given.</summary>
    public const string Key = "a-key-for-tests-only-that-is-longer-than-thirty-two-bytes";

    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>A token with one role, scopes for <c>integration</c>, and what its issuer knows besides, as a verified resident's DUI.</summary>
    public static string For(
        string role, string? scope = null, string subject = "test", string key = Key, TimeSpan? lifetime = null, string audience = "proyeccion-social", params (string Name, string Value)[] more)
    {
        var claims = new List<Claim> { new("sub", subject), new("role", role) };
        if (scope is not null)
            claims.Add(new("scope", scope));
        claims.AddRange(more.Select(m => new Claim(m.Name, m.Value)));
        var expires = DateTime.UtcNow + (lifetime ?? TimeSpan.FromHours(1));
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "proyeccion-social",
            Audience = audience,
            Subject = new ClaimsIdentity(claims),
            NotBefore = expires - TimeSpan.FromHours(2),
            IssuedAt = expires - TimeSpan.FromHours(2),
            Expires = expires,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), SecurityAlgorithms.HmacSha256),
        });
    }
}
