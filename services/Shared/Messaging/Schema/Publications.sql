-- The hash by which the sealed history knows what was said and later taken back; the words themselves are gone.
ALTER TABLE published_event ADD COLUMN leaf bytea CHECK (octet_length(leaf) = 32);
CREATE INDEX published_event_message ON published_event (message_id);
CREATE INDEX published_event_withdrawn ON published_event (subject) WHERE leaf IS NOT NULL;

-- What was said of an earlier event: that it was wrong in something, or that it was taken back.
CREATE TABLE publication_note (
    message_id uuid        NOT NULL,
    number     int         NOT NULL CHECK (number >= 1),
    kind       text        NOT NULL CHECK (kind IN ('withdrawn', 'corrected')),
    words      text        NOT NULL,
    noted_by   text        NOT NULL,
    noted_at   timestamptz NOT NULL,
    PRIMARY KEY (message_id, number)
);
CREATE UNIQUE INDEX publication_withdrawn_once ON publication_note (message_id) WHERE kind = 'withdrawn';
