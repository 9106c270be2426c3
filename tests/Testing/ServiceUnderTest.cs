using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace ProyeccionSocial.Testing;

/// <summary>
/// One service on Kestrel, with a database and a virtual host of its own on the real servers; a fixture of a test
/// class.
/// </summary>
/// <typeparam name="TProgram">The service's <c>Program</c>.</typeparam>
public abstract class ServiceUnderTest<TProgram>(string service) : IAsyncLifetime
    where TProgram : class
{
    private readonly string _name = Servers.UniqueName(service);
    private WebApplicationFactory<TProgram> _factory = null!;

    /// <summary>Where the service answers.</summary>
    public Uri Address => _factory.ClientOptions.BaseAddress;

    /// <summary>The service's container.</summary>
    public IServiceProvider Services => _factory.Services;

    /// <summary>Connection string of its database.</summary>
    public string Database => Servers.Postgres.ConnectionString(_name);

    /// <summary>Address of its virtual host.</summary>
    public string Broker => Servers.Rabbit.AmqpUri(_name);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await Servers.ReadyAsync();
        await Task.WhenAll(Servers.Postgres.CreateDatabaseAsync(_name), Servers.Rabbit.CreateVirtualHostAsync(_name));
        _factory = new WebApplicationFactory<TProgram>().WithWebHostBuilder(host =>
        {
            host.UseSetting($"ConnectionStrings:{service}db", Database);
            host.UseSetting("ConnectionStrings:messaging", Broker);
            host.UseSetting("Authentication:Key", Tokens.Key);
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
            host.ConfigureServices(Configure);
        });
        _factory.UseKestrel();
        _factory.StartServer();
    }

    /// <summary>Replaces services, as the clock.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    /// <summary>A client with a token of this role; none for null.</summary>
    public HttpClient As(string? role, string? scope = null, string subject = "test")
    {
        var client = new HttpClient { BaseAddress = Address };
        if (role is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For(role, scope, subject));
        return client;
    }

    /// <summary>Asks the service's database for one value.</summary>
    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        await Servers.Rabbit.DeleteVirtualHostAsync(_name);
        GC.SuppressFinalize(this);
    }
}
