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
        // attended a meeting whose minutes are closed stays as it was written then.
        return db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM body_member d USING body_member s
            WHERE d.person_id = {e.DuplicateId} AND s.person_id = {e.PersonId} AND s.body_id = d.body_id
                AND daterange(s.joined_on, s.left_on, '[]') && daterange(d.joined_on, d.left_on, '[]');
            UPDATE body_member SET person_id = {e.PersonId}, name = {e.PersonName} WHERE person_id = {e.DuplicateId};
            INSERT INTO meeting_attendance (meeting_id, person_id, how, recorded_at)
            SELECT a.meeting_id, {e.PersonId}, a.how, a.recorded_at FROM meeting_attendance a
            WHERE a.person_id = {e.DuplicateId} AND NOT EXISTS (SELECT 1 FROM minutes WHERE meeting_id = a.meeting_id) ON CONFLICT DO NOTHING;
            DELETE FROM meeting_attendance a WHERE a.person_id = {e.DuplicateId} AND NOT EXISTS (SELECT 1 FROM minutes WHERE meeting_id = a.meeting_id);
            UPDATE meeting_invitation i SET person_id = {e.PersonId}, name = {e.PersonName} WHERE i.person_id = {e.DuplicateId}
                AND NOT EXISTS (SELECT 1 FROM meeting_invitation s WHERE s.meeting_id = i.meeting_id AND s.person_id = {e.PersonId});
            UPDATE notice n SET person_id = {e.PersonId} WHERE n.person_id = {e.DuplicateId} AND n.state = 'pending'
                AND NOT EXISTS (SELECT 1 FROM notice s WHERE s.meeting_id = n.meeting_id AND s.person_id = {e.PersonId} AND s.about = n.about AND s.occasion = n.occasion);
            UPDATE notice_address a SET person_id = {e.PersonId} WHERE a.person_id = {e.DuplicateId} AND NOT EXISTS (SELECT 1 FROM notice_address s WHERE s.person_id = {e.PersonId});
            DELETE FROM notice_address WHERE person_id = {e.DuplicateId};
            UPDATE meeting_agreement SET responsible_id = {e.PersonId} WHERE responsible_id = {e.DuplicateId}
            """, context.CancellationToken);
    }
}
