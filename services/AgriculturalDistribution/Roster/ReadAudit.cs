using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Deliveries;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>Who read what identifies people: all reads for whoever audits, and those of one person for that person's question.</summary>
internal static class ReadAudit
{
    public static void MapReadAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/personal-reads", ListAsync).WithName("ListPersonalReads").WithTags("audit").Allow("distribution.read", Roles.Auditor, Roles.UnitHead)
            .WithSummary("Quién consultó datos personales, lo último primero").WithDescription("reader es el sujeto de su token. subject es de quién, o de qué lista, archivo, jornada o campaña.");
        api.MapPost("/campaigns/{id:guid}/personal-reads", OfPersonAsync).WithName("FindPersonalReads").WithTags("audit").Allow("distribution.read", Roles.Auditor, Roles.UnitHead)
            .WithSummary("Quién consultó los datos de una persona, por su DUI o el código de su convocatoria: sola, o en una lista, un archivo o una hoja que la llevaba")
            .WithDescription("Lo último primero. La consulta misma queda anotada.");
    }

    /// <param name="Id">Grows with time; the next page begins after it.</param>
    /// <param name="Reader">Subject of the token.</param>
    /// <param name="What">lookup, receipt, device-list, day-list, day-slips, incidents-export, roster-difference, roster-rejections, audit.</param>
    /// <param name="Subject">Of whom, or of which list, day, campaign or file.</param>
    /// <param name="ReadAt">When.</param>
    internal sealed record ReadView(long Id, string Reader, string What, Guid Subject, DateTimeOffset ReadAt)
    {
        public static ReadView Example => new(4711, "promotora.inventada", "lookup", Examples.Id, Examples.Instant);
    }

    private static async Task<Ok<Page<ReadView>>> ListAsync(
        DistributionDb db, Guid? subject = null, [Text(200)] string? reader = null, long? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var rows = await db.Database.SqlQuery<ReadView>(
            $"""
            SELECT id AS "Id", reader AS "Reader", what AS "What", subject AS "Subject", read_at AS "ReadAt" FROM personal_read
            WHERE ({subject}::uuid IS NULL OR subject = {subject}) AND ({reader}::text IS NULL OR reader = {reader}) AND ({after}::bigint IS NULL OR id < {after}) ORDER BY id DESC LIMIT {size + 1}
            """).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(rows, size, r => r.Id.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Ok<Page<ReadView>>, ProblemHttpResult>> OfPersonAsync(
        Guid id, FindPerson.Lookup request, DistributionDb db, PersonalReads reads, long? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var who = PersonReference.Of(request.Dui, request.Code);
        var people = await db.Database.SqlQuery<Guid>(
            $"""
            SELECT id AS "Value" FROM beneficiary WHERE campaign_id = {id} AND id = coalesce((SELECT id FROM beneficiary WHERE campaign_id = {id} AND dui = {who.Dui}), (SELECT beneficiary_id FROM summons WHERE campaign_id = {id} AND code = {who.Code}))
            """).ToListAsync(cancellation);
        if (people is not [var person])
            return Problems.NotFound();
        await reads.NoteAsync("audit", person, cancellation);
        var rows = await db.Database.SqlQuery<ReadView>(
            $"""
            SELECT id AS "Id", reader AS "Reader", what AS "What", subject AS "Subject", read_at AS "ReadAt" FROM personal_read
            WHERE ({after}::bigint IS NULL OR id < {after}) AND (subject = {person} OR id IN (SELECT read_id FROM personal_read_of WHERE beneficiary_id = {person})) ORDER BY id DESC LIMIT {size + 1}
            """).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(rows, size, r => r.Id.ToString(CultureInfo.InvariantCulture)));
    }
}
