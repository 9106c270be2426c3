-- Files that are taken in behind the request.
CREATE TABLE import_job (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    -- What it belongs to, as a campaign; null where it belongs to the whole service.
    subject     uuid,
    state       text NOT NULL CHECK (state IN ('queued', 'running', 'ready', 'completed', 'failed', 'discarded')),
    confirmed   boolean NOT NULL DEFAULT false,
    total       int NOT NULL DEFAULT 0,
    accepted    int NOT NULL DEFAULT 0,
    rejected    int NOT NULL DEFAULT 0,
    report      jsonb,
    failure     text,
    attempts    int NOT NULL DEFAULT 0,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX import_job_open ON import_job (created_at) WHERE state IN ('queued', 'running');
-- The file itself, until it was taken in: in parts, so that nobody holds it whole.
CREATE TABLE import_part (
    job_id  uuid  NOT NULL REFERENCES import_job,
    number  int   NOT NULL CHECK (number >= 1),
    content bytea NOT NULL,
    PRIMARY KEY (job_id, number)
);
-- What was not taken, and why, in words for whoever prepared the file.
CREATE TABLE import_rejection (
    job_id uuid NOT NULL REFERENCES import_job,
    line   int  NOT NULL,
    reason text NOT NULL,
    row    text NOT NULL,
    PRIMARY KEY (job_id, line)
);
