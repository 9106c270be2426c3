-- The bodies that can be convened, as Organizations tells of them. version is that of the last event applied.
CREATE TABLE organized_body (
    id      uuid PRIMARY KEY,
    kind    text   NOT NULL,
    name    text   NOT NULL,
    place   text   NOT NULL,
    state   text   NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE body_member (
    body_id   uuid   NOT NULL,
    person_id uuid   NOT NULL,
    name      text   NOT NULL,
    joined_on date   NOT NULL,
    left_on   date,
    version   bigint NOT NULL,
    PRIMARY KEY (body_id, person_id)
);

CREATE TABLE annual_plan (
    id         uuid PRIMARY KEY,
    version    bigint NOT NULL,
    unit       text NOT NULL,
    year       int  NOT NULL CHECK (year BETWEEN 1990 AND 2100),
    state      text NOT NULL CHECK (state IN ('draft')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT annual_plan_unit_year UNIQUE (unit, year)
);
CREATE TABLE plan_objective (
    plan_id uuid NOT NULL REFERENCES annual_plan,
    number  int  NOT NULL,
    scope   text NOT NULL CHECK (scope IN ('plan', 'unit')),
    text    text NOT NULL,
    PRIMARY KEY (plan_id, number)
);
CREATE TABLE plan_activity (
    plan_id         uuid NOT NULL REFERENCES annual_plan,
    number          int  NOT NULL,
    text            text NOT NULL,
    schedule        text NOT NULL CHECK (schedule IN ('unscheduled', 'one-off', 'week', 'monthly', 'recurring')),
    schedule_source text,
    month           int CHECK (month BETWEEN 1 AND 12),
    week            int CHECK (week BETWEEN 1 AND 5),
    rule            text,
    PRIMARY KEY (plan_id, number),
    CONSTRAINT plan_activity_schedule CHECK ((schedule = 'week') = (month IS NOT NULL AND week IS NOT NULL) AND (schedule = 'recurring') = (rule IS NOT NULL))
);
-- Which facts count as evidence of which activity.
CREATE TABLE evidence_rule (
    plan_id         uuid NOT NULL,
    activity_number int  NOT NULL,
    fact            text NOT NULL CHECK (fact IN ('meeting-held', 'committee-formed')),
    body_kind       text NOT NULL,
    PRIMARY KEY (plan_id, activity_number, fact, body_kind),
    FOREIGN KEY (plan_id, activity_number) REFERENCES plan_activity
);
CREATE TABLE evidence (
    plan_id         uuid NOT NULL,
    activity_number int  NOT NULL,
    fact            text NOT NULL,
    fact_id         uuid NOT NULL,
    fact_date       date NOT NULL,
    description     text NOT NULL,
    recorded_at     timestamptz NOT NULL,
    -- The same fact counts once, however often it is told.
    PRIMARY KEY (plan_id, activity_number, fact, fact_id),
    FOREIGN KEY (plan_id, activity_number) REFERENCES plan_activity
);

-- A series, its occurrences, and the decision on each: an occurrence is known by its original date for ever.
CREATE TABLE meeting_series (
    id         uuid PRIMARY KEY,
    version    bigint NOT NULL,
    title      text NOT NULL,
    rule       text NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    starts     time NOT NULL,
    venue      text NOT NULL,
    body_id    uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT meeting_series_days CHECK (last_day >= first_day)
);
CREATE TABLE series_occurrence (
    series_id     uuid NOT NULL REFERENCES meeting_series,
    original_date date NOT NULL,
    date          date NOT NULL,
    state         text NOT NULL CHECK (state IN ('scheduled', 'needs-decision', 'moved', 'cancelled')),
    holiday       text,
    proposals     date[] NOT NULL DEFAULT '{}',
    reason        text,
    PRIMARY KEY (series_id, original_date),
    CONSTRAINT occurrence_reason CHECK (state NOT IN ('moved', 'cancelled') OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX occurrences_do_not_collide ON series_occurrence (series_id, date) WHERE state <> 'cancelled';

CREATE TABLE meeting_kind (
    code            text PRIMARY KEY,
    name            text NOT NULL,
    notice_min_days int  NOT NULL CHECK (notice_min_days >= 0),
    notice_max_days int  NOT NULL CHECK (notice_max_days >= notice_min_days),
    needs_quorum    boolean NOT NULL,
    second_call     boolean NOT NULL
);
INSERT INTO meeting_kind VALUES
    ('ordinary-assembly', 'Asamblea general ordinaria', 5, 8, true, true),
    ('extraordinary-assembly', 'Asamblea general extraordinaria', 2, 3, true, true),
    ('coordination', 'Reunión de coordinación y planificación', 1, 30, false, false),
    ('committee-meeting', 'Reunión de comité', 1, 15, true, false);

CREATE TABLE meeting (
    id           uuid PRIMARY KEY,
    version      bigint NOT NULL,
    kind         text NOT NULL REFERENCES meeting_kind,
    title        text NOT NULL,
    body_id      uuid NOT NULL REFERENCES organized_body,
    starts_at    timestamp NOT NULL,
    venue        text NOT NULL,
    points       text[] NOT NULL,
    state        text NOT NULL CHECK (state IN ('planned', 'convened', 'held', 'no-quorum', 'rescheduled', 'cancelled')),
    convened_on  date,
    call         int CHECK (call IN (1, 2)),
    attendance   int CHECK (attendance >= 0),
    members      int CHECK (members >= 0),
    quorum       int CHECK (quorum >= 0),
    reason       text,
    successor_id uuid REFERENCES meeting,
    created_at   timestamptz NOT NULL,
    CONSTRAINT meeting_held CHECK (state <> 'held' OR (attendance >= quorum AND attendance > 0 AND call IS NOT NULL)),
    CONSTRAINT meeting_reason CHECK (state NOT IN ('rescheduled', 'cancelled') OR reason IS NOT NULL)
);
CREATE INDEX meeting_by_start ON meeting (starts_at, id);
CREATE INDEX meeting_by_body ON meeting (body_id, starts_at);
CREATE TABLE meeting_attendance (
    meeting_id uuid NOT NULL REFERENCES meeting,
    person_id  uuid NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
);
