-- A centre gave its account: received = delivered + returned + damaged + what remains, and what was counted differently is explained.
CREATE TABLE centre_closing (
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    closed_on   date NOT NULL,
    note        text,
    -- People by package, as they were when the act was written.
    packages    jsonb NOT NULL,
    closed_by   text NOT NULL,
    closed_at   timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, centre),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre
);
-- Of each lot that the centre had: what the ledger said, and what somebody counted.
CREATE TABLE closing_count (
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    lot         int  NOT NULL,
    expected    numeric(12, 2) NOT NULL,
    counted     numeric(12, 2) NOT NULL CHECK (counted >= 0),
    explanation text,
    PRIMARY KEY (campaign_id, centre, lot),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre_closing,
    FOREIGN KEY (campaign_id, lot) REFERENCES lot,
    CHECK (counted = expected OR explanation IS NOT NULL)
);

CREATE FUNCTION closing_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a closing act stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_stays';
END $$;
CREATE TRIGGER centre_closing_stays BEFORE UPDATE OR DELETE ON centre_closing FOR EACH ROW EXECUTE FUNCTION closing_stays();
CREATE TRIGGER closing_count_stays BEFORE UPDATE OR DELETE ON closing_count FOR EACH ROW EXECUTE FUNCTION closing_stays();

-- What a centre accounted for does not move any more.
CREATE FUNCTION closed_centre_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM centre_closing WHERE campaign_id = NEW.campaign_id AND centre = NEW.centre) THEN
        RAISE EXCEPTION 'the centre gave its account' USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_centre_stays';
    END IF;
    RETURN NULL;
END $$;
-- After the foreign keys have waited for an act that is being written.
CREATE TRIGGER closed_centre_stays AFTER INSERT ON stock_entry FOR EACH ROW EXECUTE FUNCTION closed_centre_stays();

-- A campaign ends when every centre gave its account and nobody is left in a state that is none.
CREATE FUNCTION campaign_settles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM centre n WHERE n.campaign_id = NEW.id AND NOT EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = n.campaign_id AND k.centre = n.number))
        OR EXISTS (SELECT 1 FROM entitlement WHERE campaign_id = NEW.id AND state IN ('authorised', 'summoned', 'under-review')) OR EXISTS (SELECT 1 FROM receipt WHERE campaign_id = NEW.id AND state = 'under-review') THEN
        RAISE EXCEPTION 'something of the campaign is open' USING ERRCODE = 'check_violation', CONSTRAINT = 'campaign_settles';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_settles AFTER UPDATE ON campaign FOR EACH ROW WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION campaign_settles();
CREATE FUNCTION closed_campaign_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the campaign ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_campaign_stays';
END $$;
CREATE TRIGGER closed_campaign_stays BEFORE UPDATE ON campaign FOR EACH ROW WHEN (OLD.state IN ('closed', 'cancelled')) EXECUTE FUNCTION closed_campaign_stays();

-- What a campaign hands out, and where, is the draft's; from the approval on only who works at a centre changes.
CREATE FUNCTION contents_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM campaign WHERE id = (to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END) ->> 'campaign_id')::uuid) <> 'draft' THEN
        RAISE EXCEPTION 'the campaign was approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'campaign_holds';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER article_holds BEFORE INSERT OR UPDATE OR DELETE ON article FOR EACH ROW EXECUTE FUNCTION contents_hold();
CREATE TRIGGER package_kind_holds BEFORE INSERT OR UPDATE OR DELETE ON package_kind FOR EACH ROW EXECUTE FUNCTION contents_hold();
CREATE TRIGGER package_component_holds BEFORE INSERT OR UPDATE OR DELETE ON package_component FOR EACH ROW EXECUTE FUNCTION contents_hold();
CREATE TRIGGER centre_holds BEFORE INSERT OR UPDATE OR DELETE ON centre FOR EACH ROW EXECUTE FUNCTION contents_hold();
CREATE TRIGGER centre_quota_holds BEFORE INSERT OR UPDATE OR DELETE ON centre_quota FOR EACH ROW EXECUTE FUNCTION contents_hold();
