-- The participatory budget of a fiscal year: its money, its zones with their shares, its calendar.
CREATE TABLE budget_cycle (
    id                uuid PRIMARY KEY,
    version           bigint NOT NULL,
    fiscal_year       int  NOT NULL CHECK (fiscal_year BETWEEN 2000 AND 2100),
    title             text NOT NULL,
    ceiling           numeric(14, 2) NOT NULL CHECK (ceiling > 0),
    formula           jsonb NOT NULL,
    rules             jsonb NOT NULL,
    state             text NOT NULL CHECK (state IN ('draft', 'open')),
    council_minutes   int,
    council_agreement int,
    council_date      date,
    created_by        text NOT NULL,
    created_at        timestamptz NOT NULL,
    CONSTRAINT budget_cycle_year UNIQUE (fiscal_year),
    CONSTRAINT budget_cycle_opened CHECK ((state = 'draft') = (council_date IS NULL) AND num_nonnulls(council_minutes, council_agreement, council_date) IN (0, 3))
);
CREATE TABLE cycle_source (
    cycle_id uuid NOT NULL REFERENCES budget_cycle,
    number   int  NOT NULL CHECK (number >= 1),
    name     text NOT NULL,
    amount   numeric(14, 2) NOT NULL CHECK (amount > 0),
    PRIMARY KEY (cycle_id, number)
);
CREATE TABLE cycle_zone (
    cycle_id   uuid NOT NULL REFERENCES budget_cycle,
    number     int  NOT NULL CHECK (number >= 1),
    name       text NOT NULL,
    place      text NOT NULL,
    population int  NOT NULL CHECK (population >= 0),
    need       numeric(14, 2) NOT NULL CHECK (need >= 0),
    amount     numeric(14, 2) NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (cycle_id, number)
);
CREATE TABLE cycle_phase (
    cycle_id  uuid NOT NULL REFERENCES budget_cycle,
    phase     text NOT NULL CHECK (phase IN ('preparation', 'proposals', 'assessment', 'voting', 'approval', 'execution')),
    position  int  NOT NULL CHECK (position BETWEEN 0 AND 5),
    first_day date NOT NULL,
    last_day  date NOT NULL CHECK (last_day >= first_day),
    PRIMARY KEY (cycle_id, position),
    UNIQUE (cycle_id, phase)
);

-- At the end of a transaction the sources and the zones are the ceiling, and the phases follow each other without a gap.
CREATE FUNCTION cycle_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of    uuid := CASE TG_TABLE_NAME WHEN 'budget_cycle' THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END) ->> 'cycle_id')::uuid END;
    money numeric := (SELECT ceiling FROM budget_cycle WHERE id = of);
BEGIN
    IF money IS DISTINCT FROM (SELECT sum(amount) FROM cycle_source WHERE cycle_id = of) OR money IS DISTINCT FROM (SELECT sum(amount) FROM cycle_zone WHERE cycle_id = of) THEN
        RAISE EXCEPTION 'sources or zones are not the ceiling' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_money_adds_up';
    END IF;
    IF (SELECT count(*) FROM cycle_phase WHERE cycle_id = of) <> 6 OR EXISTS (
        SELECT 1 FROM cycle_phase p JOIN cycle_phase n ON n.cycle_id = p.cycle_id AND n.position = p.position + 1 WHERE p.cycle_id = of AND n.first_day <> p.last_day + 1) THEN
        RAISE EXCEPTION 'phases do not follow each other' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_phases_are_contiguous';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER budget_cycle_adds_up AFTER INSERT OR UPDATE ON budget_cycle DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cycle_adds_up();
CREATE CONSTRAINT TRIGGER cycle_source_adds_up AFTER INSERT OR UPDATE OR DELETE ON cycle_source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cycle_adds_up();
CREATE CONSTRAINT TRIGGER cycle_zone_adds_up AFTER INSERT OR UPDATE OR DELETE ON cycle_zone DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cycle_adds_up();
CREATE CONSTRAINT TRIGGER cycle_phase_adds_up AFTER INSERT OR UPDATE OR DELETE ON cycle_phase DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cycle_adds_up();

-- What the council agreed to does not change.
CREATE FUNCTION cycle_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM budget_cycle WHERE id = OLD.cycle_id) <> 'draft' THEN
        RAISE EXCEPTION 'the cycle is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_is_agreed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER cycle_source_agreed BEFORE UPDATE OR DELETE ON cycle_source FOR EACH ROW EXECUTE FUNCTION cycle_is_agreed();
CREATE TRIGGER cycle_zone_agreed BEFORE UPDATE OR DELETE ON cycle_zone FOR EACH ROW EXECUTE FUNCTION cycle_is_agreed();
CREATE TRIGGER cycle_phase_agreed BEFORE UPDATE OR DELETE ON cycle_phase FOR EACH ROW EXECUTE FUNCTION cycle_is_agreed();
