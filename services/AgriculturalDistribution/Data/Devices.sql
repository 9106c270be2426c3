-- Something that works without a signal: a telephone or a tablet with a key of its own.
CREATE TABLE device (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    -- The public half, as a JSON Web Key (EC, P-256); the other never leaves the device.
    key           jsonb NOT NULL,
    registered_by text NOT NULL,
    registered_at timestamptz NOT NULL,
    revoked_by    text,
    revoked_at    timestamptz,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);

-- The key that signs lists, one for all replicas.
CREATE TABLE signing_key (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    private_key bytea NOT NULL
);

-- A centre's people and stock as a device took them along.
CREATE TABLE centre_list (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    centre      int  NOT NULL,
    device_id   uuid NOT NULL REFERENCES device,
    people      int  NOT NULL,
    issued_by   text NOT NULL,
    issued_at   timestamptz NOT NULL,
    -- What the device wrote is all here, or will never be.
    ended       text CHECK (ended IN ('returned', 'lost')),
    ended_by    text,
    ended_at    timestamptz,
    reason      text,
    FOREIGN KEY (campaign_id, centre) REFERENCES centre,
    CHECK ((ended IS NULL) = (ended_by IS NULL) AND (ended IS NULL) = (ended_at IS NULL) AND (ended IS NOT DISTINCT FROM 'lost') = (reason IS NOT NULL))
);
CREATE INDEX centre_list_of ON centre_list (campaign_id, centre) WHERE ended IS NULL;

-- A device's journal, word by word. Two different entries of one number are both kept, and only the first has an effect.
CREATE TABLE journal_entry (
    device_id   uuid NOT NULL REFERENCES device,
    -- SHA-256 of the entry as it was signed.
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    sequence    bigint NOT NULL CHECK (sequence >= 1),
    previous    bytea CHECK (octet_length(previous) = 32),
    list_id     uuid REFERENCES centre_list,
    entry       text NOT NULL,
    state       text NOT NULL CHECK (state IN ('recorded', 'invalid', 'forked')),
    receipt_id  uuid REFERENCES receipt,
    problem     text,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, digest),
    CHECK ((state = 'recorded') = (receipt_id IS NOT NULL) AND (receipt_id IS NULL) = (problem IS NOT NULL))
);
CREATE INDEX journal_problem ON journal_entry (list_id) WHERE state <> 'recorded';
CREATE UNIQUE INDEX journal_sequence ON journal_entry (device_id, sequence) WHERE state <> 'forked';

CREATE FUNCTION journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a journal stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_stays';
END $$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE ON journal_entry FOR EACH ROW EXECUTE FUNCTION journal_stays();

-- Whether a package can be handed over at a centre: one with a quota there needs a turn first.
CREATE FUNCTION may_take(e entitlement, at_centre int) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT e.state IN ('summoned', 'partially-delivered') OR (e.state IN ('authorised', 'no-show')
        AND (e.kind = 'replacement' OR NOT EXISTS (SELECT 1 FROM centre_quota q WHERE q.campaign_id = e.campaign_id AND q.centre = at_centre AND q.package = e.package)))
$$;
