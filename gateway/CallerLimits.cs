using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Gateway;

/// <summary>How much one caller may ask: by token subject, or by address for who has none.</summary>
internal static class CallerLimits
{
    public static void AddCallerLimits(this IServiceCollection services, IConfiguration configuration)
    {
        var limits = configuration.GetSection("RateLimits").Get<Limits>() ?? new Limits();
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                context.User.FindFirstValue("sub") is { } caller
                    ? Bucket("caller " + caller, limits.CallerPerSecond, limits.CallerBurst)
                    : Bucket("address " + context.Connection.RemoteIpAddress, limits.AnonymousPerSecond, limits.AnonymousBurst));
            // Whoever asks the unit for something makes work for people.
            limiter.AddPolicy("ask", context => RateLimitPartition.GetTokenBucketLimiter($"ask {context.Connection.RemoteIpAddress}", _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limits.QuestionsBurst, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(60.0 / limits.QuestionsPerMinute), QueueLimit = 0,
            }));
            limiter.OnRejected = async (rejected, cancellation) =>
            {
                rejected.HttpContext.Response.Headers.RetryAfter =
                    rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                        ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture)
                        : "1";
                await rejected.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
                {
                    HttpContext = rejected.HttpContext,
                    ProblemDetails = Problems.Details(429, "too_many_requests", "Espere lo que indica el encabezado Retry-After e intente de nuevo."),
                });
            };
        });
    }

    private static RateLimitPartition<string> Bucket(string key, int perSecond, int burst) =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });

    internal sealed class Limits
    {
        public int CallerPerSecond { get; init; } = 100;
        public int CallerBurst { get; init; } = 300;
        public int AnonymousPerSecond { get; init; } = 30;
        public int AnonymousBurst { get; init; } = 100;
        public int QuestionsPerMinute { get; init; } = 6;
        public int QuestionsBurst { get; init; } = 20;
    }
}
