using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.ServiceDefaults.Files;

namespace ProyeccionSocial.EventsAndMeetings.Files;

internal sealed class AgendaFiles(AgendaDb db) : IFileStore
{
    public Task<Guid> KeepAsync(StoredFile file, CancellationToken cancellation) => db.Database.SqlQuery<Guid>(
        $"""
        INSERT INTO stored_file (id, sha256, content_type, content, stored_by, stored_at)
        VALUES ({file.Id}, {file.Sha256}, {file.ContentType}, {file.Content}, {file.StoredBy}, {file.StoredAt})
        ON CONFLICT (sha256) DO UPDATE SET stored_at = excluded.stored_at RETURNING id AS "Value"
        """).ToAsyncEnumerable().SingleAsync(cancellation).AsTask();

    public Task<StoredFile?> FindAsync(Guid id, CancellationToken cancellation) => db.StoredFiles.AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, cancellation);
}
