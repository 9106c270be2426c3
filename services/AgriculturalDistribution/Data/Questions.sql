-- Whether somebody may not get a package now, whatever they have got of it: the roster does not list them, or not with it,
-- or the owner was asked about them and has not said no.
CREATE FUNCTION in_question(e entitlement) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM beneficiary b WHERE b.id = e.beneficiary_id AND (NOT b.listed OR (e.kind = 'original' AND NOT e.package = ANY (b.packages))
        OR EXISTS (SELECT 1 FROM incident i WHERE i.beneficiary_id = b.id AND i.kind IN ('deceased', 'duplicate', 'not-a-producer') AND i.state <> 'refused')))
$$;
CREATE OR REPLACE FUNCTION may_take(e entitlement, at_centre int) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT in_question(e) AND (e.state IN ('summoned', 'partially-delivered') OR (e.state IN ('authorised', 'no-show')
        AND (e.kind = 'replacement' OR NOT EXISTS (SELECT 1 FROM centre_quota q WHERE q.campaign_id = e.campaign_id AND q.centre = at_centre AND q.package = e.package))))
$$;

-- Gives back what a question about somebody took, once it is answered; it gives nothing that nobody had looked at.
CREATE FUNCTION restore(of_campaign uuid, of_beneficiary uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE entitlement e SET state = 'authorised', reason = NULL FROM why_not(of_campaign, of_beneficiary) w
    WHERE e.campaign_id = of_campaign AND e.beneficiary_id = w.beneficiary_id AND e.package = w.package AND w.why IS NULL AND e.reason IN ('incident', 'incident-open');
$$;

-- A replacement that a roster or an incident took away comes back with the person: approving it once is enough.
CREATE OR REPLACE FUNCTION authorise(of_campaign uuid, of_beneficiary uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO entitlement AS e (campaign_id, package, kind, beneficiary_id, state, reason)
    SELECT of_campaign, w.package, 'original', w.beneficiary_id, CASE WHEN w.why IS NULL THEN 'authorised' WHEN w.why = 'incident-open' THEN 'under-review' ELSE 'rejected' END, w.why
    FROM why_not(of_campaign, of_beneficiary) w
    ON CONFLICT (campaign_id, package, kind, beneficiary_id) DO UPDATE SET state = excluded.state, reason = excluded.reason
        WHERE (e.state = 'authorised' OR (e.state IN ('summoned', 'no-show') AND excluded.reason IS NOT NULL)
            -- What somebody refused, or what a receipt left open, is decided elsewhere.
            OR (e.state IN ('rejected', 'under-review') AND e.reason NOT IN ('refused', 'receipt')))
        AND (e.state, e.reason) IS DISTINCT FROM (excluded.state, excluded.reason);
    UPDATE entitlement e SET state = 'authorised', reason = NULL FROM why_not(of_campaign, of_beneficiary) w
    WHERE e.campaign_id = of_campaign AND e.kind = 'replacement' AND e.beneficiary_id = w.beneficiary_id AND e.package = w.package AND w.why IS NULL AND e.reason IN ('incident', 'incident-open', 'not-listed', 'minor');
    SELECT withdraw(of_campaign, of_beneficiary);
$$;

-- What the owner of a roster was sent: each file by itself, with the incidents that stood in it.
CREATE TABLE incident_export (
    id          uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaign,
    exported_by text NOT NULL,
    exported_at timestamptz NOT NULL
);
CREATE INDEX incident_export_of ON incident_export (campaign_id, exported_by, exported_at);
CREATE TABLE incident_export_line (
    export_id   uuid NOT NULL REFERENCES incident_export,
    incident_id uuid NOT NULL REFERENCES incident,
    PRIMARY KEY (export_id, incident_id)
);

-- Whose data stood in what somebody read, as it was then.
CREATE TABLE personal_read_of (
    read_id        bigint NOT NULL REFERENCES personal_read,
    beneficiary_id uuid NOT NULL,
    PRIMARY KEY (beneficiary_id, read_id)
);
INSERT INTO personal_read_of SELECT DISTINCT r.id, l.beneficiary_id FROM personal_read r JOIN centre_list_line l ON l.list_id = r.subject WHERE r.what = 'device-list';
INSERT INTO personal_read_of SELECT DISTINCT r.id, s.beneficiary_id FROM personal_read r JOIN summons s ON s.day_id = r.subject WHERE r.what IN ('day-list', 'day-slips') ON CONFLICT DO NOTHING;
