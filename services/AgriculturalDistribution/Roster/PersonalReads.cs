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
    public Task NoteAsync(string what, Guid subject, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"INSERT INTO personal_read (reader, what, subject, read_at) VALUES ({Access.CallerOf(http.HttpContext!.User)}, {what}, {subject}, {time.GetUtcNow()})", cancellation);
}
