using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ProyeccionSocial.Benchmarks;

/// <param name="Ratio">Ours against the yardstick.</param>
/// <param name="Parts">What it is made of.</param>
internal sealed record Measured(double Ratio, IReadOnlyDictionary<string, double> Parts);

/// <summary>The least service that writes and consumes an event.</summary>
internal sealed class BenchDb(DbContextOptions<BenchDb> options) : MessagingDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Counter>().ToTable("counter");
    }
}

internal sealed class Counter : Aggregate
{
    public int Count { get; private set; }

    public Guid Add(DateTimeOffset at)
    {
        var happened = new Counted { CounterId = Id, Count = ++Count, Place = "Caserío El Amate, Cantón Las Lomas", Note = "Reunión de coordinación, fortalecimiento y planificación" };
        Raise(happened, at);
        return happened.EventId;
    }
}

public sealed record Counted : DomainEvent
{
    public required Guid CounterId { get; init; }
    public required int Count { get; init; }
    public required string Place { get; init; }
    public required string Note { get; init; }
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid SubjectId => CounterId;
}

internal sealed class OnCounted(BenchDb db) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        var e = context.Message;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO latest AS known (id, count, version) VALUES ({e.CounterId}, {e.Count}, {e.Version})
            ON CONFLICT (id) DO UPDATE SET count = excluded.count, version = excluded.version WHERE known.version < excluded.version
            """, context.CancellationToken);
    }
}

[DbContext(typeof(BenchDb)), Migration("1_Messaging")]
internal sealed class BenchMessaging : MessagingMigration;

[DbContext(typeof(BenchDb)), Migration("3_Publications")]
internal sealed class BenchPublications : PublicationsMigration;

[DbContext(typeof(BenchDb)), Migration("2_Bench")]
internal sealed class BenchTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE counter (id uuid PRIMARY KEY, version bigint NOT NULL, count int NOT NULL);
        CREATE TABLE latest (id uuid PRIMARY KEY, version bigint NOT NULL, count int NOT NULL);
        """);
}

internal static class Bench
{
    public static async Task<string> NewHomeAsync()
    {
        await Servers.ReadyAsync();
        var name = Servers.UniqueName("bench");
        await Servers.Postgres.CreateDatabaseAsync(name);
        await Servers.Rabbit.CreateVirtualHostAsync(name);
        return name;
    }

    public static async Task<IHost> StartAsync(string home, Action<MessagingOptions>? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication();
        builder.Services.AddAuthorization();
        builder.Services.Replace(ServiceDescriptor.Singleton<IServer, NoServer>());
        builder.Configuration["ConnectionStrings:benchdb"] = Servers.Postgres.ConnectionString(home);
        builder.Configuration["ConnectionStrings:messaging"] = Servers.Rabbit.AmqpUri(home);
        builder.AddMessaging<BenchDb>("bench");
        if (options is not null)
            builder.Services.Configure(options);
        var host = builder.Build();
        await host.StartAsync();
        await Eventually.TrueAsync(async () => await ConsumersAsync(home) > 0, 30);
        return host;
    }

    private static async Task<uint> ConsumersAsync(string home)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Servers.Rabbit.AmqpUri(home)) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync("bench")).ConsumerCount;
        }
        catch (OperationInterruptedException)
        {
            return 0; // Not declared yet.
        }
    }

    public static double Percentile(IEnumerable<double> values, double p)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(p * sorted.Length) - 1)];
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    // Nothing is asked over HTTP here.
    private sealed class NoServer : IServer
    {
        public Microsoft.AspNetCore.Http.Features.IFeatureCollection Features { get; } = new Microsoft.AspNetCore.Http.Features.FeatureCollection();
        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public void Dispose()
        {
        }
    }
}
