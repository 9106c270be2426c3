using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ParticipatoryBudget.Data;

namespace ProyeccionSocial.ParticipatoryBudget.Associations;

/// <summary>An association, known only from the events of Organizations.</summary>
internal sealed class Association
{
    public Guid Id { get; init; }
    public required string Name { get; init; }
    public required string Place { get; init; }

    /// <summary>Whether it is recognised and its board is in force: then it presents proposals.</summary>
    public required bool Standing { get; init; }
    public long Version { get; init; }
}

/// <summary>Keeps which associations may present a proposal.</summary>
internal sealed class OnAssociationChanged(BudgetDb db) :
    IConsumer<AssociationRecognized>,
    IConsumer<AssociationRegistered>,
    IConsumer<AssociationPublished>,
    IConsumer<AssociationActivated>,
    IConsumer<AssociationBoardExpired>,
    IConsumer<AssociationDissolutionStarted>,
    IConsumer<AssociationDissolved>,
    IConsumer<AssociationCancelled>
{
    public Task Consume(ConsumeContext<AssociationRecognized> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationRegistered> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationPublished> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationActivated> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationBoardExpired> context) => KeepAsync(context, false);
    public Task Consume(ConsumeContext<AssociationDissolutionStarted> context) => KeepAsync(context, false);
    public Task Consume(ConsumeContext<AssociationDissolved> context) => KeepAsync(context, false);
    public Task Consume(ConsumeContext<AssociationCancelled> context) => KeepAsync(context, false);

    private Task<int> KeepAsync<TEvent>(ConsumeContext<TEvent> context, bool standing)
        where TEvent : AssociationEvent
    {
        var e = context.Message;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO association (id, name, place, standing, version) VALUES ({e.AssociationId}, {e.Name}, {e.Place.Path}, {standing}, {e.Version})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place, standing = excluded.standing, version = excluded.version
                WHERE association.version < excluded.version
            """, context.CancellationToken);
    }
}
