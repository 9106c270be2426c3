using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Series;

namespace ProyeccionSocial.EventsAndMeetings.Calendar;

/// <summary>What public pages and calendars still say of something of which a word was taken back: nothing of that word, and nothing at all where no word stands.</summary>
internal static class Told
{
    public static bool IsGone(ILookup<Guid, string> takenBack, MeetingSeries series) => takenBack[series.Id].Contains("agenda.series.scheduled.v1");

    public static bool IsGone(ILookup<Guid, string> takenBack, Meeting meeting) => AreGone(takenBack[meeting.Id], "agenda.meeting.planned.v1", meeting.State switch
    {
        MeetingState.Convened => "agenda.meeting.convened.v1",
        MeetingState.Held => "agenda.meeting.held.v1",
        MeetingState.NoQuorum => "agenda.meeting.without-quorum.v1",
        MeetingState.Cancelled => "agenda.meeting.cancelled.v1",
        MeetingState.Rescheduled => "agenda.meeting.rescheduled.v1",
        _ => "agenda.meeting.planned.v1",
    });

    public static bool IsGone(ILookup<Guid, string> takenBack, CommunityEvent e) => AreGone(takenBack[e.Id], "agenda.event.announced.v1", e.State switch
    {
        CommunityEventState.Held => "agenda.event.held.v1",
        CommunityEventState.Cancelled => "agenda.event.cancelled.v1",
        _ => "agenda.event.announced.v1",
    });

    public static bool IsGone(ILookup<Guid, string> takenBack, DeliveryDay day) => AreGone(takenBack[day.Id], "distribution.delivery-day.scheduled.v1", $"distribution.delivery-day.{day.State}.v1");

    public static string Promotion(ILookup<Guid, string> takenBack, CommunityEvent e) => takenBack[e.Id].Contains("agenda.event.announced.v1") ? "" : e.Promotion;

    public static string Results(ILookup<Guid, string> takenBack, CommunityEvent e) => takenBack[e.Id].Contains("agenda.event.held.v1") ? "" : e.Results ?? "";

    /// <summary>As <c>TakenBackAsync</c> does for what this service tells: the days are told by the distribution, whose public events are kept for the newspaper.</summary>
    public static async Task<ILookup<Guid, string>> TakenBackDaysAsync(this AgendaDb db, IReadOnlyCollection<Guid> days, CancellationToken cancellation)
    {
        var of = days.ToArray();
        return (await db.Database.SqlQuery<TakenBackDay>(
            $"""
            SELECT DISTINCT p.subject AS "Day", p.type AS "Type" FROM public_news p WHERE p.subject = ANY ({of}) AND p.type LIKE 'distribution.delivery-day.%' AND p.taken_back
                AND NOT EXISTS (SELECT 1 FROM public_news n WHERE n.id > p.id AND n.subject = p.subject AND n.type = p.type AND n.type LIKE 'distribution.delivery-day.%' AND NOT n.taken_back)
            """).ToListAsync(cancellation)).ToLookup(t => t.Day, t => t.Type);
    }

    private sealed record TakenBackDay(Guid Day, string Type);

    private static bool AreGone(IEnumerable<string> takenBack, string first, string newest) => takenBack.Contains(first) && takenBack.Contains(newest);
}
