-- A series, its templates and its occurrences are three things: a template holds the rule and what a meeting is like
-- from a day on; an occurrence keeps the date its rule gave it, whatever becomes of it.
CREATE TABLE series_template (
    series_id        uuid NOT NULL REFERENCES meeting_series,
    number           int  NOT NULL CHECK (number >= 1),
    first_day        date NOT NULL,
    last_day         date NOT NULL,
    rule             text NOT NULL,
    except_days      date[] NOT NULL DEFAULT '{}',
    title            text NOT NULL,
    kind             text REFERENCES meeting_kind,
    starts           time NOT NULL,
    duration_minutes int  NOT NULL CHECK (duration_minutes BETWEEN 5 AND 1440),
    venue            text NOT NULL,
    points           text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (series_id, number),
    CONSTRAINT series_template_days CHECK (last_day >= first_day)
);
INSERT INTO series_template (series_id, number, first_day, last_day, rule, title, starts, duration_minutes, venue)
SELECT id, 1, first_day, last_day, rule, title, starts, 120, venue FROM meeting_series;
ALTER TABLE meeting_series DROP CONSTRAINT meeting_series_days,
    DROP COLUMN rule, DROP COLUMN first_day, DROP COLUMN last_day, DROP COLUMN starts, DROP COLUMN venue,
    ADD CONSTRAINT meeting_series_body FOREIGN KEY (body_id) REFERENCES organized_body;
ALTER TABLE series_occurrence
    ADD COLUMN template   int NOT NULL DEFAULT 1,
    ADD COLUMN is_decided boolean NOT NULL DEFAULT false,
    ADD COLUMN sequence   int NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    ADD COLUMN meeting_id uuid UNIQUE REFERENCES meeting,
    ADD FOREIGN KEY (series_id, template) REFERENCES series_template;
UPDATE series_occurrence SET is_decided = true WHERE state IN ('moved', 'cancelled') OR (state = 'scheduled' AND holiday IS NOT NULL);
ALTER TABLE series_occurrence ALTER COLUMN template DROP DEFAULT, ALTER COLUMN is_decided DROP DEFAULT, ALTER COLUMN sequence DROP DEFAULT;

-- A meeting that has another date keeps its name in people's calendars.
ALTER TABLE meeting
    ADD COLUMN calendar_uid      uuid,
    ADD COLUMN calendar_sequence int NOT NULL DEFAULT 0 CHECK (calendar_sequence >= 0);
UPDATE meeting SET calendar_uid = id;
ALTER TABLE meeting ALTER COLUMN calendar_uid SET NOT NULL, ALTER COLUMN calendar_sequence DROP DEFAULT;
