-- What happened stays; only its words can go. Of what corrected something remains besides what that was about.
CREATE OR REPLACE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.leaf IS NULL AND NEW.leaf = sha256('\x00'::bytea || convert_to(OLD.line, 'UTF8'))
        AND to_jsonb(NEW) - 'line' - 'leaf' = to_jsonb(OLD) - 'line' - 'leaf'
        AND NEW.line::jsonb - 'withdrawn' - 'data' = OLD.line::jsonb - 'data' AND NEW.line::jsonb ->> 'withdrawn' = encode(NEW.leaf, 'hex')
        AND NEW.line::jsonb -> 'data' = jsonb_build_object('version', OLD.version) || (CASE WHEN OLD.about IS NULL THEN '{}' ELSE jsonb_build_object('about', OLD.subject) END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what happened stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'history_stays';
END $$;

-- What was said to be right instead of the newest word on something.
CREATE INDEX event_notes ON event (subject) WHERE about IS NOT NULL;
CREATE VIEW correction AS
SELECT e.subject, e.id, e.happened_at, e.line::jsonb #>> '{data,correction}' AS words
FROM told e WHERE e.about IS NOT NULL AND e.line::jsonb #> '{data,correction}' IS NOT NULL AND EXISTS (SELECT 1 FROM newest n WHERE n.subject = e.subject AND n.id = e.about);

-- Everything that lies in a place: what names a place in it (a venue alone, as "Casa comunal", names none), and what has no place of its own and belongs to such a thing, as an
-- association's meetings do.
CREATE FUNCTION lying_in(of_place text) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT id FROM subject WHERE kind <> 'place'
            AND (place_id IN (SELECT id FROM place WHERE lies_in(path, of_place)) OR (place_id IS NULL AND place LIKE '%, %' AND lies_in(place, of_place))))
    SELECT id FROM own UNION SELECT s.id FROM subject s JOIN own ON own.id = s.parent WHERE s.place_id IS NULL
$$;

-- What says the words that somebody looks for. What is called so comes first; then what says it somewhere.
CREATE FUNCTION saying(wanted text) RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE AS $$
    SELECT f.id, max(f.rank) FROM (
        SELECT s.id, 1 + ts_rank(s.words, q) AS rank FROM subject s, websearch_to_tsquery('spanish', plain(wanted)) q WHERE s.words @@ q AND s.kind <> 'place'
        UNION ALL
        SELECT n.subject, ts_rank(n.words, q) FROM newest n JOIN subject s ON s.id = n.subject AND s.kind <> 'place', websearch_to_tsquery('spanish', plain(wanted)) q WHERE n.words @@ q) f
    GROUP BY f.id
$$;

-- When something is: subjects with their moment, and the dates of recurring meetings that are no meeting yet. Of a date counts
-- what was decided after the series was last put on the calendar. Older events say no hour.
CREATE VIEW occasion AS
SELECT id, kind, title, place, place_id, starts_at, ends_at, true AS has_hour, is_off FROM subject WHERE starts_at IS NOT NULL
UNION ALL
SELECT d.id, d.kind, d.title, d.place, d.place_id, d.starts_at, d.ends_at, d.has_hour, d.is_off FROM (
    SELECT s.id, s.kind, s.title, s.place, s.place_id, s.parent, coalesce(c.data ->> 'startsAt', c.data ->> 'date', o ->> 'startsAt')::timestamp AS starts_at, coalesce(c.data ->> 'endsAt', o ->> 'endsAt')::timestamp AS ends_at,
        coalesce(c.data ->> 'startsAt', o ->> 'endsAt') IS NOT NULL AS has_hour, coalesce((c.data ->> 'cancelled')::boolean, false) AS is_off, coalesce(c.data ->> 'meetingId', o ->> 'meetingId') AS meeting
    FROM newest n
    JOIN subject s ON s.id = n.subject
    CROSS JOIN LATERAL (SELECT n.line::jsonb -> 'data' AS data) told
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(told.data -> 'occurrences') = 'array' THEN told.data -> 'occurrences'
            ELSE (SELECT coalesce(jsonb_agg(jsonb_build_object('originalDate', day, 'startsAt', day)), '[]') FROM jsonb_array_elements_text(told.data -> 'dates') day) END) o
    LEFT JOIN LATERAL (
        SELECT d.line::jsonb -> 'data' AS data FROM newest d
        WHERE d.subject = n.subject AND d.type = 'agenda.series.occurrence-decided.v1' AND d.part = o ->> 'originalDate' AND d.version > n.version) c ON true
    WHERE n.type = 'agenda.series.scheduled.v1') d
-- Once a date is opened it is a meeting of the same body, at the same hour until somebody moves it.
WHERE d.meeting IS NULL AND NOT EXISTS (SELECT 1 FROM subject m WHERE m.kind = 'meeting' AND m.parent = d.parent AND m.starts_at = d.starts_at)
    AND (d.has_hour OR NOT EXISTS (
        SELECT 1 FROM subject m WHERE m.kind = 'meeting' AND m.starts_at >= d.starts_at AND m.starts_at < d.starts_at + interval '1 day' AND starts_with(m.title, d.title)));
