-- What a closing act finds missing, or too much, is a line of its own: what came stays what came, and
-- received + difference = delivered + returned + damaged + what remains.
ALTER TABLE stock_entry
    DROP CONSTRAINT stock_entry_kind_check, ADD CONSTRAINT stock_entry_kind_check CHECK (kind IN ('receipt', 'transfer-in', 'transfer-out', 'damage', 'return', 'correction', 'delivery', 'reversal', 'difference')),
    DROP CONSTRAINT stock_entry_check, ADD CONSTRAINT stock_entry_check CHECK (kind IN ('correction', 'difference') OR (kind IN ('receipt', 'transfer-in', 'reversal')) = (quantity > 0)),
    DROP CONSTRAINT stock_entry_check2, ADD CONSTRAINT stock_entry_check2 CHECK (kind NOT IN ('damage', 'return', 'correction', 'difference') OR note IS NOT NULL);
ALTER TABLE stock_balance DROP CONSTRAINT stock_not_negative, DROP COLUMN remaining;
ALTER TABLE stock_balance ADD COLUMN difference numeric(12, 2) NOT NULL DEFAULT 0;
ALTER TABLE stock_balance
    ADD COLUMN remaining numeric(12, 2) NOT NULL GENERATED ALWAYS AS (received - delivered - returned - damaged + difference) STORED,
    ADD CONSTRAINT stock_not_negative CHECK (received >= 0 AND delivered >= 0 AND returned >= 0 AND damaged >= 0 AND received - delivered - returned - damaged + difference >= 0);

-- Acts of before had their differences among the corrections of what came.
ALTER TABLE stock_entry DISABLE TRIGGER stock_entry_stays;
UPDATE stock_entry e SET kind = 'difference' WHERE kind = 'correction' AND note LIKE 'Al cierre: %'
    AND EXISTS (SELECT 1 FROM closing_count c WHERE (c.campaign_id, c.centre, c.lot) = (e.campaign_id, e.centre, e.lot) AND c.counted - c.expected = e.quantity);
ALTER TABLE stock_entry ENABLE TRIGGER stock_entry_stays;
ALTER TABLE stock_balance DISABLE TRIGGER stock_balance_stays;
UPDATE stock_balance b SET received = b.received - e.quantity, difference = e.quantity
    FROM (SELECT campaign_id, centre, lot, sum(quantity) AS quantity FROM stock_entry WHERE kind = 'difference' GROUP BY campaign_id, centre, lot) e WHERE (e.campaign_id, e.centre, e.lot) = (b.campaign_id, b.centre, b.lot);
ALTER TABLE stock_balance ENABLE TRIGGER stock_balance_stays;

CREATE OR REPLACE FUNCTION stock_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What only takes finds its row; each delivery writes it, and dead copies of it would be looked through.
    IF NEW.quantity > 0 THEN
        INSERT INTO stock_balance AS b (campaign_id, centre, lot) VALUES (NEW.campaign_id, NEW.centre, NEW.lot) ON CONFLICT DO NOTHING;
    END IF;
    UPDATE stock_balance SET
        received   = received   + CASE WHEN NEW.kind IN ('receipt', 'transfer-in', 'transfer-out', 'correction') THEN NEW.quantity ELSE 0 END,
        delivered  = delivered  - CASE WHEN NEW.kind IN ('delivery', 'reversal') THEN NEW.quantity ELSE 0 END,
        returned   = returned   - CASE WHEN NEW.kind = 'return' THEN NEW.quantity ELSE 0 END,
        damaged    = damaged    - CASE WHEN NEW.kind = 'damage' THEN NEW.quantity ELSE 0 END,
        difference = difference + CASE WHEN NEW.kind = 'difference' THEN NEW.quantity ELSE 0 END
    WHERE campaign_id = NEW.campaign_id AND centre = NEW.centre AND lot = NEW.lot;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of this lot came to this centre' USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_negative';
    END IF;
    RETURN NULL;
END $$;
