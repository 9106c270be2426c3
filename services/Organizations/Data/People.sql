CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A file that cannot be taken in after some attempts does not keep the next ones waiting.
ALTER TABLE import_job ADD COLUMN attempts int NOT NULL DEFAULT 0;

-- Text as people search for it: without accents and capitals.
CREATE FUNCTION plain(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(written, 'ÁÉÍÓÚÜÑáéíóúüñ', 'AEIOUUNaeiouun'));

-- A duplicate is kept, without its identity, so that what was written with its id still leads to the person.
ALTER TABLE person
    ADD COLUMN merged_into_id uuid REFERENCES person,
    ADD CONSTRAINT person_not_merged_into_self CHECK (merged_into_id <> id);
DROP INDEX person_by_name;
CREATE INDEX person_search ON person (plain(surnames || ' ' || given_names) text_pattern_ops);
CREATE INDEX person_responsible ON person (responsible_person_id) WHERE responsible_person_id IS NOT NULL;

CREATE TABLE person_merge (
    duplicate_id uuid PRIMARY KEY REFERENCES person,
    survivor_id  uuid NOT NULL REFERENCES person,
    reason       text NOT NULL,
    moved        text NOT NULL,
    merged_by    text NOT NULL,
    merged_at    timestamptz NOT NULL,
    CONSTRAINT person_merge_of_two CHECK (survivor_id <> duplicate_id)
);
CREATE INDEX person_merge_survivor ON person_merge (survivor_id);

-- Who works for whom, as far as it keeps a person out of a committee.
CREATE TABLE person_affiliation (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person_identity,
    kind       text NOT NULL CHECK (kind IN ('municipal-staff', 'council', 'contractor')),
    project_id uuid,
    first_day  date NOT NULL,
    last_day   date,
    CONSTRAINT affiliation_dates CHECK (last_day >= first_day),
    CONSTRAINT affiliation_project CHECK ((kind = 'contractor') = (project_id IS NOT NULL)),
    CONSTRAINT affiliation_once EXCLUDE USING gist
        (person_id WITH =, kind WITH =, (coalesce(project_id, '00000000-0000-0000-0000-000000000000')) WITH =, daterange(first_day, last_day, '[]') WITH &&)
);

CREATE TABLE person_kinship (
    person_id   uuid NOT NULL REFERENCES person_identity,
    relative_id uuid NOT NULL REFERENCES person_identity,
    relation    text NOT NULL CHECK (relation IN ('parent', 'child', 'sibling', 'spouse', 'other')),
    PRIMARY KEY (person_id, relative_id),
    CONSTRAINT kinship_of_two CHECK (person_id <> relative_id)
);
CREATE INDEX person_kinship_relative ON person_kinship (relative_id);
