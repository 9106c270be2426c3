using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ParticipatoryBudget.Data;

namespace ProyeccionSocial.ParticipatoryBudget.Committees;

/// <summary>A project's committee, known only from the events of Organizations.</summary>
internal sealed class ProjectCommittee
{
    public const string Executing = "executing";
    public const string Oversight = "oversight";

    public Guid Id { get; init; }
    public required Guid ProjectId { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public DateOnly? FormedOn { get; init; }
    public DateOnly? DissolvedOn { get; init; }
    public long Version { get; init; }
}

/// <summary>Keeps who executes and who watches a project; an end that is told first waits for its beginning.</summary>
internal sealed class OnCommitteeChanged(BudgetDb db) : IConsumer<CommitteeFormed>, IConsumer<CommitteeDissolved>
{
    public Task Consume(ConsumeContext<CommitteeFormed> context) =>
        KeepAsync(context.Message, context.Message.ProjectId, context.Message.FormedOn, null, context.CancellationToken);

    public Task Consume(ConsumeContext<CommitteeDissolved> context) =>
        KeepAsync(context.Message, context.Message.ProjectId, null, context.Message.DissolvedOn, context.CancellationToken);

    private async Task KeepAsync(CommitteeEvent e, Guid? project, DateOnly? formedOn, DateOnly? dissolvedOn, CancellationToken cancellation)
    {
        if (project is null)
            return;
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO project_committee AS known (id, project_id, kind, name, formed_on, dissolved_on, version) VALUES ({e.CommitteeId}, {project}, {e.Kind}, {e.Name}, {formedOn}, {dissolvedOn}, {e.Version})
            ON CONFLICT (id) DO UPDATE SET name = CASE WHEN known.version < excluded.version THEN excluded.name ELSE known.name END, formed_on = coalesce(known.formed_on, excluded.formed_on),
                dissolved_on = coalesce(known.dissolved_on, excluded.dissolved_on), version = greatest(known.version, excluded.version)
            """, cancellation);
    }
}
