-- The log as a Merkle tree (RFC 6962): the leaf's hash beside its decision, and of every full run of 256 nodes their
-- common ancestor one level up. Issued checkpoints are kept.
ALTER TABLE log.decision ADD COLUMN leaf bytea;

CREATE TABLE log.ancestor (
    level integer NOT NULL,                    -- 1: over 256 leaves, 2: over 65,536 …
    place bigint NOT NULL,                     -- from 0
    hash  bytea NOT NULL,
    PRIMARY KEY (level, place)
);

CREATE TABLE log.checkpoint (
    size      bigint NOT NULL,
    note      text NOT NULL,                   -- a C2SP signed note
    issued_at timestamptz NOT NULL,
    PRIMARY KEY (size, note)
);

-- A log recorded before this has its hashes made here, by the same definition (registry/log/merkle.py).
UPDATE log.decision SET leaf = sha256(
    '\x00'::bytea
    || convert_to(
        concat(
            'quanze leaf 1', chr(10), position, chr(10), type, ' ', version, chr(10),
            convert_from(data, 'UTF8')::json ->> 'at', chr(10),
            to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), chr(10),
            coalesce(to_json(recorded_by)::text, 'null'), chr(10)
        ),
        'UTF8'
    )
    || data
);
ALTER TABLE log.decision ALTER COLUMN leaf SET NOT NULL;

DO $$
DECLARE
    made bigint;
BEGIN
    FOR up IN 1..4 LOOP
        CREATE TEMPORARY TABLE nodes ON COMMIT DROP AS
            SELECT position - 1 AS place, leaf AS hash FROM log.decision WHERE up = 1
            UNION ALL
            SELECT place, hash FROM log.ancestor WHERE level = up - 1;
        SELECT count(*) / 256 * 256 INTO made FROM nodes;
        DELETE FROM nodes WHERE place >= made;
        FOR step IN 1..8 LOOP
            CREATE TEMPORARY TABLE halved ON COMMIT DROP AS
                SELECT place / 2 AS place, sha256('\x01'::bytea || string_agg(hash, ''::bytea ORDER BY place)) AS hash
                FROM nodes GROUP BY place / 2;
            DROP TABLE nodes;
            ALTER TABLE halved RENAME TO nodes;
        END LOOP;
        INSERT INTO log.ancestor SELECT up, place, hash FROM nodes;
        DROP TABLE nodes;
    END LOOP;
END
$$;
