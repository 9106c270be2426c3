-- What the community agreed to give: part of the dossier, as its lines and milestones are.
CREATE TABLE agreed_contribution (
    project_id  uuid NOT NULL REFERENCES project,
    kind        text NOT NULL CHECK (kind IN ('cash', 'labour', 'materials', 'land')),
    description text NOT NULL,
    value       numeric(14, 2) NOT NULL CHECK (value > 0),
    PRIMARY KEY (project_id, kind)
);

-- From the council's agreement on, the dossier stays: lines, milestones, contributions. A milestone is reached once.
CREATE FUNCTION dossier_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'milestone' AND to_jsonb(OLD) ->> 'reached_on' IS NULL
        AND (to_jsonb(NEW) - '{reached_on,place,photo_id}'::text[]) = (to_jsonb(OLD) - '{reached_on,place,photo_id}'::text[]) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM project WHERE id IN (OLD.project_id, NEW.project_id) AND state <> 'dossier-in-preparation') THEN
        RAISE EXCEPTION 'the dossier was approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'line_is_agreed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER milestone_agreed BEFORE INSERT OR UPDATE OR DELETE ON milestone FOR EACH ROW EXECUTE FUNCTION dossier_is_agreed();
CREATE TRIGGER agreed_contribution_agreed BEFORE INSERT OR UPDATE OR DELETE ON agreed_contribution FOR EACH ROW EXECUTE FUNCTION dossier_is_agreed();

-- The sums begin with nothing.
CREATE FUNCTION money_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) ->> 'paid')::numeric <> 0 OR coalesce((to_jsonb(NEW) ->> 'released')::numeric, 0) <> 0 OR coalesce((to_jsonb(NEW) ->> 'committed')::numeric, 0) <> 0 THEN
        RAISE EXCEPTION 'the sums are those of the entries' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER project_line_begins BEFORE INSERT ON project_line FOR EACH ROW EXECUTE FUNCTION money_begins();
CREATE TRIGGER commitment_begins BEFORE INSERT ON commitment FOR EACH ROW EXECUTE FUNCTION money_begins();

-- Until when whoever is to act on a finding does, before it goes on by itself.
ALTER TABLE finding ADD COLUMN act_by date;
UPDATE finding f SET act_by = CASE f.state WHEN 'notified' THEN f.answer_due ELSE current_date + (c.execution ->> 'answerDays')::int END
    FROM project p JOIN budget_cycle c ON c.id = p.cycle_id WHERE p.id = f.project_id AND f.state IN ('open', 'notified', 'answered') AND p.state NOT IN ('closed', 'void', 'cancelled');
DROP INDEX finding_due;
CREATE INDEX finding_act_by ON finding (act_by) WHERE act_by IS NOT NULL;
ALTER TABLE finding ADD CONSTRAINT finding_waits CHECK ((state IN ('open', 'notified', 'answered')) = (act_by IS NOT NULL));

-- What is not owed any more is an entry as well: how much, why, since when, by whom.
CREATE TABLE commitment_release (
    project_id  uuid NOT NULL,
    number      int  NOT NULL CHECK (number >= 1),
    commitment  int  NOT NULL,
    amount      numeric(14, 2) NOT NULL CHECK (amount > 0),
    reason      text NOT NULL,
    released_on date NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (project_id, number),
    FOREIGN KEY (project_id, commitment) REFERENCES commitment
);
INSERT INTO commitment_release SELECT project_id, row_number() OVER (PARTITION BY project_id ORDER BY number), number, released, 'Anotada cuando todavía no se pedía el motivo', made_on, recorded_by FROM commitment WHERE released > 0;
CREATE TRIGGER commitment_release_stays BEFORE UPDATE OR DELETE ON commitment_release FOR EACH ROW EXECUTE FUNCTION money_stays();
CREATE TRIGGER commitment_release_open BEFORE INSERT OR UPDATE OR DELETE ON commitment_release FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE FUNCTION release_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE commitment SET released = released + NEW.amount WHERE project_id = NEW.project_id AND number = NEW.commitment;
    RETURN NULL;
END $$;
CREATE TRIGGER commitment_release_adds_up AFTER INSERT ON commitment_release FOR EACH ROW EXECUTE FUNCTION release_adds_up();
-- Sums are written by their entries' triggers and by nobody else.
CREATE OR REPLACE FUNCTION money_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'commitment' AND pg_trigger_depth() > 1 AND (to_jsonb(NEW) - '{released,paid}'::text[]) = (to_jsonb(OLD) - '{released,paid}'::text[]) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was written down stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_stays';
END $$;

-- A finding is resolved after it was answered, and has its evidence, as a visit has. Those of before stay as they are.
ALTER TABLE finding ADD CONSTRAINT finding_answered CHECK (state <> 'resolved' OR answer IS NOT NULL) NOT VALID;
ALTER TABLE finding ADD CONSTRAINT finding_has_evidence CHECK (evidence_id IS NOT NULL) NOT VALID;
ALTER TABLE oversight_visit ADD CONSTRAINT visit_has_evidence CHECK (photo_id IS NOT NULL) NOT VALID;

-- Two projects of a zone that begin at once, and two changes of a project's lines or of a result, wait for each other: each
-- sum sees what the other did.
CREATE OR REPLACE FUNCTION project_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('closed', 'void', 'cancelled') THEN
        RAISE EXCEPTION 'the project ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_ended';
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM budget_cycle WHERE id = NEW.cycle_id FOR NO KEY UPDATE;
    END IF;
    -- What a zone's projects are granted stays within its heading.
    IF NEW.state NOT IN ('void', 'cancelled') AND (SELECT sum(taken_by(p)) FROM project p WHERE cycle_id = NEW.cycle_id AND zone = NEW.zone)
        > (SELECT amount FROM cycle_zone WHERE cycle_id = NEW.cycle_id AND number = NEW.zone) THEN
        RAISE EXCEPTION 'the heading is spent' USING ERRCODE = 'check_violation', CONSTRAINT = 'granted_within_heading';
    END IF;
    IF (SELECT sum(approved) FROM project_line WHERE project_id = NEW.id) > NEW.granted THEN
        RAISE EXCEPTION 'the lines pass what was granted' USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_within_granted';
    END IF;
    IF NEW.state = 'start-ordered' AND OLD.state IS DISTINCT FROM 'start-ordered' AND (SELECT count(DISTINCT kind) FROM project_committee WHERE project_id = NEW.id AND kind IN ('executing', 'oversight') AND formed_on IS NOT NULL AND dissolved_on IS NULL) < 2 THEN
        RAISE EXCEPTION 'a committee is missing' USING ERRCODE = 'check_violation', CONSTRAINT = 'committees_before_start';
    END IF;
    IF NEW.state IN ('closed', 'void', 'cancelled') AND EXISTS (SELECT 1 FROM finding WHERE project_id = NEW.id AND state <> 'resolved') THEN
        RAISE EXCEPTION 'a finding is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'findings_before_closing';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION lines_within_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM project WHERE id = NEW.project_id FOR NO KEY UPDATE;
    IF (SELECT sum(approved) FROM project_line WHERE project_id = NEW.project_id) > (SELECT granted FROM project WHERE id = NEW.project_id) THEN
        RAISE EXCEPTION 'more than the cycle gives' USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_within_granted';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION result_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM zone_result WHERE cycle_id = NEW.cycle_id AND zone = NEW.zone FOR NO KEY UPDATE;
    IF (SELECT sum(c.cost) FROM result_line l JOIN candidate c USING (cycle_id, zone, number) WHERE l.cycle_id = NEW.cycle_id AND l.zone = NEW.zone AND l.chosen)
        > (SELECT amount FROM cycle_zone WHERE cycle_id = NEW.cycle_id AND number = NEW.zone) THEN
        RAISE EXCEPTION 'more is chosen than the zone can pay' USING ERRCODE = 'check_violation', CONSTRAINT = 'winners_within_heading';
    END IF;
    IF NEW.chosen <> (NEW.verdict = 'wins') AND (SELECT override_reason FROM zone_result WHERE cycle_id = NEW.cycle_id AND zone = NEW.zone) IS NULL THEN
        RAISE EXCEPTION 'another choice needs its reason' USING ERRCODE = 'check_violation', CONSTRAINT = 'override_has_reason';
    END IF;
    RETURN NULL;
END $$;
