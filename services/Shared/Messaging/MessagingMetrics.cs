using System.Diagnostics.Metrics;

namespace ProyeccionSocial.Messaging;

/// <summary>The instruments of the outbox and the inbox; the meter's name is <see cref="MeterName"/>.</summary>
public sealed class MessagingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ProyeccionSocial.Messaging";

    private readonly Histogram<double> _publishDuration;
    private readonly Histogram<double> _consumeDuration;
    private readonly Counter<long> _duplicates;
    private volatile OutboxState _state = new(0, 0, 0);

    /// <summary>Creates the instruments.</summary>
    public MessagingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _publishDuration = meter.CreateHistogram<double>("outbox.publish.duration", "s", "Time from sending an event to its confirm.");
        _consumeDuration = meter.CreateHistogram<double>("inbox.consume.duration", "s", "Time from taking a message to its commit.");
        _duplicates = meter.CreateCounter<long>("inbox.duplicates", "{message}", "Messages that had taken effect before.");
        meter.CreateObservableGauge("outbox.depth", () => _state.Depth, "{event}", "Events that wait for the broker.");
        meter.CreateObservableGauge("outbox.age", () => _state.AgeSeconds, "s", "Age of the oldest waiting event.");
        meter.CreateObservableGauge("outbox.dead", () => _state.Dead, "{event}", "Refused events that wait for an operator; alert when above 0.");
    }

    internal void Observe(OutboxState state) => _state = state;

    internal void Published(TimeSpan duration) => _publishDuration.Record(duration.TotalSeconds);

    internal void Consumed(TimeSpan duration, string messageType) =>
        _consumeDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("messaging.message.type", messageType));

    internal void Duplicate() => _duplicates.Add(1);

    internal sealed record OutboxState(long Depth, double AgeSeconds, long Dead);
}
