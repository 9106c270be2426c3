-- Who leaves a body and joins it again has two memberships.
ALTER TABLE body_member DROP CONSTRAINT body_member_pkey, ADD PRIMARY KEY (body_id, person_id, joined_on);
CREATE INDEX body_member_person ON body_member (person_id);
CREATE INDEX meeting_attendance_person ON meeting_attendance (person_id);
