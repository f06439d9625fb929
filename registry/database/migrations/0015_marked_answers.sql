-- Sayings at the certificate window that somebody marked as answered wrongly, to be reviewed. They are no decisions and
-- no part of the log: taken away once reviewed, left alone by a replay. No person is named in them, nor who marked them.
CREATE SCHEMA review;

CREATE TABLE review.marked_answer (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day      date NOT NULL,                   -- on which it was marked; the hour is nobody's concern
    county   text COLLATE "C" NOT NULL,       -- in which; the village is not kept
    said     text NOT NULL CHECK (length(said) <= 200),
    status   text COLLATE "C" NOT NULL,       -- what was answered: ALLOWED FORBIDDEN UNLISTED AMBIGUOUS UNKNOWN
    answered text,                            -- and which certificate
    meant    text,                            -- which it should have been, by its name; null: not said
    UNIQUE NULLS NOT DISTINCT (county, said, meant)
);
CREATE INDEX marked_answer_day ON review.marked_answer (day, county);
