-- What was said to be right instead, each by itself: it may be taken back too. Of that remains that it was.
CREATE TABLE news_correction (
    id          uuid PRIMARY KEY,
    -- The event that it corrects; unknown where the correction itself was never heard.
    about       uuid,
    subject     uuid        NOT NULL,
    happened_at timestamptz NOT NULL,
    words       text        NOT NULL
);
CREATE INDEX news_correction_about ON news_correction (about);
CREATE INDEX news_correction_subject ON news_correction (subject);
INSERT INTO news_correction SELECT gen_random_uuid(), id, subject, happened_at, correction FROM public_news WHERE correction IS NOT NULL;
ALTER TABLE public_news DROP COLUMN correction;
