using MassTransit;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;

namespace ProyeccionSocial.EventsAndMeetings.Bodies;

/// <summary>Keeps the names of members, and one entry for a person who had been registered twice.</summary>
internal sealed class OnPersonChanged(AgendaDb db) : IConsumer<PersonCorrected>, IConsumer<PersonMerged>
{
    public Task Consume(ConsumeContext<PersonCorrected> context)
    {
        var e = context.Message;
        return db.Database.ExecuteSqlAsync($"UPDATE body_member SET name = {e.PersonName} WHERE person_id = {e.PersonId}", context.CancellationToken);
    }

    public Task Consume(ConsumeContext<PersonMerged> context)
    {
        var e = context.Message;
        // What overlaps was one membership all along; its whole period comes with the association's own event. Who
        // attended a meeting that was held stays as it was counted then.
        return db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM body_member d USING body_member s
            WHERE d.person_id = {e.DuplicateId} AND s.person_id = {e.PersonId} AND s.body_id = d.body_id
                AND daterange(s.joined_on, s.left_on, '[]') && daterange(d.joined_on, d.left_on, '[]');
            UPDATE body_member SET person_id = {e.PersonId}, name = {e.PersonName} WHERE person_id = {e.DuplicateId};
            INSERT INTO meeting_attendance
            SELECT a.meeting_id, {e.PersonId} FROM meeting_attendance a JOIN meeting m ON m.id = a.meeting_id
            WHERE a.person_id = {e.DuplicateId} AND m.state IN ('planned', 'convened') ON CONFLICT DO NOTHING;
            DELETE FROM meeting_attendance a USING meeting m
            WHERE m.id = a.meeting_id AND a.person_id = {e.DuplicateId} AND m.state IN ('planned', 'convened')
            """, context.CancellationToken);
    }
}
