namespace ProyeccionSocial.EventsAndMeetings.Calendar;

internal sealed class Holiday
{
    public DateOnly Date { get; init; }
    public required string Name { get; init; }
    public required string Scope { get; init; }
}
