-- Cultural, artistic, sports and community events, with who registered for them.
CREATE TABLE community_event (
    id                uuid PRIMARY KEY,
    version           bigint NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('cultural', 'artistic', 'sports', 'community', 'training')),
    title             text NOT NULL,
    promotion         text NOT NULL,
    starts_at         timestamp NOT NULL,
    ends_at           timestamp NOT NULL,
    venue             text NOT NULL,
    place             text,
    organiser         text NOT NULL,
    partners          text[] NOT NULL DEFAULT '{}',
    capacity          int CHECK (capacity > 0),
    state             text NOT NULL CHECK (state IN ('planned', 'announced', 'held', 'cancelled')),
    announced_at      timestamptz,
    reason            text,
    attendance        int CHECK (attendance >= 0),
    results           text,
    calendar_sequence int NOT NULL CHECK (calendar_sequence >= 0),
    created_by        text NOT NULL,
    created_at        timestamptz NOT NULL,
    CONSTRAINT community_event_announced CHECK (state <> 'announced' OR announced_at IS NOT NULL),
    CONSTRAINT community_event_hours CHECK (ends_at > starts_at),
    CONSTRAINT community_event_reason CHECK (state <> 'cancelled' OR reason IS NOT NULL),
    CONSTRAINT community_event_held CHECK ((state = 'held') = (attendance IS NOT NULL AND results IS NOT NULL))
);
CREATE INDEX community_event_by_start ON community_event (starts_at, id);
CREATE TABLE event_registration (
    id             uuid PRIMARY KEY,
    event_id       uuid NOT NULL REFERENCES community_event,
    number         int  NOT NULL CHECK (number >= 1),
    name           text NOT NULL,
    email          text CHECK (length(email) <= 254),
    seats          int  NOT NULL CHECK (seats BETWEEN 1 AND 10),
    code           text NOT NULL UNIQUE CHECK (code ~ '^[2-9a-hjkmnp-z]{10}$'),
    state          text NOT NULL CHECK (state IN ('confirmed', 'waiting', 'cancelled')),
    checked_in_at  timestamptz,
    registered_by  text NOT NULL,
    registered_at  timestamptz NOT NULL,
    CONSTRAINT event_registration_number UNIQUE (event_id, number),
    CONSTRAINT event_registration_checked CHECK (checked_in_at IS NULL OR state = 'confirmed')
);
-- No more seats are given than there are, whoever gives them at once.
CREATE FUNCTION seats_are_enough() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    event uuid := CASE TG_TABLE_NAME WHEN 'community_event' THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'event_id')::uuid END;
    most  int;
BEGIN
    SELECT capacity INTO most FROM community_event WHERE id = event FOR UPDATE;
    IF most < (SELECT coalesce(sum(seats), 0) FROM event_registration WHERE event_id = event AND state = 'confirmed') THEN
        RAISE EXCEPTION 'more seats than there are' USING ERRCODE = 'check_violation', CONSTRAINT = 'event_capacity';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registration_fits AFTER INSERT OR UPDATE OF state, seats ON event_registration FOR EACH ROW EXECUTE FUNCTION seats_are_enough();
CREATE TRIGGER capacity_fits AFTER UPDATE OF capacity ON community_event FOR EACH ROW EXECUTE FUNCTION seats_are_enough();

-- Days on which packages are delivered, as the distribution tells of them.
CREATE TABLE delivery_day (
    id       uuid PRIMARY KEY,
    version  bigint NOT NULL,
    campaign text NOT NULL,
    centre   text NOT NULL,
    place    text NOT NULL,
    date     date NOT NULL,
    opens    time NOT NULL,
    closes   time NOT NULL,
    state    text NOT NULL CHECK (state IN ('scheduled', 'cancelled', 'closed'))
);
CREATE INDEX delivery_day_by_date ON delivery_day (date);

-- Everything that has a day and an hour, whatever it is.
CREATE VIEW calendar_entry AS
SELECT 'meeting' AS kind, m.id, NULL::date AS original_date, m.title, m.body_id, b.name AS body_name, b.place, m.venue, m.starts_at,
       m.starts_at + make_interval(mins => m.duration_minutes) AS ends_at, m.state
FROM meeting m JOIN organized_body b ON b.id = m.body_id WHERE m.state <> 'rescheduled'
UNION ALL
SELECT 'occurrence', o.series_id, o.original_date, t.title, s.body_id, b.name, b.place, t.venue, o.date + t.starts, o.date + t.starts + make_interval(mins => t.duration_minutes), o.state
FROM series_occurrence o JOIN series_template t ON t.series_id = o.series_id AND t.number = o.template
JOIN meeting_series s ON s.id = o.series_id LEFT JOIN organized_body b ON b.id = s.body_id WHERE o.meeting_id IS NULL
UNION ALL
SELECT 'event', id, NULL, title, NULL, organiser, place, venue, starts_at, ends_at, state FROM community_event
UNION ALL
SELECT 'delivery-day', id, NULL, campaign, NULL, centre, place, centre, date + opens, date + closes, state FROM delivery_day;

-- Meetings and series of which a person has decided nothing yet: the assembly that elects a board, or a project's committees.
CREATE TABLE meeting_proposal (
    id          uuid PRIMARY KEY,
    cause       text NOT NULL CHECK (cause IN ('board-expired', 'project-approved')),
    subject_id  uuid NOT NULL,
    body_id     uuid REFERENCES organized_body,
    kind        text NOT NULL REFERENCES meeting_kind,
    title       text NOT NULL,
    points      text[] NOT NULL,
    place       text NOT NULL,
    reason      text NOT NULL,
    proposed_on date NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'planned', 'dismissed', 'settled')),
    meeting_id  uuid UNIQUE REFERENCES meeting,
    dismissed_because text,
    CONSTRAINT meeting_proposal_once UNIQUE (cause, subject_id, proposed_on),
    CONSTRAINT meeting_proposal_planned CHECK ((state = 'planned') = (meeting_id IS NOT NULL)),
    CONSTRAINT meeting_proposal_dismissed CHECK ((state = 'dismissed') = (dismissed_because IS NOT NULL))
);
