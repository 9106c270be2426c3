-- Which hamlets' people collect at which centre.
CREATE TABLE centre_hamlet (
    campaign_id uuid NOT NULL,
    hamlet_id   int  NOT NULL REFERENCES hamlet,
    centre      int  NOT NULL,
    PRIMARY KEY (campaign_id, hamlet_id),
    FOREIGN KEY (campaign_id, centre) REFERENCES centre
);
CREATE INDEX centre_hamlet_of ON centre_hamlet (campaign_id, centre);

-- A day on which a centre hands out.
CREATE TABLE delivery_day (
    id            uuid PRIMARY KEY,
    version       bigint NOT NULL,
    campaign_id   uuid NOT NULL,
    centre        int  NOT NULL,
    date          date NOT NULL,
    opens         time NOT NULL,
    closes        time NOT NULL CHECK (closes > opens),
    -- People who are served in an hour.
    per_hour      int  NOT NULL CHECK (per_hour BETWEEN 1 AND 1000),
    state         text NOT NULL CHECK (state IN ('scheduled', 'cancelled', 'closed')),
    reason        text,
    scheduled_by  text NOT NULL,
    scheduled_at  timestamptz NOT NULL,
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    CHECK ((state = 'cancelled') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX delivery_day_once ON delivery_day (campaign_id, centre, date) WHERE state <> 'cancelled';
