using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>
/// A latch that a commit sets and the relay waits for: setting it twice wakes the relay once, setting it while the
/// relay works wakes it again afterwards.
/// </summary>
internal sealed class RelaySignal : IDisposable
{
    private readonly SemaphoreSlim _latch = new(0, 1);
    private int _set;

    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
            _latch.Release();
    }

    /// <summary>Waits until set or until <paramref name="timeout"/> has passed, and resets it.</summary>
    public async Task WaitAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        if (await _latch.WaitAsync(timeout, cancellation))
            Volatile.Write(ref _set, 0);
    }

    public void Dispose() => _latch.Dispose();
}

/// <summary>Fires the signal after the commit, never before: an earlier one would let the relay look too soon.</summary>
internal sealed class SignalOnCommit(RelaySignal signal) : DbTransactionInterceptor
{
    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is MessagingDbContext { HasWrittenEvents: true } context)
        {
            context.HasWrittenEvents = false;
            signal.Set();
        }
        return Task.CompletedTask;
    }
}
