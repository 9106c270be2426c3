using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Organizations.Data;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>A project that is over asks for no committee any more, also where its approval is told after its end.</summary>
internal sealed class OnProjectEnded(OrganizationsDb db) : IConsumer<ProjectChanged>
{
    public Task Consume(ConsumeContext<ProjectChanged> context)
    {
        var e = context.Message;
        return e.State is not ("closed" or "void" or "cancelled") ? Task.CompletedTask : db.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (INSERT INTO ended_project (id, ended_on) VALUES ({e.ProjectId}, {e.On}) ON CONFLICT DO NOTHING)
            DELETE FROM committee_request WHERE project_id = {e.ProjectId} AND committee_id IS NULL
            """, context.CancellationToken);
    }
}
