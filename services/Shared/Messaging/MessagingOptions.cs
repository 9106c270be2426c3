namespace ProyeccionSocial.Messaging;

/// <summary>The figures of the relay and the consumers. The defaults are what runs in production.</summary>
public sealed class MessagingOptions
{
    /// <summary>Rows that one relay transaction sends; also the bound on outstanding confirms.</summary>
    public int BatchSize { get; set; } = 1000;

    /// <summary>
    /// How long a transaction that has sent less than <see cref="BatchSize"/> goes on sending what is committed
    /// meanwhile, before it settles: what comes then waits neither for confirms nor for that commit. A relay that
    /// crashes sends again what it had not settled.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the relay sleeps when no commit of its own process wakes it.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a batch waits for the broker's confirms before the broker counts as down.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Refusals by the broker after which a message is dead.</summary>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>Wait after the first refusal; doubles with each, up to <see cref="MaxRetryDelay"/>.</summary>
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Messages that one replica works on at once.</summary>
    public int ConcurrentMessages { get; set; } = 16;

    /// <summary>Waits between the attempts of a consumer that throws; after the last, the error queue.</summary>
    public IReadOnlyList<TimeSpan> ConsumerRetries { get; set; } =
        [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500)];

    /// <summary>How long inbox rows are kept: no message may be redelivered later than this.</summary>
    public TimeSpan KeepInbox { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long internal events, which may carry names, are kept after they were sent.</summary>
    public TimeSpan KeepInternalEvents { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the answer to an Idempotency-Key is kept.</summary>
    public TimeSpan KeepIdempotencyKeys { get; set; } = TimeSpan.FromDays(3);
}
