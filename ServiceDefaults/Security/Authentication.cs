using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace ProyeccionSocial.ServiceDefaults.Security;

internal static class Authentication
{
    public const string LocalIssuer = "proyeccion-social";
    public const string Audience = "proyeccion-social";

    /// <summary>
    /// Bearer tokens of the OIDC provider <c>Authentication:Authority</c>, or, without one, tokens signed (HS256)
    /// with the secret <c>Authentication:Key</c> of this installation. Whoever maps an endpoint without saying who
    /// may call it has mapped one that nobody may call.
    /// </summary>
    public static void AddTokens(this IHostApplicationBuilder builder)
    {
        var authority = builder.Configuration["Authentication:Authority"];
        var key = builder.Configuration["Authentication:Key"];
        if (string.IsNullOrEmpty(authority) && string.IsNullOrEmpty(key))
            throw new InvalidOperationException("Set Authentication:Authority (an OIDC provider) or Authentication:Key (a secret of 32 bytes or more).");

        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(jwt =>
        {
            jwt.MapInboundClaims = false;
            jwt.TokenValidationParameters.NameClaimType = "sub";
            jwt.TokenValidationParameters.RoleClaimType = "role";
            jwt.TokenValidationParameters.ValidAudience = builder.Configuration["Authentication:Audience"] ?? Audience;
            jwt.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
            if (!string.IsNullOrEmpty(authority))
            {
                jwt.Authority = authority;
            }
            else
            {
                jwt.TokenValidationParameters.ValidIssuer = LocalIssuer;
                jwt.TokenValidationParameters.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key!));
                jwt.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            }
        });
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Roles.Operator, policy => policy.RequireRole(Roles.Operator))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireAssertion(IsNothingMapped).Build());
    }

    // An address without an endpoint, or with one for another method or content type: the answer is 404, 405 or 415,
    // and to say "forbidden" would send people to ask for a permission that changes nothing.
    private static bool IsNothingMapped(AuthorizationHandlerContext context) =>
        context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint;
}
