-- What residents vote on: fixed when it is published, never changed after.
CREATE TABLE candidate (
    cycle_id    uuid NOT NULL REFERENCES budget_cycle,
    zone        int  NOT NULL,
    number      int  NOT NULL,
    proposal_id uuid NOT NULL UNIQUE REFERENCES proposal,
    name        text NOT NULL,
    cost        numeric(14, 2) NOT NULL CHECK (cost > 0),
    PRIMARY KEY (cycle_id, zone, number),
    UNIQUE (cycle_id, number),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number)
);
CREATE TABLE candidate_exclusion (
    cycle_id uuid NOT NULL,
    zone     int  NOT NULL,
    number   int  NOT NULL,
    other    int  NOT NULL CHECK (other > number),
    PRIMARY KEY (cycle_id, zone, number, other),
    FOREIGN KEY (cycle_id, zone, number) REFERENCES candidate,
    FOREIGN KEY (cycle_id, zone, other) REFERENCES candidate
);

-- Where ballots are cast in person: an assembly of the zone, or a booth.
CREATE TABLE polling_place (
    cycle_id  uuid NOT NULL,
    number    int  NOT NULL CHECK (number >= 1),
    zone      int  NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('assembly', 'booth')),
    name      text NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (cycle_id, number),
    UNIQUE (cycle_id, zone, number),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number)
);

-- Who has voted, by a key that names nobody: the primary key is the rule that a person votes once, whatever the channel.
-- What they voted is in the urn below, and nothing leads from one to the other: no key, no hour, no order.
CREATE TABLE voter (
    cycle_id      uuid  NOT NULL REFERENCES budget_cycle,
    person_key    bytea NOT NULL CHECK (length(person_key) = 32),
    zone          int   NOT NULL,
    channel       text  NOT NULL CHECK (channel IN ('assembly', 'booth', 'individual')),
    polling_place int,
    attempt       uuid  NOT NULL,
    receipt       text  NOT NULL CONSTRAINT voter_receipt UNIQUE,
    CONSTRAINT voter_once PRIMARY KEY (cycle_id, person_key),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number),
    FOREIGN KEY (cycle_id, zone, polling_place) REFERENCES polling_place (cycle_id, zone, number),
    CHECK ((channel = 'individual') = (polling_place IS NULL))
);
CREATE INDEX voter_turnout ON voter (cycle_id, zone, channel);

-- The urn. Ids are random; shake_urn gives them anew, in another order and in one transaction for the whole zone.
CREATE TABLE ballot (
    id            uuid PRIMARY KEY,
    cycle_id      uuid NOT NULL,
    zone          int  NOT NULL,
    polling_place int,
    shaken        boolean NOT NULL DEFAULT false,
    UNIQUE (cycle_id, zone, id),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number),
    FOREIGN KEY (cycle_id, zone, polling_place) REFERENCES polling_place (cycle_id, zone, number)
);
CREATE INDEX ballot_unshaken ON ballot (cycle_id, zone) WHERE NOT shaken;
CREATE TABLE ballot_mark (
    ballot_id uuid NOT NULL,
    cycle_id  uuid NOT NULL,
    zone      int  NOT NULL,
    candidate int  NOT NULL,
    points    int  NOT NULL CHECK (points > 0),
    PRIMARY KEY (ballot_id, candidate),
    FOREIGN KEY (cycle_id, zone, ballot_id) REFERENCES ballot (cycle_id, zone, id),
    FOREIGN KEY (cycle_id, zone, candidate) REFERENCES candidate (cycle_id, zone, number)
);
CREATE INDEX ballot_mark_tally ON ballot_mark (cycle_id, zone, candidate) INCLUDE (points);

-- What was cast, and what it was cast for, stays.
CREATE FUNCTION vote_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('budget.shaking', true), '') = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'what was cast stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_stays';
END $$;
CREATE TRIGGER voter_stays BEFORE UPDATE OR DELETE ON voter FOR EACH ROW EXECUTE FUNCTION vote_stays();
CREATE TRIGGER ballot_stays BEFORE UPDATE OR DELETE ON ballot FOR EACH ROW EXECUTE FUNCTION vote_stays();
CREATE TRIGGER ballot_mark_stays BEFORE UPDATE OR DELETE ON ballot_mark FOR EACH ROW EXECUTE FUNCTION vote_stays();
CREATE TRIGGER candidate_stays BEFORE UPDATE OR DELETE ON candidate FOR EACH ROW EXECUTE FUNCTION vote_stays();
CREATE TRIGGER candidate_exclusion_stays BEFORE UPDATE OR DELETE ON candidate_exclusion FOR EACH ROW EXECUTE FUNCTION vote_stays();

-- A row knows the transaction that wrote it and lies beside those of its time, which would tell whose ballot it is. Shaken,
-- all ballots of a zone come from one transaction, in the order of their new random ids.
CREATE FUNCTION shake_urn(of_cycle uuid, of_zone int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: what this one sees, no other is about to rename.
    PERFORM 1 FROM cycle_zone WHERE cycle_id = of_cycle AND number = of_zone FOR NO KEY UPDATE;
    PERFORM set_config('budget.shaking', 'on', true);
    WITH renamed AS MATERIALIZED (SELECT id, gen_random_uuid() AS new_id, polling_place FROM ballot WHERE cycle_id = of_cycle AND zone = of_zone FOR UPDATE),
    marks AS (DELETE FROM ballot_mark m USING renamed r WHERE m.ballot_id = r.id RETURNING r.new_id, m.candidate, m.points),
    gone AS (DELETE FROM ballot b USING renamed r WHERE b.id = r.id),
    fresh AS (INSERT INTO ballot (id, cycle_id, zone, polling_place, shaken) SELECT new_id, of_cycle, of_zone, polling_place, true FROM renamed ORDER BY new_id)
    INSERT INTO ballot_mark (ballot_id, cycle_id, zone, candidate, points) SELECT new_id, of_cycle, of_zone, candidate, points FROM marks ORDER BY new_id, candidate;
    PERFORM set_config('budget.shaking', 'off', true);
END $$;

-- What the drawing gave, known to everybody before any count.
ALTER TABLE budget_cycle ADD COLUMN seed text;

-- What the council agreed to holds from then on, and what was published stays so; the rules hold until the first ballot and
-- never change after it.
CREATE FUNCTION cycle_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - '{state,version,rules,finished_on,ballot_published_at,seed}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,version,rules,finished_on,ballot_published_at,seed}'::text[])
        OR NEW.state = 'draft' OR (OLD.seed IS NOT NULL AND NEW.seed IS DISTINCT FROM OLD.seed) OR (OLD.ballot_published_at IS NOT NULL AND NEW.ballot_published_at IS DISTINCT FROM OLD.ballot_published_at) THEN
        RAISE EXCEPTION 'the cycle is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_agreed';
    END IF;
    IF NEW.rules IS DISTINCT FROM OLD.rules AND EXISTS (SELECT 1 FROM voter WHERE cycle_id = NEW.id) THEN
        RAISE EXCEPTION 'somebody has voted' USING ERRCODE = 'check_violation', CONSTRAINT = 'rules_are_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER budget_cycle_holds BEFORE UPDATE ON budget_cycle FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION cycle_holds();

-- Ballots counted again by hand, as often as it takes.
CREATE TABLE paper_count (
    cycle_id      uuid NOT NULL,
    polling_place int  NOT NULL,
    number        int  NOT NULL CHECK (number >= 1),
    ballots       int  NOT NULL CHECK (ballots >= 0),
    totals        jsonb NOT NULL,
    note          text,
    counted_by    text NOT NULL,
    counted_at    timestamptz NOT NULL,
    PRIMARY KEY (cycle_id, polling_place, number),
    FOREIGN KEY (cycle_id, polling_place) REFERENCES polling_place (cycle_id, number)
);

CREATE TABLE zone_result (
    cycle_id           uuid NOT NULL,
    zone               int  NOT NULL,
    seed               text NOT NULL,
    ballots            int  NOT NULL CHECK (ballots >= 0),
    by_channel         jsonb NOT NULL,
    tied               jsonb NOT NULL,
    declared_by        text NOT NULL,
    declared_at        timestamptz NOT NULL,
    override_reason    text,
    override_minutes   int,
    override_agreement int,
    override_date      date,
    PRIMARY KEY (cycle_id, zone),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number),
    CHECK (num_nonnulls(override_reason, override_minutes, override_agreement, override_date) IN (0, 4))
);
CREATE TABLE result_line (
    cycle_id uuid NOT NULL,
    zone     int  NOT NULL,
    position int  NOT NULL CHECK (position >= 1),
    number   int  NOT NULL,
    points   int  NOT NULL CHECK (points >= 0),
    ballots  int  NOT NULL CHECK (ballots >= 0),
    verdict  text NOT NULL CHECK (verdict IN ('wins', 'too-expensive', 'below-minimum', 'incompatible', 'limit-reached', 'not-supported')),
    remaining numeric(14, 2) NOT NULL CHECK (remaining >= 0),
    chosen   boolean NOT NULL,
    PRIMARY KEY (cycle_id, zone, number),
    UNIQUE (cycle_id, zone, position),
    FOREIGN KEY (cycle_id, zone) REFERENCES zone_result,
    FOREIGN KEY (cycle_id, zone, number) REFERENCES candidate
);

-- What is chosen costs no more than the zone has; what differs from the rule has the council's reason.
CREATE FUNCTION result_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(c.cost) FROM result_line l JOIN candidate c USING (cycle_id, zone, number) WHERE l.cycle_id = NEW.cycle_id AND l.zone = NEW.zone AND l.chosen)
        > (SELECT amount FROM cycle_zone WHERE cycle_id = NEW.cycle_id AND number = NEW.zone) THEN
        RAISE EXCEPTION 'more is chosen than the zone can pay' USING ERRCODE = 'check_violation', CONSTRAINT = 'winners_within_heading';
    END IF;
    IF NEW.chosen <> (NEW.verdict = 'wins') AND (SELECT override_reason FROM zone_result WHERE cycle_id = NEW.cycle_id AND zone = NEW.zone) IS NULL THEN
        RAISE EXCEPTION 'another choice needs its reason' USING ERRCODE = 'check_violation', CONSTRAINT = 'override_has_reason';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER result_line_holds AFTER INSERT OR UPDATE ON result_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION result_holds();

-- A declared result is not counted anew; the council may choose otherwise once, and what the rule said stays beside it.
CREATE FUNCTION result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'result_line'
        AND (to_jsonb(NEW) - 'chosen') = (to_jsonb(OLD) - 'chosen')
        -- With the council's word, which comes in the same transaction and once.
        AND EXISTS (SELECT 1 FROM zone_result r WHERE (r.cycle_id, r.zone) = ((to_jsonb(OLD) ->> 'cycle_id')::uuid, (to_jsonb(OLD) ->> 'zone')::int)
            AND (r.override_reason IS NULL OR r.xmin = pg_current_xact_id()::xid)) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'zone_result' AND to_jsonb(OLD) ->> 'override_reason' IS NULL
        AND (to_jsonb(NEW) - '{override_reason,override_minutes,override_agreement,override_date}'::text[]) = (to_jsonb(OLD) - '{override_reason,override_minutes,override_agreement,override_date}'::text[]) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the result was declared' USING ERRCODE = 'check_violation', CONSTRAINT = 'result_stays';
END $$;
-- Nothing joins an urn whose result was declared, and nothing a ballot paper on which somebody has voted.
CREATE FUNCTION urn_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM zone_result WHERE cycle_id = NEW.cycle_id AND zone = NEW.zone) THEN
        RAISE EXCEPTION 'the result was declared' USING ERRCODE = 'check_violation', CONSTRAINT = 'result_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voter_in_time BEFORE INSERT ON voter FOR EACH ROW EXECUTE FUNCTION urn_is_open();
CREATE TRIGGER ballot_in_time BEFORE INSERT ON ballot FOR EACH ROW EXECUTE FUNCTION urn_is_open();
CREATE FUNCTION marks_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT cycle_id, zone FROM marked) m JOIN zone_result r USING (cycle_id, zone)) THEN
        RAISE EXCEPTION 'the result was declared' USING ERRCODE = 'check_violation', CONSTRAINT = 'result_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballot_mark_in_time AFTER INSERT ON ballot_mark REFERENCING NEW TABLE AS marked FOR EACH STATEMENT EXECUTE FUNCTION marks_in_time();
CREATE FUNCTION paper_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM voter WHERE cycle_id = NEW.cycle_id) THEN
        RAISE EXCEPTION 'somebody has voted' USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER candidate_in_time BEFORE INSERT ON candidate FOR EACH ROW EXECUTE FUNCTION paper_is_open();
CREATE TRIGGER candidate_exclusion_in_time BEFORE INSERT ON candidate_exclusion FOR EACH ROW EXECUTE FUNCTION paper_is_open();

CREATE TRIGGER zone_result_stays BEFORE UPDATE OR DELETE ON zone_result FOR EACH ROW EXECUTE FUNCTION result_stays();
CREATE TRIGGER result_line_stays BEFORE UPDATE OR DELETE ON result_line FOR EACH ROW EXECUTE FUNCTION result_stays();

-- What hands counted stays; counted again, it is another count.
CREATE FUNCTION count_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a count stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'count_stays';
END $$;
CREATE TRIGGER paper_count_stays BEFORE UPDATE OR DELETE ON paper_count FOR EACH ROW EXECUTE FUNCTION count_stays();
