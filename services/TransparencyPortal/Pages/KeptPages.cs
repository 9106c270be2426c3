using Microsoft.AspNetCore.OutputCaching;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>
/// A page that was made stays good until something new is kept, or another day begins. While nobody says when that is, each
/// request makes its page.
/// </summary>
internal sealed class KeptPages(FreshNews fresh, TimeProvider time) : IOutputCachePolicy
{
    public const string Name = "kept";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var isKept = fresh.Edition is not null && (HttpMethods.IsGet(context.HttpContext.Request.Method) || HttpMethods.IsHead(context.HttpContext.Request.Method));
        context.EnableOutputCaching = context.AllowCacheLookup = context.AllowCacheStorage = isKept;
        context.AllowLocking = true; // Many who ask for a page at once wait for one that is made.
        context.CacheVaryByRules.QueryKeys = "*";
        context.CacheVaryByRules.VaryByHost = true;
        context.CacheVaryByRules.VaryByValues["edition"] = $"{fresh.Edition} {time.Today():O}";
        context.ResponseExpirationTimeSpan = Longest;
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.AllowCacheStorage &= context.HttpContext.Response.StatusCode == StatusCodes.Status200OK;
        return ValueTask.CompletedTask;
    }
}
