-- What rests on a re-enacted document rests on the one that replaces it, from its repeal on (relations/reenacted.py).
ALTER TABLE instrument
    ADD COLUMN reenacted boolean NOT NULL DEFAULT false;
CREATE INDEX instrument_reenacted ON instrument (replaced_by) WHERE reenacted;
