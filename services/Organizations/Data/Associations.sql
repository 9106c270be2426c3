-- More of the law's numbers; what the statutes of an association may set otherwise stands in association_statutes.
ALTER TABLE association_ruleset
    ADD COLUMN substitutes_maximum       int NOT NULL DEFAULT 0 CHECK (substitutes_maximum BETWEEN 0 AND 3),
    ADD COLUMN consecutive_terms_maximum int CHECK (consecutive_terms_maximum > 0),
    ADD COLUMN one_board_per_person      boolean NOT NULL DEFAULT true,
    ADD COLUMN dissolution_votes         int NOT NULL DEFAULT 2,
    ADD COLUMN dissolution_of            int NOT NULL DEFAULT 3,
    ADD COLUMN board_report_days         int NOT NULL DEFAULT 15 CHECK (board_report_days > 0),
    ADD COLUMN expiry_warning_days       int[] NOT NULL DEFAULT '{60,30,7}',
    ADD CONSTRAINT dissolution_majority CHECK (dissolution_votes > 0 AND dissolution_votes <= dissolution_of);
UPDATE association_ruleset SET consecutive_terms_maximum = 2;
UPDATE association_ruleset SET board_maximum = 5, substitutes_maximum = 3 WHERE code = 'reforma-2025';

ALTER TABLE association
    ADD COLUMN promoter   text NOT NULL DEFAULT 'unassigned',
    ADD COLUMN tax_number text CONSTRAINT association_tax_number_key UNIQUE CHECK (tax_number ~ '^\d{4}-\d{6}-\d{3}-\d$'),
    ADD COLUMN board_from  date,
    ADD COLUMN board_until date,
    ADD COLUMN ended_on    date,
    DROP CONSTRAINT association_state_check,
    ADD CONSTRAINT association_state_check CHECK (state IN ('forming', 'constituted', 'application-filed', 'observed', 'corrected', 'resolved',
        'granted-by-law', 'archived', 'registered', 'published', 'active', 'board-expired', 'dissolving', 'dissolved', 'cancelled')),
    DROP CONSTRAINT association_filed,
    ADD CONSTRAINT association_filed CHECK (state IN ('forming', 'constituted', 'cancelled') OR (filed_on IS NOT NULL AND resolution_due IS NOT NULL)),
    DROP CONSTRAINT association_recognized,
    ADD CONSTRAINT association_recognized CHECK (
        state NOT IN ('resolved', 'granted-by-law', 'registered', 'published', 'active', 'board-expired', 'dissolving', 'dissolved', 'cancelled')
        OR (recognized_on IS NOT NULL AND (granted_by_law OR council_agreement_number IS NOT NULL))),
    ADD CONSTRAINT association_ended CHECK ((state IN ('dissolved', 'cancelled')) = (ended_on IS NOT NULL)),
    DROP CONSTRAINT association_name_in_place;
-- One that has ended frees its name.
CREATE UNIQUE INDEX association_name_in_place ON association (place_id, plain(name)) WHERE state NOT IN ('archived', 'dissolved', 'cancelled');
DROP INDEX association_list;
CREATE INDEX association_list ON association (plain(name), id);
CREATE INDEX association_place ON association (place_id, plain(name), id);
CREATE INDEX association_state ON association (state, plain(name), id);
CREATE INDEX association_promoter ON association (promoter, plain(name), id);
CREATE INDEX association_board_until ON association (board_until) WHERE state IN ('active', 'board-expired');
CREATE INDEX association_search ON association USING gin ((' ' || plain(name)) gin_trgm_ops);

-- What the statutes set otherwise than the law's default, from a day on.
CREATE TABLE association_statutes (
    association_id            uuid NOT NULL REFERENCES association,
    effective_from            date NOT NULL,
    minutes_number            int  NOT NULL CHECK (minutes_number > 0),
    board_minimum             int CHECK (board_minimum >= 4),
    board_maximum             int CHECK (board_maximum BETWEEN board_minimum AND 16),
    board_term_months         int CHECK (board_term_months BETWEEN 6 AND 60),
    substitutes_maximum       int CHECK (substitutes_maximum BETWEEN 0 AND 3),
    consecutive_terms_maximum int CHECK (consecutive_terms_maximum BETWEEN 1 AND 10),
    dissolution_votes         int CHECK (dissolution_votes > 0),
    dissolution_of            int CHECK (dissolution_of >= dissolution_votes),
    PRIMARY KEY (association_id, effective_from)
);

-- A person may leave and join again; never twice at one time.
-- A duplicate that was merged has no identity any more, so nothing can be written with its id, also at the same moment.
ALTER TABLE association_member
    DROP CONSTRAINT association_member_person_id_fkey,
    ADD CONSTRAINT association_member_person_id_fkey FOREIGN KEY (person_id) REFERENCES person_identity,
    DROP CONSTRAINT association_member_pkey,
    ADD PRIMARY KEY (association_id, person_id, joined_on),
    ADD CONSTRAINT member_once_at_a_time EXCLUDE USING gist
        (association_id WITH =, person_id WITH =, daterange(joined_on, left_on, '[]') WITH &&);

ALTER TABLE board_term
    ADD COLUMN minutes_number  int CHECK (minutes_number > 0),
    ADD COLUMN call            int CHECK (call IN (1, 2)),
    ADD COLUMN attendees       int CHECK (attendees > 0),
    ADD COLUMN elected_until   date,
    ADD COLUMN ended_because   text,
    ADD COLUMN report_due      date,
    ADD COLUMN reported_on     date,
    DROP CONSTRAINT board_term_dates,
    ADD CONSTRAINT board_term_dates CHECK (last_day >= first_day AND first_day >= elected_on AND reported_on >= elected_on);
UPDATE board_term SET elected_until = last_day;
ALTER TABLE board_term ALTER COLUMN elected_until SET NOT NULL;
UPDATE board_term t SET minutes_number = a.assembly_minutes_number FROM association a WHERE a.id = t.association_id;
ALTER TABLE board_term ALTER COLUMN minutes_number SET NOT NULL;
UPDATE association a SET (board_from, board_until) =
    (SELECT t.first_day, t.last_day FROM board_term t WHERE t.association_id = a.id ORDER BY t.first_day DESC LIMIT 1);

-- A post has one holder a day; a person has one post a day, over all boards where the rules say so.
ALTER TABLE board_seat
    ADD COLUMN first_day  date,
    ADD COLUMN last_day   date,
    ADD COLUMN exclusive  boolean NOT NULL DEFAULT true,
    ADD COLUMN ended_because text,
    DROP CONSTRAINT board_seat_person_id_fkey,
    ADD CONSTRAINT board_seat_person_id_fkey FOREIGN KEY (person_id) REFERENCES person_identity,
    DROP CONSTRAINT one_post_per_person,
    DROP CONSTRAINT board_seat_pkey,
    DROP CONSTRAINT board_seat_post_check,
    ADD CONSTRAINT board_seat_post_check CHECK
        (post ~ '^(president|vice-president|secretary|deputy-secretary|treasurer|deputy-treasurer|syndic|member-[1-9]|substitute-[1-3])$');
UPDATE board_seat s SET first_day = t.first_day, last_day = t.last_day FROM board_term t WHERE t.id = s.board_term_id;
ALTER TABLE board_seat
    ALTER COLUMN first_day SET NOT NULL,
    ALTER COLUMN last_day SET NOT NULL,
    ADD PRIMARY KEY (board_term_id, post, first_day),
    ADD CONSTRAINT board_seat_dates CHECK (last_day >= first_day),
    ADD CONSTRAINT one_holder_per_post EXCLUDE USING gist (board_term_id WITH =, post WITH =, daterange(first_day, last_day, '[]') WITH &&),
    ADD CONSTRAINT one_post_per_person EXCLUDE USING gist (board_term_id WITH =, person_id WITH =, daterange(first_day, last_day, '[]') WITH &&),
    ADD CONSTRAINT one_board_per_person EXCLUDE USING gist (person_id WITH =, daterange(first_day, last_day, '[]') WITH &&) WHERE (exclusive);

-- Each warning of a term's end is given once.
CREATE TABLE board_warning (
    board_term_id uuid NOT NULL REFERENCES board_term,
    days          int  NOT NULL,
    given_on      date NOT NULL,
    PRIMARY KEY (board_term_id, days)
);

ALTER TABLE receipt
    ADD COLUMN filed_on date,
    ADD COLUMN due date,
    DROP CONSTRAINT receipt_kind_check,
    ADD CONSTRAINT receipt_kind_check CHECK (kind IN ('application', 'correction', 'board-report', 'annual-filing'));

UPDATE receipt SET filed_on = (received_at AT TIME ZONE INTERVAL '-6 hours')::date;
ALTER TABLE receipt ALTER COLUMN filed_on SET NOT NULL;

-- The member roll and the work plan that each association brings in January.
CREATE TABLE annual_filing (
    association_id uuid NOT NULL REFERENCES association,
    year           int  NOT NULL,
    filed_on       date NOT NULL,
    receipt_number text NOT NULL,
    PRIMARY KEY (association_id, year)
);

-- How an association may end, by the statutes' way or by the council's.
CREATE TABLE termination_cause (
    code   text PRIMARY KEY,
    way    text NOT NULL CHECK (way IN ('dissolution', 'cancellation')),
    name   text NOT NULL,
    source text NOT NULL,
    UNIQUE (code, way)
);
INSERT INTO termination_cause VALUES
    ('members-agreement', 'dissolution', 'Acuerdo de los miembros', 'Estatutos; Código Municipal, arts. 120-121'),
    ('object-fulfilled', 'dissolution', 'Cumplimiento de sus fines', 'Estatutos'),
    ('object-impossible', 'dissolution', 'Imposibilidad de cumplir sus fines', 'Estatutos'),
    ('members-below-minimum', 'dissolution', 'Menos miembros que los que la ley pide', 'Código Municipal, art. 120'),
    ('illicit-activity', 'cancellation', 'Actividades contrarias a la ley o al orden público', 'Código Municipal, arts. 118-125'),
    ('object-abandoned', 'cancellation', 'Abandono de sus fines o inactividad', 'Código Municipal, arts. 118-125'),
    ('irregular-constitution', 'cancellation', 'Vicios en la constitución', 'Código Municipal, arts. 118-125');

CREATE TABLE association_termination (
    association_id           uuid PRIMARY KEY REFERENCES association,
    way                      text NOT NULL,
    cause                    text NOT NULL,
    decided_on               date NOT NULL,
    minutes_number           int,
    attendees                int,
    in_favour                int,
    assets_to                text,
    council_minutes_number   int CHECK (council_minutes_number > 0),
    council_agreement_number int CHECK (council_agreement_number > 0),
    council_date             date,
    ended_on                 date,
    FOREIGN KEY (cause, way) REFERENCES termination_cause (code, way),
    CONSTRAINT termination_votes CHECK (in_favour <= attendees),
    CONSTRAINT termination_dates CHECK (ended_on >= decided_on),
    CONSTRAINT termination_by_whom CHECK ((way = 'dissolution' AND minutes_number IS NOT NULL) OR (way = 'cancellation' AND council_agreement_number IS NOT NULL))
);

-- Register books: the municipality's own book of associations (no owner) and the six of each association.
CREATE TABLE book (
    id             uuid PRIMARY KEY,
    association_id uuid REFERENCES association,
    kind           text NOT NULL CHECK (kind IN ('register', 'members', 'assembly-minutes', 'board-minutes', 'directors', 'treasury', 'inventory')),
    number         int  NOT NULL CHECK (number > 0),
    folios         int  NOT NULL CHECK (folios > 0),
    last_entry     int  NOT NULL DEFAULT 0,
    last_folio     int  NOT NULL DEFAULT 0,
    opened_on      date NOT NULL,
    closed_on      date,
    CONSTRAINT book_owner CHECK ((kind = 'register') = (association_id IS NULL)),
    CONSTRAINT book_full CHECK (last_folio <= folios),
    CONSTRAINT book_dates CHECK (closed_on >= opened_on),
    CONSTRAINT book_number UNIQUE NULLS NOT DISTINCT (association_id, kind, number)
);
CREATE UNIQUE INDEX book_one_open ON book (association_id, kind) NULLS NOT DISTINCT WHERE closed_on IS NULL;

ALTER TABLE register_entry DROP CONSTRAINT register_entry_association_key;
CREATE TABLE book_entry (
    book_id        uuid NOT NULL REFERENCES book,
    entry          int  NOT NULL,
    version        bigint NOT NULL DEFAULT 1,
    folio          int  NOT NULL,
    pages          int  NOT NULL CHECK (pages > 0),
    dated_on       date NOT NULL,
    title          text NOT NULL,
    text           text NOT NULL,
    association_id uuid CONSTRAINT register_entry_association_key UNIQUE REFERENCES association,
    corrects_book_id uuid,
    corrects_entry int,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    closed_by      text,
    closed_at      timestamptz,
    PRIMARY KEY (book_id, entry),
    UNIQUE (book_id, folio),
    FOREIGN KEY (corrects_book_id, corrects_entry) REFERENCES book_entry (book_id, entry),
    CONSTRAINT corrects_an_earlier_one CHECK (corrects_entry < entry AND (corrects_entry IS NULL) = (corrects_book_id IS NULL)),
    CONSTRAINT entry_closed CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);

-- The book gives the number and the folio, and its row stays locked until the commit: writers take turns, a writing
-- that fails gives its number to the next one, and nobody can leave a gap.
CREATE FUNCTION number_book_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE book SET last_entry = last_entry + 1, last_folio = last_folio + NEW.pages
    WHERE id = NEW.book_id AND closed_on IS NULL
    RETURNING last_entry, last_folio - NEW.pages + 1 INTO NEW.entry, NEW.folio;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the book is closed' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'book_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER number_book_entry BEFORE INSERT ON book_entry FOR EACH ROW EXECUTE FUNCTION number_book_entry();

CREATE FUNCTION keep_book_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL
        OR (NEW.book_id, NEW.entry, NEW.folio, NEW.pages, NEW.recorded_by, NEW.recorded_at)
            IS DISTINCT FROM (OLD.book_id, OLD.entry, OLD.folio, OLD.pages, OLD.recorded_by, OLD.recorded_at) THEN
        RAISE EXCEPTION 'entries of a book are kept' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'book_entry_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_book_entry BEFORE UPDATE OR DELETE ON book_entry FOR EACH ROW EXECUTE FUNCTION keep_book_entry();

-- The register kept so far moves in, with its numbers.
INSERT INTO book (id, association_id, kind, number, folios, opened_on)
SELECT md5('register ' || number)::uuid, NULL, 'register', number, folios, '2017-01-01' FROM register_book WHERE number = 1;
INSERT INTO book_entry (book_id, entry, folio, pages, dated_on, title, text, association_id, recorded_by, recorded_at, closed_by, closed_at)
SELECT md5('register ' || e.book)::uuid, e.entry, e.folio, 1, e.registered_on, a.name, a.name, a.id, e.recorded_by, e.recorded_at, e.recorded_by, e.recorded_at
FROM register_entry e JOIN association a ON a.id = e.association_id WHERE e.book = 1 ORDER BY e.entry;
DROP TABLE register_entry, register_book;
DROP FUNCTION refuse_change;

-- Books of the associations constituted so far: the constitution is the first entry of their minutes.
INSERT INTO book (id, association_id, kind, number, folios, opened_on, last_entry)
SELECT gen_random_uuid(), a.id, k.kind, 1, 200, a.assembly_date, CASE k.kind WHEN 'assembly-minutes' THEN a.assembly_minutes_number - 1 ELSE 0 END
FROM association a, unnest('{members,assembly-minutes,board-minutes,directors,treasury,inventory}'::text[]) k (kind)
WHERE a.assembly_date IS NOT NULL;
INSERT INTO book_entry (book_id, entry, folio, pages, dated_on, title, text, recorded_by, recorded_at, closed_by, closed_at)
SELECT b.id, 0, 0, 1, a.assembly_date, 'Constitución', 'Asamblea de constitución', 'system', a.created_at, 'system', a.created_at
FROM book b JOIN association a ON a.id = b.association_id WHERE b.kind = 'assembly-minutes';

-- What was handed out on paper; its code leads to the page that says whether it is still good.
CREATE TABLE document (
    code           text PRIMARY KEY CHECK (code ~ '^[2-9a-hjkmnp-z]{16}$'),
    kind           text NOT NULL CHECK (kind IN ('credential', 'receipt', 'member-roll', 'book-page')),
    number         text NOT NULL,
    association_id uuid NOT NULL REFERENCES association,
    board_term_id  uuid REFERENCES board_term,
    receipt_year   int,
    receipt_number int,
    book_id        uuid,
    book_entry     int,
    as_of          date NOT NULL,
    valid_until    date,
    withdrawn_on   date,
    issued_by      text NOT NULL,
    issued_at      timestamptz NOT NULL,
    FOREIGN KEY (receipt_year, receipt_number) REFERENCES receipt (year, number),
    FOREIGN KEY (book_id, book_entry) REFERENCES book_entry (book_id, entry),
    CONSTRAINT document_of_what CHECK (
        (kind = 'credential') = (board_term_id IS NOT NULL) AND (kind = 'receipt') = (receipt_number IS NOT NULL)
        AND (kind = 'book-page') = (book_entry IS NOT NULL) AND (kind <> 'credential' OR valid_until IS NOT NULL))
);
CREATE INDEX document_association ON document (association_id, issued_at);
-- A number is of one credential.
CREATE UNIQUE INDEX document_credential_number ON document (number) WHERE kind = 'credential';
-- A board has one credential that is good.
CREATE UNIQUE INDEX document_one_credential ON document (board_term_id) WHERE kind = 'credential' AND withdrawn_on IS NULL;
INSERT INTO document (code, kind, number, association_id, board_term_id, as_of, valid_until, issued_by, issued_at)
SELECT translate(substr(md5(a.id::text || random()), 1, 16), '01', 'xy'), 'credential', a.credential_number, a.id, t.id, a.activated_on, t.last_day, 'system', a.created_at
FROM association a JOIN LATERAL (SELECT * FROM board_term t WHERE t.association_id = a.id ORDER BY t.first_day DESC LIMIT 1) t ON true
WHERE a.credential_number IS NOT NULL;
INSERT INTO document (code, kind, number, association_id, receipt_year, receipt_number, as_of, issued_by, issued_at)
SELECT translate(substr(md5(r.year || '-' || r.number || random()), 1, 16), '01', 'xy'), 'receipt', r.year || '-' || lpad(r.number::text, 4, '0'), r.association_id, r.year, r.number,
    r.received_at::date, r.received_by, r.received_at
FROM receipt r;
