CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Places: department to hamlet, dated, because the country was divided anew on 2024-05-01.
CREATE TABLE place (
    id         uuid PRIMARY KEY,
    code       text NOT NULL CONSTRAINT place_code_key UNIQUE,
    kind       text NOT NULL CHECK (kind IN ('department', 'municipality', 'district', 'canton', 'hamlet', 'barrio', 'colonia')),
    name       text NOT NULL,
    path       text NOT NULL,
    parent_id  uuid REFERENCES place,
    valid_from date NOT NULL,
    valid_to   date,
    CONSTRAINT place_dates CHECK (valid_to >= valid_from),
    CONSTRAINT place_root CHECK ((kind = 'department') = (parent_id IS NULL)),
    -- Names repeat in the country, not under one parent at one time.
    CONSTRAINT place_name_under_parent EXCLUDE USING gist
        (parent_id WITH =, kind WITH =, name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE INDEX place_parent ON place (parent_id, name, id);

CREATE TABLE import_job (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    content     bytea,
    total       int NOT NULL DEFAULT 0,
    accepted    int NOT NULL DEFAULT 0,
    rejected    int NOT NULL DEFAULT 0,
    failure     text,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX import_job_open ON import_job (created_at) WHERE state IN ('queued', 'running');

CREATE TABLE import_rejection (
    job_id uuid NOT NULL REFERENCES import_job,
    line   int  NOT NULL,
    reason text NOT NULL,
    row    text NOT NULL,
    PRIMARY KEY (job_id, line)
);

-- People. What identifies a person stands in one table, read only by who needs it.
CREATE TABLE person (
    id                    uuid PRIMARY KEY,
    version               bigint NOT NULL,
    given_names           text NOT NULL,
    surnames              text NOT NULL,
    birth_date            date NOT NULL,
    sex                   text NOT NULL CHECK (sex IN ('female', 'male')),
    place_id              uuid REFERENCES place,
    responsible_person_id uuid REFERENCES person,
    created_at            timestamptz NOT NULL,
    CONSTRAINT person_not_responsible_for_self CHECK (responsible_person_id <> id)
);
CREATE INDEX person_by_name ON person (surnames, given_names, id);

CREATE TABLE person_identity (
    person_id uuid PRIMARY KEY REFERENCES person,
    dui       text CONSTRAINT person_identity_dui_key UNIQUE CHECK (dui ~ '^\d{8}-\d$'),
    phone     text
);

CREATE TABLE identity_read (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    reader    text NOT NULL,
    purpose   text NOT NULL,
    read_at   timestamptz NOT NULL
);
CREATE INDEX identity_read_person ON identity_read (person_id, read_at);

-- The numbers of the law, each for its time. An old case keeps the rules of its day.
CREATE TABLE association_ruleset (
    code              text PRIMARY KEY,
    enabled           boolean NOT NULL,
    effective_from    date NOT NULL,
    effective_to      date,
    minimum_members   int  NOT NULL CHECK (minimum_members > 0),
    minimum_age       int  NOT NULL CHECK (minimum_age > 0),
    board_minimum     int  NOT NULL CHECK (board_minimum > 0),
    board_maximum     int  NOT NULL CHECK (board_maximum >= board_minimum),
    board_term_months int  NOT NULL CHECK (board_term_months > 0),
    resolution_days   int  NOT NULL CHECK (resolution_days > 0),
    correction_days   int  NOT NULL CHECK (correction_days > 0),
    source            text NOT NULL,
    CONSTRAINT one_ruleset_at_a_time EXCLUDE USING gist
        (daterange(effective_from, effective_to, '[]') WITH &&) WHERE (enabled)
);
INSERT INTO association_ruleset VALUES
    ('codigo-municipal', true, '1986-03-01', NULL, 25, 18, 5, 11, 24, 15, 15, 'Código Municipal, arts. 118-125'),
    ('reforma-2025', false, '2025-11-01', NULL, 10, 18, 5, 8, 24, 15, 15, 'Reforma en estudio desde noviembre de 2025; no vigente');

CREATE TABLE day_count_policy (
    effective_from date PRIMARY KEY,
    counting       text NOT NULL CHECK (counting IN ('calendar-days', 'business-days')),
    source         text NOT NULL
);
INSERT INTO day_count_policy VALUES
    ('1986-03-01', 'calendar-days', 'Sin regla expresa antes de la Ley de Procedimientos Administrativos'),
    ('2019-02-13', 'business-days', 'Ley de Procedimientos Administrativos');

CREATE TABLE association (
    id                      uuid PRIMARY KEY,
    version                 bigint NOT NULL,
    name                    text NOT NULL,
    place_id                uuid NOT NULL REFERENCES place,
    state                   text NOT NULL CHECK (state IN ('forming', 'constituted', 'application-filed', 'observed', 'corrected', 'resolved',
                                'granted-by-law', 'archived', 'registered', 'published', 'active')),
    ruleset                 text NOT NULL REFERENCES association_ruleset,
    formed_on               date NOT NULL,
    assembly_date           date,
    assembly_minutes_number int CHECK (assembly_minutes_number > 0),
    convened_for_it         boolean,
    presided_by             text,
    filed_on                date,
    resolution_due          date,
    resolution_due_known_at timestamptz,
    observed_on             date,
    defects                 text,
    correction_due          date,
    correction_due_known_at timestamptz,
    recognized_on           date,
    granted_by_law          boolean NOT NULL DEFAULT false,
    council_minutes_number  int CHECK (council_minutes_number > 0),
    council_agreement_number int CHECK (council_agreement_number > 0),
    council_date            date,
    gazette_number          int CHECK (gazette_number > 0),
    gazette_volume          int CHECK (gazette_volume > 0),
    published_on            date,
    credential_number       text,
    activated_on            date,
    created_at              timestamptz NOT NULL,
    CONSTRAINT association_name_in_place UNIQUE (place_id, name),
    CONSTRAINT association_assembly CHECK (state = 'forming' OR (assembly_date IS NOT NULL AND assembly_minutes_number IS NOT NULL)),
    CONSTRAINT association_dates CHECK (assembly_date >= formed_on AND filed_on >= assembly_date AND recognized_on >= filed_on
        AND observed_on >= filed_on AND published_on >= recognized_on),
    CONSTRAINT association_filed CHECK (state IN ('forming', 'constituted') OR (filed_on IS NOT NULL AND resolution_due IS NOT NULL)),
    CONSTRAINT association_recognized CHECK (state NOT IN ('resolved', 'granted-by-law', 'registered', 'published', 'active')
        OR (recognized_on IS NOT NULL AND (granted_by_law OR council_agreement_number IS NOT NULL)))
);
CREATE INDEX association_list ON association (name, id);
CREATE INDEX association_resolution_due ON association (resolution_due) WHERE state IN ('application-filed', 'corrected');
CREATE INDEX association_correction_due ON association (correction_due) WHERE state = 'observed';

CREATE TABLE association_member (
    association_id uuid NOT NULL REFERENCES association,
    person_id      uuid NOT NULL REFERENCES person,
    joined_on      date NOT NULL,
    left_on        date,
    PRIMARY KEY (association_id, person_id),
    CONSTRAINT member_dates CHECK (left_on >= joined_on)
);
CREATE INDEX association_member_person ON association_member (person_id);

CREATE TABLE board_term (
    id             uuid PRIMARY KEY,
    association_id uuid NOT NULL REFERENCES association,
    elected_on     date NOT NULL,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    CONSTRAINT board_term_dates CHECK (last_day > first_day AND first_day >= elected_on),
    CONSTRAINT board_terms_do_not_overlap EXCLUDE USING gist
        (association_id WITH =, daterange(first_day, last_day, '[]') WITH &&)
);

CREATE TABLE board_seat (
    board_term_id uuid NOT NULL REFERENCES board_term,
    post          text NOT NULL CHECK (post ~ '^(president|vice-president|secretary|deputy-secretary|treasurer|deputy-treasurer|syndic|member-[1-9])$'),
    person_id     uuid NOT NULL REFERENCES person,
    PRIMARY KEY (board_term_id, post),
    CONSTRAINT one_post_per_person UNIQUE (board_term_id, person_id)
);

-- Every filing gets a numbered receipt with date and hour; the numbers of a year have no gap.
CREATE TABLE receipt_counter (
    year int PRIMARY KEY,
    last int NOT NULL
);
CREATE TABLE receipt (
    year           int  NOT NULL,
    number         int  NOT NULL CHECK (number > 0),
    association_id uuid NOT NULL REFERENCES association,
    kind           text NOT NULL CHECK (kind IN ('application', 'correction')),
    received_at    timestamptz NOT NULL,
    received_by    text NOT NULL,
    PRIMARY KEY (year, number)
);
CREATE INDEX receipt_association ON receipt (association_id);

-- The register book: entries and folios without gaps, never changed once written.
CREATE TABLE register_book (
    number     int PRIMARY KEY CHECK (number > 0),
    folios     int NOT NULL CHECK (folios > 0),
    last_entry int NOT NULL DEFAULT 0,
    CONSTRAINT register_book_full CHECK (last_entry <= folios)
);
INSERT INTO register_book (number, folios) VALUES (1, 200);
CREATE TABLE register_entry (
    book           int  NOT NULL REFERENCES register_book,
    entry          int  NOT NULL CHECK (entry > 0),
    folio          int  NOT NULL,
    association_id uuid NOT NULL CONSTRAINT register_entry_association_key UNIQUE REFERENCES association,
    registered_on  date NOT NULL,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    PRIMARY KEY (book, entry),
    UNIQUE (book, folio)
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of a register book are immutable' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'register_entry_immutable';
END $$;
CREATE TRIGGER register_entry_immutable BEFORE UPDATE OR DELETE ON register_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE committee_kind (
    code            text PRIMARY KEY,
    name            text NOT NULL,
    minimum_members int  NOT NULL CHECK (minimum_members > 0),
    maximum_members int  NOT NULL CHECK (maximum_members >= minimum_members),
    minimum_age     int,
    maximum_age     int,
    place_kinds     text[] NOT NULL
);
INSERT INTO committee_kind VALUES
    ('youth', 'Comité de jóvenes', 5, 15, 15, 29, '{hamlet}'),
    ('prevention', 'Comité de prevención y seguridad ciudadana', 3, 25, 18, NULL, '{municipality,district,canton}'),
    ('solidarity-rural-communities', 'Comité de Comunidades Rurales Solidarias', 3, 25, 18, NULL, '{municipality,district,canton,hamlet}');

CREATE TABLE committee (
    id             uuid PRIMARY KEY,
    version        bigint NOT NULL,
    kind           text NOT NULL REFERENCES committee_kind,
    name           text NOT NULL,
    place_id       uuid NOT NULL REFERENCES place,
    formed_on      date NOT NULL,
    minutes_number int  NOT NULL CHECK (minutes_number > 0),
    created_at     timestamptz NOT NULL,
    CONSTRAINT committee_name_in_place UNIQUE (place_id, kind, name)
);
CREATE TABLE committee_member (
    committee_id uuid NOT NULL REFERENCES committee,
    person_id    uuid NOT NULL REFERENCES person,
    post         text NOT NULL CHECK (post IN ('coordinator', 'deputy-coordinator', 'secretary', 'treasurer', 'member')),
    joined_on    date NOT NULL,
    left_on      date,
    PRIMARY KEY (committee_id, person_id),
    CONSTRAINT committee_member_dates CHECK (left_on >= joined_on)
);
CREATE UNIQUE INDEX committee_post_once ON committee_member (committee_id, post) WHERE post <> 'member' AND left_on IS NULL;
