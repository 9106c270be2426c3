using ProyeccionSocial.Local.Engine;
using ProyeccionSocial.Local.Servers;

namespace ProyeccionSocial.Local;

/// <summary>Runs the topology, or does what else the command line asks. Sets <see cref="Environment.ExitCode"/>.</summary>
public sealed class DistributedApplication
{
    private readonly IReadOnlyList<Resource> _resources;
    private readonly CommandLine _commandLine;

    internal DistributedApplication(IReadOnlyList<Resource> resources, CommandLine commandLine)
    {
        _resources = resources;
        _commandLine = commandLine;
    }

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public void Run() => RunAsync().GetAwaiter().GetResult();

    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            Environment.ExitCode = await DoAsync(cancellationToken);
        }
        catch (LocalEngineException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            Environment.ExitCode = 1;
        }
    }

    private async Task<int> DoAsync(CancellationToken cancellation)
    {
        if (_commandLine.Error is { } error)
        {
            await Console.Error.WriteLineAsync(error);
            return 2;
        }
        switch (_commandLine.Verb)
        {
            case Verb.Help:
                Console.WriteLine(CommandLine.Help);
                return 0;
            case Verb.Token:
                Console.WriteLine(await TokenAsync());
                return 0;
            case Verb.Subscriber:
                await AddSubscriberAsync(cancellation);
                return 0;
            default:
                return await new LocalEngine(_resources, _commandLine).RunAsync(cancellation);
        }
    }

    private async Task<string> TokenAsync()
    {
        var key = _resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == Token.SigningKey)
            ?? throw new LocalEngineException("Este sistema usa un emisor de tokens externo (Authentication:Authority): pida el token allí.");
        using var folder = await FolderAsync();
        return Token.Create(
            folder.Secret(key), _commandLine.Roles, _commandLine.Subject ?? $"local-{_commandLine.Roles[0]}", _commandLine.Scope, TimeSpan.FromHours(_commandLine.Hours), _commandLine.Claims);
    }

    private async Task AddSubscriberAsync(CancellationToken cancellation)
    {
        if (_commandLine.SubscriberName == "portal")
            throw new LocalEngineException("«portal» es el portal de transparencia de este sistema, y una contraseña nueva lo dejaría sin cola. Use otro nombre.");
        var rabbit = _resources.OfType<RabbitMQServerResource>().Single();
        using var folder = SystemFolder.Peek(DataPath());
        var subscriber = await RabbitServer.AddSubscriberToAsync(folder.In(rabbit.Name), _commandLine.SubscriberName, _commandLine.Pattern, cancellation);
        Console.WriteLine(subscriber.AmqpUri);
        Console.WriteLine($"exchange {subscriber.Exchange}");
        Console.WriteLine($"queue {subscriber.Queue}");
    }

    /// <summary>The folder as it is; where no system has run yet, made, so that a token comes before the first start too.</summary>
    private async Task<SystemFolder> FolderAsync() =>
        SystemFolder.Exists(DataPath()) ? SystemFolder.Peek(DataPath()) : await SystemFolder.OpenAsync(DataPath(), reset: false);

    private string DataPath() => Path.GetFullPath(_commandLine.Data ?? SystemFolder.Default);
}
