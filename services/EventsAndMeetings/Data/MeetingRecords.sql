-- What a meeting leaves behind: who was asked and came, the calls with their quorum, the agreements, the minutes.

-- A kind's rules are data with a first day: a meeting keeps those of its own day.
CREATE TABLE meeting_rule (
    kind                text NOT NULL REFERENCES meeting_kind,
    effective_from      date NOT NULL,
    notice_min_days     int  NOT NULL CHECK (notice_min_days >= 0),
    notice_max_days     int  NOT NULL CHECK (notice_max_days >= notice_min_days),
    quorum              text NOT NULL CHECK (quorum IN ('none', 'half-plus-one', 'two-thirds')),
    second_call         boolean NOT NULL,
    escalate_after_days int  NOT NULL CHECK (escalate_after_days >= 0),
    source              text NOT NULL,
    PRIMARY KEY (kind, effective_from)
);
INSERT INTO meeting_rule
SELECT code, date '1990-01-01', notice_min_days, notice_max_days, CASE WHEN needs_quorum THEN 'half-plus-one' ELSE 'none' END, second_call, 7,
       CASE WHEN code LIKE '%assembly' THEN 'Estatutos tipo de las asociaciones comunales; cada asociación puede fijar otros' ELSE 'Práctica de la unidad' END
FROM meeting_kind;
ALTER TABLE meeting_kind
    DROP COLUMN notice_min_days, DROP COLUMN notice_max_days, DROP COLUMN needs_quorum, DROP COLUMN second_call,
    ADD COLUMN book text NOT NULL DEFAULT 'assembly' CHECK (book IN ('assembly', 'coordination', 'committee'));
UPDATE meeting_kind SET book = CASE code WHEN 'coordination' THEN 'coordination' WHEN 'committee-meeting' THEN 'committee' ELSE 'assembly' END;
INSERT INTO meeting_kind (code, name, book) VALUES ('dissolution-assembly', 'Asamblea general extraordinaria para disolver', 'assembly');
INSERT INTO meeting_rule VALUES ('dissolution-assembly', '1990-01-01', 2, 3, 'two-thirds', false, 7, 'Estatutos tipo de las asociaciones comunales: la disolución se acuerda con dos tercios');

ALTER TABLE meeting
    ADD COLUMN duration_minutes int NOT NULL DEFAULT 120 CHECK (duration_minutes BETWEEN 5 AND 1440),
    ADD COLUMN draft            jsonb;

-- The quorum as it was at each call. Nobody rewrites it.
CREATE TABLE meeting_call (
    meeting_id  uuid NOT NULL REFERENCES meeting,
    call        int  NOT NULL CHECK (call IN (1, 2)),
    attendance  int  NOT NULL CHECK (attendance >= 0),
    members     int  NOT NULL CHECK (members >= 0),
    quorum      int  NOT NULL CHECK (quorum >= 1),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, call)
);
INSERT INTO meeting_call SELECT id, call, attendance, members, greatest(quorum, 1), 'unknown', created_at FROM meeting WHERE call IS NOT NULL;
CREATE TRIGGER meeting_call_kept BEFORE UPDATE OR DELETE ON meeting_call FOR EACH ROW EXECUTE FUNCTION is_kept();

-- Who was asked to come, each with a code of their own to be let in by.
CREATE TABLE meeting_invitation (
    meeting_id uuid NOT NULL REFERENCES meeting,
    person_id  uuid NOT NULL,
    name       text NOT NULL,
    code       text NOT NULL UNIQUE CHECK (code ~ '^[2-9a-hjkmnp-z]{10}$'),
    invited_at timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
);
CREATE INDEX meeting_invitation_person ON meeting_invitation (person_id);
ALTER TABLE meeting_attendance
    ADD COLUMN how         text NOT NULL DEFAULT 'list' CHECK (how IN ('list', 'code')),
    ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE meeting_attendance ALTER COLUMN how DROP DEFAULT, ALTER COLUMN recorded_at DROP DEFAULT;
CREATE TABLE meeting_guest (
    meeting_id  uuid NOT NULL REFERENCES meeting,
    number      int  NOT NULL,
    name        text NOT NULL,
    institution text,
    PRIMARY KEY (meeting_id, number)
);

-- An act of a meeting, or of a correction of one. Closed from the start: its draft is in the meeting.
CREATE TABLE minutes (
    id             uuid PRIMARY KEY,
    meeting_id     uuid NOT NULL REFERENCES meeting,
    body_id        uuid NOT NULL REFERENCES organized_body,
    book           text NOT NULL,
    number         int  NOT NULL CHECK (number >= 1),
    corrects       int,
    content        jsonb NOT NULL,
    closed_by      text NOT NULL,
    closed_at      timestamptz NOT NULL,
    public_content jsonb,
    published_by   text,
    published_at   timestamptz,
    CONSTRAINT minutes_number UNIQUE (body_id, book, number),
    CONSTRAINT minutes_corrects FOREIGN KEY (body_id, book, corrects) REFERENCES minutes (body_id, book, number),
    CONSTRAINT minutes_published CHECK (num_nulls(public_content, published_by, published_at) IN (0, 3))
);
CREATE UNIQUE INDEX minutes_of_meeting ON minutes (meeting_id) WHERE corrects IS NULL;
CREATE INDEX minutes_by_meeting ON minutes (meeting_id);
-- The book numbers itself: whoever closes an act waits for the one before.
CREATE FUNCTION number_minutes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM organized_body WHERE id = NEW.body_id FOR UPDATE;
    NEW.number := (SELECT coalesce(max(number), 0) + 1 FROM minutes WHERE body_id = NEW.body_id AND book = NEW.book);
    NEW.content := jsonb_set(NEW.content, '{number}', to_jsonb(NEW.number));
    RETURN NEW;
END $$;
CREATE TRIGGER minutes_numbered BEFORE INSERT ON minutes FOR EACH ROW EXECUTE FUNCTION number_minutes();
CREATE TRIGGER minutes_kept BEFORE DELETE ON minutes FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER minutes_closed BEFORE UPDATE ON minutes FOR EACH ROW
    WHEN (ROW (OLD.id, OLD.meeting_id, OLD.body_id, OLD.book, OLD.number, OLD.corrects, OLD.content, OLD.closed_by, OLD.closed_at)
          IS DISTINCT FROM ROW (NEW.id, NEW.meeting_id, NEW.body_id, NEW.book, NEW.number, NEW.corrects, NEW.content, NEW.closed_by, NEW.closed_at))
    EXECUTE FUNCTION is_kept();
-- With the act, who came is settled.
CREATE FUNCTION attendance_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM minutes WHERE meeting_id = CASE TG_OP WHEN 'DELETE' THEN OLD.meeting_id ELSE NEW.meeting_id END) THEN
        RAISE EXCEPTION 'the minutes are closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_is_closed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER attendance_open BEFORE INSERT OR UPDATE OR DELETE ON meeting_attendance FOR EACH ROW EXECUTE FUNCTION attendance_is_open();
CREATE TRIGGER guests_open BEFORE INSERT OR UPDATE OR DELETE ON meeting_guest FOR EACH ROW EXECUTE FUNCTION attendance_is_open();

-- What was agreed, who does it and until when; followed until it is done.
CREATE TABLE meeting_agreement (
    meeting_id     uuid NOT NULL REFERENCES meeting,
    number         int  NOT NULL CHECK (number >= 1),
    text           text NOT NULL,
    responsible    text NOT NULL,
    responsible_id uuid,
    due_on         date NOT NULL,
    state          text NOT NULL CHECK (state IN ('pending', 'in-progress', 'overdue', 'fulfilled')),
    fulfilled_on   date,
    overdue_on     date,
    escalated_on   date,
    PRIMARY KEY (meeting_id, number),
    CONSTRAINT agreement_fulfilled CHECK ((state = 'fulfilled') = (fulfilled_on IS NOT NULL)),
    CONSTRAINT agreement_overdue CHECK (state <> 'overdue' OR overdue_on IS NOT NULL),
    CONSTRAINT agreement_escalated CHECK (escalated_on IS NULL OR overdue_on IS NOT NULL)
);
CREATE INDEX meeting_agreement_due ON meeting_agreement (due_on, meeting_id, number) WHERE state <> 'fulfilled';
CREATE TABLE agreement_note (
    meeting_id uuid NOT NULL,
    number     int  NOT NULL,
    noted_at   timestamptz NOT NULL,
    state      text NOT NULL,
    note       text NOT NULL,
    noted_by   text NOT NULL,
    PRIMARY KEY (meeting_id, number, noted_at),
    FOREIGN KEY (meeting_id, number) REFERENCES meeting_agreement
);

-- Where a person wants to be written to. Only here; never in an event.
CREATE TABLE notice_address (
    person_id uuid PRIMARY KEY,
    email     text NOT NULL CHECK (length(email) <= 254),
    set_by    text NOT NULL,
    set_at    timestamptz NOT NULL
);
-- What people are told, once for each reason. Without an address it is printed.
CREATE TABLE notice (
    id              uuid PRIMARY KEY,
    meeting_id      uuid NOT NULL REFERENCES meeting,
    person_id       uuid NOT NULL,
    about           text NOT NULL CHECK (about IN ('convened', 'rescheduled', 'cancelled', 'agreement-overdue')),
    agreement       int  NOT NULL DEFAULT 0,
    channel         text NOT NULL CHECK (channel IN ('email', 'print')),
    state           text NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'print')),
    attempts        int  NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    CONSTRAINT notice_once UNIQUE (meeting_id, person_id, about, agreement),
    CONSTRAINT notice_printed CHECK ((channel = 'print') = (state = 'print')),
    CONSTRAINT notice_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notice_pending ON notice (next_attempt_at) WHERE state = 'pending';
