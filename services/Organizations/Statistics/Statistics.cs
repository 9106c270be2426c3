using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Statistics;

/// <summary>Counts for reports: nobody can be told from them, because small groups are not counted out.</summary>
internal static class Statistics
{
    /// <summary>A group of fewer people is shown without its number.</summary>
    private const int SmallestGroup = 5;

    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Finance, Roles.Auditor];

    public static void MapStatistics(this IEndpointRouteBuilder api)
    {
        var statistics = api.MapGroup("/statistics").WithTags("statistics");
        statistics.MapGet("/associations", AssociationsAsync).WithName("CountAssociations").Allow("organizations.read", Readers)
            .WithSummary("Asociaciones por estado y por el lugar que está un nivel debajo del indicado; sin placeId, por departamento");
        statistics.MapGet("/members", MembersAsync).WithName("CountMembers").Allow("organizations.read", Readers)
            .WithSummary("Miembros de asociaciones por sexo y grupo de edad en una fecha; hoy, si no se indica")
            .WithDescription($"Cada persona cuenta una vez. Los grupos de menos de {SmallestGroup} personas van sin número (people ausente), para que nadie se reconozca.");
    }

    internal sealed record StateCount(Guid PlaceId, string Place, AssociationState State, int Associations)
    {
        public static StateCount Example => new(Examples.OtherId, "San Ensayo", AssociationState.Active, 42);
    }

    internal sealed record MemberCount(Sex Sex, string Ages, int? People)
    {
        public static MemberCount Example => new(Sex.Female, "30-44", 318);
    }

    private static async Task<Ok<List<StateCount>>> AssociationsAsync(OrganizationsDb db, Guid? placeId = null, CancellationToken cancellation = default)
    {
        // One row for each place and state below the chosen one: some hundred.
        var counts = await db.Database.SqlQuery<StateRow>(
            $"""
            WITH RECURSIVE below AS (
                SELECT p.id, p.id AS top FROM place p WHERE p.parent_id IS NOT DISTINCT FROM {placeId}::uuid OR p.id = {placeId}::uuid
                UNION
                SELECT p.id, b.top FROM place p JOIN below b ON p.parent_id = b.id WHERE b.top IS DISTINCT FROM {placeId}::uuid)
            SELECT t.id AS "PlaceId", t.name AS "Place", a.state AS "State", count(*)::int AS "Associations"
            FROM below b JOIN association a ON a.place_id = b.id JOIN place t ON t.id = b.top
            GROUP BY t.id, t.name, a.state ORDER BY t.name, t.id, a.state
            """).ToListAsync(cancellation);
        return TypedResults.Ok(counts.ConvertAll(c => new StateCount(c.PlaceId, c.Place, Choice<AssociationState>.Parse(c.State), c.Associations)));
    }

    private static async Task<Ok<List<MemberCount>>> MembersAsync(
        OrganizationsDb db, TimeProvider time, Guid? placeId = null, DateOnly? on = null, CancellationToken cancellation = default)
    {
        var date = on ?? time.Today();
        var counts = await db.Database.SqlQuery<MemberRow>(
            $"""
            SELECT x.sex AS "Sex", x.ages AS "Ages", count(*)::int AS "People"
            FROM (SELECT p.sex, CASE WHEN age < 18 THEN '0-17' WHEN age < 30 THEN '18-29' WHEN age < 45 THEN '30-44' WHEN age < 60 THEN '45-59' ELSE '60+' END AS ages
                  FROM person p CROSS JOIN LATERAL (SELECT extract(year FROM age({date}::date, p.birth_date)) AS age) y
                  WHERE p.id IN (SELECT m.person_id FROM association_member m JOIN association a ON a.id = m.association_id
                                 WHERE m.joined_on <= {date} AND (m.left_on IS NULL OR m.left_on >= {date})
                                   AND a.state <> 'archived' AND (a.ended_on IS NULL OR a.ended_on >= {date})
                                   AND ({placeId}::uuid IS NULL OR a.place_id IN (SELECT id FROM places_within({placeId}::uuid))))) x
            GROUP BY x.sex, x.ages ORDER BY x.sex, x.ages
            """).ToListAsync(cancellation);
        return TypedResults.Ok(counts.ConvertAll(c => new MemberCount(Choice<Sex>.Parse(c.Sex), c.Ages, c.People < SmallestGroup ? null : c.People)));
    }

    private sealed record StateRow(Guid PlaceId, string Place, string State, int Associations);

    private sealed record MemberRow(string Sex, string Ages, int People);
}
