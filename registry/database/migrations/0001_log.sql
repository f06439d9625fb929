-- The append-only log. One row a decision; positions are given out under the log's lock, without gaps.
-- Tags are kept twice: with the decision (to give it back whole) and by tag (to find it).
-- There is no foreign key between the two: it would cost a quarter of an import, and only the recorder writes here.
CREATE SCHEMA log;

CREATE TABLE log.decision (
    position    bigint PRIMARY KEY,
    type        text COLLATE "C" NOT NULL,     -- the contract's word, never a Python path
    version     smallint NOT NULL,             -- of that type's shape: what upcasting goes by
    data        bytea NOT NULL,                -- canonical JSON of the decision's fields
    tags        text[] COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,          -- never earlier than that of the position before
    recorded_by text
);
CREATE INDEX decision_recorded_at ON log.decision (recorded_at, position);

CREATE TABLE log.tag (
    tag      text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tag, position)
);
