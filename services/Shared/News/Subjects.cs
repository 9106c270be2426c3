using System.Globalization;

namespace ProyeccionSocial.News;

/// <summary>What an event says of its subject: what it is, how it is called, where, and to what it belongs.</summary>
/// <param name="Kind">As <c>project</c>; <c>other</c> for what is newer than this code.</param>
/// <param name="Title">How it is called.</param>
/// <param name="Place">Its place with those that contain it; empty where there is none.</param>
/// <param name="Parent">To what it belongs.</param>
public sealed record SubjectNews(string Kind, string Title, string Place, Guid? Parent)
{
    /// <summary>What <paramref name="told"/> says.</summary>
    public static SubjectNews Of(PublicEvent told)
    {
        var data = told.Data;
        var kind = string.Join('.', told.Type.Split('.')[..2]);
        var news = kind switch
        {
            "organizations.association" => new("association", data.Text("name"), data.Path, null),
            "organizations.committee" => new("committee", data.Text("name"), data.Path, Id(data, "projectId")),
            "agenda.meeting" => new("meeting", $"{data.Text("title")}, {data.Text("bodyName")}", data.Path, Id(data, "bodyId")),
            "agenda.plan" => new("plan", $"Plan operativo {data.Amount("year"):0}: {data.Text("unit")}", "", null),
            "agenda.event" => new("event", data.Text("title"), data.Path, null),
            "agenda.series" => new("series", data.Text("title"), data.Path, Id(data, "bodyId")),
            // It hangs at several places, and belongs to none.
            "agenda.wall-newspaper" => new("edition", $"Periódico mural {data.Text("edition")}", "", null),
            "agenda.information-request" => new("question", data.Has("question") ? Short(data.Text("question")) : $"Solicitud de información {data.Text("number")}", "", null),
            "organizations.place" => new("place", data.Part("place").Text("name"), data.Path, null),
            "budget.cycle" => new("cycle", data.Text("title"), "", null),
            "budget.proposal" => new("proposal", data.Text("name"), data.Path, Id(data, "cycleId")),
            "budget.project" => new("project", data.Text("name"), data.Path, Id(data, "cycleId")),
            "distribution.campaign" => new("campaign", data.Text("campaign"), "", null),
            "distribution.delivery-day" => new("delivery-day", $"{data.Text("campaign")}: entrega en {data.Text("centre")}", data.Path, Id(data, "campaignId")),
            // A kind that is newer than the portal: kept, sealed and shown by its type.
            _ => new SubjectNews("other", kind, data.Path, null),
        };
        return told.Leaf is null ? news : news with { Title = "Publicación retirada", Place = "", Parent = null };
    }

    /// <summary>
    /// Which part of its subject an event is the newest word on, where a subject has several of one type: of a result its zone, of
    /// a finding its number.
    /// </summary>
    public static string PartOf(PublicEvent told) => told.Type switch
    {
        "budget.cycle.result-declared.v1" => told.Data.Number("zone"),
        "agenda.plan.activity-progressed.v1" or "agenda.plan.activity-recounted.v1" => told.Data.Number("activityNumber"),
        "agenda.plan.quarter-reported.v1" => told.Data.Number("quarter"),
        "budget.project.milestone-reached.v1" or "budget.project.visited.v1" or "budget.project.finding-changed.v1"
            or "agenda.meeting.minutes-closed.v1" or "agenda.meeting.minutes-published.v1" or "agenda.meeting.agreement-followed.v1" or "agenda.plan.modified.v1" => told.Data.Number("number"),
        "budget.project.changed.v1" or "budget.proposal.changed.v1" => told.Data.Text("state"),
        "distribution.campaign.centre-closed.v1" => told.Data.Text("centre"),
        "agenda.wall-newspaper.posted.v1" or "agenda.wall-newspaper.taken-down.v1" => told.Data.Text("postingId"),
        "agenda.series.occurrence-decided.v1" => told.Data.Text("originalDate"),
        "organizations.association.annual-filing-received.v1" => told.Data.Number("year"),
        _ => "",
    };

    private static string Short(string text) => text.Length <= 120 ? text : text[..119] + "…";

    private static Guid? Id(EventData data, string name) => Guid.TryParse(data.Text(name), out var id) ? id : null;
}

/// <summary>When something is, in local time, and whether it was called off.</summary>
/// <param name="Starts">Local date and hour.</param>
/// <param name="Ends">The same; null where it is not said.</param>
/// <param name="IsOff">Whether it does not take place then.</param>
public sealed record Occasion(DateTime Starts, DateTime? Ends, bool IsOff)
{
    /// <summary>What an event says of it; nothing when it says nothing.</summary>
    public static Occasion? Of(PublicEvent told) => told.Type switch
    {
        "agenda.meeting.planned.v1" or "agenda.meeting.convened.v1" or "agenda.meeting.held.v1" => At(told.Data, false),
        "agenda.meeting.rescheduled.v1" => At(told.Data, "previousStartsAt", true),
        "agenda.meeting.cancelled.v1" or "agenda.event.cancelled.v1" => At(told.Data, true),
        "agenda.event.announced.v1" => At(told.Data, false),
        "distribution.delivery-day.scheduled.v1" => OfDay(told.Data, false),
        "distribution.delivery-day.cancelled.v1" => OfDay(told.Data, true),
        _ => null,
    };

    private static Occasion? At(EventData data, bool isOff) => At(data, "startsAt", isOff);

    private static Occasion? At(EventData data, string member, bool isOff) => Moment(data.Text(member)) is { } starts ? new(starts, Moment(data.Text("endsAt")), isOff) : null;

    private static Occasion? OfDay(EventData data, bool isOff) =>
        Moment($"{data.Text("date")}T{data.Text("opens")}") is { } starts ? new(starts, Moment($"{data.Text("date")}T{data.Text("closes")}"), isOff) : null;

    private static DateTime? Moment(string text) => DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? DateTime.SpecifyKind(at, DateTimeKind.Unspecified) : null;
}
