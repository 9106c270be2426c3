using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Contracts.Organizations;

namespace ProyeccionSocial.AgriculturalDistribution.Coverage;

/// <summary>Keeps where associations are, which have a word on who was forgotten.</summary>
internal sealed class OnAssociationChanged(DistributionDb db) :
    IConsumer<AssociationRecognized>,
    IConsumer<AssociationActivated>,
    IConsumer<AssociationBoardExpired>,
    IConsumer<AssociationDissolved>,
    IConsumer<AssociationCancelled>
{
    public Task Consume(ConsumeContext<AssociationRecognized> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationActivated> context) => KeepAsync(context, true);
    public Task Consume(ConsumeContext<AssociationBoardExpired> context) => KeepAsync(context, true); // Its people are still there.
    public Task Consume(ConsumeContext<AssociationDissolved> context) => KeepAsync(context, false);
    public Task Consume(ConsumeContext<AssociationCancelled> context) => KeepAsync(context, false);

    private async Task KeepAsync<TEvent>(ConsumeContext<TEvent> context, bool standing)
        where TEvent : AssociationEvent
    {
        var e = context.Message;
        // The path names the place under its parents, smallest first; a town's quarter has fewer of them than a hamlet.
        var names = e.Place.Path.Split(", ");
        var (name, canton) = (names[0], names[Math.Min(1, names.Length - 1)]);
        var district = names[Math.Min(2, names.Length - 1)];
        await db.Database.ExecuteSqlAsync($"INSERT INTO hamlet (district, canton, name) VALUES ({district}, {canton}, {name}) ON CONFLICT DO NOTHING", context.CancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO association (id, name, hamlet_id, standing, version)
            SELECT {e.AssociationId}, {e.Name}, id, {standing}, {e.Version} FROM hamlet
            WHERE place_key(district) = place_key({district}) AND place_key(canton) = place_key({canton}) AND place_key(name) = place_key({name})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, hamlet_id = excluded.hamlet_id, standing = excluded.standing, version = excluded.version WHERE association.version < excluded.version
            """, context.CancellationToken);
    }
}
