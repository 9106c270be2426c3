using Npgsql;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Local.Engine;

/// <summary>One process of the topology: a server, or one replica of a project.</summary>
internal abstract class Unit(string name, Resource resource) : IAsyncDisposable
{
    public string Name { get; } = name;

    public Resource Resource { get; } = resource;

    public abstract int? ProcessId { get; }

    public abstract string Address { get; }

    /// <summary>Completes when the process ends.</summary>
    public abstract Task Exited { get; }

    /// <summary>Starts the process.</summary>
    /// <exception cref="LocalEngineException">It did not start.</exception>
    public abstract Task StartAsync(CancellationToken cancellation);

    /// <summary>Returns when the process is healthy.</summary>
    /// <exception cref="LocalEngineException">It did not get there.</exception>
    public virtual Task WaitUntilHealthyAsync(CancellationToken cancellation) => Task.CompletedTask;

    public abstract Task StopAsync(CancellationToken hurry);

    /// <summary>Its value under <c>ConnectionStrings</c>.</summary>
    public virtual string ConnectionString(Resource resource) => throw new NotSupportedException();

    public abstract ValueTask DisposeAsync();
}

internal sealed class PostgresUnit(PostgresServerResource resource, SystemFolder folder) : Unit(resource.Name, resource)
{
    private readonly PostgresServer _server = new(new ServerOptions(folder.In(resource.Name)) { LogFile = folder.LogOf(resource.Name) });

    public override int? ProcessId => _server.ProcessId;

    public override string Address => $"127.0.0.1:{_server.Port}";

    public override Task Exited => _server.Exited;

    public override async Task StartAsync(CancellationToken cancellation)
    {
        await _server.StartAsync(cancellation);
        // Once in the folder's life: Npgsql, to look, would be a third of what the engine itself computes in a start.
        foreach (var database in resource.Databases.Where(database => !folder.HasDatabase(database)))
        {
            try
            {
                await _server.CreateDatabaseAsync(database, cancellation);
            }
            catch (NpgsqlException e)
            {
                throw new LocalEngineException($"No se pudo crear la base de datos {database}: {e.Message}", e);
            }
            folder.KeepDatabase(database);
        }
    }

    public override Task StopAsync(CancellationToken hurry) => _server.StopAsync(hurry);

    public override string ConnectionString(Resource resource) =>
        resource is PostgresDatabaseResource database ? _server.ConnectionString(database.DatabaseName) : _server.ConnectionString();

    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}

internal sealed class RabbitUnit : Unit
{
    private readonly RabbitServer _server;

    public RabbitUnit(RabbitMQServerResource resource, SystemFolder folder)
        : base(resource.Name, resource)
    {
        _server = new(new ServerOptions(folder.In(resource.Name)) { LogFile = folder.LogOf(resource.Name), Management = resource.HasManagement });
        resource.Endpoint = name => name == "management" ? _server.ManagementUri.AbsoluteUri : $"tcp://127.0.0.1:{_server.Port}";
    }

    public override int? ProcessId => _server.ProcessId;

    public override string Address => $"127.0.0.1:{_server.Port}";

    public override Task Exited => _server.Exited;

    public override Task StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    public override Task StopAsync(CancellationToken hurry) => _server.StopAsync(hurry);

    public override string ConnectionString(Resource resource) => _server.AmqpUri();

    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}
