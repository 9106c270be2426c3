using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Organizations.Data;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>An approved project asks its community for a committee of each kind that is formed for projects.</summary>
internal sealed class OnProjectApproved(OrganizationsDb db) : IConsumer<ProjectApproved>
{
    public Task Consume(ConsumeContext<ProjectApproved> context)
    {
        var e = context.Message;
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO committee_request (project_id, kind, project_name, place_id, place_path, requested_on)
            SELECT {e.ProjectId}, code, {e.Name}, {e.Place.Id}, {e.Place.Path}, {e.ApprovedOn} FROM committee_kind WHERE for_project AND NOT EXISTS (SELECT 1 FROM ended_project WHERE id = {e.ProjectId})
            ON CONFLICT DO NOTHING
            """, context.CancellationToken);
    }
}
