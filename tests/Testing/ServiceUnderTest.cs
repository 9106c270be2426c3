using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging;
using RabbitMQ.Client;
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
    private readonly SemaphoreSlim _publishing = new(1);
    private IConnection? _connection;
    private IChannel _channel = null!;
    private WebApplicationFactory<TProgram> _factory = null!;

    /// <summary>The path that the service's own begin with.</summary>
    protected string Api { get; } = $"/v1/{service}";

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
        var settings = await SettingsAsync();
        _factory = new WebApplicationFactory<TProgram>().WithWebHostBuilder(host =>
        {
            host.UseSetting($"ConnectionStrings:{service}db", Database);
            host.UseSetting("ConnectionStrings:messaging", Broker);
            host.UseSetting("Authentication:Key", Tokens.Key);
            host.UseSetting("urls", "http://127.0.0.1:0");
            foreach (var (name, value) in settings)
                host.UseSetting(name, value);
            host.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
            host.ConfigureServices(Configure);
            host.ConfigureServices(TellExceptions);
        });
        _factory.UseKestrel();
        _factory.StartServer();
    }

    // Nobody gets a 500; a test that does says what it was.
    private static void TellExceptions(IServiceCollection services) => services.PostConfigure<ProblemDetailsOptions>(options =>
    {
        var ours = options.CustomizeProblemDetails;
        options.CustomizeProblemDetails = context =>
        {
            ours?.Invoke(context);
            if (context.ProblemDetails.Status == 500)
                context.ProblemDetails.Extensions["exception"] = context.HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error.ToString();
        };
    });

    /// <summary>What this service reads besides from its configuration; database and virtual host are there.</summary>
    protected virtual Task<Dictionary<string, string>> SettingsAsync() => Task.FromResult(new Dictionary<string, string>());

    /// <summary>Lets an outside system read the public events of this service's virtual host; gives its user, whose name is the queue's too, and its password.</summary>
    protected async Task<(string User, string Password)> AddSubscriberAsync()
    {
        // Users are the broker's, not the virtual host's.
        var subscriber = await Servers.Rabbit.AddSubscriberAsync(_name.Replace('_', '-'), "#", _name);
        return (subscriber.Name, subscriber.Password);
    }

    /// <summary>Publishes to the public exchange as the relays do.</summary>
    public async Task PublishAsync(string type, ReadOnlyMemory<byte> cloudEvent)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(Messaging.Feed.Subscribers.PublicExchange, type, mandatory: true, new BasicProperties { ContentType = "application/cloudevents+json", DeliveryMode = DeliveryModes.Persistent }, cloudEvent);
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

    /// <summary>Asks the service's database for rows of one text column.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    /// <summary>Rows of every table but those that fill by themselves.</summary>
    public async Task<Dictionary<string, string>> RowCountsAsync()
    {
        var tables = await RowsAsync("SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN ('outbox', 'published_event', 'inbox')");
        var counts = await RowsAsync(string.Join(" UNION ALL ", tables.Select(t => $"SELECT '{t} ' || count(*) FROM {t}")));
        return counts.ToDictionary(c => c.Split(' ')[0]);
    }

    /// <summary>Waits until everything that was committed has been said.</summary>
    public Task EverythingSaidAsync() => Eventually.TrueAsync(async () => await QueryAsync<long>("SELECT count(*) FROM outbox") == 0);

    /// <summary>Posts to a path below the service's own.</summary>
    public Task<HttpResponseMessage> PostAsync(
        string role, string path, object? body, string? ifMatch = null, string? key = null, string subject = "test") =>
        As(role, subject: subject).SendJsonAsync(HttpMethod.Post, Api + path, body, ifMatch, key);

    /// <summary>Puts to a path below the service's own.</summary>
    public Task<HttpResponseMessage> PutAsync(string role, string path, object? body, string? ifMatch, string subject = "test") =>
        As(role, subject: subject).SendJsonAsync(HttpMethod.Put, Api + path, body, ifMatch);

    /// <summary>Gets a path below the service's own.</summary>
    public Task<HttpResponseMessage> GetAsync(string? role, string path, string subject = "test") => As(role, subject: subject).SendJsonAsync(HttpMethod.Get, Api + path, null);

    /// <summary>Publishes events as the relay of another service does.</summary>
    public async Task PublishAsync(params DomainEvent[] events)
    {
        await _publishing.WaitAsync();
        try
        {
            if (_connection is null)
            {
                // Before the service has bound its queue, nobody hears what is published.
                await Eventually.TrueAsync(async () => (await As(null).GetAsync(new Uri("/health", UriKind.Relative))).IsSuccessStatusCode, what: "The bus");
                _connection = await new ConnectionFactory { Uri = new Uri(Broker) }.CreateConnectionAsync();
                _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            }
            foreach (var happened in events)
            {
                var exchange = EventJson.ExchangeOf(happened.GetType());
                await _channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
                var properties = new BasicProperties
                {
                    ContentType = "application/json",
                    DeliveryMode = DeliveryModes.Persistent,
                    MessageId = happened.EventId.ToString(),
                    CorrelationId = happened.SubjectId.ToString(),
                    Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:" + exchange },
                };
                var body = JsonSerializer.SerializeToUtf8Bytes(happened, happened.GetType(), EventJson.Options);
                await _channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body);
            }
        }
        finally
        {
            _publishing.Release();
        }
    }

    /// <summary>Publishes and waits until each has been taken in.</summary>
    public async Task TellAsync(params DomainEvent[] events)
    {
        await PublishAsync(events);
        await TakenInAsync(events);
    }

    /// <summary>Waits until each has been taken in.</summary>
    public Task TakenInAsync(params DomainEvent[] events)
    {
        var ids = string.Join(", ", events.Select(e => $"'{e.EventId}'").Distinct());
        var count = events.Select(e => e.EventId).Distinct().Count();
        return Eventually.TrueAsync(async () => await QueryAsync<long>($"SELECT count(*) FROM inbox WHERE message_id IN ({ids})") == count, what: $"{count} events");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _publishing.Dispose();
        await _factory.DisposeAsync();
        await Servers.Rabbit.DeleteVirtualHostAsync(_name);
        GC.SuppressFinalize(this);
    }
}
