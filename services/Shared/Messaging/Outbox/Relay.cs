using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using ProyeccionSocial.Messaging.Feed;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>
/// Carries committed events from the outbox to the broker, in order of id, and numbers them in
/// <c>published_event</c>. Every replica runs one; an advisory lock, held by the transaction of each batch, lets one
/// of them work at a time, and a dead one loses it with its connection.
/// </summary>
internal sealed partial class Relay(
    ServiceIdentity service,
    NpgsqlDataSource database,
    BrokerPublisher broker,
    IBusControl bus,
    RelaySignal signal,
    MessagingMetrics metrics,
    IOptions<MessagingOptions> options,
    ILogger<Relay> logger) : BackgroundService
{
    private const long Lock = 0x50_53_52_45_4C_41_59; // "PSRELAY"

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestBehindOther = TimeSpan.FromMilliseconds(64);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    private static readonly ActivitySource Activities = new(MessagingMetrics.MeterName);

    private readonly MessagingOptions _options = options.Value;
    private bool _queueIsBound;

    private enum BatchResult
    {
        /// <summary>The outbox is empty, but for rows whose time has not come.</summary>
        Drained,

        /// <summary>There may be more.</summary>
        More,

        /// <summary>Another replica is at work, and may have looked before our row was there.</summary>
        OtherReplica,

        /// <summary>The broker does not answer.</summary>
        BrokerDown,
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            BatchResult result;
            try
            {
                result = await RelayBatchAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The database is down or restarts; the rows are safe in it.
                LogFailure(failure);
                result = BatchResult.BrokerDown;
            }

            switch (result)
            {
                case BatchResult.More:
                    pause = ShortestPause;
                    break;
                case BatchResult.Drained:
                    pause = ShortestPause;
                    await WaitAsync(_options.PollInterval);
                    break;
                case BatchResult.OtherReplica:
                    // It finds our commits too; asking at each of them would only cost round trips.
                    await PauseAsync(pause = Doubled(pause, LongestBehindOther));
                    break;
                case BatchResult.BrokerDown:
                    await PauseAsync(pause = Doubled(pause, LongestPause));
                    break;
            }
        }

        static TimeSpan Doubled(TimeSpan pause, TimeSpan longest) => pause * 2 < longest ? pause * 2 : longest;

        async Task WaitAsync(TimeSpan timeout)
        {
            try
            {
                await signal.WaitAsync(timeout, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // Stopping: the loop ends.
            }
        }

        async Task PauseAsync(TimeSpan time)
        {
            using var timer = new PeriodicTimer(time);
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // Stopping: the loop ends.
            }
        }
    }

    private async Task<BatchResult> RelayBatchAsync(CancellationToken cancellation)
    {
        try
        {
            await broker.OpenAsync(cancellation);
        }
        catch (Exception unreachable) when (!cancellation.IsCancellationRequested)
        {
            LogBrokerDown(unreachable.Message);
            await broker.CloseAsync();
            return BatchResult.BrokerDown;
        }

        // Until the bus has bound this service's own queue for the first time, what is sent would reach nobody.
        _queueIsBound = _queueIsBound || bus.CheckHealth().Status == BusHealthStatus.Healthy;
        if (!_queueIsBound)
            return BatchResult.BrokerDown;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await BeginAsync(connection, cancellation))
            return BatchResult.OtherReplica;
        var batch = new List<Row>();
        var sent = new List<Task<Answer>>();
        await SendAsync(connection, batch, sent, cancellation);
        if (batch.Count == 0)
        {
            await RollBackAsync(connection);
            return BatchResult.Drained;
        }
        var answers = await ConfirmAsync(batch, sent, cancellation);

        // From here on the answers are known: a stop must not make them be asked for again.
        await SettleAsync(connection, batch, answers);

        if (!broker.IsConnected)
            return BatchResult.BrokerDown;
        return batch.Count == _options.BatchSize || answers.Any(a => a.Outcome is PublishOutcome.Unanswered or PublishOutcome.HeldBack)
            ? BatchResult.More
            : BatchResult.Drained;
    }

    /// <summary>Begins a transaction that has the lock; false when another replica has it.</summary>
    private static async Task<bool> BeginAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var begin = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL READ COMMITTED"),
                new NpgsqlBatchCommand("SELECT pg_try_advisory_xact_lock($1)") { Parameters = { new() { Value = Lock } } },
            },
        };
        var locked = (bool)(await begin.ExecuteScalarAsync(cancellation))!;
        if (!locked)
            await RollBackAsync(connection);
        return locked;
    }

    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
        await rollback.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>
    /// Sends what the outbox has, and for <see cref="MessagingOptions.Linger"/> what is committed to it meanwhile. All
    /// of it goes over one channel in order, so the broker receives it in order; the confirms come later.
    /// </summary>
    private async Task SendAsync(NpgsqlConnection connection, List<Row> batch, List<Task<Answer>> sent, CancellationToken cancellation)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            var rows = await TakeAsync(connection, batch);
            foreach (var type in rows.Select(r => r.Type).Distinct())
                await broker.DeclareAsync(type, cancellation);
            batch.AddRange(rows);
            sent.AddRange(rows.Select(SendRowAsync));

            if (batch.Count == 0 || batch.Count == _options.BatchSize || !broker.IsReady || Stopwatch.GetElapsedTime(started) >= _options.Linger)
                return;
            try
            {
                // The signal tells of this process's commits; those of other replicas are found by looking.
                await signal.WaitAsync(LookAgain, cancellation);
            }
            catch (OperationCanceledException)
            {
                return; // Stopping, but what was sent is settled.
            }
        }
    }

    /// <summary>The next rows, but for those that are already on their way.</summary>
    private async Task<List<Row>> TakeAsync(NpgsqlConnection connection, List<Row> sent)
    {
        await using var take = new NpgsqlCommand(
            """
            SELECT id, message_id, type, public_type, subject, body, traceparent, created_at
            FROM outbox o
            WHERE (attempts = 0 OR next_attempt_at <= now())
              AND id <> ALL($2)
              AND NOT EXISTS (SELECT 1 FROM outbox f
                              WHERE f.attempts > 0 AND f.subject = o.subject AND f.id < o.id AND f.next_attempt_at > now())
            ORDER BY id
            LIMIT $1
            """, connection)
        {
            Parameters =
            {
                new() { Value = _options.BatchSize - sent.Count },
                new() { Value = sent.Select(r => r.Id).ToArray() },
            },
        };
        await take.PrepareAsync(CancellationToken.None);
        await using var reader = await take.ExecuteReaderAsync(CancellationToken.None);
        var rows = new List<Row>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            rows.Add(new Row(
                reader.GetInt64(0),
                reader.GetGuid(1),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetGuid(4),
                reader.GetFieldValue<byte[]>(5),
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7)));
        }
        return rows;
    }

    private async Task<Answer[]> ConfirmAsync(List<Row> batch, List<Task<Answer>> sent, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(sent).WaitAsync(_options.ConfirmTimeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogConfirmTimeout(_options.ConfirmTimeout);
            await broker.CloseAsync(); // Ends the outstanding publishes as unanswered.
        }
        // A publish whose connection died may never end: what has no answer by now is unanswered.
        var answers = sent.Select(s => s.IsCompletedSuccessfully ? s.Result : new(PublishOutcome.Unanswered)).ToArray();
        HoldBackFollowers(batch, answers);

        if (broker.ChannelWasClosedByBroker)
            await FindCulpritAsync(batch, answers, cancellation);
        return answers;
    }

    /// <summary>
    /// The broker closes a channel because of one message and discards what came after it. Sent one at a time, the
    /// first that closes its channel again is the one to blame; the rest go with the next batch.
    /// </summary>
    private async Task FindCulpritAsync(
        List<Row> batch, Answer[] answers, CancellationToken cancellation)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (answers[i].Outcome != PublishOutcome.Unanswered)
                continue;
            await broker.OpenAsync(cancellation);
            answers[i] = await SendRowAsync(batch[i]).WaitAsync(_options.ConfirmTimeout, CancellationToken.None);
            if (answers[i].Outcome != PublishOutcome.Confirmed)
            {
                if (broker.ChannelWasClosedByBroker)
                    answers[i] = answers[i] with { Outcome = PublishOutcome.Refused };
                break;
            }
        }
    }

    /// <summary>
    /// Whatever follows an unconfirmed message of its subject is sent again after it, so that it does not overtake:
    /// neither behind a refusal, nor when a connection is lost between the confirms of the two.
    /// </summary>
    private static void HoldBackFollowers(List<Row> batch, Answer[] answers)
    {
        HashSet<Guid>? held = null;
        for (var i = 0; i < batch.Count; i++)
        {
            if (held?.Contains(batch[i].Subject) == true && answers[i].Outcome == PublishOutcome.Confirmed)
                answers[i] = new(PublishOutcome.HeldBack);
            else if (answers[i].Outcome != PublishOutcome.Confirmed)
                (held ??= []).Add(batch[i].Subject);
        }
    }

    private async Task<Answer> SendRowAsync(Row row)
    {
        // A span in the trace of the request that caused the event, when somebody listens.
        using var span = ActivityContext.TryParse(row.Traceparent, null, out var cause)
            ? Activities.StartActivity($"publish {row.Type}", ActivityKind.Producer, cause)
            : null;
        // The consumers' bus reads the type from its header, and continues the trace from its other one.
        var headers = new Dictionary<string, object?>(3) { ["MT-MessageType"] = "urn:message:" + row.Type };
        if (row.Traceparent is not null)
            headers["traceparent"] = headers["MT-Activity-Id"] = row.Traceparent;
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = row.MessageId.ToString(),
            CorrelationId = row.Subject.ToString(),
            Timestamp = new AmqpTimestamp(row.CreatedAt.ToUnixTimeSeconds()),
            Headers = headers,
        };
        var started = Stopwatch.GetTimestamp();
        var internally = broker.PublishAsync(new Publication(row.Type, "", properties, row.Body));
        if (row.PublicType is null)
            return Measured(await internally);

        var cloudEvent = CloudEvent.Write(
            service.Name, row.MessageId, row.PublicType, row.Subject, row.CreatedAt, row.Traceparent, row.Body);
        var publicly = broker.PublishAsync(new Publication(
            Subscribers.PublicExchange, row.PublicType,
            new BasicProperties
            {
                ContentType = CloudEvent.ContentType,
                DeliveryMode = DeliveryModes.Persistent,
                MessageId = row.MessageId.ToString(),
                Type = row.PublicType,
            },
            cloudEvent));
        var (first, second) = (await internally, await publicly);
        return Measured(first.Outcome == PublishOutcome.Confirmed ? second : first);

        Answer Measured(Answer answer)
        {
            if (answer.Outcome == PublishOutcome.Confirmed)
                metrics.Published(Stopwatch.GetElapsedTime(started));
            return answer;
        }
    }

    private async Task SettleAsync(
        NpgsqlConnection connection, List<Row> batch, Answer[] answers)
    {
        await using var settle = new NpgsqlBatch(connection);
        var confirmed = batch.Where((_, i) => answers[i].Outcome == PublishOutcome.Confirmed).Select(r => r.Id).ToArray();
        if (confirmed.Length > 0)
        {
            settle.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                WITH sent AS (DELETE FROM outbox WHERE id = ANY($1) RETURNING *)
                INSERT INTO published_event (message_id, type, public_type, subject, version, body, traceparent, created_at)
                SELECT message_id, type, public_type, subject, version, body, traceparent, created_at FROM sent ORDER BY id
                """)
            { Parameters = { new() { Value = confirmed } } });
        }
        for (var i = 0; i < batch.Count; i++)
        {
            if (answers[i].Outcome != PublishOutcome.Refused)
                continue;
            LogRefused(batch[i].MessageId, batch[i].Type, answers[i].Error);
            settle.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                UPDATE outbox SET attempts = attempts + 1, last_error = $2,
                    next_attempt_at = now() + least($3 * 2 ^ least(attempts, 30), $4) * interval '1 second'
                WHERE id = $1
                """)
            {
                Parameters =
                {
                    new() { Value = batch[i].Id },
                    new() { Value = answers[i].Error ?? "refused" },
                    new() { Value = _options.FirstRetryDelay.TotalSeconds },
                    new() { Value = _options.MaxRetryDelay.TotalSeconds },
                },
            });
            settle.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                WITH dead AS (DELETE FROM outbox WHERE id = $1 AND attempts >= $2 RETURNING *)
                INSERT INTO outbox_dead (id, message_id, type, public_type, subject, version, body, traceparent, created_at, attempts, last_error)
                SELECT id, message_id, type, public_type, subject, version, body, traceparent, created_at, attempts, last_error FROM dead
                """)
            { Parameters = { new() { Value = batch[i].Id }, new() { Value = _options.MaxAttempts } } });
        }
        settle.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await settle.PrepareAsync(CancellationToken.None);
        await settle.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private sealed record Row(
        long Id, Guid MessageId, string Type, string? PublicType, Guid Subject, byte[] Body, string? Traceparent, DateTimeOffset CreatedAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay could not work and tries again")]
    private partial void LogFailure(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker does not answer: {Reason}")]
    private partial void LogBrokerDown(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker did not confirm within {Timeout}")]
    private partial void LogConfirmTimeout(TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Error, Message = "The broker refused event {MessageId} of {Type}: {Reason}")]
    private partial void LogRefused(Guid messageId, string type, string? reason);
}
