using Microsoft.Extensions.Configuration;

namespace ProyeccionSocial.Local;

public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    DistributedApplication Build();
}

public interface IResourceBuilder<out T>
    where T : IResource
{
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    T Resource { get; }
}

internal sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T>
    where T : IResource;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly CommandLine _commandLine;

    public DistributedApplicationBuilder(string[] arguments)
    {
        _commandLine = CommandLine.Parse(arguments);
        Configuration.AddEnvironmentVariables();
        Configuration.AddInMemoryCollection(_commandLine.Settings);
    }

    public ConfigurationManager Configuration { get; } = new();

    public List<Resource> Resources { get; } = [];

    public IResourceBuilder<T> Add<T>(T resource)
        where T : Resource
    {
        if (Resources.Any(other => other.Name.Equals(resource.Name, StringComparison.OrdinalIgnoreCase)))
            throw new LocalEngineException($"Ya hay un recurso {resource.Name}.");
        Resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build() => new(Resources, _commandLine);
}
