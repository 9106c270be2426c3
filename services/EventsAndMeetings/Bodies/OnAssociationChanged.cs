using MassTransit;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

/// <summary>Keeps the associations that can be convened: their names, their states and their members.</summary>
internal sealed class OnAssociationChanged(AgendaDb db) :
    IConsumer<AssociationFormed>,
    IConsumer<AssociationConstituted>,
    IConsumer<AssociationApplicationFiled>,
    IConsumer<AssociationApplicationObserved>,
    IConsumer<AssociationDefectsCorrected>,
    IConsumer<AssociationApplicationArchived>,
    IConsumer<AssociationRecognized>,
    IConsumer<AssociationRegistered>,
    IConsumer<AssociationPublished>,
    IConsumer<AssociationActivated>,
    IConsumer<AssociationBoardExpired>,
    IConsumer<AssociationDissolutionStarted>,
    IConsumer<AssociationDissolved>,
    IConsumer<AssociationCancelled>,
    IConsumer<MembersJoined>,
    IConsumer<MembershipChanged>
{
    public Task Consume(ConsumeContext<AssociationFormed> context) => UpsertAsync(context, "forming");
    public Task Consume(ConsumeContext<AssociationConstituted> context) => UpsertAsync(context, "constituted");
    public Task Consume(ConsumeContext<AssociationApplicationFiled> context) => UpsertAsync(context, "application-filed");
    public Task Consume(ConsumeContext<AssociationApplicationObserved> context) => UpsertAsync(context, "observed");
    public Task Consume(ConsumeContext<AssociationDefectsCorrected> context) => UpsertAsync(context, "corrected");
    public Task Consume(ConsumeContext<AssociationApplicationArchived> context) => UpsertAsync(context, "archived");
    public Task Consume(ConsumeContext<AssociationRecognized> context) => UpsertAsync(context, "recognized");
    public Task Consume(ConsumeContext<AssociationRegistered> context) => UpsertAsync(context, "registered");
    public Task Consume(ConsumeContext<AssociationPublished> context) => UpsertAsync(context, "published");
    public Task Consume(ConsumeContext<AssociationDissolutionStarted> context) => UpsertAsync(context, "dissolving");
    public Task Consume(ConsumeContext<AssociationDissolved> context) => UpsertAsync(context, "dissolved");
    public Task Consume(ConsumeContext<AssociationCancelled> context) => UpsertAsync(context, "cancelled");
    public Task Consume(ConsumeContext<MembersJoined> context) => db.UpsertMembersAsync(context.Message, context.CancellationToken);

    public async Task Consume(ConsumeContext<AssociationActivated> context)
    {
        await UpsertAsync(context, "active");
        await MeetingProposal.SettleElectionAsync(db, context.Message.AssociationId, context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<AssociationBoardExpired> context)
    {
        await UpsertAsync(context, "board-expired");
        await MeetingProposal.ProposeElectionAsync(db, context.Message, context.CancellationToken);
    }

    public Task Consume(ConsumeContext<MembershipChanged> context)
    {
        var e = context.Message;
        return db.UpsertMemberAsync(e.AssociationId, e.PersonId, e.PersonName, e.JoinedOn, e.LeftOn, e.Version, context.CancellationToken);
    }

    private Task UpsertAsync<TEvent>(ConsumeContext<TEvent> context, string state)
        where TEvent : AssociationEvent
    {
        var e = context.Message;
        return db.UpsertBodyAsync(e.AssociationId, OrganizedBody.AssociationKind, e.Name, e.Place.Path, state, e.Version, context.CancellationToken);
    }
}
