-- How many pieces of evidence each month has, so that a quarter can say how many are its own.
ALTER TABLE activity_progress DROP CONSTRAINT activity_progress_pieces_check, ALTER COLUMN pieces TYPE int[] USING array_fill(0, ARRAY[12]);
UPDATE activity_progress p SET pieces = (
    SELECT array_agg((SELECT count(*)::int FROM evidence e WHERE e.plan_id = p.plan_id AND e.activity_number = p.activity_number AND e.withdrawn_at IS NULL
                      AND extract(month FROM e.fact_date) = m) ORDER BY m)
    FROM generate_series(1, 12) m);
ALTER TABLE activity_progress ADD CONSTRAINT activity_progress_pieces CHECK (array_length(pieces, 1) = 12 AND 0 <= ALL (pieces));
CREATE OR REPLACE FUNCTION count_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    e     evidence := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    sign  int := CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE -1 END;
    month int := extract(month FROM e.fact_date);
    cell  int := (month - 1) * 6 + week_of_month((SELECT weeks FROM annual_plan WHERE id = e.plan_id), e.fact_date);
BEGIN
    IF TG_OP = 'DELETE' AND OLD.withdrawn_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO activity_progress (plan_id, activity_number, pieces, executed)
    VALUES (e.plan_id, e.activity_number, array_fill(0, ARRAY[12]), array_fill(0::numeric, ARRAY[72])) ON CONFLICT DO NOTHING;
    UPDATE activity_progress SET pieces[month] = pieces[month] + sign, executed[cell] = executed[cell] + sign * e.quantity
    WHERE plan_id = e.plan_id AND activity_number = e.activity_number;
    RETURN NULL;
END $$;

-- What was shown once proves an activity once: of several, in their order, the first that stands.
DO $$
DECLARE e evidence;
BEGIN
    FOR e IN SELECT * FROM evidence WHERE withdrawn_at IS NULL AND num_nonnulls(photo_id, file_id) > 0 ORDER BY fact_id LOOP
        UPDATE evidence SET withdrawn_at = now(), withdrawn_reason = 'La misma foto o el mismo documento ya contaba'
        WHERE plan_id = e.plan_id AND activity_number = e.activity_number AND fact = e.fact AND fact_id = e.fact_id AND EXISTS (
            SELECT 1 FROM evidence o WHERE o.plan_id = e.plan_id AND o.activity_number = e.activity_number AND o.withdrawn_at IS NULL AND o.fact_id < e.fact_id
                AND (o.photo_id = e.photo_id OR o.file_id = e.file_id));
    END LOOP;
END $$;
CREATE UNIQUE INDEX evidence_photo_once ON evidence (plan_id, activity_number, photo_id) WHERE withdrawn_at IS NULL AND photo_id IS NOT NULL;
CREATE UNIQUE INDEX evidence_file_once ON evidence (plan_id, activity_number, file_id) WHERE withdrawn_at IS NULL AND file_id IS NOT NULL;

-- By which a file is found unused.
CREATE INDEX evidence_photo ON evidence (photo_id) WHERE photo_id IS NOT NULL;
CREATE INDEX evidence_file ON evidence (file_id) WHERE file_id IS NOT NULL;

-- Editions know the numbers of their activities.
ALTER TABLE plan_edition DISABLE TRIGGER USER;
WITH entry AS (
    SELECT e.plan_id, e.number AS edition, a.value AS content, a.ordinality AS at, a.value ->> 'text' AS text,
           row_number() OVER (PARTITION BY e.plan_id, e.number, a.value ->> 'text' ORDER BY a.ordinality) AS nth
    FROM plan_edition e CROSS JOIN jsonb_array_elements(e.content -> 'activities') WITH ORDINALITY a
), activity AS (
    SELECT plan_id, number, text, row_number() OVER (PARTITION BY plan_id, text ORDER BY number) AS nth FROM plan_activity
), numbered AS (
    -- By their words; what was reworded since has a number of its own that no activity has.
    SELECT e.*, coalesce(a.number, 1000 + dense_rank() OVER (PARTITION BY e.plan_id ORDER BY e.text, e.nth)) AS number
    FROM entry e LEFT JOIN activity a ON a.plan_id = e.plan_id AND a.text = e.text AND a.nth = e.nth
), edition AS (
    SELECT plan_id, edition AS number, jsonb_agg(jsonb_build_object('number', number, 'content', content) ORDER BY at) AS activities FROM numbered GROUP BY 1, 2
)
UPDATE plan_edition e SET content = jsonb_set(content, '{activities}', n.activities) FROM edition n WHERE n.plan_id = e.plan_id AND n.number = e.number;
ALTER TABLE plan_edition ENABLE TRIGGER USER;

-- A body has a last day, and a committee may have a project. An institution has one seat, whoever of its two sits in it.
ALTER TABLE organized_body ADD COLUMN project_id uuid, ADD COLUMN ended_on date;
UPDATE organized_body SET ended_on = current_date WHERE state IN ('dissolved', 'cancelled', 'archived');
ALTER TABLE body_member
    ADD COLUMN institution text,
    ADD COLUMN seat        text NOT NULL GENERATED ALWAYS AS (coalesce(lower(institution), person_id::text)) STORED;
ALTER TABLE meeting_kind ADD COLUMN version bigint NOT NULL DEFAULT 1;

DROP INDEX meeting_agreement_due;
CREATE INDEX meeting_agreement_by_due ON meeting_agreement (due_on, meeting_id, number);

-- Who registered for an event is told as well.
ALTER TABLE notice RENAME COLUMN agreement TO occasion;
ALTER TABLE notice
    ALTER COLUMN meeting_id DROP NOT NULL,
    ALTER COLUMN person_id DROP NOT NULL,
    ADD COLUMN registration_id uuid REFERENCES event_registration,
    DROP CONSTRAINT notice_about_check,
    ADD CONSTRAINT notice_about CHECK (about IN ('convened', 'rescheduled', 'cancelled', 'agreement-overdue', 'seat-confirmed', 'event-changed', 'event-cancelled')),
    ADD CONSTRAINT notice_to CHECK (num_nonnulls(meeting_id, registration_id) = 1 AND (meeting_id IS NULL) = (person_id IS NULL)),
    ADD CONSTRAINT notice_of_registration_once UNIQUE (registration_id, about, occasion);
-- Who registers by themselves does so once.
ALTER TABLE event_registration ADD COLUMN resident text;
CREATE UNIQUE INDEX event_registration_of_resident ON event_registration (event_id, resident) WHERE state <> 'cancelled';
