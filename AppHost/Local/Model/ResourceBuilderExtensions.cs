namespace ProyeccionSocial.Local;

/// <summary>The builder methods of Aspire that AppHost/Program.cs uses, with Aspire's signatures.</summary>
public static class ResourceBuilderExtensions
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        Refuse(userName is not null || password is not null || port is not null, "AddPostgres con usuario, contraseña o puerto propios");
        return Add(builder, new PostgresServerResource(name));
    }

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        builder.Resource.Databases.Add(databaseName ?? name);
        return Add(builder.ApplicationBuilder, new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));
    }

    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        Refuse(userName is not null || password is not null || port is not null, "AddRabbitMQ con usuario, contraseña o puerto propios");
        return Add(builder, new RabbitMQServerResource(name));
    }

    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder)
    {
        builder.Resource.HasManagement = true;
        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints
    {
        Refuse(builder.Resource is not RabbitMQServerResource || name is not ("tcp" or "management"), $"GetEndpoint(\"{name}\") de {builder.Resource.Name}");
        return new EndpointReference((RabbitMQServerResource)(object)builder.Resource, name);
    }

    /// <summary>Nothing here: the version is that of the machine's program.</summary>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag)
        where T : ContainerResource => builder;

    /// <summary>Nothing here: the data are always kept, in the engine's folder.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        Refuse(name is not null || isReadOnly, "WithDataVolume con nombre o de sólo lectura");
        return builder;
    }

    /// <inheritdoc cref="WithDataVolume(IResourceBuilder{PostgresServerResource}, string?, bool)"/>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        Refuse(name is not null || isReadOnly, "WithDataVolume con nombre o de sólo lectura");
        return builder;
    }

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        Refuse(!secret || !persist, "AddParameter de un valor que no sea secreto y persistente");
        return Add(builder, new ParameterResource(name, (GenerateParameterDefault)value));
    }

    /// <summary>Nothing here: it is where <c>aspire publish</c> writes.</summary>
    public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(
        this IDistributedApplicationBuilder builder, string name) =>
        new ResourceBuilder<DockerComposeEnvironmentResource>(builder, new DockerComposeEnvironmentResource(name));

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => Add(builder, new ProjectResource(name, new TProject()));

    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        builder.Resource.Replicas = replicas;
        return builder;
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints
    {
        Refuse(targetPort is not null || name is not (null or "http") || env is not null || isProxied is not null, "WithHttpEndpoint con algo más que el puerto");
        var project = Project(builder);
        Refuse(project.HasEndpoint, "más de un WithHttpEndpoint");
        project.HasEndpoint = true;
        project.Port = port;
        return builder;
    }

    /// <summary>The endpoint gets the name that people open; on this machine only, as Aspire does when it runs.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        Project(builder).IsExternal = true;
        return builder;
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var project = Project(builder);
        Refuse(!project.HasEndpoint || endpointName is not (null or "http"), "WithHttpHealthCheck sin WithHttpEndpoint antes");
        project.HealthPath = path ?? "/";
        project.HealthStatus = statusCode ?? 200;
        return builder;
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        Project(builder).Connections.Add((connectionName ?? source.Resource.Name, (Resource)source.Resource));
        return builder;
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        Project(builder).Services.Add(Project(source));
        return builder;
    }

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment
    {
        Project(builder).Variables.Add((name, _ => value));
        return builder;
    }

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment
    {
        var resource = parameter.Resource;
        Project(builder).Variables.Add((name, folder => folder.Secret(resource)));
        return builder;
    }

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment
    {
        Project(builder).Variables.Add((name, _ => endpointReference.Url));
        return builder;
    }

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
    {
        Project(builder).WaitsFor.Add((Resource)dependency.Resource);
        return builder;
    }

    private static IResourceBuilder<T> Add<T>(IDistributedApplicationBuilder builder, T resource)
        where T : Resource => ((DistributedApplicationBuilder)builder).Add(resource);

    private static ProjectResource Project<T>(IResourceBuilder<T> builder)
        where T : IResource => (ProjectResource)(object)builder.Resource;

    private static void Refuse(bool used, string what)
    {
        if (used)
            throw new LocalEngineException($"El motor local no admite {what}; use Containers=true.");
    }
}
