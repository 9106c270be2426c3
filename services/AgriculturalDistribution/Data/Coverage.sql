-- Associations as Organizations tells of them: whoever lives where one is registered should not be forgotten.
CREATE TABLE association (
    id        uuid PRIMARY KEY,
    name      text NOT NULL,
    hamlet_id int  NOT NULL REFERENCES hamlet,
    standing  boolean NOT NULL,
    version   bigint NOT NULL
);
CREATE INDEX association_of_hamlet ON association (hamlet_id) WHERE standing;

-- How many producers a hamlet should have in a campaign's roster, and who says so.
CREATE TABLE expected_producers (
    campaign_id uuid NOT NULL REFERENCES campaign,
    hamlet_id   int  NOT NULL REFERENCES hamlet,
    expected    int  NOT NULL CHECK (expected >= 0),
    source      text NOT NULL,
    PRIMARY KEY (campaign_id, hamlet_id)
);

-- What is wrong in the owner's roster, and who was left out of it: told to the owner, and answered.
CREATE TABLE incident (
    id             uuid PRIMARY KEY,
    version        bigint NOT NULL,
    campaign_id    uuid NOT NULL REFERENCES campaign,
    kind           text NOT NULL CHECK (kind IN ('deceased', 'duplicate', 'not-a-producer', 'wrong-data', 'person-left-out', 'hamlet-left-out')),
    -- Whom of the roster it is about.
    beneficiary_id uuid,
    -- Who was left out of it.
    outsider_id    uuid REFERENCES outsider,
    -- Where people were left out, how many, and which association says so.
    hamlet_id      int REFERENCES hamlet,
    claimed        int CHECK (claimed >= 1),
    association_id uuid REFERENCES association,
    description    text NOT NULL,
    state          text NOT NULL CHECK (state IN ('open', 'sent', 'accepted', 'refused')),
    reported_by    text NOT NULL,
    reported_at    timestamptz NOT NULL,
    sent_on        date,
    document       text,
    answer         text,
    answered_on    date,
    CHECK ((kind IN ('deceased', 'duplicate', 'not-a-producer', 'wrong-data')) = (beneficiary_id IS NOT NULL)),
    CHECK ((kind IN ('person-left-out', 'hamlet-left-out')) = (hamlet_id IS NOT NULL) AND (kind = 'hamlet-left-out') = (claimed IS NOT NULL)),
    CHECK ((kind = 'person-left-out') = (outsider_id IS NOT NULL)),
    CHECK (association_id IS NULL OR kind = 'hamlet-left-out'),
    CHECK ((state <> 'open') = (sent_on IS NOT NULL) AND (sent_on IS NULL) = (document IS NULL)),
    CHECK ((state IN ('accepted', 'refused')) = (answered_on IS NOT NULL) AND (answered_on IS NULL) = (answer IS NULL)),
    CHECK (answered_on >= sent_on)
);
CREATE INDEX incident_of ON incident (campaign_id, id);
CREATE INDEX incident_about ON incident (beneficiary_id);
CREATE INDEX incident_at ON incident (campaign_id, hamlet_id);
