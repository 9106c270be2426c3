using System.Reflection;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Messaging.Inbox;
using ProyeccionSocial.Messaging.Operations;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging;

/// <summary>How a service gets its database, its outbox and its consumers.</summary>
public static class MessagingExtensions
{
    private const string BrokerConnection = "messaging";

    /// <summary>
    /// Adds the database <c>{service}db</c>, the relay, and every consumer of the DbContext's assembly on one
    /// durable queue named after the service. The queue holds the events of a subject in order, whatever their types;
    /// a replica works on several messages at once, so a consumer compares versions and discards the older one.
    /// </summary>
    /// <exception cref="InvalidOperationException">A connection string is missing, or two consumers want the same event.</exception>
    public static void AddMessaging<TDbContext>(this IHostApplicationBuilder builder, string service)
        where TDbContext : MessagingDbContext
    {
        var broker = new Uri(Required(builder.Configuration, BrokerConnection));
        var services = builder.Services;
        services.AddOptions<MessagingOptions>().BindConfiguration("Messaging");
        services.AddSingleton(new ServiceIdentity(service));
        services.AddSingleton<RelaySignal>();
        services.AddSingleton<SignalOnCommit>();
        services.AddSingleton<MessagingMetrics>();
        services.AddSingleton(_ => new BrokerPublisher(broker, $"{service} relay"));
        services.AddSingleton(provider => new ErrorQueue(broker, provider.GetRequiredService<ServiceIdentity>()));

        builder.AddDatabase<TDbContext>(service, (provider, options) => options.AddInterceptors(provider.GetRequiredService<SignalOnCommit>()));
        services.AddScoped<MessagingDbContext>(provider => provider.GetRequiredService<TDbContext>());

        services.AddHostedService<Relay>();
        services.AddHostedService<Housekeeping>();
        if (builder.Configuration.GetSection("Subscribers").Get<SubscribersOptions>() is { Management: not null } subscribers)
            services.AddHostedService(provider => new AdmitSubscribers(broker, subscribers, provider.GetRequiredService<ILogger<AdmitSubscribers>>()));
        AddBus(services, broker, service, typeof(TDbContext).Assembly);
    }

    /// <summary>
    /// Adds the database <c>{service}db</c> alone, brought to this version before the first request: for a host that publishes
    /// nothing and keeps what others publish.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">Its name.</param>
    /// <param name="more">What else the context needs.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static void AddDatabase<TDbContext>(this IHostApplicationBuilder builder, string service, Action<IServiceProvider, DbContextOptionsBuilder>? more = null)
        where TDbContext : DbContext
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => DataSource(Required(builder.Configuration, $"{service}db")));
        services.AddDbContextPool<TDbContext>((provider, options) =>
        {
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())
                // Migrations are written by hand and checked against the model by a test; there is no snapshot to compare with.
                .ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning));
            more?.Invoke(provider, options);
        });
        services.TryAddSingleton<ConstraintProblems>();
        services.AddExceptionHandler<DatabaseProblemHandler>();
        services.AddHostedService<Migrator<TDbContext>>();
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", tags: ["ready"]);
    }

    /// <summary>Maps <c>/published</c> for subscribers and <c>/dead-letters</c> for operators below the service's path.</summary>
    public static void MapMessaging(this IEndpointRouteBuilder routes)
    {
        routes.MapPublishedFeed();
        routes.MapDeadLetters();
    }

    private static void AddBus(IServiceCollection services, Uri broker, string service, Assembly assembly)
    {
        var consumers = assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(IConsumer))).ToArray();
        var twice = consumers.SelectMany(MessagesOf).GroupBy(m => m).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new InvalidOperationException($"{twice.Key.Name} has two consumers in {service}; the inbox counts effects by service and message.");

        services.AddMassTransit(bus =>
        {
            bus.AddConsumers(consumers);
            bus.ConfigureHealthCheckOptions(check => check.Name = "messaging");
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker, host => host.ConnectionName(service));
                rabbit.ConfigureJsonSerializerOptions(_ => EventJson.Options);
                // The error queue inherits the arguments of its queue, and operators look into it with basic.get.
                rabbit.SendTopology.ConfigureErrorSettings = errors => errors.SetQueueArgument("x-single-active-consumer", null!);
                rabbit.UseRawJsonDeserializer(RawSerializerOptions.AddTransportHeaders, isDefault: true);
                if (consumers.Length > 0)
                    rabbit.ReceiveEndpoint(service, endpoint => ServiceQueue.Configure(endpoint, context, consumers));
            });
        });
        services.Configure<MassTransitHostOptions>(options => options.StopTimeout = TimeSpan.FromSeconds(25));
    }

    private static IEnumerable<Type> MessagesOf(Type consumer) =>
        consumer.GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(i => i.GetGenericArguments()[0]);

    private static NpgsqlDataSource DataSource(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        // Who sends a statement by the thousand prepares it (PrepareAsync). What the driver prepares by itself, and is cancelled before it
        // is described, it takes for prepared with no columns: docs/decisions/0043.
        builder.ConnectionStringBuilder.MaxAutoPrepare = 0;
        builder.ConnectionStringBuilder.MaxPoolSize = 40;
        builder.ConnectionStringBuilder.Timeout = 5;
        builder.ConnectionStringBuilder.CommandTimeout = 25;
        builder.ConnectionStringBuilder.Options ??= "-c jit=off"; // Queries here are short: to compile one takes longer than to run it.
        builder.ConnectionStringBuilder.IncludeErrorDetail = false; // Details quote values, and values may be personal.
        return builder.Build();
    }

    private static string Required(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) ?? throw new InvalidOperationException($"ConnectionStrings:{name} is missing.");
}

/// <summary>Brings the database to this version before the first request; replicas that start together take turns.</summary>
internal sealed partial class Migrator<TDbContext>(IServiceScopeFactory scopes, ILogger<Migrator<TDbContext>> logger) : IHostedLifecycleService
    where TDbContext : DbContext
{
    private const long Lock = 0x50_53_4D_49_47_52; // "PSMIGR"

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TDbContext>().Database;
        // EF's own lock lives in the transaction of one migration: between two of them another replica gets in, with a
        // list of what is pending from before.
        database.SetCommandTimeout(TimeSpan.FromMinutes(5)); // The other replica's turn, and large tables.
        await database.OpenConnectionAsync(cancellationToken);
        await database.ExecuteSqlAsync($"SELECT pg_advisory_lock({Lock})", cancellationToken);
        try
        {
            var pending = (await database.GetPendingMigrationsAsync(cancellationToken)).ToArray();
            if (pending.Length == 0)
                return;
            LogMigrating(pending.Length);
            await database.MigrateAsync(cancellationToken);
        }
        finally
        {
            await database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({Lock})", CancellationToken.None);
            await database.CloseConnectionAsync();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying {Count} migrations")]
    private partial void LogMigrating(int count);
}

internal sealed class DatabaseHealthCheck(NpgsqlDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var query = database.CreateCommand("SELECT 1");
            await query.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException unreachable)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", unreachable);
        }
    }
}
