using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>
/// A meeting held is evidence for the plan. It comes by the event and not in the closing itself, so that a promoter
/// who closes a meeting never waits for, or fails on, somebody's change of the plan.
/// </summary>
internal sealed class OnMeetingHeld(AgendaDb db, TimeProvider time) : IConsumer<MeetingHeld>
{
    public async Task Consume(ConsumeContext<MeetingHeld> context)
    {
        var e = context.Message;
        var bodyKind = await db.Bodies.Where(b => b.Id == e.BodyId).Select(b => b.Kind).SingleAsync(context.CancellationToken);
        await PlanProgress.RecordAsync(db, new()
        {
            Fact = EvidenceFact.MeetingHeld, Id = e.MeetingId, Date = DateOnly.FromDateTime(e.StartsAt), Kind = e.Kind, BodyKind = bodyKind,
            Description = $"{e.Title}, {e.BodyName}, {e.Attendance} asistentes",
        }, time.GetUtcNow(), context.CancellationToken);
    }
}
