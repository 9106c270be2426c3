-- What came together, of one article.
CREATE TABLE lot (
    campaign_id uuid NOT NULL,
    number      int  NOT NULL CHECK (number >= 1),
    article     int  NOT NULL,
    code        text NOT NULL,
    supplier    text NOT NULL,
    expires_on  date,
    PRIMARY KEY (campaign_id, number),
    CONSTRAINT lot_code UNIQUE (campaign_id, article, code),
    FOREIGN KEY (campaign_id, article) REFERENCES article
);

-- The ledger: what came to a centre and what left it. Nothing of it changes; what was written down wrongly is written back.
CREATE TABLE stock_entry (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    lot         int  NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('receipt', 'transfer-in', 'transfer-out', 'damage', 'return', 'correction', 'delivery', 'reversal')),
    -- In the article's unit: what comes is positive, what leaves negative.
    quantity    numeric(12, 2) NOT NULL CHECK (quantity <> 0),
    -- Both sides of a transfer carry the same.
    transfer    uuid,
    document    text,
    note        text,
    happened_on date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    FOREIGN KEY (campaign_id, lot) REFERENCES lot,
    CHECK (kind = 'correction' OR (kind IN ('receipt', 'transfer-in', 'reversal')) = (quantity > 0)),
    CHECK ((kind IN ('transfer-in', 'transfer-out')) = (transfer IS NOT NULL)),
    -- What is lost, given back or put right says why; what comes has its paper.
    CHECK (kind NOT IN ('damage', 'return', 'correction') OR note IS NOT NULL),
    CHECK (kind <> 'receipt' OR document IS NOT NULL)
);
CREATE INDEX stock_entry_of ON stock_entry (campaign_id, centre, id);

-- What became of a lot at a centre: received = delivered + returned + damaged + what remains, which is never less than nothing.
CREATE TABLE stock_balance (
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    lot         int  NOT NULL,
    received    numeric(12, 2) NOT NULL DEFAULT 0,
    delivered   numeric(12, 2) NOT NULL DEFAULT 0,
    returned    numeric(12, 2) NOT NULL DEFAULT 0,
    damaged     numeric(12, 2) NOT NULL DEFAULT 0,
    remaining   numeric(12, 2) NOT NULL GENERATED ALWAYS AS (received - delivered - returned - damaged) STORED,
    PRIMARY KEY (campaign_id, centre, lot),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    FOREIGN KEY (campaign_id, lot) REFERENCES lot,
    CONSTRAINT stock_not_negative CHECK (received >= 0 AND delivered >= 0 AND returned >= 0 AND damaged >= 0 AND received - delivered - returned - damaged >= 0)
) WITH (fillfactor = 20); -- Room beside each row for its next copy: every delivery at a centre writes it.

-- The balance is the ledger's sum, kept by the database: two who take at once wait for each other, and the second is told no.
CREATE FUNCTION stock_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What only takes finds its row; each delivery writes it, and dead copies of it would be looked through.
    IF NEW.quantity > 0 THEN
        INSERT INTO stock_balance AS b (campaign_id, centre, lot) VALUES (NEW.campaign_id, NEW.centre, NEW.lot) ON CONFLICT DO NOTHING;
    END IF;
    UPDATE stock_balance SET
        received  = received  + CASE WHEN NEW.kind IN ('receipt', 'transfer-in', 'transfer-out', 'correction') THEN NEW.quantity ELSE 0 END,
        delivered = delivered - CASE WHEN NEW.kind IN ('delivery', 'reversal') THEN NEW.quantity ELSE 0 END,
        returned  = returned  - CASE WHEN NEW.kind = 'return' THEN NEW.quantity ELSE 0 END,
        damaged   = damaged   - CASE WHEN NEW.kind = 'damage' THEN NEW.quantity ELSE 0 END
    WHERE campaign_id = NEW.campaign_id AND centre = NEW.centre AND lot = NEW.lot;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of this lot came to this centre' USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_negative';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_entry_adds_up AFTER INSERT ON stock_entry FOR EACH ROW EXECUTE FUNCTION stock_adds_up();

CREATE FUNCTION stock_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The balance itself is written by the ledger's trigger and by nobody else.
    IF TG_TABLE_NAME = 'stock_balance' AND TG_OP <> 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_stays';
END $$;
CREATE TRIGGER stock_entry_stays BEFORE UPDATE OR DELETE ON stock_entry FOR EACH ROW EXECUTE FUNCTION stock_stays();
CREATE TRIGGER stock_balance_stays BEFORE INSERT OR UPDATE OR DELETE ON stock_balance FOR EACH ROW EXECUTE FUNCTION stock_stays();
