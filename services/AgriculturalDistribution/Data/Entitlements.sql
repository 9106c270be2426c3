-- What somebody of the roster gets: one of each package and kind of delivery and never two, which the primary key is.
CREATE TABLE entitlement (
    campaign_id    uuid NOT NULL,
    package        int  NOT NULL,
    -- A replacement is given once more after the original was lost.
    kind           text NOT NULL CHECK (kind IN ('original', 'replacement')),
    beneficiary_id uuid NOT NULL REFERENCES beneficiary,
    state          text NOT NULL CHECK (state IN ('authorised', 'summoned', 'delivered', 'partially-delivered', 'no-show', 'rejected', 'under-review')),
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

-- Looks at everybody of the roster anew, also at whoever was looked at before and has got nothing yet.
CREATE FUNCTION authorise(of_campaign uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO entitlement AS e (campaign_id, package, kind, beneficiary_id, state, reason)
    SELECT b.campaign_id, p.package, 'original', b.id,
        CASE WHEN w.why IS NULL THEN 'authorised' WHEN w.why = 'incident-open' THEN 'under-review' ELSE 'rejected' END, w.why
    FROM campaign c JOIN beneficiary b ON b.campaign_id = c.id CROSS JOIN LATERAL unnest(b.packages) AS p (package)
    LEFT JOIN (SELECT beneficiary_id, bool_or(state = 'accepted') AS accepted, bool_or(state IN ('open', 'sent')) AS pending FROM incident
        WHERE campaign_id = of_campaign AND kind IN ('deceased', 'duplicate', 'not-a-producer') GROUP BY beneficiary_id) i ON i.beneficiary_id = b.id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN NOT b.listed THEN 'not-listed'
        WHEN b.birth_date > (c.first_day - make_interval(years => (c.rules ->> 'minimumAge')::int))::date THEN 'minor'
        WHEN i.accepted THEN 'incident'
        WHEN i.pending THEN 'incident-open' END AS why) w
    WHERE c.id = of_campaign
    ON CONFLICT (campaign_id, package, kind, beneficiary_id) DO UPDATE SET state = excluded.state, reason = excluded.reason
        WHERE (e.state = 'authorised' OR (e.state IN ('summoned', 'no-show') AND excluded.reason IS NOT NULL)
            -- What somebody refused, or what a receipt left open, is decided elsewhere.
            OR (e.state IN ('rejected', 'under-review') AND e.reason NOT IN ('refused', 'receipt')))
        AND (e.state, e.reason) IS DISTINCT FROM (excluded.state, excluded.reason);
    -- A package that a later roster does not give them any more.
    UPDATE entitlement e SET state = 'rejected', reason = 'not-listed' FROM beneficiary b
    WHERE e.campaign_id = of_campaign AND b.id = e.beneficiary_id AND (e.state IN ('authorised', 'summoned', 'no-show') OR e.reason = 'incident-open') AND e.kind = 'original' AND NOT e.package = ANY (b.packages);
$$;
