#if CONTAINERS
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace ProyeccionSocial.Testing;

public static partial class Servers
{
    /// <summary>The PostgreSQL of this test process.</summary>
    public static PostgresContainer Postgres { get; private set; } = null!;

    /// <summary>The RabbitMQ of this test process.</summary>
    public static RabbitContainer Rabbit { get; private set; } = null!;

    private static async Task StartAsync()
    {
        var postgres = new PostgreSqlBuilder("postgres:17.6").Build();
        var rabbit = new RabbitMqBuilder("rabbitmq:4.1-management")
            .WithPortBinding(15672, assignRandomHostPort: true)
            .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit max_message_size 2097152")
            .Build();
        await Task.WhenAll(postgres.StartAsync(), rabbit.StartAsync());
        (Postgres, Rabbit) = (new(postgres), new(rabbit));
    }
}

/// <summary>What the tests ask of a PostgreSQL, answered by a container.</summary>
public sealed class PostgresContainer(PostgreSqlContainer container)
{
    /// <summary>Connection string of a database.</summary>
    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(container.GetConnectionString()) { Database = database }.ConnectionString;

    /// <summary>Makes a database.</summary>
    public Task CreateDatabaseAsync(string database) => container.ExecScriptAsync($"CREATE DATABASE \"{database}\"");
}

/// <summary>What the tests ask of a RabbitMQ, answered by a container.</summary>
public sealed class RabbitContainer(RabbitMqContainer container)
{
    private readonly HttpClient _management = new()
    {
        BaseAddress = new Uri($"http://{container.Hostname}:{container.GetMappedPublicPort(15672)}/api/"),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("rabbitmq:rabbitmq"))) },
    };

    /// <summary>Address of a virtual host.</summary>
    public string AmqpUri(string virtualHost) => container.GetConnectionString().TrimEnd('/') + "/" + virtualHost;

    /// <summary>Address of the management API.</summary>
    public Uri ManagementUri => new(_management.BaseAddress!, "/");

    /// <summary>Makes a virtual host.</summary>
    public async Task CreateVirtualHostAsync(string name)
    {
        using var answer = await _management.PutAsync(new Uri($"vhosts/{name}", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Lets an outside system read the public events of a virtual host.</summary>
    public async Task<(string Name, string Password)> AddSubscriberAsync(string name, string pattern, string virtualHost)
    {
        var password = Guid.NewGuid().ToString("N");
        await Messaging.Feed.Subscribers.AdmitAsync(ManagementUri, "rabbitmq:rabbitmq", name, password, pattern, virtualHost);
        return (Messaging.Feed.Subscribers.NameOf(name), password);
    }

    /// <summary>Removes a virtual host with all that is in it.</summary>
    public async Task DeleteVirtualHostAsync(string name)
    {
        using var answer = await _management.DeleteAsync(new Uri($"vhosts/{name}", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }
}
#endif
