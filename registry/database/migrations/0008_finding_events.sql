-- Findings as they opened and closed, judged position by position and day by day. Derived from the log and the days that
-- have passed, by registry.judging.events; a replay of the read tables leaves them alone.
CREATE SCHEMA judged;

-- The feed. Numbers are 1, 2, 3 … without gaps and become visible in that order. A closing has no text of its own: it
-- closes what `opened` opened.
CREATE TABLE judged.event (
    number   bigint PRIMARY KEY,
    cause    text COLLATE "C" NOT NULL,        -- decision; day: only days passed; rules: the program judges otherwise
    position bigint NOT NULL,                  -- the decision that did it; else the newest one that was known
    day      date NOT NULL,                    -- as of which it is judged
    change   text COLLATE "C" NOT NULL,        -- opened closed
    rule     text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,        -- V W R
    unit     text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    matter   text COLLATE "C" NOT NULL,
    zh       text,
    en       text,
    opened   bigint
);
CREATE INDEX event_unit ON judged.event (unit, number);
CREATE INDEX event_rule ON judged.event (rule, number);
CREATE INDEX event_position ON judged.event (position);

-- What stands open after the last event: its fold.
CREATE TABLE judged.standing (
    unit     text COLLATE "C" NOT NULL,
    rule     text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    matter   text COLLATE "C" NOT NULL,
    number   bigint NOT NULL,                  -- of the event that opened it
    PRIMARY KEY (unit, rule, subject)
);

-- Which day was judged from after which position on.
CREATE TABLE judged.day (
    day      date PRIMARY KEY,
    position bigint NOT NULL
);

-- How far it is judged: one row, none before it is begun.
CREATE TABLE judged.progress (
    alone    boolean PRIMARY KEY DEFAULT true CHECK (alone),
    position bigint NOT NULL,
    day      date NOT NULL,
    number   bigint NOT NULL,                  -- of the last event
    rules    text COLLATE "C" NOT NULL         -- which rules judged last: a hash of their program and thesaurus
);
