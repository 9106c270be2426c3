-- How many the roster listed there when somebody said who is missing: the claim stands until the roster has so many more,
-- or its owner refuses it. Of before nobody wrote it down: what was accepted then is taken to be in the roster.
ALTER TABLE incident ADD COLUMN listed_then int;
UPDATE incident i SET listed_then = greatest(0, (SELECT count(*) FROM beneficiary b WHERE b.campaign_id = i.campaign_id AND b.hamlet_id = i.hamlet_id AND b.listed) - CASE i.state WHEN 'accepted' THEN i.claimed ELSE 0 END)
    WHERE kind = 'hamlet-left-out';
ALTER TABLE incident ADD CONSTRAINT incident_listed_then CHECK ((kind = 'hamlet-left-out') = (listed_then IS NOT NULL));

-- Whether the roster still does not have whom a claim is about.
CREATE FUNCTION is_missing(i incident, listed bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN i.state IN ('open', 'sent') THEN true
        WHEN i.state = 'refused' THEN false
        WHEN i.kind = 'hamlet-left-out' THEN listed < i.listed_then + i.claimed
        ELSE NOT EXISTS (SELECT 1 FROM outsider o JOIN beneficiary b ON b.campaign_id = i.campaign_id AND b.dui = o.dui AND b.listed WHERE o.id = i.outsider_id) END
$$;
