-- What witnesses have said of checkpoints (C2SP tlog-cosignature): of each size and witness the newest.
CREATE TABLE log.cosignature (
    size     bigint NOT NULL,
    witness  text NOT NULL,                    -- name and key id of its key, joined by +
    text     text NOT NULL,                    -- the text of the checkpoint that it cosigned
    line     text NOT NULL,                    -- its signature line, line feed included
    given_at timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
