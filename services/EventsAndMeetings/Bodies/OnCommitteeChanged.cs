using MassTransit;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

/// <summary>A committee can be convened from the day it is formed, and its forming is evidence for the plan.</summary>
internal sealed class OnCommitteeChanged(AgendaDb db, TimeProvider time) : IConsumer<CommitteeFormed>, IConsumer<CommitteeDissolved>, IConsumer<CommitteeMembershipChanged>
{
    public async Task Consume(ConsumeContext<CommitteeFormed> context)
    {
        var e = context.Message;
        await db.UpsertBodyAsync(e.CommitteeId, e.Kind, e.Name, e.Place.Path, "formed", e.Version, context.CancellationToken);
        await PlanProgress.RecordAsync(db, new()
        {
            Fact = EvidenceFact.CommitteeFormed, Id = e.CommitteeId, Date = e.FormedOn, Kind = e.Kind, BodyKind = e.Kind, Description = $"{e.Name}, {e.Place.Path}",
        }, time.GetUtcNow(), context.CancellationToken);
    }

    public Task Consume(ConsumeContext<CommitteeDissolved> context)
    {
        var e = context.Message;
        return db.UpsertBodyAsync(e.CommitteeId, e.Kind, e.Name, e.Place.Path, "dissolved", e.Version, context.CancellationToken);
    }

    public Task Consume(ConsumeContext<CommitteeMembershipChanged> context)
    {
        var e = context.Message;
        // An institution has one voice: its delegate's.
        return e.Alternate ? Task.CompletedTask : db.UpsertMemberAsync(e.CommitteeId, e.PersonId, e.PersonName, e.JoinedOn, e.LeftOn, e.Version, context.CancellationToken);
    }
}
