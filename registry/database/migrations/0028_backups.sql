-- When a backup was last made, and whether it became whole: said by `registry backup` itself. Not part of the log, and not
-- kept in backups.
CREATE TABLE quanze.backup (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host     text NOT NULL,                      -- where the folder is
    folder   text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,                        -- null: under way, or whoever wrote it was killed
    position bigint,                             -- the decisions in it, once it is whole
    bytes    bigint,
    problem  json,                               -- why it is not whole: zh and en
    CHECK (position IS NULL OR (ended_at IS NOT NULL AND problem IS NULL))
);
