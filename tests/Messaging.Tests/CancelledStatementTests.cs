using Npgsql;

namespace ProyeccionSocial.Messaging.Tests;

/// <summary>A request that is cut cancels its statement; the next one over the same connection must not pay for it.</summary>
public sealed class CancelledStatementTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_statement_that_was_cancelled_while_it_was_planned_gives_its_rows_the_next_time(bool isPrepared)
    {
        await using var ledger = await LedgerService.StartAsync(await LedgerService.NewHomeAsync());
        var cancellation = TestContext.Current.CancellationToken;
        await using var connection = await ledger.Database.OpenConnectionAsync(cancellation);
        // Planned with its value known, it sleeps while it is planned: between the parse and the bind.
        await ExecuteAsync("CREATE FUNCTION asleep(seconds float8) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(seconds); RETURN 1; END'");
        for (var use = 1; use <= 8; use++)
        {
            // Also where the driver would prepare by itself what comes often.
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            cut.CancelAfter(100);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync(10, cut.Token));
            await connection.CloseAsync();
            await connection.OpenAsync(cancellation);
            Assert.Equal(1, await AskAsync(0, cancellation));
        }

        async Task<object?> AskAsync(double seconds, CancellationToken until)
        {
            await using var command = new NpgsqlCommand("SELECT asleep($1)", connection) { Parameters = { new() { Value = seconds } } };
            if (isPrepared)
                await command.PrepareAsync(until);
            return await command.ExecuteScalarAsync(until);
        }

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
