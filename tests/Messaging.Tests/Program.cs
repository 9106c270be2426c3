using ProyeccionSocial.Messaging.Tests;
using Xunit.Runner.InProc.SystemConsole;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // They stop servers and measure time.

return args is ["ledger", var database, var broker]
    ? await LedgerProcess.RunAsync(database, broker)
    : await ConsoleRunner.Run(args);
