-- What a service has promised to say and has not yet said. Rows are born in the transaction of the change.
CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id      uuid        NOT NULL,
    type            text        NOT NULL,
    public_type     text,
    subject         uuid        NOT NULL,
    version         bigint      NOT NULL,
    body            json        NOT NULL,
    traceparent     text,
    created_at      timestamptz NOT NULL,
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error      text
);
-- The few rows that failed: the relay looks here for the subjects it must hold back.
CREATE INDEX outbox_failed ON outbox (subject) WHERE attempts > 0;

-- Rows that the broker refused ten times: an operator lists them and replays them.
CREATE TABLE outbox_dead (
    id          bigint      PRIMARY KEY,
    message_id  uuid        NOT NULL UNIQUE,
    type        text        NOT NULL,
    public_type text,
    subject     uuid        NOT NULL,
    version     bigint      NOT NULL,
    body        json        NOT NULL,
    traceparent text,
    created_at  timestamptz NOT NULL,
    attempts    int         NOT NULL,
    last_error  text,
    died_at     timestamptz NOT NULL DEFAULT now()
);

-- What has been said, in the order in which it was said. Only the relay, under its lock, adds rows, so a position
-- never appears behind one that a reader has already seen.
CREATE TABLE published_event (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id   uuid        NOT NULL,
    type         text        NOT NULL,
    public_type  text,
    subject      uuid        NOT NULL,
    version      bigint      NOT NULL,
    body         json        NOT NULL,
    traceparent  text,
    created_at   timestamptz NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX published_event_public ON published_event (position) WHERE public_type IS NOT NULL;
CREATE INDEX published_event_internal ON published_event (published_at) WHERE public_type IS NULL;

-- Which messages have taken effect here.
CREATE TABLE inbox (
    consumer    text        NOT NULL,
    message_id  uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_received ON inbox (received_at);

-- The answer given to a request that carried an Idempotency-Key.
CREATE TABLE idempotency (
    caller       text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    status       int,
    location     text,
    etag         text,
    body         json,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
