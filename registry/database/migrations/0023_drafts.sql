-- Drafts of what is to be recorded. Not part of the log and left alone by a replay: nothing of them is anybody's decision yet.
CREATE SCHEMA drafts;

CREATE TABLE drafts.draft (
    id         text COLLATE "C" PRIMARY KEY,   -- begins the ids of what is recorded from it
    account    text COLLATE "C" NOT NULL,      -- whose it is; empty: made while there were no accounts
    unit       text COLLATE "C",               -- for which it acts: shared, it is seen by whom this is the territory of
    title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    content    json NOT NULL,                  -- as it was filled in, complete or not
    shared     boolean NOT NULL DEFAULT false,
    version    integer NOT NULL DEFAULT 1,     -- goes up with each change: who saves an older one is told
    outcome    json,                           -- what was recorded from it, and what that opened and closed
    made_at    timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text COLLATE "C" NOT NULL
);
CREATE INDEX draft_account ON drafts.draft (account);
CREATE INDEX draft_unit ON drafts.draft (unit) WHERE shared;
