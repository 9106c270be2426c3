using System.CommandLine;
using System.CommandLine.Parsing;
using ProyeccionSocial.Local.Engine;

namespace ProyeccionSocial.Local;

internal enum Verb
{
    Run,
    Help,
    Token,
    Subscriber,
}

/// <summary>What the operator asked for.</summary>
internal sealed record CommandLine
{
    public static string Help => $"""
        Proyección Social: todos los servicios, PostgreSQL y RabbitMQ como procesos de esta máquina.

          dotnet run --project AppHost -- [opciones]

          --demo            carga un municipio ficticio cuando todo está en marcha
          --port N          puerto de la puerta de entrada (8080)
          --replicas N      procesos por servicio (2)
          --data CARPETA    dónde vive el sistema ({SystemFolder.Default})
          --reset           borra antes todo lo que hay en esa carpeta
          --no-install      no instala PostgreSQL ni RabbitMQ si faltan
          --help            esta ayuda

          token --role R [--role R2] [--subject S] [--scope "a b"] [--hours H] [--claim NOMBRE=VALOR]
                            imprime un token de acceso (8 horas); --claim dui=… para quien reside,
                            --claim committee=… para un comité contralor
          subscriber --name N [--pattern P]
                            da de alta a quien recibe los eventos públicos e imprime sus credenciales

        Ctrl-C detiene todo en orden. Una segunda vez, sin esperar.
        """;

    public Verb Verb { get; private init; } = Verb.Run;

    /// <summary>What is wrong with the command line, in one line.</summary>
    public string? Error { get; private init; }

    /// <summary>What the topology reads from its configuration.</summary>
    public Dictionary<string, string?> Settings { get; private init; } = [];

    public bool Demo { get; private init; }

    public bool Reset { get; private init; }

    public bool Install { get; private init; } = true;

    public string? Data { get; private init; }

    public IReadOnlyList<string> Roles { get; private init; } = [];

    public string? Subject { get; private init; }

    public string? Scope { get; private init; }

    /// <summary>What else the token says of its bearer.</summary>
    public IReadOnlyList<(string Name, string Value)> Claims { get; private init; } = [];

    public double Hours { get; private init; } = 8;

    public string SubscriberName { get; private init; } = "";

    public string Pattern { get; private init; } = "#";

    public static CommandLine Parse(string[] arguments)
    {
        var help = new Option<bool>("--help", "-h", "-?") { Recursive = true };
        var data = new Option<string?>("--data") { Recursive = true };
        var demo = new Option<bool>("--demo");
        var reset = new Option<bool>("--reset");
        var noInstall = new Option<bool>("--no-install");
        var port = new Option<int?>("--port");
        var replicas = new Option<int?>("--replicas");
        var root = new Command("AppHost") { help, data, demo, reset, noInstall, port, replicas };

        var roles = new Option<string[]>("--role") { Required = true };
        var subject = new Option<string?>("--subject");
        var scope = new Option<string?>("--scope");
        var hours = new Option<double?>("--hours");
        var claims = new Option<string[]>("--claim");
        var token = new Command("token") { roles, subject, scope, hours, claims };
        var name = new Option<string>("--name") { Required = true };
        var pattern = new Option<string?>("--pattern");
        var subscriber = new Command("subscriber") { name, pattern };
        root.Add(token);
        root.Add(subscriber);

        // Never invoked: a command without an action would not parse alone.
        root.SetAction(_ => 0);

        // No response files: an argument that begins with @ is an argument.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.All(error => error.SymbolResult is not OptionResult) && parsed.GetValue(help))
            return new CommandLine { Verb = Verb.Help };
        if (Wrong(parsed) is { } error)
            return new CommandLine { Error = error };
        if (parsed.GetValue(port) is < 1 or > 65535)
            return new CommandLine { Error = "--port va de 1 a 65535." };
        if (parsed.GetValue(replicas) is < 1 or > 50)
            return new CommandLine { Error = "--replicas va de 1 a 50." };
        if ((parsed.GetValue(claims) ?? []).Any(c => c.IndexOf('=', StringComparison.Ordinal) < 1))
            return new CommandLine { Error = "--claim se escribe NOMBRE=VALOR." };
        if (parsed.GetValue(hours) is <= 0)
            return new CommandLine { Error = "--hours debe ser mayor que 0." };

        var common = new CommandLine { Data = parsed.GetValue(data) };
        var command = parsed.CommandResult.Command;
        if (command == token)
        {
            return common with
            {
                Verb = Verb.Token,
                Roles = parsed.GetValue(roles)!,
                Subject = parsed.GetValue(subject),
                Scope = parsed.GetValue(scope),
                Claims = [.. (parsed.GetValue(claims) ?? []).Select(c => (c[..c.IndexOf('=', StringComparison.Ordinal)], c[(c.IndexOf('=', StringComparison.Ordinal) + 1)..]))],
                Hours = parsed.GetValue(hours) ?? 8,
            };
        }
        if (command == subscriber)
            return common with { Verb = Verb.Subscriber, SubscriberName = parsed.GetValue(name)!, Pattern = parsed.GetValue(pattern) ?? "#" };

        var settings = new Dictionary<string, string?>();
        if (parsed.GetValue(port) is { } chosenPort)
            settings["port"] = $"{chosenPort}";
        if (parsed.GetValue(replicas) is { } chosenReplicas)
            settings["replicas"] = $"{chosenReplicas}";
        return common with
        {
            Settings = settings,
            Demo = parsed.GetValue(demo),
            Reset = parsed.GetValue(reset),
            Install = !parsed.GetValue(noInstall),
        };
    }

    /// <summary>The parser's first complaint, in the operator's language.</summary>
    private static string? Wrong(ParseResult parsed)
    {
        const string SeeHelp = " Vea --help.";
        if (parsed.UnmatchedTokens.Count > 0)
            return $"No se conoce «{parsed.UnmatchedTokens[0]}».{SeeHelp}";
        if (parsed.Errors.Count == 0)
            return null;
        return parsed.Errors[0] switch
        {
            { SymbolResult: OptionResult { Tokens.Count: > 0 } option } => $"«{option.Tokens[0].Value}» no sirve para {option.Option.Name}.{SeeHelp}",
            { SymbolResult: OptionResult { Implicit: false } option } => $"A {option.Option.Name} le falta su valor.{SeeHelp}",
            { SymbolResult: OptionResult option } => $"Falta {option.Option.Name}.{SeeHelp}",
            { SymbolResult: CommandResult command } => $"A «{command.Command.Name}» le falta {command.Command.Options.First(option => option.Required).Name}.{SeeHelp}",
            { Message: var message } => message,
        };
    }
}
