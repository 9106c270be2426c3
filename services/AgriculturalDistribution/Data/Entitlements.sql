-- What somebody of the roster gets: one of each package and kind of delivery and never two, which the primary key is.
CREATE TABLE entitlement (
    campaign_id    uuid NOT NULL,
    package        int  NOT NULL,
    -- A replacement is given once more after the original was lost.
    kind           text NOT NULL CHECK (kind IN ('original', 'replacement')),
    beneficiary_id uuid NOT NULL REFERENCES beneficiary,
    state          text NOT NULL CHECK (state IN ('authorised', 'summoned', 'delivered', 'partially-delivered', 'no-show', 'not-summoned', 'rejected', 'under-review')),
    -- Why not, or what has to be looked at.
    reason         text CHECK (reason IN ('minor', 'not-listed', 'incident', 'incident-open', 'refused', 'receipt')),
    -- Of a replacement: the receipt of the original, why, and who agreed.
    replaces       uuid,
    cause          text,
    approved_by    text,
    approved_at    timestamptz,
    PRIMARY KEY (campaign_id, package, kind, beneficiary_id),
    FOREIGN KEY (campaign_id, package) REFERENCES package_kind,
    CHECK (state NOT IN ('authorised', 'summoned', 'delivered', 'partially-delivered', 'no-show') OR reason IS NULL),
    CHECK ((kind = 'replacement') = (replaces IS NOT NULL) AND (replaces IS NULL) = (cause IS NULL) AND (replaces IS NULL) = (approved_by IS NULL) AND (replaces IS NULL) = (approved_at IS NULL))
) WITH (fillfactor = 80); -- Its state changes once or twice.
CREATE INDEX entitlement_of ON entitlement (beneficiary_id);

-- Why somebody of the roster may not get a package of theirs; null when they may.
CREATE FUNCTION why_not(of_campaign uuid, of_beneficiary uuid) RETURNS TABLE (beneficiary_id uuid, package int, why text) LANGUAGE sql STABLE AS $$
    SELECT b.id, p.package, CASE
        WHEN NOT b.listed THEN 'not-listed'
        WHEN b.birth_date > (c.first_day - make_interval(years => (c.rules ->> 'minimumAge')::int))::date THEN 'minor'
        WHEN i.accepted THEN 'incident'
        WHEN i.pending THEN 'incident-open' END
    FROM campaign c JOIN beneficiary b ON b.campaign_id = c.id CROSS JOIN LATERAL unnest(b.packages) AS p (package)
    LEFT JOIN (SELECT i.beneficiary_id, bool_or(i.state = 'accepted') AS accepted, bool_or(i.state IN ('open', 'sent')) AS pending FROM incident i
        WHERE i.campaign_id = of_campaign AND i.kind IN ('deceased', 'duplicate', 'not-a-producer') GROUP BY i.beneficiary_id) i ON i.beneficiary_id = b.id
    WHERE c.id = of_campaign AND (of_beneficiary IS NULL OR b.id = of_beneficiary)
$$;

-- Takes back what a later roster or an incident does not leave them, and gives nothing: that is the approval's.
CREATE FUNCTION withdraw(of_campaign uuid, of_beneficiary uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    UPDATE entitlement e SET state = CASE w.why WHEN 'incident-open' THEN 'under-review' ELSE 'rejected' END, reason = w.why FROM why_not(of_campaign, of_beneficiary) w
    WHERE e.campaign_id = of_campaign AND e.beneficiary_id = w.beneficiary_id AND e.package = w.package AND w.why IS NOT NULL AND (e.state IN ('authorised', 'summoned', 'no-show') OR e.reason = 'incident-open')
        AND e.reason IS DISTINCT FROM w.why;
    -- A package that a later roster does not give them any more.
    UPDATE entitlement e SET state = 'rejected', reason = 'not-listed' FROM beneficiary b
    WHERE e.campaign_id = of_campaign AND b.id = e.beneficiary_id AND (of_beneficiary IS NULL OR b.id = of_beneficiary)
        AND (e.state IN ('authorised', 'summoned', 'no-show') OR e.reason = 'incident-open') AND e.kind = 'original' AND NOT e.package = ANY (b.packages);
$$;

-- Looks at everybody of the roster anew, or at one of them, also at whoever was looked at before and has got nothing yet.
CREATE FUNCTION authorise(of_campaign uuid, of_beneficiary uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO entitlement AS e (campaign_id, package, kind, beneficiary_id, state, reason)
    SELECT of_campaign, w.package, 'original', w.beneficiary_id, CASE WHEN w.why IS NULL THEN 'authorised' WHEN w.why = 'incident-open' THEN 'under-review' ELSE 'rejected' END, w.why
    FROM why_not(of_campaign, of_beneficiary) w
    ON CONFLICT (campaign_id, package, kind, beneficiary_id) DO UPDATE SET state = excluded.state, reason = excluded.reason
        WHERE (e.state = 'authorised' OR (e.state IN ('summoned', 'no-show') AND excluded.reason IS NOT NULL)
            -- What somebody refused, or what a receipt left open, is decided elsewhere.
            OR (e.state IN ('rejected', 'under-review') AND e.reason NOT IN ('refused', 'receipt')))
        AND (e.state, e.reason) IS DISTINCT FROM (excluded.state, excluded.reason);
    SELECT withdraw(of_campaign, of_beneficiary);
$$;
