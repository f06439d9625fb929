-- What takes longer than a page may: begun by somebody, run by one server process, found again by its id. Not part of the
-- log, left alone by a replay, and removed a day after it ended.
CREATE SCHEMA background;
CREATE TABLE background.work (
    id         text COLLATE "C" PRIMARY KEY,    -- random, so that it is not guessed
    account    text COLLATE "C",                -- who began it; null: there were no accounts
    roles      bytea NOT NULL,                  -- SHA-256 of that account's roles then: with others it sees other things
    kind       text COLLATE "C" NOT NULL,       -- as registry/web/background knows it
    parameters json NOT NULL,
    progress   smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    words      json,                            -- what is being done, in zh and en
    result     json,                            -- once it has ended well
    problem    json,                            -- once it has not: code, zh, en
    began_at   timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(), -- when the process that does it last said that it does
    ended_at   timestamptz
);
CREATE INDEX work_account ON background.work (account, began_at);
CREATE INDEX work_seen ON background.work (seen_at);
