using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>Who read what identifies people is written down before it is given out (personal-data law in force since 2024-11-23).</summary>
internal sealed class PersonalReads(DistributionDb db, IHttpContextAccessor http, TimeProvider time)
{
    /// <param name="what">As <c>roster-difference</c>.</param>
    /// <param name="subject">Of whom, or of which file or list.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <param name="people">Whose data stood in it, where it is of several.</param>
    public Task NoteAsync(string what, Guid subject, CancellationToken cancellation, IReadOnlyCollection<Guid>? people = null) => db.Database.ExecuteSqlAsync(
        $"""
        WITH noted AS (INSERT INTO personal_read (reader, what, subject, read_at) VALUES ({Access.CallerOf(http.HttpContext!.User)}, {what}, {subject}, {time.GetUtcNow()}) RETURNING id)
        INSERT INTO personal_read_of (read_id, beneficiary_id) SELECT n.id, p.id FROM noted n, unnest({(people ?? []).Distinct().ToArray()}) AS p (id)
        """, cancellation);
}
