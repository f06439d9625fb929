-- The file that a piece of background work is about: kept beside it, so that whoever looks how far it is does not read it
-- each time. It goes with its work, or once its account has handed in newer ones.
CREATE TABLE background.file (
    work    text COLLATE "C" PRIMARY KEY REFERENCES background.work ON DELETE CASCADE,
    content bytea NOT NULL
);
ALTER TABLE background.file ALTER COLUMN content SET STORAGE EXTERNAL; -- mostly compressed already
