-- The public events of all services, from which an edition proposes its content.
CREATE TABLE public_news (
    id          uuid PRIMARY KEY,
    type        text        NOT NULL,
    subject     uuid        NOT NULL,
    happened_at timestamptz NOT NULL,
    line        text        NOT NULL,
    -- What was said to be right instead.
    correction  text,
    -- Its service took it back: only that remains, so that it does not come in again.
    taken_back  boolean     NOT NULL DEFAULT false CHECK (NOT taken_back OR line = '')
);
CREATE INDEX public_news_happened ON public_news (happened_at);

CREATE TABLE newspaper_edition (
    id           uuid   PRIMARY KEY,
    version      bigint NOT NULL,
    year         int    NOT NULL CHECK (year BETWEEN 2000 AND 2200),
    number       int    NOT NULL CHECK (number >= 1),
    month        date   NOT NULL CHECK (extract(day FROM month) = 1),
    issued_at    text   NOT NULL,
    state        text   NOT NULL CHECK (state IN ('draft', 'in-review', 'approved')),
    items        jsonb  NOT NULL CHECK (jsonb_typeof(items) = 'array' AND jsonb_array_length(items) <= 80),
    remarks      text,
    submitted_by text,
    submitted_at timestamptz,
    checklist    jsonb,
    approved_by  text,
    approved_at  timestamptz,
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT newspaper_edition_number UNIQUE (year, number),
    CHECK ((state = 'draft') = (submitted_by IS NULL)),
    CHECK ((state = 'approved') = (approved_by IS NOT NULL) AND (approved_by IS NULL) = (approved_at IS NULL)),
    -- Approved by somebody else, who looked for each of these.
    CONSTRAINT newspaper_edition_approved CHECK (state <> 'approved' OR (approved_by <> submitted_by AND jsonb_array_length(items) > 0
        AND checklist @> '{"privacy": true, "noElectioneering": true, "plainLanguage": true, "factsChecked": true}'))
);

CREATE FUNCTION approved_edition_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'approved' AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'version' <> to_jsonb(OLD) - 'version') THEN
        RAISE EXCEPTION 'an approved edition stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_edition_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER approved_edition_stays BEFORE UPDATE OR DELETE ON newspaper_edition FOR EACH ROW EXECUTE FUNCTION approved_edition_stays();

CREATE TABLE newspaper_posting (
    id            uuid PRIMARY KEY,
    edition_id    uuid NOT NULL REFERENCES newspaper_edition,
    place_id      uuid NOT NULL,
    place_kind    text NOT NULL,
    place_name    text NOT NULL,
    place_path    text NOT NULL,
    posted_on     date NOT NULL,
    photo_id      uuid NOT NULL REFERENCES stored_file,
    recorded_by   text NOT NULL,
    recorded_at   timestamptz NOT NULL,
    taken_down_on date CHECK (taken_down_on >= posted_on),
    CONSTRAINT newspaper_posted_once UNIQUE (edition_id, place_id),
    CONSTRAINT newspaper_photo_once UNIQUE (photo_id)
);

CREATE FUNCTION only_approved_is_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM newspaper_edition WHERE id = NEW.edition_id AND state = 'approved' AND (approved_at AT TIME ZONE 'UTC' - interval '6 hours')::date <= NEW.posted_on) THEN
        RAISE EXCEPTION 'only an approved edition is posted' USING ERRCODE = 'check_violation', CONSTRAINT = 'only_approved_is_posted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_approved_is_posted BEFORE INSERT OR UPDATE OF edition_id, posted_on ON newspaper_posting FOR EACH ROW EXECUTE FUNCTION only_approved_is_posted();

-- How long the municipality has for an answer, and when it is warned. Data, because the law changes and an old request keeps the rule
-- of its day.
CREATE TABLE answer_rule (
    effective_from date PRIMARY KEY,
    business_days  int  NOT NULL CHECK (business_days BETWEEN 1 AND 60),
    warn_days      int  NOT NULL CHECK (warn_days BETWEEN 1 AND business_days),
    source         text NOT NULL
);
INSERT INTO answer_rule VALUES ('2012-05-08', 10, 3, 'Ley de Acceso a la Información Pública, art. 71');

-- The day that lies so many business days after (or, negative, before) another: no Saturdays, no Sundays, no holidays of public offices.
CREATE FUNCTION business_days_from(start date, days int) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT d::date FROM generate_series(1, 20 + abs($2) * 4) n CROSS JOIN LATERAL (SELECT $1 + n * sign($2)::int AS d) s
    WHERE extract(isodow FROM d) < 6 AND NOT EXISTS (SELECT 1 FROM holiday h WHERE h.date = d)
    ORDER BY n OFFSET abs($2) - 1 LIMIT 1
$$;

CREATE TABLE information_request (
    id              uuid   PRIMARY KEY,
    version         bigint NOT NULL,
    year            int    NOT NULL,
    number          int    NOT NULL CHECK (number >= 1),
    code            text   NOT NULL CONSTRAINT information_request_code UNIQUE,
    question        text   NOT NULL,
    received_at     timestamptz NOT NULL,
    answer_due      date   NOT NULL,
    warn_from       date   NOT NULL,
    state           text   NOT NULL CHECK (state IN ('received', 'answered', 'dismissed')),
    outcome         text   CHECK (outcome IN ('given', 'partly-given', 'reserved', 'not-held', 'referred')),
    answer          text,
    public_question text,
    public_answer   text,
    decided_by      text,
    decided_at      timestamptz,
    CONSTRAINT information_request_number UNIQUE (year, number),
    CHECK ((state = 'answered') = (outcome IS NOT NULL AND answer IS NOT NULL AND public_question IS NOT NULL AND public_answer IS NOT NULL)),
    CHECK ((state = 'received') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL))
);
CREATE INDEX information_request_open ON information_request (answer_due) WHERE state = 'received';

CREATE FUNCTION decided_request_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'received' OR TG_OP = 'DELETE' OR (NEW.question, NEW.received_at, NEW.answer_due, NEW.code, NEW.year, NEW.number) IS DISTINCT FROM (OLD.question, OLD.received_at, OLD.answer_due, OLD.code, OLD.year, OLD.number) THEN
        RAISE EXCEPTION 'what was asked and answered stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_request_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_request_stays BEFORE UPDATE OR DELETE ON information_request FOR EACH ROW EXECUTE FUNCTION decided_request_stays();
