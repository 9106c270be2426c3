using MassTransit;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.ServiceDefaults.Http;

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
    public Task Consume(ConsumeContext<AssociationApplicationArchived> context) => EndAsync(context, "archived", context.Message.OccurredAt.LocalDate());
    public Task Consume(ConsumeContext<AssociationRecognized> context) => UpsertAsync(context, "recognized");
    public Task Consume(ConsumeContext<AssociationRegistered> context) => UpsertAsync(context, "registered");
    public Task Consume(ConsumeContext<AssociationPublished> context) => UpsertAsync(context, "published");
    public Task Consume(ConsumeContext<AssociationDissolutionStarted> context) => UpsertAsync(context, "dissolving");
    public Task Consume(ConsumeContext<AssociationDissolved> context) => EndAsync(context, "dissolved", context.Message.DissolvedOn);
    public Task Consume(ConsumeContext<AssociationCancelled> context) => EndAsync(context, "cancelled", context.Message.CancelledOn);
    public Task Consume(ConsumeContext<MembersJoined> context) => db.UpsertMembersAsync(context.Message, context.CancellationToken);

    public async Task Consume(ConsumeContext<AssociationActivated> context)
    {
        if (await UpsertAsync(context, "active"))
            await MeetingProposal.SettleElectionAsync(db, context.Message.AssociationId, context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<AssociationBoardExpired> context)
    {
        // Told again after there was another board, it asks for nothing.
        if (await UpsertAsync(context, "board-expired"))
            await MeetingProposal.ProposeElectionAsync(db, context.Message, context.CancellationToken);
    }

    public Task Consume(ConsumeContext<MembershipChanged> context)
    {
        var e = context.Message;
        return db.UpsertMemberAsync(e.AssociationId, e.PersonId, e.PersonName, e.JoinedOn, e.LeftOn, null, e.Version, context.CancellationToken);
    }

    // What has ended elects nobody.
    private async Task EndAsync<TEvent>(ConsumeContext<TEvent> context, string state, DateOnly endedOn)
        where TEvent : AssociationEvent
    {
        if (await UpsertAsync(context, state, endedOn))
            await MeetingProposal.SettleElectionAsync(db, context.Message.AssociationId, context.CancellationToken);
    }

    private Task<bool> UpsertAsync<TEvent>(ConsumeContext<TEvent> context, string state, DateOnly? endedOn = null)
        where TEvent : AssociationEvent
    {
        var e = context.Message;
        return db.UpsertBodyAsync(
            new() { Id = e.AssociationId, Kind = OrganizedBody.AssociationKind, Name = e.Name, Place = e.Place.Path, State = state, EndedOn = endedOn, Version = e.Version }, context.CancellationToken);
    }
}
