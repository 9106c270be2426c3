using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

/// <summary>A body that can be convened, known only from the events of Organizations.</summary>
internal sealed class OrganizedBody
{
    /// <summary>Kind of every community association; a committee's is its own kind, as <c>youth</c>.</summary>
    public const string AssociationKind = "association";

    public Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public required string Place { get; init; }
    public required string State { get; init; }

    /// <summary>The project that it carries out or watches.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>Its last day, once it was dissolved, cancelled or archived.</summary>
    public DateOnly? EndedOn { get; init; }
    public long Version { get; init; }

    /// <summary>What has ended is not convened any more; what it held until then may still be written down.</summary>
    public void RequireStanding(DateOnly on) =>
        Rule.State(EndedOn is null || on <= EndedOn, "body_ended", $"Esa instancia terminó el {EndedOn?.Day()}: ya no se convoca después.");
}

internal sealed class BodyMember
{
    public Guid BodyId { get; init; }
    public Guid PersonId { get; init; }
    public required string Name { get; init; }
    public DateOnly JoinedOn { get; init; }
    public DateOnly? LeftOn { get; init; }

    /// <summary>Whose seat it is, where a delegate or their alternate sits for an institution.</summary>
    public string? Institution { get; init; }

    /// <summary>What is counted: each person has a seat, and an institution has one, whoever of its two sits in it.</summary>
    public string Seat { get; private init; } = "";
    public long Version { get; init; }

    /// <summary>Members on a date: an end that lies ahead of it does not end the membership.</summary>
    public static IQueryable<BodyMember> ActiveOn(IQueryable<BodyMember> members, Guid body, DateOnly date) =>
        members.Where(m => m.BodyId == body && m.JoinedOn <= date && (m.LeftOn == null || m.LeftOn >= date));

    public static Task<int> CountSeatsAsync(IQueryable<BodyMember> members, CancellationToken cancellation) => members.Select(m => m.Seat).Distinct().CountAsync(cancellation);
}

/// <summary>Writes what an event says about a body, unless a later one has been written.</summary>
internal static class BodyUpdates
{
    /// <returns>Whether it was news.</returns>
    public static async Task<bool> UpsertBodyAsync(this DbContext db, OrganizedBody body, CancellationToken cancellation) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO organized_body AS known (id, kind, name, place, state, project_id, ended_on, version)
            VALUES ({body.Id}, {body.Kind}, {body.Name}, {body.Place}, {body.State}, {body.ProjectId}, {body.EndedOn}, {body.Version})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place, state = excluded.state, project_id = excluded.project_id, ended_on = excluded.ended_on,
                version = excluded.version
            WHERE known.version < excluded.version
            """, cancellation) == 1;

    /// <summary>A membership is told apart by its first day; one that covers others, as after a merge, takes their place.</summary>
    public static Task UpsertMemberAsync(
        this DbContext db, Guid body, Guid person, string name, DateOnly joinedOn, DateOnly? leftOn, string? institution, long version, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync(
            $"""
            WITH covered AS (
                DELETE FROM body_member
                WHERE body_id = {body} AND person_id = {person} AND version < {version} AND joined_on > {joinedOn} AND ({leftOn}::date IS NULL OR joined_on <= {leftOn}::date))
            INSERT INTO body_member AS known (body_id, person_id, name, joined_on, left_on, institution, version)
            VALUES ({body}, {person}, {name}, {joinedOn}, {leftOn}, {institution}, {version})
            ON CONFLICT (body_id, person_id, joined_on) DO UPDATE SET name = excluded.name, left_on = excluded.left_on, institution = excluded.institution, version = excluded.version
            WHERE known.version < excluded.version
            """, cancellation);

    /// <summary>The memberships of a file, in one statement.</summary>
    public static Task UpsertMembersAsync(this DbContext db, MembersJoined e, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO body_member AS known (body_id, person_id, name, joined_on, left_on, version)
            SELECT {e.AssociationId}, m.*, {e.Version}
            FROM unnest({e.Members.Select(m => m.PersonId).ToArray()}, {e.Members.Select(m => m.PersonName).ToArray()},
                        {e.Members.Select(m => m.JoinedOn).ToArray()}, {e.Members.Select(m => m.LeftOn).ToArray()}) m
            ON CONFLICT (body_id, person_id, joined_on) DO UPDATE SET name = excluded.name, left_on = excluded.left_on, version = excluded.version
            WHERE known.version < excluded.version
            """, cancellation);
}
