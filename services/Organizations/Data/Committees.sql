-- Kinds of committees are data: how many sit in one, how old they are, where it works, which institutions it seats,
-- how often it meets, and whom it may not have.
ALTER TABLE committee_kind
    ADD COLUMN cadence            text,
    ADD COLUMN for_project        boolean NOT NULL DEFAULT false,
    ADD COLUMN institutions       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN excludes_officials boolean NOT NULL DEFAULT false,
    ADD COLUMN source             text NOT NULL DEFAULT 'Plan de la unidad',
    ADD CONSTRAINT committee_kind_code CHECK (code ~ '^[a-z]+(-[a-z]+)*$'),
    ADD CONSTRAINT committee_kind_ages CHECK (minimum_age <= maximum_age);
UPDATE committee_kind SET cadence = 'FREQ=MONTHLY;BYDAY=1TH',
    institutions = '{Alcaldía Municipal,Policía Nacional Civil,Educación,Salud,Iglesias,ADESCO,Juventud}' WHERE code = 'prevention';
UPDATE committee_kind SET cadence = 'FREQ=MONTHLY' WHERE code = 'solidarity-rural-communities';
INSERT INTO committee_kind (code, name, minimum_members, maximum_members, minimum_age, maximum_age, place_kinds, for_project, excludes_officials, source) VALUES
    ('executing', 'Comité ejecutor', 5, 5, 18, NULL, '{barrio,colonia,canton,hamlet,district,municipality}', true, false, 'Práctica del presupuesto participativo'),
    ('oversight', 'Comité contralor', 3, 5, 18, NULL, '{barrio,colonia,canton,hamlet,district,municipality}', true, true, 'Práctica del presupuesto participativo'),
    ('other', 'Otro comité', 3, 25, 15, NULL, '{barrio,colonia,canton,hamlet,district,municipality}', false, false, 'Plan de la unidad');

ALTER TABLE committee
    ADD COLUMN promoter     text NOT NULL DEFAULT 'unassigned',
    ADD COLUMN project_id   uuid,
    ADD COLUMN dissolved_on date,
    ADD COLUMN dissolved_because text,
    DROP CONSTRAINT committee_name_in_place,
    ADD CONSTRAINT committee_dates CHECK (dissolved_on >= formed_on);
CREATE UNIQUE INDEX committee_name_in_place ON committee (place_id, kind, plain(name)) WHERE dissolved_on IS NULL;
CREATE UNIQUE INDEX committee_one_per_project ON committee (project_id, kind) WHERE dissolved_on IS NULL AND project_id IS NOT NULL;
CREATE INDEX committee_list ON committee (plain(name), id);
CREATE INDEX committee_place ON committee (place_id);

-- A seat is a person's, or an institution's with a delegate and perhaps an alternate.
ALTER TABLE committee_member
    ADD COLUMN institution  text,
    ADD COLUMN alternate    boolean NOT NULL DEFAULT false,
    ADD COLUMN project_id   uuid,
    ADD COLUMN ended_because text,
    DROP CONSTRAINT committee_member_person_id_fkey,
    ADD CONSTRAINT committee_member_person_id_fkey FOREIGN KEY (person_id) REFERENCES person_identity,
    DROP CONSTRAINT committee_member_pkey,
    ADD PRIMARY KEY (committee_id, person_id, joined_on),
    ADD CONSTRAINT alternate_of_an_institution CHECK (NOT alternate OR (institution IS NOT NULL AND post = 'member')),
    ADD CONSTRAINT committee_member_once EXCLUDE USING gist (committee_id WITH =, person_id WITH =, daterange(joined_on, left_on, '[]') WITH &&),
    -- Executing and oversight committees of a project share nobody.
    ADD CONSTRAINT one_committee_per_project EXCLUDE USING gist
        (project_id WITH =, person_id WITH =, committee_id WITH <>, daterange(joined_on, left_on, '[]') WITH &&) WHERE (project_id IS NOT NULL);
DROP INDEX committee_post_once;
ALTER TABLE committee_member
    ADD CONSTRAINT committee_post_once EXCLUDE USING gist (committee_id WITH =, post WITH =, daterange(joined_on, left_on, '[]') WITH &&) WHERE (post <> 'member'),
    ADD CONSTRAINT institution_seat_once EXCLUDE USING gist
        (committee_id WITH =, (plain(institution)) WITH =, (alternate::int) WITH =, daterange(joined_on, left_on, '[]') WITH &&) WHERE (institution IS NOT NULL);
CREATE INDEX committee_member_person ON committee_member (person_id);

-- Oversight leaves out municipal staff, the council, the project's contractor and their relatives. The person's row is
-- locked, so that a seat and an affiliation that are written at once see each other.
CREATE FUNCTION official_on(person uuid, project uuid, first_day date, last_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM person_affiliation a
        WHERE daterange(a.first_day, a.last_day, '[]') && daterange($3, $4, '[]')
          AND (a.kind <> 'contractor' OR a.project_id = $2)
          AND (a.person_id = $1
               OR a.person_id IN (SELECT relative_id FROM person_kinship k WHERE k.person_id = $1
                                  UNION ALL SELECT k.person_id FROM person_kinship k WHERE k.relative_id = $1)))
$$;
CREATE FUNCTION refuse_official() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM person WHERE id = NEW.person_id OR id IN
        (SELECT relative_id FROM person_kinship WHERE person_id = NEW.person_id UNION ALL SELECT person_id FROM person_kinship WHERE relative_id = NEW.person_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF (SELECT k.excludes_officials FROM committee c JOIN committee_kind k ON k.code = c.kind WHERE c.id = NEW.committee_id)
        AND official_on(NEW.person_id, NEW.project_id, NEW.joined_on, NEW.left_on) THEN
        RAISE EXCEPTION 'an official in an oversight committee' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'committee_excludes_officials';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_official BEFORE INSERT OR UPDATE ON committee_member FOR EACH ROW EXECUTE FUNCTION refuse_official();

CREATE FUNCTION refuse_affiliation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM committee_member m JOIN committee c ON c.id = m.committee_id JOIN committee_kind k ON k.code = c.kind
        WHERE k.excludes_officials AND daterange(m.joined_on, m.left_on, '[]') && daterange(NEW.first_day, NEW.last_day, '[]')
          AND (NEW.kind <> 'contractor' OR m.project_id = NEW.project_id)
          AND (m.person_id = NEW.person_id
               OR m.person_id IN (SELECT relative_id FROM person_kinship WHERE person_id = NEW.person_id
                                  UNION ALL SELECT person_id FROM person_kinship WHERE relative_id = NEW.person_id))) THEN
        RAISE EXCEPTION 'an official in an oversight committee' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'affiliated_sits_in_oversight';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_affiliation BEFORE INSERT OR UPDATE ON person_affiliation FOR EACH ROW EXECUTE FUNCTION refuse_affiliation();

CREATE FUNCTION refuse_kinship() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM person WHERE id IN (NEW.person_id, NEW.relative_id) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM committee_member m JOIN committee c ON c.id = m.committee_id JOIN committee_kind k ON k.code = c.kind
        JOIN person_affiliation a ON daterange(m.joined_on, m.left_on, '[]') && daterange(a.first_day, a.last_day, '[]')
            AND (a.kind <> 'contractor' OR m.project_id = a.project_id)
        WHERE k.excludes_officials
          AND (m.person_id, a.person_id) IN ((NEW.person_id, NEW.relative_id), (NEW.relative_id, NEW.person_id))) THEN
        RAISE EXCEPTION 'a relative of an official in an oversight committee' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'affiliated_sits_in_oversight';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_kinship BEFORE INSERT OR UPDATE ON person_kinship FOR EACH ROW EXECUTE FUNCTION refuse_kinship();

-- What an approved project asks for: known from its event, answered by the forming of the committee.
CREATE TABLE committee_request (
    project_id   uuid NOT NULL,
    kind         text NOT NULL REFERENCES committee_kind,
    project_name text NOT NULL,
    place_id     uuid NOT NULL,
    place_path   text NOT NULL,
    requested_on date NOT NULL,
    committee_id uuid REFERENCES committee,
    PRIMARY KEY (project_id, kind)
);
CREATE INDEX committee_request_open ON committee_request (requested_on) WHERE committee_id IS NULL;
