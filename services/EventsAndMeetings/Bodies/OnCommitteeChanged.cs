using MassTransit;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Plans;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

/// <summary>A committee can be convened from the day it is formed, and its forming is evidence for the plan.</summary>
internal sealed class OnCommitteeChanged(AgendaDb db, TimeProvider time) : IConsumer<CommitteeFormed>, IConsumer<CommitteeDissolved>, IConsumer<CommitteeMembershipChanged>
{
    public async Task Consume(ConsumeContext<CommitteeFormed> context)
    {
        var e = context.Message;
        if (e.ProjectId is { } of)
            await MeetingProposal.LockProjectAsync(db, of, context.CancellationToken);
        await UpsertAsync(e, "formed", e.ProjectId, null, context.CancellationToken);
        if (e.ProjectId is { } project)
            await MeetingProposal.SettleProjectAsync(db, project, context.CancellationToken);
        await PlanProgress.RecordAsync(db, new()
        {
            Fact = EvidenceFact.CommitteeFormed, Id = e.CommitteeId, Date = e.FormedOn, Kind = e.Kind, BodyKind = e.Kind, Description = $"{e.Name}, {e.Place.Path}",
        }, time.GetUtcNow(), context.CancellationToken);
    }

    public Task Consume(ConsumeContext<CommitteeDissolved> context)
    {
        var e = context.Message;
        return UpsertAsync(e, "dissolved", e.ProjectId, e.DissolvedOn, context.CancellationToken);
    }

    public Task Consume(ConsumeContext<CommitteeMembershipChanged> context)
    {
        var e = context.Message;
        return db.UpsertMemberAsync(e.CommitteeId, e.PersonId, e.PersonName, e.JoinedOn, e.LeftOn, e.Institution, e.Version, context.CancellationToken);
    }

    private Task<bool> UpsertAsync(CommitteeEvent e, string state, Guid? project, DateOnly? endedOn, CancellationToken cancellation) => db.UpsertBodyAsync(
        new() { Id = e.CommitteeId, Kind = e.Kind, Name = e.Name, Place = e.Place.Path, State = state, ProjectId = project, EndedOn = endedOn, Version = e.Version }, cancellation);
}
