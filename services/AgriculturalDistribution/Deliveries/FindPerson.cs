using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>Who stands at the counter and what they get: what a code or a document is good for now, and not only that it exists.</summary>
internal static class FindPerson
{
    public static void MapFindPerson(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPost("/{id:guid}/lookups", FindAsync).WithName("FindPerson").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Ver qué le toca a una persona, por su DUI o el código de su convocatoria").WithDescription("Queda anotado quién lo consultó.");

    internal sealed record Lookup([Dui] string? Dui = null, Guid? Code = null)
    {
        public static Lookup Example => new("90000001-7");
    }

    /// <param name="Package">Its number.</param>
    /// <param name="Kind">Whether it is a replacement.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="Reason">Why not, or what is looked at.</param>
    /// <param name="Due">What can be handed over; nothing when the state does not allow it.</param>
    internal sealed record PackageView(int Package, DeliveryKind Kind, string State, string? Reason, IReadOnlyList<DueView> Due)
    {
        public static PackageView Example => new(1, DeliveryKind.Original, "summoned", null, [DueView.Example]);
    }

    /// <param name="Names">Of the person.</param>
    /// <param name="Dui">Masked.</param>
    /// <param name="Centre">Where they collect.</param>
    /// <param name="Number">In the list of their centre.</param>
    /// <param name="Date">Of their turn.</param>
    /// <param name="At">Local hour of their turn.</param>
    /// <param name="Household">Whether somebody else of the same household has got a package already. It only warns.</param>
    /// <param name="Packages">What the roster gives them.</param>
    internal sealed record PersonView(string Names, string Dui, int? Centre, int? Number, DateOnly? Date, TimeOnly? At, bool Household, IReadOnlyList<PackageView> Packages)
    {
        public static PersonView Example => new("Ana María Prueba Inventada", "******01-7", 1, 17, new(2027, 4, 28), new(7, 0), false, [PackageView.Example]);
    }

    private sealed record Row(Guid Id, string Names, string Dui, int? Centre, int? Number, DateOnly? Date, TimeOnly? At, bool Household, string Packages);

    private static async Task<Results<Ok<PersonView>, ProblemHttpResult>> FindAsync(Guid id, Lookup request, DistributionDb db, PersonalReads reads, CancellationToken cancellation)
    {
        var who = PersonReference.Of(request.Dui, request.Code);
        var row = await db.Database.SqlQuery<Row>(
            $"""
            SELECT b.id AS "Id", b.given_names || ' ' || b.surnames AS "Names", b.dui AS "Dui", coalesce(s.centre, h.centre) AS "Centre", s.number AS "Number", d.date AS "Date", turn_at(d, s.slot) AS "At",
                (k.rules ->> 'householdWarning')::boolean IS NOT FALSE AND EXISTS (SELECT 1 FROM beneficiary o JOIN entitlement oe ON oe.beneficiary_id = o.id WHERE o.campaign_id = b.campaign_id AND o.household = b.household AND o.id <> b.id
                    AND oe.state IN ('delivered', 'partially-delivered')) AS "Household",
                coalesce((SELECT jsonb_agg(jsonb_build_object('package', e.package, 'kind', e.kind, 'state', e.state, 'reason', e.reason, 'due', coalesce((
                    SELECT jsonb_agg(jsonb_build_object('article', c.article, 'quantity', c.quantity - coalesce(g.quantity, 0)) ORDER BY c.article) FROM package_component c
                    LEFT JOIN handed(e.campaign_id, e.package, e.kind, e.beneficiary_id) g ON g.article = c.article
                    WHERE c.campaign_id = e.campaign_id AND c.package = e.package AND c.quantity > coalesce(g.quantity, 0) AND may_take(e, coalesce(s.centre, h.centre)) AND k.state = 'approved'
                        AND NOT EXISTS (SELECT 1 FROM centre_closing z WHERE z.campaign_id = e.campaign_id AND z.centre = coalesce(s.centre, h.centre))), '[]')) ORDER BY e.package, e.kind)
                    FROM entitlement e WHERE e.campaign_id = b.campaign_id AND e.beneficiary_id = b.id), '[]')::text AS "Packages"
            FROM beneficiary b JOIN campaign k ON k.id = b.campaign_id LEFT JOIN summons s ON s.campaign_id = b.campaign_id AND s.beneficiary_id = b.id LEFT JOIN delivery_day d ON d.id = s.day_id
            LEFT JOIN centre_hamlet h ON h.campaign_id = b.campaign_id AND h.hamlet_id = b.hamlet_id
            WHERE b.campaign_id = {id} AND b.id = coalesce((SELECT id FROM beneficiary WHERE campaign_id = {id} AND dui = {who.Dui}), (SELECT beneficiary_id FROM summons WHERE campaign_id = {id} AND code = {who.Code}))
            """).SingleOrDefaultAsync(cancellation);
        if (row is null)
            return Problems.NotFound();
        await reads.NoteAsync("lookup", row.Id, cancellation);
        return TypedResults.Ok(new PersonView(
            row.Names, Dui.Mask(row.Dui), row.Centre, row.Number, row.Date, row.At, row.Household, JsonSerializer.Deserialize<List<PackageView>>(row.Packages, EventJson.Options)!));
    }
}
