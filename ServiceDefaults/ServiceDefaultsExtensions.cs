using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Validation;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.ServiceDefaults.Telemetry;

namespace ProyeccionSocial.ServiceDefaults;

/// <summary>What every host shares: telemetry, health, errors, authentication, time limits and an orderly stop.</summary>
public static class ServiceDefaultsExtensions
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Adds the shared services. Requests may take 30 s and a stop waits up to 30 s for those in flight. JSON is
    /// camelCase with enums as kebab-case text; a body that lacks a required member or has a wrong type is 400.
    /// </summary>
    /// <exception cref="InvalidOperationException">Neither <c>Authentication:Authority</c> nor <c>Authentication:Key</c> is set.</exception>
    public static void AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.AddProblems();
        builder.AddTokens();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.AddRequestTimeouts(options => options.DefaultPolicy = new() { Timeout = RequestLimit, TimeoutStatusCode = 504 });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.RespectRequiredConstructorParameters = true;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
#pragma warning disable ASP0029 // See RecordValidation.
        builder.Services.Configure<ValidationOptions>(options => options.Resolvers.Insert(0, new RecordValidation()));
#pragma warning restore ASP0029
        builder.WebHost.ConfigureKestrelLimits();
    }

    /// <summary>
    /// A request that works on a set of half a million, or carries one, may take 5 minutes, in the database too. The gateway's route says the same.
    /// </summary>
    public static RouteHandlerBuilder TakesLong(this RouteHandlerBuilder endpoint)
    {
        endpoint.WithRequestTimeout(LongLimit);
        return endpoint;
    }

    /// <summary>Puts the shared middleware in front of the endpoints and maps <c>/alive</c>.</summary>
    /// <param name="app">The host.</param>
    /// <param name="knowingTheCaller">Middleware that needs to know the caller and comes before "may he?".</param>
    public static void UseServiceDefaults(this WebApplication app, Action<IApplicationBuilder>? knowingTheCaller = null)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        knowingTheCaller?.Invoke(app);
        app.UseAuthorization();
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") }).AllowAnonymous();
    }

    /// <summary>
    /// Maps <c>/health</c>: 200 with each part's state, 503 while one of them is down. <c>/alive</c> only says that
    /// the process answers: a service whose broker is away still takes requests.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder routes) =>
        routes.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteParts }).AllowAnonymous();

    private static Task WriteParts(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(new
        {
            status = report.Status.ToString(),
            parts = report.Entries.ToDictionary(e => e.Key, e => e.Value.Status.ToString()),
        });

    private static void ConfigureKestrelLimits(this ConfigureWebHostBuilder host) =>
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1_048_576;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
}
