-- How far the portal has read each service's feed, and the block that is being filled.
CREATE TABLE feed (
    source    text PRIMARY KEY,
    -- The feed's cursor.
    position  bigint NOT NULL DEFAULT 0,
    -- Events so far; each has its number without a gap.
    number    bigint NOT NULL DEFAULT 0,
    block     int    NOT NULL DEFAULT 1,
    block_day date,
    in_block  int    NOT NULL DEFAULT 0
);

-- Every public event in the order of its feed, word by word: the line is what is sealed, and nothing of it changes.
CREATE TABLE event (
    source      text   NOT NULL REFERENCES feed,
    number      bigint NOT NULL CHECK (number >= 1),
    block       int    NOT NULL,
    id          uuid   NOT NULL,
    type        text   NOT NULL,
    subject     uuid   NOT NULL,
    version     bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    line        text   NOT NULL,
    PRIMARY KEY (source, number),
    CONSTRAINT event_once UNIQUE (source, id)
);
CREATE INDEX event_of_subject ON event (subject, version);
CREATE INDEX event_of_block ON event (source, block, number);
CREATE INDEX event_latest ON event (happened_at DESC, id DESC);

-- A sealed block: the Merkle root of its lines, and a seal over the seal before it and this root.
CREATE TABLE block (
    source   text   NOT NULL REFERENCES feed,
    number   int    NOT NULL CHECK (number >= 1),
    first    bigint NOT NULL,
    last     bigint NOT NULL CHECK (last >= first),
    day      date   NOT NULL,
    root     bytea  NOT NULL CHECK (octet_length(root) = 32),
    previous bytea  CHECK (octet_length(previous) = 32),
    seal     bytea  NOT NULL CHECK (octet_length(seal) = 32),
    PRIMARY KEY (source, number),
    CHECK ((number = 1) = (previous IS NULL))
);

CREATE FUNCTION history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what happened stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'history_stays';
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION history_stays();
CREATE TRIGGER block_stays BEFORE UPDATE OR DELETE ON block FOR EACH ROW EXECUTE FUNCTION history_stays();

-- What events are about, as the newest one names it: an index over the events, which can be made anew from them.
CREATE TABLE subject (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    title      text NOT NULL,
    -- The place with those that contain it, smallest first; empty where there is none.
    place      text NOT NULL,
    parent     uuid,
    version    bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    words      tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('spanish', title || ' ' || place)) STORED
);
CREATE INDEX subject_words ON subject USING gin (words);
CREATE INDEX subject_kind ON subject (kind, changed_at DESC, id DESC);
CREATE INDEX subject_place ON subject (place, kind);
CREATE INDEX subject_parent ON subject (parent);
