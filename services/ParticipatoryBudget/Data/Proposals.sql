-- How proposals are admitted and assessed; a cycle of before gets one criterion for everything.
ALTER TABLE budget_cycle ADD COLUMN assessment jsonb NOT NULL
    DEFAULT '{"criteria": [{"name": "Valoración general", "aspect": "technical", "weight": 100}], "checklist": [], "minimumSignatures": 0, "passingScore": 0, "correctionDays": 10}';
ALTER TABLE budget_cycle ALTER COLUMN assessment DROP DEFAULT;
ALTER TABLE budget_cycle ADD COLUMN ballot_published_at timestamptz;

-- The key by which people are told apart without being known; erased when the cycle ends.
CREATE TABLE cycle_key (
    cycle_id uuid PRIMARY KEY REFERENCES budget_cycle,
    key      bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO cycle_key SELECT id, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) FROM budget_cycle;

-- Associations as Organizations tells of them.
CREATE TABLE association (
    id       uuid PRIMARY KEY,
    name     text NOT NULL,
    place    text NOT NULL,
    standing boolean NOT NULL,
    version  bigint NOT NULL
);

-- Photos and papers, once each. In the database, so that they are saved and restored with what they prove.
CREATE TABLE stored_file (
    id           uuid PRIMARY KEY,
    sha256       bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    content_type text  NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    content      bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 6291456),
    stored_by    text  NOT NULL,
    stored_at    timestamptz NOT NULL
);

CREATE TABLE proposal (
    id             uuid PRIMARY KEY,
    version        bigint NOT NULL,
    cycle_id       uuid NOT NULL REFERENCES budget_cycle,
    number         int CHECK (number >= 1),
    zone           int  NOT NULL,
    title          text NOT NULL,
    content        jsonb NOT NULL,
    association_id uuid,
    state          text NOT NULL CHECK (state IN ('draft', 'received', 'in-review', 'observed', 'feasible', 'not-feasible', 'prioritised', 'waiting-list', 'not-supported', 'included',
        'turned-into-project', 'merged', 'divided', 'withdrawn')),
    submitted_on   date,
    observation    text,
    correct_by     date,
    cause          text CHECK (cause IN ('land-not-legalised', 'outside-municipal-competence', 'not-corrected', 'technical', 'environmental', 'social', 'legal', 'other')),
    reason         text,
    score          numeric(14, 2) CHECK (score BETWEEN 0 AND 100),
    cost           numeric(14, 2) CHECK (cost > 0),
    evaluated_on   date,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT proposal_number UNIQUE (cycle_id, number),
    FOREIGN KEY (cycle_id, zone) REFERENCES cycle_zone (cycle_id, number),
    CHECK ((number IS NULL) = (submitted_on IS NULL) AND (number IS NOT NULL OR state IN ('draft', 'withdrawn'))),
    CHECK ((state = 'observed') = (correct_by IS NOT NULL) AND (observation IS NULL) = (correct_by IS NULL)),
    -- Nothing is refused without its reason, and nothing can be done without its cost.
    CHECK (state <> 'not-feasible' OR (cause IS NOT NULL AND reason IS NOT NULL AND evaluated_on IS NOT NULL)),
    CHECK (state NOT IN ('feasible', 'prioritised', 'waiting-list', 'not-supported', 'included', 'turned-into-project') OR (cost IS NOT NULL AND score IS NOT NULL AND reason IS NOT NULL AND evaluated_on IS NOT NULL))
);
-- Whose proposal it is: who wrote it, or who wrote those that it was made of.
CREATE TABLE proposal_author (
    proposal_id uuid NOT NULL REFERENCES proposal,
    subject     text NOT NULL,
    PRIMARY KEY (subject, proposal_id)
);
CREATE INDEX proposal_author_of ON proposal_author (proposal_id);
CREATE TABLE proposal_file (
    proposal_id uuid NOT NULL REFERENCES proposal,
    file_id     uuid NOT NULL REFERENCES stored_file,
    PRIMARY KEY (proposal_id, file_id)
);
CREATE INDEX proposal_file_of ON proposal_file (file_id);
CREATE TABLE proposal_step (
    proposal_id uuid NOT NULL REFERENCES proposal,
    number      int  NOT NULL,
    state       text NOT NULL,
    note        text,
    by          text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (proposal_id, number)
);
CREATE TABLE proposal_evaluator (
    proposal_id uuid NOT NULL REFERENCES proposal,
    aspect      text NOT NULL CHECK (aspect IN ('technical', 'social', 'environmental', 'legal')),
    evaluator   text NOT NULL,
    assigned_by text NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (proposal_id, aspect)
);
CREATE TABLE proposal_score (
    proposal_id uuid NOT NULL REFERENCES proposal,
    criterion   int  NOT NULL CHECK (criterion >= 1),
    points      int  NOT NULL CHECK (points BETWEEN 0 AND 100),
    reason      text NOT NULL,
    given_by    text NOT NULL,
    given_at    timestamptz NOT NULL,
    PRIMARY KEY (proposal_id, criterion)
);
CREATE TABLE proposal_trace (
    from_id uuid NOT NULL REFERENCES proposal,
    into_id uuid NOT NULL REFERENCES proposal CHECK (into_id <> from_id),
    PRIMARY KEY (from_id, into_id)
);
CREATE INDEX proposal_trace_into ON proposal_trace (into_id);
CREATE TABLE supporting_signature (
    proposal_id uuid  NOT NULL REFERENCES proposal,
    person_key  bytea NOT NULL CHECK (length(person_key) = 32),
    signed_at   timestamptz NOT NULL,
    PRIMARY KEY (proposal_id, person_key)
);
