-- What was handed in: the files that lists were recorded from, and what was answered of the names in them.
CREATE SCHEMA handed_in;

-- The positions after `before` up to `upto` in the log were recorded from a file of this content.
CREATE TABLE handed_in.file (
    sha256 text COLLATE "C" NOT NULL,          -- of its bytes, in hexadecimal
    size   bigint NOT NULL,                    -- in bytes
    before bigint NOT NULL,
    upto   bigint NOT NULL,
    PRIMARY KEY (before)
);
CREATE INDEX file_sha256 ON handed_in.file (sha256);

-- What a name in a county's lists means: used again with its next file, and no decision. An answer given anew takes the
-- place of the one before.
CREATE TABLE handed_in.answer (
    county      text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,     -- unit matter
    name        text COLLATE "C" NOT NULL,     -- as it stands in the lists
    means       text COLLATE "C" NOT NULL,     -- a code; of a unit also none
    answered_by text,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (county, kind, name)
);
