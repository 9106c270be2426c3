-- Committees as Organizations tells of them.
CREATE TABLE project_committee (
    id           uuid PRIMARY KEY,
    project_id   uuid NOT NULL,
    kind         text NOT NULL,
    name         text NOT NULL,
    formed_on    date,
    dissolved_on date,
    version      bigint NOT NULL
);
CREATE INDEX project_committee_of ON project_committee (project_id);

ALTER TABLE budget_cycle DROP CONSTRAINT budget_cycle_state_check, ADD CONSTRAINT budget_cycle_state_check CHECK (state IN ('draft', 'open', 'finished'));
ALTER TABLE budget_cycle ADD COLUMN execution jsonb NOT NULL DEFAULT '{"finalReceptionDays": 60, "answerDays": 15}';
ALTER TABLE budget_cycle ALTER COLUMN execution DROP DEFAULT;
ALTER TABLE budget_cycle ADD COLUMN finished_on date, ADD CONSTRAINT budget_cycle_finished CHECK ((state = 'finished') = (finished_on IS NOT NULL));

CREATE TABLE project (
    id                 uuid PRIMARY KEY,
    version            bigint NOT NULL,
    cycle_id           uuid NOT NULL,
    zone               int  NOT NULL,
    proposal_id        uuid NOT NULL UNIQUE REFERENCES proposal,
    name               text NOT NULL,
    place              jsonb NOT NULL,
    granted            numeric(14, 2) NOT NULL CHECK (granted > 0),
    final_reception_days int NOT NULL CHECK (final_reception_days >= 1),
    state              text NOT NULL CHECK (state IN ('idea', 'profile', 'dossier-in-preparation', 'dossier-approved', 'in-procurement', 'direct-administration', 'awarded', 'start-ordered',
        'in-execution', 'suspended', 'provisional-reception', 'final-reception', 'settled', 'closed', 'void', 'cancelled')),
    council_minutes    int,
    council_agreement  int,
    council_date       date,
    contractor         text,
    contract           text,
    contract_amount    numeric(14, 2) CHECK (contract_amount > 0),
    responsible        text,
    starts_on          date,
    ends_on            date CHECK (ends_on >= starts_on),
    provisional_on     date,
    final_on           date,
    final_late_reason  text,
    settled_on         date,
    ended_on           date,
    created_at         timestamptz NOT NULL,
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number),
    CHECK (num_nonnulls(council_minutes, council_agreement, council_date) IN (0, 3)),
    CHECK (state IN ('idea', 'profile', 'dossier-in-preparation', 'void', 'cancelled') OR council_date IS NOT NULL),
    CHECK (state NOT IN ('start-ordered', 'in-execution', 'suspended', 'provisional-reception', 'final-reception', 'settled', 'closed') OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)),
    CONSTRAINT final_reception_in_time CHECK (final_on >= provisional_on AND (final_on <= provisional_on + final_reception_days) = (final_late_reason IS NULL))
);
CREATE INDEX project_of_cycle ON project (cycle_id, zone);

-- What may be spent on what: paid never passes committed, committed never passes approved, at any moment.
CREATE TABLE project_line (
    project_id uuid NOT NULL REFERENCES project,
    number     int  NOT NULL CHECK (number >= 1),
    name       text NOT NULL,
    approved   numeric(14, 2) NOT NULL CHECK (approved > 0),
    committed  numeric(14, 2) NOT NULL DEFAULT 0,
    paid       numeric(14, 2) NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, number),
    CONSTRAINT committed_within_approved CHECK (committed BETWEEN 0 AND approved),
    CONSTRAINT paid_within_committed CHECK (paid BETWEEN 0 AND committed)
);
CREATE TABLE commitment (
    project_id  uuid NOT NULL,
    number      int  NOT NULL CHECK (number >= 1),
    line        int  NOT NULL,
    amount      numeric(14, 2) NOT NULL CHECK (amount > 0),
    released    numeric(14, 2) NOT NULL DEFAULT 0 CHECK (released >= 0),
    paid        numeric(14, 2) NOT NULL DEFAULT 0 CHECK (paid >= 0),
    reference   text NOT NULL,
    made_on     date NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (project_id, number),
    FOREIGN KEY (project_id, line) REFERENCES project_line,
    CONSTRAINT paid_within_commitment CHECK (paid + released <= amount)
);
CREATE TABLE payment (
    project_id  uuid NOT NULL,
    number      int  NOT NULL CHECK (number >= 1),
    commitment  int  NOT NULL,
    -- A reversal is negative, and says why.
    amount      numeric(14, 2) NOT NULL CHECK (amount <> 0),
    reference   text NOT NULL,
    reason      text,
    paid_on     date NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (project_id, number),
    FOREIGN KEY (project_id, commitment) REFERENCES commitment,
    CHECK (amount > 0 OR reason IS NOT NULL)
);
-- The sums are kept by the database, so that two who spend at once wait for each other and the second is told no.
CREATE FUNCTION money_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'payment' THEN
        UPDATE commitment SET paid = paid + NEW.amount WHERE project_id = NEW.project_id AND number = NEW.commitment;
        UPDATE project_line SET paid = paid + NEW.amount WHERE project_id = NEW.project_id
            AND number = (SELECT line FROM commitment WHERE project_id = NEW.project_id AND number = NEW.commitment);
    ELSIF TG_OP = 'INSERT' THEN
        UPDATE project_line SET committed = committed + NEW.amount WHERE project_id = NEW.project_id AND number = NEW.line;
    ELSIF NEW.released <> OLD.released THEN
        UPDATE project_line SET committed = committed - (NEW.released - OLD.released) WHERE project_id = NEW.project_id AND number = NEW.line;
    END IF;
    RETURN NULL;
END $$;
-- What was written down stays: money that went wrong is reversed, what is not owed any more is released.
CREATE FUNCTION money_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What was paid of it is the payments' sum, and nobody else writes it.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'commitment' AND (to_jsonb(NEW) - '{released,paid}'::text[]) = (to_jsonb(OLD) - '{released,paid}'::text[])
        AND (to_jsonb(NEW) -> 'paid' = to_jsonb(OLD) -> 'paid' OR pg_trigger_depth() > 1) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was written down stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_stays';
END $$;
CREATE TRIGGER commitment_stays BEFORE UPDATE OR DELETE ON commitment FOR EACH ROW EXECUTE FUNCTION money_stays();
CREATE TRIGGER payment_stays BEFORE UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE FUNCTION money_stays();
-- The lines are the dossier's, until the council approves it.
CREATE FUNCTION line_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.committed, NEW.paid) IS DISTINCT FROM (OLD.committed, OLD.paid) AND pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION 'the sums are those of the entries' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_stays';
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - '{committed,paid}'::text[]) = (to_jsonb(OLD) - '{committed,paid}'::text[]) THEN
        RETURN NEW;
    END IF;
    IF (SELECT state FROM project WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.project_id ELSE NEW.project_id END) <> 'dossier-in-preparation' THEN
        RAISE EXCEPTION 'the dossier was approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'line_is_agreed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER project_line_agreed BEFORE INSERT OR UPDATE OR DELETE ON project_line FOR EACH ROW EXECUTE FUNCTION line_is_agreed();
CREATE TRIGGER commitment_adds_up AFTER INSERT OR UPDATE ON commitment FOR EACH ROW EXECUTE FUNCTION money_adds_up();
CREATE TRIGGER payment_adds_up AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION money_adds_up();

CREATE TABLE contribution (
    project_id  uuid NOT NULL REFERENCES project,
    number      int  NOT NULL CHECK (number >= 1),
    kind        text NOT NULL CHECK (kind IN ('cash', 'labour', 'materials', 'land')),
    description text NOT NULL,
    value       numeric(14, 2) NOT NULL CHECK (value > 0),
    received_on date NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (project_id, number)
);
CREATE TABLE milestone (
    project_id uuid NOT NULL REFERENCES project,
    number     int  NOT NULL CHECK (number >= 1),
    name       text NOT NULL,
    weight     int  NOT NULL CHECK (weight BETWEEN 1 AND 100),
    due_on     date NOT NULL,
    reached_on date,
    place      text,
    photo_id   uuid REFERENCES stored_file,
    PRIMARY KEY (project_id, number),
    -- Reached means: seen there.
    CHECK (num_nonnulls(reached_on, place, photo_id) IN (0, 3))
);
CREATE INDEX milestone_photo ON milestone (photo_id);
CREATE TABLE project_step (
    project_id uuid NOT NULL REFERENCES project,
    number     int  NOT NULL,
    state      text NOT NULL,
    happened_on date NOT NULL,
    reason     text,
    by         text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (project_id, number)
);
CREATE TABLE project_document (
    project_id uuid NOT NULL REFERENCES project,
    number     int  NOT NULL CHECK (number >= 1),
    kind       text NOT NULL CHECK (kind IN ('profile', 'dossier', 'contract', 'act', 'other')),
    name       text NOT NULL,
    file_id    uuid NOT NULL REFERENCES stored_file,
    added_by   text NOT NULL,
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (project_id, number)
);
CREATE INDEX project_document_file ON project_document (file_id);

-- The oversight committee's eyes and word.
CREATE TABLE oversight_visit (
    project_id   uuid NOT NULL REFERENCES project,
    number       int  NOT NULL CHECK (number >= 1),
    committee_id uuid NOT NULL REFERENCES project_committee,
    visited_on   date NOT NULL,
    report       text NOT NULL,
    photo_id     uuid REFERENCES stored_file,
    PRIMARY KEY (project_id, number)
);
CREATE INDEX oversight_visit_photo ON oversight_visit (photo_id);
CREATE TABLE finding (
    project_id   uuid NOT NULL REFERENCES project,
    number       int  NOT NULL CHECK (number >= 1),
    committee_id uuid NOT NULL REFERENCES project_committee,
    description  text NOT NULL,
    evidence_id  uuid REFERENCES stored_file,
    state        text NOT NULL CHECK (state IN ('open', 'notified', 'answered', 'resolved', 'escalated')),
    found_on     date NOT NULL,
    notified_on  date,
    answer_due   date,
    answer       text,
    answered_on  date,
    decision     text,
    resolved_on  date,
    escalated_on date,
    PRIMARY KEY (project_id, number),
    CHECK ((notified_on IS NULL) = (answer_due IS NULL)),
    CHECK (state = 'open' OR notified_on IS NOT NULL),
    CHECK (state <> 'answered' OR answer IS NOT NULL),
    CHECK ((state = 'resolved') = (resolved_on IS NOT NULL) AND (resolved_on IS NULL) = (decision IS NULL)),
    CHECK (state <> 'escalated' OR escalated_on IS NOT NULL)
);
CREATE INDEX finding_evidence ON finding (evidence_id);
CREATE INDEX finding_due ON finding (answer_due) WHERE state = 'notified';

-- What a project takes of its zone: what it was granted; once it does not go on, what was paid.
CREATE FUNCTION taken_by(p project) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p.state IN ('void', 'cancelled') THEN coalesce((SELECT sum(paid) FROM project_line WHERE project_id = p.id), 0) ELSE p.granted END
$$;

CREATE FUNCTION project_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('closed', 'void', 'cancelled') THEN
        RAISE EXCEPTION 'the project ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_ended';
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
CREATE CONSTRAINT TRIGGER project_holds AFTER INSERT OR UPDATE ON project DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION project_holds();

-- Nothing of an ended project changes, whichever table it stands in.
CREATE FUNCTION project_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of uuid := (to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END) ->> 'project_id')::uuid;
BEGIN
    IF (SELECT state FROM project WHERE id = of) IN ('closed', 'void', 'cancelled') THEN
        RAISE EXCEPTION 'the project ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_ended';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER project_line_open BEFORE INSERT OR UPDATE OR DELETE ON project_line FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER commitment_open BEFORE INSERT OR UPDATE OR DELETE ON commitment FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER payment_open BEFORE INSERT OR UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER contribution_open BEFORE INSERT OR UPDATE OR DELETE ON contribution FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER milestone_open BEFORE INSERT OR UPDATE OR DELETE ON milestone FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER project_document_open BEFORE INSERT OR UPDATE OR DELETE ON project_document FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER project_step_open BEFORE UPDATE OR DELETE ON project_step FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER oversight_visit_open BEFORE INSERT OR UPDATE OR DELETE ON oversight_visit FOR EACH ROW EXECUTE FUNCTION project_is_open();
CREATE TRIGGER finding_open BEFORE INSERT OR UPDATE OR DELETE ON finding FOR EACH ROW EXECUTE FUNCTION project_is_open();

-- What the council includes of a zone's proposals costs no more than its heading; one of the waiting list, no more than what
-- all that won leave.
CREATE FUNCTION proposal_within_heading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM budget_cycle WHERE id = NEW.cycle_id FOR NO KEY UPDATE;
    IF (SELECT sum(CASE WHEN j.id IS NULL THEN p.cost ELSE taken_by(j) END) FROM proposal p LEFT JOIN project j ON j.proposal_id = p.id
        WHERE p.cycle_id = NEW.cycle_id AND p.zone = NEW.zone AND (p.state IN ('included', 'turned-into-project') OR (OLD.state = 'waiting-list' AND p.state = 'prioritised')))
        > (SELECT amount FROM cycle_zone WHERE cycle_id = NEW.cycle_id AND number = NEW.zone) THEN
        RAISE EXCEPTION 'the heading is spent' USING ERRCODE = 'check_violation', CONSTRAINT = 'included_within_heading';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER proposal_included AFTER UPDATE ON proposal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'included') EXECUTE FUNCTION proposal_within_heading();

-- A finished cycle is immutable, and who took part in it is nobody any more. What hangs on a proposal is its cycle's.
CREATE FUNCTION cycle_is_finished() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one jsonb;
BEGIN
    FOREACH one IN ARRAY ARRAY[to_jsonb(OLD), to_jsonb(NEW)] LOOP
        IF EXISTS (SELECT 1 FROM budget_cycle c WHERE c.state = 'finished' AND c.id = CASE
                WHEN TG_TABLE_NAME = 'budget_cycle' THEN (one ->> 'id')::uuid
                WHEN one ? 'cycle_id' THEN (one ->> 'cycle_id')::uuid
                ELSE (SELECT p.cycle_id FROM proposal p WHERE p.id = (coalesce(one ->> 'proposal_id', one ->> 'from_id'))::uuid) END)
            -- The step that finishes it.
            AND NOT (TG_TABLE_NAME = 'budget_cycle' AND TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> 'state' <> 'finished') THEN
            RAISE EXCEPTION 'the cycle is finished' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_finished';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER budget_cycle_finished BEFORE UPDATE OR DELETE ON budget_cycle FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER project_finished BEFORE INSERT OR UPDATE OR DELETE ON project FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER candidate_finished BEFORE INSERT ON candidate FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER voter_finished BEFORE INSERT ON voter FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER ballot_finished BEFORE INSERT ON ballot FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER polling_place_finished BEFORE INSERT OR UPDATE OR DELETE ON polling_place FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER paper_count_finished BEFORE INSERT OR UPDATE OR DELETE ON paper_count FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER zone_result_finished BEFORE INSERT OR UPDATE OR DELETE ON zone_result FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER result_line_finished BEFORE INSERT OR UPDATE OR DELETE ON result_line FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_score_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_score FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_step_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_step FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_author_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_author FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_file_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_file FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_evaluator_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_evaluator FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER proposal_trace_finished BEFORE INSERT OR UPDATE OR DELETE ON proposal_trace FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();
CREATE TRIGGER supporting_signature_finished BEFORE INSERT OR UPDATE OR DELETE ON supporting_signature FOR EACH ROW EXECUTE FUNCTION cycle_is_finished();

-- After the opening nothing joins what the council agreed to either, and each phase has its place.
CREATE FUNCTION cycle_is_complete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM budget_cycle WHERE id = NEW.cycle_id) <> 'draft' THEN
        RAISE EXCEPTION 'the cycle is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_agreed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cycle_source_complete BEFORE INSERT ON cycle_source FOR EACH ROW EXECUTE FUNCTION cycle_is_complete();
CREATE TRIGGER cycle_zone_complete BEFORE INSERT ON cycle_zone FOR EACH ROW EXECUTE FUNCTION cycle_is_complete();
CREATE TRIGGER cycle_phase_complete BEFORE INSERT ON cycle_phase FOR EACH ROW EXECUTE FUNCTION cycle_is_complete();
ALTER TABLE cycle_phase ADD CONSTRAINT cycle_phase_order CHECK (phase = (ARRAY['preparation', 'proposals', 'assessment', 'voting', 'approval', 'execution'])[position + 1]);

-- The lines of a dossier stay within what the cycle gives the project.
CREATE FUNCTION lines_within_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(approved) FROM project_line WHERE project_id = NEW.project_id) > (SELECT granted FROM project WHERE id = NEW.project_id) THEN
        RAISE EXCEPTION 'more than the cycle gives' USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_within_granted';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER project_line_granted AFTER INSERT OR UPDATE OF approved ON project_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lines_within_granted();
