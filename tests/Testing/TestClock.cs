using System.Globalization;

namespace ProyeccionSocial.Testing;

/// <summary>The real time, shifted.</summary>
public sealed class TestClock : TimeProvider
{
    private TimeSpan _shift;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    /// <summary>Makes it noon in El Salvador on this day, until disposed; then it is again what it was before.</summary>
    public IDisposable NoonOf(string day) => At(day + "T12:00:00-06:00");

    /// <summary>Sets it to this instant, until disposed.</summary>
    public IDisposable At(string instant)
    {
        var before = _shift;
        _shift = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture) - System.GetUtcNow();
        return new Reset(this, before);
    }

    private sealed class Reset(TestClock clock, TimeSpan before) : IDisposable
    {
        public void Dispose() => clock._shift = before;
    }
}
