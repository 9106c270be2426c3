-- Nothing of an ended project changes, and nothing leaves it or joins it: both what a row was and what it would be are looked
-- at, behind a lock that the project's end waits for. Its last step is written with its end.
CREATE OR REPLACE FUNCTION project_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended text;
BEGIN
    PERFORM 1 FROM project WHERE id IN (OLD.project_id, NEW.project_id) FOR SHARE;
    SELECT state INTO ended FROM project WHERE id IN (OLD.project_id, NEW.project_id) AND state IN ('closed', 'void', 'cancelled');
    IF ended IS NOT NULL AND NOT (TG_TABLE_NAME = 'project_step' AND TG_OP = 'INSERT' AND to_jsonb(NEW) ->> 'state' = ended
        AND NOT EXISTS (SELECT 1 FROM project_step WHERE project_id = NEW.project_id AND state = ended)) THEN
        RAISE EXCEPTION 'the project ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_ended';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER project_step_open ON project_step;
CREATE TRIGGER project_step_open BEFORE INSERT OR UPDATE OR DELETE ON project_step FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER agreed_contribution_open BEFORE INSERT OR UPDATE OR DELETE ON agreed_contribution FOR EACH ROW EXECUTE FUNCTION project_is_open();

-- A finished cycle's key is gone and does not come back, and its urns are not even shaken.
CREATE TRIGGER cycle_key_finished BEFORE INSERT ON cycle_key FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE FUNCTION urn_is_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT cycle_id FROM gone) g JOIN budget_cycle c ON c.id = g.cycle_id WHERE c.state = 'finished') THEN
        RAISE EXCEPTION 'the cycle is finished' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_finished';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ballot_finished_urn AFTER DELETE ON ballot REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION urn_is_finished();
CREATE TRIGGER ballot_mark_finished_urn AFTER DELETE ON ballot_mark REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION urn_is_finished();
-- A file is what it was when it was handed in: it proves something.
ALTER TABLE stored_file ADD CONSTRAINT file_is_its_hash CHECK (sha256 = sha256(content)) NOT VALID;
CREATE FUNCTION file_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.sha256, NEW.content_type) IS DISTINCT FROM (OLD.id, OLD.sha256, OLD.content_type) OR NEW.content <> OLD.content THEN
        RAISE EXCEPTION 'a file stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'file_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stored_file_stays BEFORE UPDATE ON stored_file FOR EACH ROW EXECUTE FUNCTION file_stays();

-- Rules hold from the first ballot on, and from the drawing, where nobody voted.
CREATE OR REPLACE FUNCTION cycle_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - '{state,version,rules,finished_on,ballot_published_at,seed}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,version,rules,finished_on,ballot_published_at,seed}'::text[])
        OR NEW.state = 'draft' OR (OLD.seed IS NOT NULL AND NEW.seed IS DISTINCT FROM OLD.seed) OR (OLD.ballot_published_at IS NOT NULL AND NEW.ballot_published_at IS DISTINCT FROM OLD.ballot_published_at) THEN
        RAISE EXCEPTION 'the cycle is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_agreed';
    END IF;
    IF NEW.rules IS DISTINCT FROM OLD.rules AND (OLD.seed IS NOT NULL OR EXISTS (SELECT 1 FROM voter WHERE cycle_id = NEW.id)) THEN
        RAISE EXCEPTION 'somebody has voted' USING ERRCODE = 'check_violation', CONSTRAINT = 'rules_are_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER candidate_exclusion_finished BEFORE INSERT OR UPDATE OR DELETE ON candidate_exclusion FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
