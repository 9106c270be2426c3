using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ProyeccionSocial.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, nothing otherwise. The
/// frameworks emit their own activities and metrics; this only subscribes to them.
/// </summary>
internal static class Telemetry
{
    public static readonly IReadOnlyList<string> Sources =
        ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Yarp.ReverseProxy", "ProyeccionSocial.Messaging"];

    public static readonly IReadOnlyList<string> Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.RateLimiting", "System.Net.Http", "System.Runtime",
        "Npgsql", "MassTransit", "ProyeccionSocial.Messaging",
    ];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.IncludeScopes = true;
            logs.SetResourceBuilder(Resource(builder));
            logs.AddOtlpExporter();
        });
        builder.Services.AddHostedService(_ => new Providers(builder));
    }

    private static ResourceBuilder Resource(IHostApplicationBuilder builder) =>
        ResourceBuilder.CreateDefault().AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName)
            .AddEnvironmentVariableDetector();

    // OpenTelemetry.Extensions.Hosting would hold these two; one class does, and needs no package.
    private sealed class Providers(IHostApplicationBuilder builder) : IHostedService, IDisposable
    {
        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(Resource(builder))
                .AddSource([.. Sources])
                .AddProcessor(new WithoutQueries())
                .AddOtlpExporter()
                .Build();
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(Resource(builder))
                .AddMeter([.. Meters])
                .AddOtlpExporter()
                .Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _traces?.ForceFlush(2000);
            _metrics?.ForceFlush(2000);
            return Task.CompletedTask;
        }

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }
    }

    /// <summary>A query string may carry what someone searched for: it stays out of the traces.</summary>
    private sealed class WithoutQueries : BaseProcessor<System.Diagnostics.Activity>
    {
        public override void OnEnd(System.Diagnostics.Activity data)
        {
            data.SetTag("url.query", null);
            if (data.GetTagItem("url.full") is string full && full.IndexOf('?', StringComparison.Ordinal) is > 0 and var at)
                data.SetTag("url.full", full[..at]);
        }
    }
}
