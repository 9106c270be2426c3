using System.Globalization;
using System.Text;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Calendar;

internal enum ICalendarStatus
{
    Tentative,
    Confirmed,
    Cancelled,
}

/// <summary>An entry of a calendar. Hours are local.</summary>
internal sealed record ICalendarEvent(
    string Uid, int Sequence, DateTimeOffset Stamp, DateTime Starts, DateTime Ends, string Summary, string Location, string Description, Uri Url, string Category, ICalendarStatus Status)
{
    /// <summary>The start that its rule gave the occurrence which this one stands for.</summary>
    public DateTime? RecurrenceId { get; init; }

    public string? Rule { get; init; }

    /// <summary>Starts that the rule gives and that are none.</summary>
    public IReadOnlyList<DateTime> Except { get; init; } = [];

    /// <summary>Starts besides those of the rule.</summary>
    public IReadOnlyList<DateTime> Besides { get; init; } = [];
}

/// <summary>
/// Writes a calendar as RFC 5545 asks. By hand: the library that does it is not on every package feed, and what is
/// written here is small: lines of 75 octets, four escaped characters, and one time zone without daylight saving.
/// </summary>
internal sealed class ICalendar
{
    private const string Zone = "America/El_Salvador";
    private const int LongestLine = 75;

    private readonly StringBuilder _text = new();

    public static byte[] Write(string name, IEnumerable<ICalendarEvent> events)
    {
        var calendar = new ICalendar();
        calendar.Lines(
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Proyeccion Social//Agenda//ES", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", $"NAME:{Text(name)}", $"X-WR-CALNAME:{Text(name)}",
            $"X-WR-TIMEZONE:{Zone}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
            "BEGIN:VTIMEZONE", $"TZID:{Zone}", "BEGIN:STANDARD", "DTSTART:19880925T000000", "TZOFFSETFROM:-0600", "TZOFFSETTO:-0600", "TZNAME:CST", "END:STANDARD", "END:VTIMEZONE");
        foreach (var one in events)
            calendar.Add(one);
        calendar.Lines("END:VCALENDAR");
        return Encoding.UTF8.GetBytes(calendar._text.ToString());
    }

    private void Add(ICalendarEvent e)
    {
        Lines("BEGIN:VEVENT", $"UID:{e.Uid}", $"DTSTAMP:{Utc(e.Stamp)}", $"SEQUENCE:{e.Sequence.ToString(CultureInfo.InvariantCulture)}");
        if (e.RecurrenceId is { } original)
            Lines($"RECURRENCE-ID;TZID={Zone}:{Local(original)}");
        Lines($"DTSTART;TZID={Zone}:{Local(e.Starts)}", $"DTEND;TZID={Zone}:{Local(e.Ends)}");
        if (e.Rule is not null)
            Lines($"RRULE:{e.Rule}");
        if (e.Except.Count > 0)
            Lines($"EXDATE;TZID={Zone}:{string.Join(',', e.Except.Select(Local))}");
        if (e.Besides.Count > 0)
            Lines($"RDATE;TZID={Zone}:{string.Join(',', e.Besides.Select(Local))}");
        Lines($"SUMMARY:{Text(e.Summary)}", $"LOCATION:{Text(e.Location)}", $"DESCRIPTION:{Text(e.Description)}", $"URL:{e.Url.AbsoluteUri}", $"CATEGORIES:{Text(e.Category)}",
            $"STATUS:{e.Status.ToString().ToUpperInvariant()}", "END:VEVENT");
    }

    private void Lines(params ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
            Fold(line);
    }

    // A line is cut between characters, never within the bytes of one; the space that begins the next counts.
    private void Fold(string line)
    {
        var octets = 0;
        Span<char> utf16 = stackalloc char[2];
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > LongestLine)
            {
                _text.Append("\r\n ");
                octets = 1;
            }
            _text.Append(utf16[..rune.EncodeToUtf16(utf16)]);
            octets += rune.Utf8SequenceLength;
        }
        _text.Append("\r\n");
    }

    /// <summary>The end of a rule: the last second of a local day, in UTC as the RFC asks where starts name a zone.</summary>
    public static string Until(DateOnly lastDay) => Utc(new DateTimeOffset(lastDay.ToDateTime(new(23, 59, 59)), LocalTime.Offset));

    private static string Local(DateTime local) => local.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    private static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Text(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("\r\n", "\\n", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\n", StringComparison.Ordinal);
}
