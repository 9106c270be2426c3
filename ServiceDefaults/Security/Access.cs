using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace ProyeccionSocial.ServiceDefaults.Security;

/// <summary>Who may call an endpoint, said where the endpoint is mapped.</summary>
public static class Access
{
    /// <summary>
    /// Allows people with one of <paramref name="roles"/>, and other systems (<see cref="Roles.Integration"/>) whose
    /// token has <paramref name="scope"/>. Everybody else gets 401 or 403.
    /// </summary>
    /// <param name="endpoints">The endpoint or group.</param>
    /// <param name="scope">As <c>organizations.write</c>.</param>
    /// <param name="roles">From <see cref="Roles"/>.</param>
    public static TBuilder Allow<TBuilder>(this TBuilder endpoints, string scope, params string[] roles)
        where TBuilder : IEndpointConventionBuilder
    {
        var policy = new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(context => IsAllowed(context.User, scope, roles))
            .Build();
        return endpoints.RequireAuthorization(policy).WithMetadata(new AllowedAttribute(scope, roles));
    }

    /// <summary>Whether the claims of <paramref name="user"/> satisfy <see cref="Allow"/>.</summary>
    public static bool IsAllowed(ClaimsPrincipal user, string scope, IReadOnlyList<string> roles) =>
        roles.Any(user.IsInRole)
        || (user.IsInRole(Roles.Integration)
            && user.FindAll("scope").SelectMany(c => c.Value.Split(' ')).Contains(scope, StringComparer.Ordinal));

    /// <summary>The caller, for audits and idempotency keys: the token's subject.</summary>
    public static string CallerOf(ClaimsPrincipal user) => user.FindFirstValue("sub") ?? "anonymous";
}

/// <summary>What <see cref="Access.Allow"/> allowed, for documentation and tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllowedAttribute(string scope, params string[] roles) : Attribute
{
    /// <summary>The scope for other systems.</summary>
    public string Scope { get; } = scope;

    /// <summary>The roles for people.</summary>
    public IReadOnlyList<string> Roles { get; } = roles;
}
