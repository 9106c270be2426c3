namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>A bar of a chart; without a value it has no bar and only says so.</summary>
public sealed record Bar(string Name, decimal? Value, string Label);
