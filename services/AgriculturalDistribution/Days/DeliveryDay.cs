using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Days;

internal enum DayState
{
    Scheduled,
    Cancelled,

    /// <summary>It is over, and its account was given.</summary>
    Closed,
}

/// <summary>When and how fast a centre hands out on a day.</summary>
/// <param name="Date">The day.</param>
/// <param name="Opens">Local hour.</param>
/// <param name="Closes">Local hour.</param>
/// <param name="PerHour">People who are served in an hour.</param>
internal sealed record DayContent(DateOnly Date, TimeOnly Opens, TimeOnly Closes, [Between(1, 1000)] int PerHour)
{
    public static DayContent Example => new(new(2027, 4, 28), new(7, 0), new(15, 0), 60);
}

/// <summary>A day on which a centre hands out.</summary>
internal sealed class DeliveryDay : Aggregate
{
    private DeliveryDay()
    {
    }

    public Guid CampaignId { get; private init; }
    public int Centre { get; private init; }
    public DateOnly Date { get; private set; }
    public TimeOnly Opens { get; private set; }
    public TimeOnly Closes { get; private set; }
    public int PerHour { get; private set; }
    public DayState State { get; private set; }

    /// <summary>How many packages were told of it last.</summary>
    public int? Told { get; private set; }

    /// <summary>Why it does not take place.</summary>
    public string? Reason { get; private set; }
    public string ScheduledBy { get; private init; } = "";
    public DateTimeOffset ScheduledAt { get; private init; }

    public static DeliveryDay Schedule(Campaign campaign, Centre centre, DayContent content, string by, DateTimeOffset now)
    {
        var day = new DeliveryDay { CampaignId = campaign.Id, Centre = centre.Number, ScheduledBy = by, ScheduledAt = now };
        day.Set(campaign, centre, content, now);
        return day;
    }

    /// <summary>Another date, or other hours.</summary>
    public void Set(Campaign campaign, Centre centre, DayContent content, DateTimeOffset now)
    {
        campaign.RequireApproved();
        RequireAhead(now);
        Rule.That(content.Date >= now.LocalDate(), "day_past", "Ese día ya pasó.", "/date");
        Rule.That(content.Date >= campaign.FirstDay && content.Date <= campaign.LastDay, "day_outside_campaign", $"La campaña va del {campaign.FirstDay.Day()} al {campaign.LastDay.Day()}.", "/date");
        Rule.That(content.Closes.ToTimeSpan() - content.Opens.ToTimeSpan() >= TimeSpan.FromMinutes(30), "hours", "El centro abre media hora por lo menos.", "/closes");
        (Date, Opens, Closes, PerHour) = (content.Date, content.Opens, content.Closes, content.PerHour);
        Raise(new DeliveryDayScheduled
        {
            DeliveryDayId = Id, CampaignId = CampaignId, Campaign = campaign.Name, Centre = centre.Name, Place = centre.Ref, Date = Date, Opens = Opens, Closes = Closes,
        }, now);
    }

    public void Cancel(Campaign campaign, Centre centre, string reason, DateTimeOffset now)
    {
        RequireAhead(now);
        (State, Reason) = (DayState.Cancelled, reason);
        Raise(new DeliveryDayCancelled
        {
            DeliveryDayId = Id, CampaignId = CampaignId, Campaign = campaign.Name, Centre = centre.Name, Place = centre.Ref, Date = Date, Opens = Opens, Closes = Closes,
        }, now);
    }

    /// <summary>It is over; how many packages were handed over is told.</summary>
    public void Close(Campaign campaign, Centre centre, int delivered, DateTimeOffset now)
    {
        Rule.State(State == DayState.Scheduled, "day_not_scheduled", "Esa jornada se canceló o ya se cerró.");
        Rule.State(Date <= now.LocalDate(), "day_ahead", "Esa jornada todavía no ha sido.");
        State = DayState.Closed;
        Recount(campaign, centre, delivered, now);
    }

    /// <summary>It is over, and something was told of it later; said only when it is another number.</summary>
    public void Recount(Campaign campaign, Centre centre, int delivered, DateTimeOffset now)
    {
        if (Told == delivered)
            return;
        Told = delivered;
        Raise(new DeliveryDayClosed
        {
            DeliveryDayId = Id, CampaignId = CampaignId, Campaign = campaign.Name, Centre = centre.Name, Place = centre.Ref, Date = Date, Opens = Opens, Closes = Closes, Delivered = delivered,
        }, now);
    }

    private void RequireAhead(DateTimeOffset now)
    {
        Rule.State(State == DayState.Scheduled, "day_not_scheduled", "Esa jornada se canceló o ya terminó.");
        Rule.State(Date == default || Date >= now.LocalDate(), "day_past", "Esa jornada ya pasó.");
    }
}
