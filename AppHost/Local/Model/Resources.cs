using ProyeccionSocial.Local.Engine;

namespace ProyeccionSocial.Local;

// The names of Aspire.Hosting that AppHost/Program.cs uses, with the same meaning. What Aspire has beyond
// them is not here, and what the local engine cannot do is refused, not ignored.

public interface IResource
{
    string Name { get; }
}

public interface IResourceWithEnvironment : IResource;

public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithConnectionString : IResource;

public interface IResourceWithEndpoints : IResource;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

public abstract class Resource : IResource
{
    private protected Resource(string name) => Name = name;

    public string Name { get; }
}

/// <summary>A container under Aspire; here, a server program of this machine.</summary>
public abstract class ContainerResource : Resource
{
    private protected ContainerResource(string name)
        : base(name)
    {
    }
}

public sealed class PostgresServerResource : ContainerResource, IResourceWithConnectionString
{
    internal PostgresServerResource(string name)
        : base(name)
    {
    }

    internal List<string> Databases { get; } = [];
}

public sealed class PostgresDatabaseResource : Resource, IResourceWithConnectionString
{
    internal PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
        : base(name)
    {
        DatabaseName = databaseName;
        Parent = parent;
    }

    public PostgresServerResource Parent { get; }

    public string DatabaseName { get; }
}

public sealed class RabbitMQServerResource : ContainerResource, IResourceWithConnectionString, IResourceWithEndpoints
{
    internal RabbitMQServerResource(string name)
        : base(name)
    {
    }

    internal bool HasManagement { get; set; }

    /// <summary>Set by the engine: the address of an endpoint.</summary>
    internal Func<string, string>? Endpoint { get; set; }
}

/// <summary>An address that is known once its resource runs.</summary>
public sealed class EndpointReference
{
    private readonly RabbitMQServerResource _resource;

    internal EndpointReference(RabbitMQServerResource resource, string endpointName) => (_resource, EndpointName) = (resource, endpointName);

    public string EndpointName { get; }

    public string Url => _resource.Endpoint?.Invoke(EndpointName) ?? throw new LocalEngineException($"{_resource.Name} aún no está en marcha.");
}

public sealed class ProjectResource : Resource, IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal ProjectResource(string name, IProjectMetadata metadata)
        : base(name) =>
        Metadata = metadata;

    internal IProjectMetadata Metadata { get; }

    internal int Replicas { get; set; } = 1;

    internal bool HasEndpoint { get; set; }

    /// <summary>Null: any free one for each replica.</summary>
    internal int? Port { get; set; }

    internal bool IsExternal { get; set; }

    internal string? HealthPath { get; set; }

    internal int HealthStatus { get; set; } = 200;

    internal List<(string Name, Resource Source)> Connections { get; } = [];

    internal List<ProjectResource> Services { get; } = [];

    internal List<Resource> WaitsFor { get; } = [];

    /// <summary>A value is asked for at each start.</summary>
    internal List<(string Name, Func<SystemFolder, string?> Value)> Variables { get; } = [];
}

public sealed class ParameterResource : Resource
{
    internal ParameterResource(string name, GenerateParameterDefault generated)
        : base(name) =>
        Generated = generated;

    internal GenerateParameterDefault Generated { get; }
}

/// <summary>Where <c>aspire publish</c> writes a Compose file; here, nothing.</summary>
public sealed class DockerComposeEnvironmentResource : Resource
{
    internal DockerComposeEnvironmentResource(string name)
        : base(name)
    {
    }
}

public abstract class ParameterDefault
{
    private protected ParameterDefault()
    {
    }
}

/// <summary>A random value, made on the first start and kept.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    public int MinLength { get; set; } = 22;

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;
}

/// <summary>A project of the solution; MSBuild writes one class for each reference of AppHost.csproj.</summary>
public interface IProjectMetadata
{
    string ProjectPath { get; }

    /// <summary>What its build made. Aspire has no such member: it runs the project file.</summary>
    string AssemblyPath { get; }

    bool SuppressBuild => false;
}
