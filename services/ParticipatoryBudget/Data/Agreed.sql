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
