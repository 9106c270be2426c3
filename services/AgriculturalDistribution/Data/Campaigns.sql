-- A campaign hands out packages of one season; what it hands out, where and by which rules holds from its approval on.
CREATE TABLE campaign (
    id           uuid PRIMARY KEY,
    version      bigint NOT NULL,
    name         text NOT NULL CONSTRAINT campaign_name UNIQUE,
    owner        text NOT NULL CHECK (owner IN ('ministry', 'municipality', 'organisation')),
    owner_name   text NOT NULL,
    season       text NOT NULL,
    first_day    date NOT NULL,
    last_day     date NOT NULL CHECK (last_day >= first_day),
    rules        jsonb NOT NULL,
    state        text NOT NULL CHECK (state IN ('draft', 'approved', 'closed', 'cancelled')),
    reason       text,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL,
    approved_by  text,
    approved_at  timestamptz,
    -- Grows with each file that changes the roster, so that a difference that somebody saw is still the difference.
    roster       int NOT NULL DEFAULT 0,
    CHECK (state IN ('draft', 'cancelled') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)),
    CHECK ((state = 'cancelled') = (reason IS NOT NULL))
);

-- What was approved holds.
CREATE FUNCTION campaign_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'draft' OR (to_jsonb(NEW) - '{state,version,reason,roster}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,version,reason,roster}'::text[]) THEN
        RAISE EXCEPTION 'the campaign was approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'campaign_holds';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_holds BEFORE UPDATE ON campaign FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION campaign_holds();

-- What is handed out, each in its own unit.
CREATE TABLE article (
    campaign_id uuid NOT NULL REFERENCES campaign,
    number      int  NOT NULL CHECK (number >= 1),
    name        text NOT NULL,
    unit        text NOT NULL,
    PRIMARY KEY (campaign_id, number),
    CONSTRAINT article_name UNIQUE (campaign_id, name)
);
-- A package, by the word that the owner's roster has for it.
CREATE TABLE package_kind (
    campaign_id uuid NOT NULL REFERENCES campaign,
    number      int  NOT NULL CHECK (number BETWEEN 1 AND 15),
    code        text NOT NULL,
    name        text NOT NULL,
    PRIMARY KEY (campaign_id, number),
    CONSTRAINT package_code UNIQUE (campaign_id, code)
);
CREATE TABLE package_component (
    campaign_id uuid NOT NULL,
    package     int  NOT NULL,
    article     int  NOT NULL,
    quantity    numeric(10, 2) NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (campaign_id, package, article),
    FOREIGN KEY (campaign_id, package) REFERENCES package_kind,
    FOREIGN KEY (campaign_id, article) REFERENCES article
);
CREATE TABLE centre (
    campaign_id uuid NOT NULL REFERENCES campaign,
    number      int  NOT NULL CHECK (number >= 1),
    name        text NOT NULL,
    place       jsonb NOT NULL,
    PRIMARY KEY (campaign_id, number),
    CONSTRAINT centre_name UNIQUE (campaign_id, name)
);
-- As many packages of a kind as a centre may hand out.
CREATE TABLE centre_quota (
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    package     int  NOT NULL,
    most        int  NOT NULL CHECK (most >= 0),
    PRIMARY KEY (campaign_id, centre, package),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    FOREIGN KEY (campaign_id, package) REFERENCES package_kind
);
-- Who works at a centre, by the subject of their token.
CREATE TABLE centre_staff (
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    subject     text NOT NULL,
    PRIMARY KEY (campaign_id, centre, subject),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre
);
