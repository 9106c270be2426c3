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

-- What was shown once proves an activity once.
UPDATE evidence e SET withdrawn_at = now(), withdrawn_reason = 'La misma foto o el mismo documento ya contaba'
WHERE e.withdrawn_at IS NULL AND EXISTS (
    SELECT 1 FROM evidence o WHERE o.plan_id = e.plan_id AND o.activity_number = e.activity_number AND o.withdrawn_at IS NULL AND o.fact_id < e.fact_id
        AND (o.photo_id = e.photo_id OR o.file_id = e.file_id));
CREATE UNIQUE INDEX evidence_photo_once ON evidence (plan_id, activity_number, photo_id) WHERE withdrawn_at IS NULL AND photo_id IS NOT NULL;
CREATE UNIQUE INDEX evidence_file_once ON evidence (plan_id, activity_number, file_id) WHERE withdrawn_at IS NULL AND file_id IS NOT NULL;

-- Editions know the numbers of their activities.
ALTER TABLE plan_edition DISABLE TRIGGER USER;
UPDATE plan_edition e SET content = jsonb_set(content, '{activities}', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('number', coalesce((SELECT min(number) FROM plan_activity p WHERE p.plan_id = e.plan_id AND p.text = a.value ->> 'text'), a.ordinality),
                                                 'content', a.value) ORDER BY a.ordinality), '[]')
    FROM jsonb_array_elements(content -> 'activities') WITH ORDINALITY a));
ALTER TABLE plan_edition ENABLE TRIGGER USER;
