-- An event that takes back or corrects an earlier one stands with the subject of that one, and names it.
ALTER TABLE event ADD COLUMN about uuid;
-- The hash that a line was sealed with, once its words were taken back.
ALTER TABLE event ADD COLUMN leaf bytea CHECK (octet_length(leaf) = 32);
CREATE INDEX event_id ON event (id);
CREATE INDEX event_about ON event (about) WHERE about IS NOT NULL;
DROP INDEX event_of_subject;
CREATE INDEX event_of_subject ON event (subject, happened_at DESC, id DESC);

-- What happened stays; only its words can go, when the service that said them took them back.
CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.leaf IS NULL AND NEW.leaf = sha256('\x00'::bytea || convert_to(OLD.line, 'UTF8'))
        AND to_jsonb(NEW) - 'line' - 'leaf' = to_jsonb(OLD) - 'line' - 'leaf'
        AND NEW.line::jsonb - 'withdrawn' - 'data' = OLD.line::jsonb - 'data' AND NEW.line::jsonb ->> 'withdrawn' = encode(NEW.leaf, 'hex')
        AND NEW.line::jsonb -> 'data' = jsonb_build_object('version', OLD.version) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what happened stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'history_stays';
END $$;
DROP TRIGGER event_stays ON event;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_stays();

-- What the broker brought and the feed has not yet: shown at once, sealed once the feed says where it stands.
CREATE TABLE heard (
    id          uuid PRIMARY KEY,
    source      text   NOT NULL REFERENCES feed,
    type        text   NOT NULL,
    subject     uuid   NOT NULL,
    version     bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    line        text   NOT NULL,
    about       uuid
);
CREATE INDEX heard_of_subject ON heard (subject);
CREATE VIEW told AS
    SELECT id, source, type, subject, version, happened_at, line, about FROM event
    UNION ALL
    SELECT id, source, type, subject, version, happened_at, line, about FROM heard;

-- When something is, and whether it was called off: by the newest event that says so.
ALTER TABLE subject ADD COLUMN starts_at timestamp, ADD COLUMN ends_at timestamp, ADD COLUMN is_off boolean NOT NULL DEFAULT false, ADD COLUMN occasion_version bigint NOT NULL DEFAULT 0;
CREATE INDEX subject_starts ON subject (starts_at) WHERE starts_at IS NOT NULL;

-- Words as people type them on a telephone: without accents. The eñe stays a letter of its own.
CREATE FUNCTION plain(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT translate($1, 'áéíóúüÁÉÍÓÚÜ', 'aeiouuAEIOUU') $$;
DROP INDEX subject_words;
ALTER TABLE subject DROP COLUMN words;
ALTER TABLE subject ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('spanish', plain(title || ' ' || place))) STORED;
CREATE INDEX subject_words ON subject USING gin (words);

-- The newest word on each part of each subject: all that its page says of it without looking through what came before.
CREATE TABLE newest (
    subject     uuid   NOT NULL,
    type        text   NOT NULL,
    part        text   NOT NULL,
    version     bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    id          uuid   NOT NULL,
    line        text   NOT NULL,
    words       tsvector NOT NULL GENERATED ALWAYS AS (jsonb_to_tsvector('spanish', plain(line)::jsonb -> 'data', '["string"]')) STORED,
    PRIMARY KEY (subject, type, part)
);
CREATE INDEX newest_words ON newest USING gin (words);
CREATE INDEX newest_of_type ON newest (type, happened_at DESC);

-- Of which making the index is: a newer portal makes it anew from the events.
CREATE TABLE index_making (making int NOT NULL);
INSERT INTO index_making VALUES (0);
