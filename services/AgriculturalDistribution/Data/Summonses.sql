-- When and where somebody of the roster comes: one turn for all that they get.
CREATE TABLE summons (
    campaign_id    uuid NOT NULL,
    beneficiary_id uuid NOT NULL REFERENCES beneficiary,
    centre         int  NOT NULL,
    -- In the centre's list.
    number         int  NOT NULL CHECK (number >= 1),
    -- The turn, which is lost when its day is called off.
    day_id         uuid REFERENCES delivery_day,
    slot           int  CHECK (slot >= 0),
    -- In the QR of the paper that they bring; says nothing about them.
    code           uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT summons_code UNIQUE,
    PRIMARY KEY (campaign_id, beneficiary_id),
    CONSTRAINT summons_number UNIQUE (campaign_id, centre, number),
    CONSTRAINT summons_turn UNIQUE (day_id, slot),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    CHECK ((day_id IS NULL) = (slot IS NULL))
);

-- How many people a day has turns for.
CREATE FUNCTION turns(d delivery_day) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(extract(epoch FROM d.closes - d.opens) / 3600 * d.per_hour)::int
$$;

-- The local hour of a turn: as many people as are served in an hour come at the same one.
CREATE FUNCTION turn_at(d delivery_day, slot int) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT d.opens + make_interval(hours => slot / d.per_hour)
$$;

-- Whether a package still has to get one of a centre's quota.
CREATE FUNCTION competes(e entitlement) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT e.kind = 'original' AND e.state IN ('authorised', 'no-show')
$$;

-- How many of a package a centre may still give a turn to.
CREATE FUNCTION room(of_campaign uuid, at_centre int, of_package int) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT q.most - (SELECT count(*) FROM summons s JOIN entitlement e ON e.campaign_id = s.campaign_id AND e.beneficiary_id = s.beneficiary_id
            WHERE s.campaign_id = q.campaign_id AND s.centre = q.centre AND e.package = q.package AND e.kind = 'original' AND e.state IN ('summoned', 'delivered', 'partially-delivered', 'under-review'))
        FROM centre_quota q WHERE q.campaign_id = of_campaign AND q.centre = at_centre AND q.package = of_package), 2147483647)
$$;
