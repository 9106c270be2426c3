using Microsoft.AspNetCore.Authorization;
using ProyeccionSocial.Gateway;
using ProyeccionSocial.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.AddAuthorizationBuilder().AddPolicy("authenticated", new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
builder.Services.AddCallerLimits(builder.Configuration);
builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
    .WithOrigins(builder.Configuration.GetSection("Cors:Origins").Get<string[]>() ?? [])
    .AllowAnyMethod()
    .WithHeaders("authorization", "content-type", "if-match", "idempotency-key", "traceparent")
    .WithExposedHeaders("etag", "location", "retry-after", "idempotency-replayed")));
// What is published is for everybody, also in the pages of others.
builder.Services.AddCors(cors => cors.AddPolicy("anybody", policy => policy.AllowAnyOrigin().WithMethods("GET").WithHeaders("last-event-id").WithExposedHeaders("retry-after")));
builder.Services.AddHttpClient();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddConfigFilter<ServiceClusters>();

var app = builder.Build();
app.UseSecurityHeaders();
// Before authentication: a browser's preflight carries no token.
app.UseWhen(context => IsPublished(context.Request.Path), published => published.UseCors("anybody"));
app.UseWhen(context => !IsPublished(context.Request.Path), rest => rest.UseCors());
app.UseSwaggerUI(docs =>
{
    docs.RoutePrefix = "docs";
    docs.DocumentTitle = "Proyección Social: API";
    docs.SwaggerEndpoint("/openapi/organizations.json", "Organizaciones");
    docs.SwaggerEndpoint("/openapi/agenda.json", "Agenda");
    docs.SwaggerEndpoint("/openapi/budget.json", "Presupuesto participativo");
    docs.SwaggerEndpoint("/openapi/distribution.json", "Distribución agrícola");
    docs.SwaggerEndpoint("/openapi/transparency.json", "Portal de transparencia");
});
app.UseServiceDefaults(knowingTheCaller: limited => limited.UseRateLimiter());
app.MapSystemHealth();
app.MapReverseProxy();
app.Run();

static bool IsPublished(PathString path) => path.StartsWithSegments("/portal") || path.StartsWithSegments("/v1/transparency") || path.Value!.EndsWith("/published", StringComparison.Ordinal);
