-- What was handed over at a counter, or refused there, as it was written down: nothing of it changes but what is decided about it.
CREATE TABLE receipt (
    -- Made by whoever wrote it down, also without a signal: sent again, it is the same one.
    id             uuid PRIMARY KEY,
    campaign_id    uuid NOT NULL,
    package        int  NOT NULL,
    kind           text NOT NULL,
    beneficiary_id uuid NOT NULL,
    centre         int  NOT NULL,
    act            text NOT NULL CHECK (act IN ('delivery', 'refusal')),
    -- [{"lot": 1, "quantity": 22}]: what left the centre, whether or not the ledger could be drawn on for it.
    items          jsonb NOT NULL,
    state          text NOT NULL CHECK (state IN ('counted', 'under-review', 'reversed', 'excess')),
    review         text CHECK (review IN ('twice', 'quantity', 'stock', 'not-authorised', 'deputy', 'no-day', 'centre-closed', 'clock', 'expired')),
    deputy_id      uuid REFERENCES outsider,
    -- The paper by which the deputy collects.
    authorisation  text,
    evidence_kind  text CHECK (evidence_kind IN ('signature', 'fingerprint')),
    evidence_type  text CHECK (evidence_type IN ('image/png', 'image/jpeg', 'image/webp')),
    evidence       bytea CHECK (octet_length(evidence) BETWEEN 1 AND 102400),
    handed_at      timestamptz NOT NULL,
    handed_on      date NOT NULL,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    -- What was decided after: a reversal, or what became of a review.
    decided_by     text,
    decided_at     timestamptz,
    decision       text,
    FOREIGN KEY (campaign_id, package, kind, beneficiary_id) REFERENCES entitlement,
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    CONSTRAINT receipt_has_evidence CHECK (act = 'refusal' OR evidence IS NOT NULL),
    CHECK ((evidence IS NULL) = (evidence_kind IS NULL) AND (evidence IS NULL) = (evidence_type IS NULL)),
    CHECK ((deputy_id IS NULL) = (authorisation IS NULL)),
    CHECK ((act = 'delivery') = (jsonb_array_length(items) > 0)),
    CHECK (state <> 'under-review' OR review IS NOT NULL),
    CHECK (state NOT IN ('reversed', 'excess') OR decided_by IS NOT NULL),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decision IS NULL))
);
-- All that a package's receipts are asked by: with less of it, statistics of an empty table lead to an index of the whole campaign.
CREATE INDEX receipt_of ON receipt (beneficiary_id, campaign_id, package, kind);
CREATE INDEX receipt_on ON receipt (campaign_id, centre, handed_on);
CREATE INDEX receipt_to_review ON receipt (campaign_id, id) WHERE state = 'under-review';

ALTER TABLE entitlement ADD CONSTRAINT entitlement_replaces FOREIGN KEY (replaces) REFERENCES receipt;

-- What leaves the stock over a counter, and what comes back over it, names its receipt.
ALTER TABLE stock_entry ADD COLUMN receipt_id uuid REFERENCES receipt;
ALTER TABLE stock_entry ADD CHECK ((kind IN ('delivery', 'reversal')) = (receipt_id IS NOT NULL));
CREATE INDEX stock_entry_of_receipt ON stock_entry (receipt_id) WHERE receipt_id IS NOT NULL;

-- What somebody has got of a package, by article: what their receipts say, whether or not a ledger could be drawn on for it.
CREATE FUNCTION handed(of_campaign uuid, of_package int, of_kind text, of_beneficiary uuid) RETURNS TABLE (article int, quantity numeric) LANGUAGE sql STABLE AS $$
    SELECT l.article, sum(i.quantity) FROM receipt r CROSS JOIN LATERAL jsonb_to_recordset(r.items) AS i (lot int, quantity numeric) JOIN lot l ON l.campaign_id = r.campaign_id AND l.number = i.lot
    WHERE r.beneficiary_id = of_beneficiary AND r.campaign_id = of_campaign AND r.package = of_package AND r.kind = of_kind AND r.state = 'counted' GROUP BY l.article
$$;

-- Nobody gets more of anything than is in the package, in whatever way it was written down.
CREATE FUNCTION nobody_gets_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM entitlement WHERE campaign_id = NEW.campaign_id AND package = NEW.package AND kind = NEW.kind AND beneficiary_id = NEW.beneficiary_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM handed(NEW.campaign_id, NEW.package, NEW.kind, NEW.beneficiary_id) h
        LEFT JOIN package_component c ON c.campaign_id = NEW.campaign_id AND c.package = NEW.package AND c.article = h.article
        WHERE h.quantity > coalesce(c.quantity, 0)) THEN
        RAISE EXCEPTION 'more than is in the package' USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_gets_more';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER nobody_gets_more AFTER INSERT OR UPDATE OF state ON receipt FOR EACH ROW WHEN (NEW.state = 'counted' AND NEW.act = 'delivery') EXECUTE FUNCTION nobody_gets_more();

-- What the ledger draws for a receipt is what the receipt says, and no more.
CREATE FUNCTION ledger_is_the_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT -sum(quantity) FROM stock_entry WHERE receipt_id = NEW.receipt_id AND lot = NEW.lot)
        > coalesce((SELECT sum(i.quantity) FROM receipt r CROSS JOIN LATERAL jsonb_to_recordset(r.items) AS i (lot int, quantity numeric) WHERE r.id = NEW.receipt_id AND i.lot = NEW.lot), 0) THEN
        RAISE EXCEPTION 'more than the receipt says' USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_the_receipts';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_is_the_receipts AFTER INSERT ON stock_entry FOR EACH ROW WHEN (NEW.kind = 'delivery') EXECUTE FUNCTION ledger_is_the_receipts();

CREATE FUNCTION receipt_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('reversed', 'excess') OR (to_jsonb(NEW) - '{state,decided_by,decided_at,decision}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,decision}'::text[]) THEN
        RAISE EXCEPTION 'a receipt stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_stays BEFORE UPDATE OR DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION receipt_stays();

-- The state of a package after something was decided about one of its receipts: what its receipts say.
CREATE FUNCTION settle(of_receipt uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE entitlement e SET state = n.state, reason = CASE n.state WHEN 'rejected' THEN 'refused' WHEN 'under-review' THEN 'receipt' END
    FROM receipt r CROSS JOIN LATERAL (
        SELECT CASE
            WHEN NOT EXISTS (SELECT 1 FROM package_component c LEFT JOIN handed(r.campaign_id, r.package, r.kind, r.beneficiary_id) h ON h.article = c.article
                WHERE c.campaign_id = r.campaign_id AND c.package = r.package AND c.quantity > coalesce(h.quantity, 0)) THEN 'delivered'
            WHEN EXISTS (SELECT 1 FROM handed(r.campaign_id, r.package, r.kind, r.beneficiary_id)) THEN 'partially-delivered'
            WHEN EXISTS (SELECT 1 FROM receipt o WHERE (o.campaign_id, o.package, o.kind, o.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) AND o.state = 'counted' AND o.act = 'refusal') THEN 'rejected'
            WHEN EXISTS (SELECT 1 FROM receipt o WHERE (o.campaign_id, o.package, o.kind, o.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) AND o.state = 'under-review') THEN 'under-review'
            WHEN EXISTS (SELECT 1 FROM summons s WHERE s.campaign_id = r.campaign_id AND s.beneficiary_id = r.beneficiary_id AND s.day_id IS NOT NULL) THEN 'summoned'
            ELSE 'authorised' END AS state) n
    WHERE r.id = of_receipt AND (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id)
        -- What the roster or an incident took away stays away, unless something was handed over.
        AND (e.state <> 'rejected' OR e.reason = 'refused' OR n.state IN ('delivered', 'partially-delivered'));
$$;
