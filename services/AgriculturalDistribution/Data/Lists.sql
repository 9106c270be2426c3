-- Who and what was on a list that a device took along: what it hands over to anybody else is looked at, and whoever asks who
-- has read somebody's data is told.
CREATE TABLE centre_list_line (
    list_id        uuid NOT NULL REFERENCES centre_list,
    beneficiary_id uuid NOT NULL REFERENCES beneficiary,
    package        int  NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('original', 'replacement')),
    PRIMARY KEY (list_id, beneficiary_id, package, kind)
);
CREATE INDEX centre_list_line_of ON centre_list_line (beneficiary_id);
-- Of lists of before it is known only whose centre they were.
INSERT INTO centre_list_line
SELECT l.id, e.beneficiary_id, e.package, e.kind FROM centre_list l JOIN entitlement e ON e.campaign_id = l.campaign_id JOIN beneficiary b ON b.id = e.beneficiary_id
LEFT JOIN summons s ON s.campaign_id = e.campaign_id AND s.beneficiary_id = b.id LEFT JOIN centre_hamlet h ON h.campaign_id = e.campaign_id AND h.hamlet_id = b.hamlet_id WHERE coalesce(s.centre, h.centre) = l.centre;
ALTER TABLE receipt DROP CONSTRAINT receipt_review_check,
    ADD CONSTRAINT receipt_review_check CHECK (review IN ('twice', 'quantity', 'stock', 'not-authorised', 'off-list', 'deputy', 'no-day', 'centre-closed', 'clock', 'expired'));
