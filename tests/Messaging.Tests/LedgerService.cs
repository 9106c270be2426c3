using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>One replica of the ledger in this process; several may share a database and a virtual host.</summary>
internal sealed class LedgerService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LedgerService(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public NpgsqlDataSource Database => _app.Services.GetRequiredService<NpgsqlDataSource>();

    public PoisonSwitch Poison => _app.Services.GetRequiredService<PoisonSwitch>();

    public HttpClient Client => _app.GetTestClient();

    public static async Task<string> NewHomeAsync()
    {
        await Servers.ReadyAsync();
        var name = Servers.UniqueName("ledger");
        await Task.WhenAll(Servers.Postgres.CreateDatabaseAsync(name), Servers.Rabbit.CreateVirtualHostAsync(name));
        return name;
    }

    public static Task<LedgerService> StartAsync(string home, Action<MessagingOptions>? options = null) =>
        StartAsync(Servers.Postgres.ConnectionString(home), Servers.Rabbit.AmqpUri(home), options);

    public static async Task<LedgerService> StartAsync(string database, string broker, Action<MessagingOptions>? options = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:ledgerdb"] = database;
        builder.Configuration["ConnectionStrings:messaging"] = broker;
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddMessaging<LedgerDb>("ledger");
        builder.Services.AddSingleton<PoisonSwitch>();
        builder.Services.AddAuthorizationBuilder().AddPolicy("operator", policy => policy.RequireAssertion(_ => true));
        builder.Services.AddAuthentication();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter()));
        if (options is not null)
            builder.Services.Configure(options);
        var app = builder.Build();
        app.UseAuthorization();
        app.MapGroup("/v1/ledger").MapMessaging();
        await app.StartAsync();
        return new(app);
    }

    /// <summary>One account, one transaction for each step.</summary>
    public async Task<Guid> WriteAsync(int steps, Action<Account, int> step, Guid? id = null)
    {
        for (var i = 0; i < steps; i++)
        {
            await using var scope = Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<LedgerDb>();
            var account = id is null ? null : await db.Accounts.FindAsync(id);
            if (account is null)
                db.Add(account = new Account());
            id = account.Id;
            step(account, i);
            await db.SaveChangesAsync();
        }
        return id!.Value;
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public Task EffectsAsync(long count, int seconds = 30) =>
        Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM effect") >= count, seconds, $"{count} effects");

    public Task HealthyAsync() => Eventually.TrueAsync(
        async () => (await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status == HealthStatus.Healthy, 30, "Health");

    /// <summary>Waits for the relay to have settled: it does so a while after the broker has the event.</summary>
    public Task PublishedAsync(long count) =>
        Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM published_event") == count, 10, $"{count} published events");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
