-- Places as the newest event names them: one place is one, though some services write its path with the department and others
-- without. Part of the index, which can be made anew.
CREATE TABLE place (
    id      uuid PRIMARY KEY,
    path    text NOT NULL,
    told_at timestamptz NOT NULL,
    -- Which of two of one moment is the newer: the same for everybody.
    told_by uuid NOT NULL
);
ALTER TABLE subject ADD COLUMN place_id uuid;
CREATE INDEX subject_place_id ON subject (place_id, kind);
CREATE INDEX subject_elsewhere ON subject (id) WHERE place_id IS NULL AND place <> '';

INSERT INTO place SELECT DISTINCT ON (place_id) place_id, path, happened_at, id FROM (
    SELECT (line::jsonb #>> '{data,place,id}')::uuid AS place_id, line::jsonb #>> '{data,place,path}' AS path, happened_at, id FROM event) e
WHERE place_id IS NOT NULL AND path IS NOT NULL ORDER BY place_id, happened_at DESC, id DESC;
UPDATE subject s SET place_id = e.place_id FROM (
    SELECT DISTINCT ON (subject) subject, (line::jsonb #>> '{data,place,id}')::uuid AS place_id FROM event ORDER BY subject, version DESC, happened_at DESC, id DESC) e
WHERE e.subject = s.id AND e.place_id IS NOT NULL;

-- Whether a path lies in a place, or is it: from the place's own name on, both name the same as far as both go, and two names
-- at least, because many places share one.
CREATE FUNCTION lies_in(path text, of_place text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT 1 FROM (SELECT string_to_array(path, ', ') AS a, string_to_array(of_place, ', ') AS c) p, generate_subscripts(p.a, 1) AS i,
            LATERAL (SELECT least(cardinality(p.a) - i + 1, cardinality(p.c)) AS shared) s
        WHERE s.shared >= least(2, cardinality(p.c)) AND p.a[i : i + s.shared - 1] = p.c[1 : s.shared])
$$;
