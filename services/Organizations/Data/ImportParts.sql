-- Files wait in parts, so that nobody holds one whole; a kind of file may ask for a second look before it changes anything.
ALTER TABLE import_job DROP CONSTRAINT import_job_state_check,
    ADD CONSTRAINT import_job_state_check CHECK (state IN ('queued', 'running', 'ready', 'completed', 'failed', 'discarded')),
    ADD COLUMN subject uuid, ADD COLUMN confirmed boolean NOT NULL DEFAULT false, ADD COLUMN report jsonb;
CREATE TABLE import_part (
    job_id  uuid  NOT NULL REFERENCES import_job,
    number  int   NOT NULL CHECK (number >= 1),
    content bytea NOT NULL,
    PRIMARY KEY (job_id, number)
);
INSERT INTO import_part SELECT id, 1, content FROM import_job WHERE content IS NOT NULL;
ALTER TABLE import_job DROP COLUMN content;
