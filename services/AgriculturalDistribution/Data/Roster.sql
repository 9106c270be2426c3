-- Capitals, accents and doubled blanks make no difference where names are compared.
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(regexp_replace(btrim($1), '\s+', ' ', 'g')), 'áéíóúüñ', 'aeiouun')
$$;

-- A place's name as two files that mean the same have it: with or without the word for what it is.
CREATE FUNCTION place_key(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(plain($1), '^(caserio|canton|colonia|barrio|distrito|municipio)( de)? ', '')
$$;

-- A hamlet under its cantón and district, as rosters write them.
CREATE TABLE hamlet (
    id       int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district text NOT NULL,
    canton   text NOT NULL,
    name     text NOT NULL
);
CREATE UNIQUE INDEX hamlet_once ON hamlet (place_key(district), place_key(canton), place_key(name));

-- Whom the owner's roster lists. What identifies a person stands here and in the table after it; besides, for three months, in
-- what a file changed or got back, and in the journals of devices as they signed them.
CREATE TABLE beneficiary (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    dui         text NOT NULL CHECK (dui ~ '^[0-9]{8}-[0-9]$'),
    given_names text NOT NULL,
    surnames    text NOT NULL,
    sex         text NOT NULL CHECK (sex IN ('female', 'male')),
    birth_date  date NOT NULL,
    phone       text,
    hamlet_id   int NOT NULL,
    household   text,
    pregnant    boolean NOT NULL,
    disabled    boolean NOT NULL,
    -- Numbers of the packages that the roster gives them.
    packages    smallint[] NOT NULL CHECK (cardinality(packages) BETWEEN 1 AND 15),
    line        int NOT NULL,
    -- False when a later roster of the owner does not list them any more.
    listed      boolean NOT NULL DEFAULT true,
    CONSTRAINT beneficiary_once UNIQUE (campaign_id, dui)
);
CREATE INDEX beneficiary_of_hamlet ON beneficiary (campaign_id, hamlet_id);
CREATE INDEX beneficiary_of_household ON beneficiary (campaign_id, household) WHERE household IS NOT NULL;

-- Whom no roster lists: who was left out of one, who collects for somebody else.
CREATE TABLE outsider (
    id    uuid PRIMARY KEY,
    dui   text NOT NULL CHECK (dui ~ '^[0-9]{8}-[0-9]$'),
    names text NOT NULL
);

-- The owner's roster is what the owner's file says: nobody edits it, and what is wrong in it is an incident.
CREATE FUNCTION roster_is_the_owners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('distribution.importing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the roster is imported, not edited' USING ERRCODE = 'check_violation', CONSTRAINT = 'roster_is_the_owners';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER beneficiary_is_imported BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON beneficiary FOR EACH STATEMENT EXECUTE FUNCTION roster_is_the_owners();

-- What a file would change, for whoever confirms it; kept when it was confirmed.
CREATE TABLE roster_difference (
    job_id uuid NOT NULL REFERENCES import_job,
    change text NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
    dui    text NOT NULL,
    line   int,
    name   text NOT NULL,
    what   text NOT NULL,
    PRIMARY KEY (job_id, change, dui)
);
CREATE TABLE roster_import (
    job_id uuid PRIMARY KEY REFERENCES import_job,
    -- Of the campaign, when the difference was made.
    roster int NOT NULL
);

-- Who read what identifies people, and when.
CREATE TABLE personal_read (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reader  text NOT NULL,
    what    text NOT NULL,
    subject uuid NOT NULL,
    read_at timestamptz NOT NULL
);
CREATE INDEX personal_read_subject ON personal_read (subject, read_at);
