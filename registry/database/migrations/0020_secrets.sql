-- What all server processes on this database must have in common and nobody needs to know, such as the key of the forms on
-- pages: a form that one process showed may be sent to another. Made when first needed; a backup leaves it out.
CREATE TABLE quanze.secret (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);
