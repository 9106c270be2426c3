-- Everything that was ever decided about a receipt, by whom and why: a reversal leaves standing who had accepted it before.
CREATE TABLE receipt_decision (
    receipt_id uuid NOT NULL REFERENCES receipt,
    number     int  NOT NULL CHECK (number >= 1),
    state      text NOT NULL CHECK (state IN ('counted', 'reversed', 'excess')),
    reason     text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (receipt_id, number)
);
INSERT INTO receipt_decision SELECT id, 1, state, decision, decided_by, decided_at FROM receipt WHERE decided_by IS NOT NULL;
CREATE FUNCTION decision_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO receipt_decision SELECT NEW.id, 1 + count(*), NEW.state, NEW.decision, NEW.decided_by, NEW.decided_at FROM receipt_decision WHERE receipt_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER decision_is_kept AFTER UPDATE ON receipt FOR EACH ROW EXECUTE FUNCTION decision_is_kept();
CREATE FUNCTION decision_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_stays';
END $$;
CREATE TRIGGER receipt_decision_stays BEFORE UPDATE OR DELETE ON receipt_decision FOR EACH ROW EXECUTE FUNCTION decision_stays();

-- A receipt that comes in, or is decided, after its day was told of: the day is told anew. Written in the receipt's own
-- transaction, so that no crash forgets it; a line for each receipt, so that devices do not wait for each other.
CREATE TABLE day_recount (
    receipt_id uuid NOT NULL REFERENCES receipt,
    day_id     uuid NOT NULL REFERENCES delivery_day,
    PRIMARY KEY (receipt_id, day_id)
);
-- What was told of it last: said again only when it is something else.
ALTER TABLE delivery_day ADD COLUMN told int;
CREATE INDEX day_recount_of ON day_recount (day_id);
CREATE FUNCTION day_is_told_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state <> 'counted' THEN
        RETURN NULL; -- It changes no number yet.
    END IF;
    -- A package in parts counts on the day that completed it, which another receipt may change. A line that is there already is
    -- written again, so that whoever tells the day at this moment waits for this change.
    INSERT INTO day_recount SELECT DISTINCT NEW.id, d.id FROM receipt o JOIN delivery_day d ON d.campaign_id = o.campaign_id AND d.centre = o.centre AND d.date = o.handed_on AND d.state = 'closed'
        WHERE o.beneficiary_id = NEW.beneficiary_id AND o.campaign_id = NEW.campaign_id AND o.package = NEW.package AND o.kind = NEW.kind AND (o.state = 'counted' OR o.id = NEW.id)
    ON CONFLICT (receipt_id, day_id) DO UPDATE SET day_id = excluded.day_id;
    RETURN NULL;
END $$;
CREATE TRIGGER day_is_told_anew AFTER INSERT OR UPDATE OF state ON receipt FOR EACH ROW WHEN (NEW.act = 'delivery') EXECUTE FUNCTION day_is_told_anew();
