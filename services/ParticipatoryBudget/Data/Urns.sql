-- Who voted is kept without where, or by which way: where only one person voted, or all of one mind, the place would tell
-- what they voted. The ballots know where they were cast; that is what paper recounts and turnout need.
ALTER TABLE voter DROP COLUMN channel, DROP COLUMN polling_place;
CREATE INDEX voter_of_zone ON voter (cycle_id, zone);
-- Written anew, because old rows keep a dropped column's values, and in the order of keys that say nothing.
CLUSTER voter USING voter_once;
ALTER TABLE voter SET WITHOUT CLUSTER;

-- Ballots are taken out of the urn to be shaken, and by nothing else; who voted, what stood on the ballot paper, and the key
-- by which people are told apart, stay as they are.
CREATE OR REPLACE FUNCTION vote_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('ballot', 'ballot_mark') AND coalesce(current_setting('budget.shaking', true), '') = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what was cast stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_stays';
END $$;
-- It goes when its cycle is finished, and no other takes its place before.
CREATE FUNCTION key_goes_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM budget_cycle WHERE id = OLD.cycle_id) <> 'finished' THEN
        RAISE EXCEPTION 'the cycle is not finished' USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cycle_key_goes_last AFTER DELETE ON cycle_key DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION key_goes_last();
CREATE TRIGGER cycle_key_stays BEFORE UPDATE ON cycle_key FOR EACH ROW EXECUTE FUNCTION vote_stays();
