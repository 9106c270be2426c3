-- A plan's whole life: its states with the council's agreement, what each activity promises, the editions after each
-- modification, and what proves it.
ALTER TABLE annual_plan
    DROP CONSTRAINT annual_plan_state_check,
    ADD COLUMN weeks             text NOT NULL DEFAULT 'sevenths' CHECK (weeks IN ('sevenths', 'calendar')),
    ADD COLUMN observations      text,
    ADD COLUMN council_minutes   int  CHECK (council_minutes > 0),
    ADD COLUMN council_agreement int  CHECK (council_agreement > 0),
    ADD COLUMN council_date      date,
    ADD COLUMN started_on        date,
    ADD COLUMN closed_on         date,
    ADD COLUMN copied_from       uuid REFERENCES annual_plan,
    ADD COLUMN last_edition      int  CHECK (last_edition >= 0),
    ADD CONSTRAINT annual_plan_state CHECK (state IN ('draft', 'submitted', 'observed', 'approved', 'in-execution', 'closed')),
    ADD CONSTRAINT annual_plan_agreement CHECK (num_nulls(council_minutes, council_agreement, council_date) IN (0, 3)),
    ADD CONSTRAINT annual_plan_approved CHECK ((state IN ('approved', 'in-execution', 'closed')) = (council_date IS NOT NULL)),
    ADD CONSTRAINT annual_plan_observed CHECK (state <> 'observed' OR observations IS NOT NULL),
    ADD CONSTRAINT annual_plan_started CHECK ((state IN ('in-execution', 'closed')) = (started_on IS NOT NULL)),
    ADD CONSTRAINT annual_plan_closed CHECK ((state = 'closed') = (closed_on IS NOT NULL));

-- What is programmed, by month and week; week 0 is a month whose week is not stated.
CREATE TABLE plan_schedule (
    plan_id         uuid NOT NULL,
    activity_number int  NOT NULL,
    month           int  NOT NULL CHECK (month BETWEEN 1 AND 12),
    week            int  NOT NULL CHECK (week BETWEEN 0 AND 6),
    quantity        numeric(12, 2) NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (plan_id, activity_number, month, week),
    FOREIGN KEY (plan_id, activity_number) REFERENCES plan_activity
);
INSERT INTO plan_schedule SELECT plan_id, number, month, week, 1 FROM plan_activity WHERE schedule = 'week';
INSERT INTO plan_schedule SELECT plan_id, number, m, 0, 1 FROM plan_activity, generate_series(1, 12) m WHERE schedule IN ('monthly', 'recurring');

ALTER TABLE plan_activity
    DROP CONSTRAINT plan_activity_schedule_check,
    DROP CONSTRAINT plan_activity_schedule,
    DROP COLUMN month,
    DROP COLUMN week,
    ADD COLUMN objective_number int,
    ADD COLUMN target           numeric(12, 2) CHECK (target > 0),
    ADD COLUMN unit_of_measure  text,
    ADD COLUMN responsible      text,
    ADD COLUMN budget           numeric(12, 2) CHECK (budget >= 0),
    ADD COLUMN indicator        text,
    ADD COLUMN means_of_verification text,
    ADD COLUMN remarks          text,
    ADD COLUMN withdrawn        boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT plan_activity_schedule CHECK (schedule IN ('unscheduled', 'one-off', 'week', 'monthly', 'recurring', 'programmed')),
    ADD CONSTRAINT plan_activity_rule CHECK ((schedule = 'recurring') = (rule IS NOT NULL)),
    ADD FOREIGN KEY (plan_id, objective_number) REFERENCES plan_objective;
UPDATE plan_activity a SET target = (SELECT sum(quantity) FROM plan_schedule s WHERE s.plan_id = a.plan_id AND s.activity_number = a.number);

-- Edition 0 is the baseline that the council approved; each modification adds one. Nobody rewrites them.
CREATE TABLE plan_edition (
    plan_id           uuid NOT NULL REFERENCES annual_plan,
    number            int  NOT NULL CHECK (number >= 0),
    reason            text,
    council_minutes   int,
    council_agreement int,
    council_date      date,
    content           jsonb NOT NULL,
    made_by           text NOT NULL,
    made_at           timestamptz NOT NULL,
    PRIMARY KEY (plan_id, number),
    CONSTRAINT plan_edition_reason CHECK ((number = 0) = (reason IS NULL)),
    CONSTRAINT plan_edition_agreement CHECK (num_nulls(council_minutes, council_agreement, council_date) IN (0, 3))
);
CREATE FUNCTION plan_edition_is_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM annual_plan WHERE id = NEW.plan_id FOR UPDATE;
    IF NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM plan_edition WHERE plan_id = NEW.plan_id) THEN
        RAISE EXCEPTION 'edition % of plan % is not the next', NEW.number, NEW.plan_id USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_edition_number';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_edition_number BEFORE INSERT ON plan_edition FOR EACH ROW EXECUTE FUNCTION plan_edition_is_next();
CREATE FUNCTION is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept as they are', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_kept';
END $$;
CREATE TRIGGER plan_edition_kept BEFORE UPDATE OR DELETE ON plan_edition FOR EACH ROW EXECUTE FUNCTION is_kept();

-- Photos and papers that prove something, once each. In the database, so that they are saved and restored with what
-- they prove.
CREATE TABLE stored_file (
    id           uuid PRIMARY KEY,
    sha256       bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    content_type text  NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    content      bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 6291456),
    stored_by    text  NOT NULL,
    stored_at    timestamptz NOT NULL
);

-- What the services told, whether or not an activity counts it: a rule that is set later finds it here.
CREATE TABLE plan_fact (
    fact        text NOT NULL CHECK (fact IN ('meeting-held', 'committee-formed', 'event-held', 'proposal-evaluated', 'delivery-day-closed', 'edition-posted')),
    id          uuid NOT NULL,
    date        date NOT NULL,
    kind        text NOT NULL,
    body_kind   text NOT NULL,
    description text NOT NULL,
    PRIMARY KEY (fact, id)
);
CREATE INDEX plan_fact_by_date ON plan_fact (date);
INSERT INTO plan_fact (fact, id, date, kind, body_kind, description)
SELECT DISTINCT ON (e.fact, e.fact_id) e.fact, e.fact_id, e.fact_date, coalesce(m.kind, r.body_kind), r.body_kind, e.description
FROM evidence e LEFT JOIN meeting m ON m.id = e.fact_id
JOIN evidence_rule r ON r.plan_id = e.plan_id AND r.activity_number = e.activity_number AND r.fact = e.fact;

ALTER TABLE evidence_rule
    DROP CONSTRAINT evidence_rule_fact_check,
    DROP CONSTRAINT evidence_rule_pkey,
    ADD COLUMN kind text NOT NULL DEFAULT '*',
    ALTER COLUMN body_kind SET DEFAULT '*',
    ADD CONSTRAINT evidence_rule_fact CHECK (fact IN ('meeting-held', 'committee-formed', 'event-held', 'proposal-evaluated', 'delivery-day-closed', 'edition-posted')),
    ADD PRIMARY KEY (plan_id, activity_number, fact, kind, body_kind);

ALTER TABLE evidence
    ADD COLUMN quantity         numeric(12, 2) NOT NULL DEFAULT 1 CHECK (quantity > 0),
    ADD COLUMN place            text,
    ADD COLUMN file_id          uuid REFERENCES stored_file,
    ADD COLUMN photo_id         uuid REFERENCES stored_file,
    ADD COLUMN recorded_by      text,
    ADD COLUMN withdrawn_at     timestamptz,
    ADD COLUMN withdrawn_reason text,
    ADD CONSTRAINT evidence_fact CHECK (fact IN ('manual', 'meeting-held', 'committee-formed', 'event-held', 'proposal-evaluated', 'delivery-day-closed', 'edition-posted')),
    -- What a person says needs something to look at; what a service told is told once and not taken back by hand.
    ADD CONSTRAINT evidence_manual CHECK ((fact = 'manual') = (recorded_by IS NOT NULL) AND (fact <> 'manual' OR (place IS NOT NULL AND num_nonnulls(file_id, photo_id) > 0))),
    ADD CONSTRAINT evidence_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL) AND (withdrawn_at IS NULL OR fact = 'manual'));
CREATE INDEX evidence_latest ON evidence (plan_id, activity_number, fact_date DESC, fact_id) WHERE withdrawn_at IS NULL;

-- What each activity has done, by week of month (cell (month - 1) * 6 + week), kept by the database itself: a report
-- reads one row for an activity, however much evidence it has.
CREATE TABLE activity_progress (
    plan_id         uuid NOT NULL,
    activity_number int  NOT NULL,
    pieces          int  NOT NULL CHECK (pieces >= 0),
    executed        numeric[] NOT NULL CHECK (array_length(executed, 1) = 72),
    PRIMARY KEY (plan_id, activity_number),
    FOREIGN KEY (plan_id, activity_number) REFERENCES plan_activity
);
-- Week k of a month is its days 7k-6 to 7k, or the k-th week of the calendar, from Monday to Sunday.
CREATE FUNCTION week_of_month(weeks text, day date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE weeks WHEN 'sevenths' THEN (extract(day FROM day)::int - 1) / 7 + 1
                      ELSE (extract(day FROM day)::int + extract(isodow FROM date_trunc('month', day))::int - 2) / 7 + 1 END
$$;
CREATE FUNCTION count_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    e     evidence := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    sign  int := CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE -1 END;
    cell  int := (extract(month FROM e.fact_date)::int - 1) * 6 + week_of_month((SELECT weeks FROM annual_plan WHERE id = e.plan_id), e.fact_date);
BEGIN
    IF TG_OP = 'DELETE' AND OLD.withdrawn_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO activity_progress (plan_id, activity_number, pieces, executed)
    VALUES (e.plan_id, e.activity_number, 0, array_fill(0::numeric, ARRAY[72])) ON CONFLICT DO NOTHING;
    UPDATE activity_progress SET pieces = pieces + sign, executed[cell] = executed[cell] + sign * e.quantity
    WHERE plan_id = e.plan_id AND activity_number = e.activity_number;
    RETURN NULL;
END $$;
CREATE TRIGGER evidence_counted AFTER INSERT OR DELETE ON evidence FOR EACH ROW EXECUTE FUNCTION count_evidence();
CREATE TRIGGER evidence_uncounted AFTER UPDATE OF withdrawn_at ON evidence FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION count_evidence();
INSERT INTO activity_progress (plan_id, activity_number, pieces, executed)
SELECT plan_id, activity_number, sum(pieces), array_agg(done ORDER BY cell)
FROM (SELECT a.plan_id, a.activity_number, cell, count(e.fact_id)::int AS pieces, coalesce(sum(e.quantity), 0) AS done
      FROM (SELECT DISTINCT plan_id, activity_number FROM evidence) a CROSS JOIN generate_series(1, 72) cell
      LEFT JOIN evidence e ON e.plan_id = a.plan_id AND e.activity_number = a.activity_number
          AND cell = (extract(month FROM e.fact_date)::int - 1) * 6 + week_of_month('sevenths', e.fact_date)
      GROUP BY 1, 2, 3) cells
GROUP BY 1, 2;

-- What the unit says of an activity's quarter: why it fell short, what it does about it, and what it spent.
CREATE TABLE quarter_note (
    plan_id           uuid NOT NULL,
    activity_number   int  NOT NULL,
    quarter           int  NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    cause             text,
    corrective_action text,
    spent             numeric(12, 2) CHECK (spent >= 0),
    noted_by          text NOT NULL,
    noted_at          timestamptz NOT NULL,
    PRIMARY KEY (plan_id, activity_number, quarter),
    FOREIGN KEY (plan_id, activity_number) REFERENCES plan_activity
);

-- The report of a quarter as the council was given it.
CREATE TABLE presented_report (
    plan_id      uuid NOT NULL REFERENCES annual_plan,
    quarter      int  NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    presented_on date NOT NULL,
    content      jsonb NOT NULL,
    presented_by text NOT NULL,
    presented_at timestamptz NOT NULL,
    PRIMARY KEY (plan_id, quarter)
);
CREATE TRIGGER presented_report_kept BEFORE UPDATE OR DELETE ON presented_report FOR EACH ROW EXECUTE FUNCTION is_kept();
