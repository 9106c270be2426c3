using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;

namespace ProyeccionSocial.EventsAndMeetings.Calendar;

/// <summary>A day on which packages are delivered stands in the calendar, as the distribution last told of it.</summary>
internal sealed class OnDeliveryDayChanged(AgendaDb db, TimeProvider time) : IConsumer<DeliveryDayScheduled>, IConsumer<DeliveryDayCancelled>, IConsumer<DeliveryDayClosed>
{
    public Task Consume(ConsumeContext<DeliveryDayScheduled> context) => UpsertAsync(context, context.Message, "scheduled");

    public Task Consume(ConsumeContext<DeliveryDayCancelled> context) => UpsertAsync(context, context.Message, "cancelled");

    /// <summary>A day that was closed is evidence for the plan besides.</summary>
    public async Task Consume(ConsumeContext<DeliveryDayClosed> context)
    {
        var e = context.Message;
        if (await UpsertAsync(context, e, "closed") == 0)
            return; // Something newer was told already.
        await PlanProgress.RecordAsync(db, new()
        {
            Fact = EvidenceFact.DeliveryDayClosed, Id = e.DeliveryDayId, Date = e.Date, Kind = "delivery", Description = $"{e.Campaign}, {e.Centre}, {e.Delivered} paquetes",
        }, time.GetUtcNow(), context.CancellationToken);
    }

    private Task<int> UpsertAsync(ConsumeContext context, DeliveryDayEvent e, string state) => db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO delivery_day AS known (id, version, campaign, centre, place, date, opens, closes, state)
        VALUES ({e.DeliveryDayId}, {e.Version}, {e.Campaign}, {e.Centre}, {e.Place.Path}, {e.Date}, {e.Opens}, {e.Closes}, {state})
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, campaign = excluded.campaign, centre = excluded.centre, place = excluded.place,
            date = excluded.date, opens = excluded.opens, closes = excluded.closes, state = excluded.state
        WHERE known.version < excluded.version
        """, context.CancellationToken);
}

/// <summary>A day on which packages are delivered at a centre.</summary>
internal sealed class DeliveryDay
{
    public required Guid Id { get; init; }
    public required long Version { get; init; }
    public required string Campaign { get; init; }
    public required string Centre { get; init; }
    public required string Place { get; init; }
    public required DateOnly Date { get; init; }
    public required TimeOnly Opens { get; init; }
    public required TimeOnly Closes { get; init; }
    public required string State { get; init; }
}
