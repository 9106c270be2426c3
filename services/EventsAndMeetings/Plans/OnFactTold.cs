using MassTransit;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.EventsAndMeetings.Data;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>What the services tell and a plan may count, besides meetings, committees and delivery days.</summary>
internal sealed class OnFactTold(AgendaDb db, TimeProvider time) :
    IConsumer<CommunityEventHeld>, IConsumer<ProposalEvaluated>, IConsumer<WallNewspaperPosted>
{
    public Task Consume(ConsumeContext<CommunityEventHeld> context)
    {
        var e = context.Message;
        return RecordAsync(context, EvidenceFact.EventHeld, e.CommunityEventId, DateOnly.FromDateTime(e.StartsAt), e.Kind, $"{e.Title}, {e.Venue}, {e.Attendance} asistentes");
    }

    public Task Consume(ConsumeContext<ProposalEvaluated> context)
    {
        var e = context.Message;
        return RecordAsync(
            context, EvidenceFact.ProposalEvaluated, e.ProposalId, e.EvaluatedOn, e.Feasible ? "feasible" : "not-feasible", $"{e.Name}, {e.Place.Path}: {(e.Feasible ? "viable" : "no viable")}");
    }

    public Task Consume(ConsumeContext<WallNewspaperPosted> context)
    {
        var e = context.Message;
        return RecordAsync(context, EvidenceFact.EditionPosted, e.PostingId, e.PostedOn, "edition", $"Periódico mural {e.Edition}, {e.Place.Path}");
    }

    private Task RecordAsync(ConsumeContext context, EvidenceFact fact, Guid id, DateOnly date, string kind, string description) => PlanProgress.RecordAsync(
        db, new() { Fact = fact, Id = id, Date = date, Kind = kind, Description = description }, time.GetUtcNow(), context.CancellationToken);
}
