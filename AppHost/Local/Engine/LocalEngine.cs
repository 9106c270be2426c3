using System.Net;
using ProyeccionSocial.Local.Servers;
using Spectre.Console;

namespace ProyeccionSocial.Local.Engine;

/// <summary>Runs a topology as processes of this machine until it is told to stop.</summary>
internal sealed class LocalEngine(IReadOnlyList<Resource> resources, CommandLine commandLine)
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;

    /// <returns>The exit code: 0 after an orderly stop, 1 when something could not be started.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var signals = new StopSignals(cancellation);
        var view = View.Create(_console);
        try
        {
            using var folder = await SystemFolder.OpenAsync(Path.GetFullPath(commandLine.Data ?? SystemFolder.Default), commandLine.Reset);
            CheckPorts();
            // Before the table: what it says scrolls.
            await ServerPrograms.EnsureAsync(commandLine.Install, new PlainView().Say, signals.Stop);
            await RunAsync(folder, view, signals);
            return 0;
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is LocalEngineException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private async Task RunAsync(SystemFolder folder, View view, StopSignals signals)
    {
        var units = new List<Unit>();
        try
        {
            units.AddRange(resources.SelectMany(resource => UnitsOf(resource, folder, units)));
            var supervisors = Supervise(units, view);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
            var runs = supervisors.ConvertAll(supervisor => supervisor.RunAsync(stop.Token, signals.Hurry));
            var ended = Task.WhenAll(runs);
            var ready = Task.WhenAll(supervisors.Select(supervisor => supervisor.Healthy));

            // One that cannot be started takes the others down.
            foreach (var run in runs)
                _ = run.ContinueWith(_ => stop.CancelAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

            await ShowUntilAsync(Task.WhenAny(ready, ended), view, supervisors, keep: false);
            if (ready.IsCompletedSuccessfully)
            {
                var gateway = units.Find(unit => unit.Resource is ProjectResource { IsExternal: true })!.Address;
                await Console.Out.WriteLineAsync($"ready {gateway}");
                await Console.Out.FlushAsync(CancellationToken.None);
                if (commandLine.Demo)
                    await RunDemoAsync(folder, new Uri(gateway), stop.Token);
            }
            await ShowUntilAsync(ended, view, supervisors, keep: true);
            await ended;
        }
        finally
        {
            foreach (var unit in units)
                await unit.DisposeAsync();
        }
    }

    private static async Task ShowUntilAsync(Task task, View view, IReadOnlyList<Supervisor> supervisors, bool keep)
    {
        using var shown = new CancellationTokenSource();
        var showing = view.ShowAsync(supervisors, keep, shown.Token);
        await Task.WhenAny(task);
        await shown.CancelAsync();
        await showing;
    }

    private static IEnumerable<Unit> UnitsOf(Resource resource, SystemFolder folder, IReadOnlyList<Unit> all) => resource switch
    {
        PostgresServerResource postgres => [new PostgresUnit(postgres, folder)],
        RabbitMQServerResource rabbit => [new RabbitUnit(rabbit, folder)],
        ProjectResource { Replicas: 1 } project => [new ProjectUnit(project.Name, project, folder, all)],
        ProjectResource project => Enumerable.Range(1, project.Replicas)
            .Select(number => new ProjectUnit($"{project.Name}-{number}", project, folder, all)),
        _ => [],
    };

    private static List<Supervisor> Supervise(List<Unit> units, View view)
    {
        var supervisors = units.ConvertAll(unit => new Supervisor(unit, view.Changed));
        foreach (var supervisor in supervisors)
        {
            if (supervisor.Unit.Resource is not ProjectResource project)
                continue;
            foreach (var awaited in project.WaitsFor)
                Of(awaited).ForEach(supervisor.WaitFor);
            foreach (var used in project.Connections.Select(connection => connection.Source).Concat(project.Services))
                Of(used).ForEach(supervisor.Use);
        }
        return supervisors;

        List<Supervisor> Of(Resource resource) =>
            supervisors.FindAll(other => other.Unit.Resource == (resource is PostgresDatabaseResource database ? database.Parent : resource));
    }

    private async Task RunDemoAsync(SystemFolder folder, Uri gateway, CancellationToken stop)
    {
        var key = resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == Token.SigningKey);
        if (key is null)
            throw new LocalEngineException("--demo no se puede con un emisor de tokens externo (Authentication:Authority).");
        var token = Token.Create(
            folder.Secret(key),
            ["integration", "promoter", "secretary", "unit-head", "council"],
            "demo",
            "organizations.write organizations.read agenda.write agenda.read budget.write budget.read distribution.write distribution.read",
            TimeSpan.FromHours(1));
        try
        {
            var sameData = commandLine.Data is { } data ? $" --data {data}" : "";
            await Demo.Demo.RunAsync(gateway, token, $"dotnet run --project AppHost -- token --role unit-head{sameData}", _console, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The operator stops; the orderly stop comes next.
        }
        catch (Exception e) when (e is HttpRequestException or LocalEngineException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"La demostración no terminó: {e.Message}"); // The system goes on.
        }
    }

    /// <summary>A fixed port that is taken is said before anything is started.</summary>
    private void CheckPorts()
    {
        foreach (var project in resources.OfType<ProjectResource>().Where(project => project.Port is not null))
        {
            if (project.Replicas > 1)
                throw new LocalEngineException($"{project.Name}: un puerto fijo no admite réplicas.");
            if (!PortLease.IsFree(project.Port!.Value) || !PortLease.IsFree(project.Port.Value, IPAddress.IPv6Loopback))
                throw new LocalEngineException($"El puerto {project.Port} está ocupado por otro programa. Elija otro con --port.");
        }
    }
}
