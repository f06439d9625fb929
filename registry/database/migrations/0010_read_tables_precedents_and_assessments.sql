-- Cases: how accountability was settled, from the day on which it was. Their text is searched for any part of it, by the
-- pairs of neighbouring characters as units' names are.
CREATE TABLE precedent (
    code       text COLLATE "C" NOT NULL,      -- the decision's `case`
    title      text NOT NULL,
    text       text NOT NULL,
    outcome    text COLLATE "C" NOT NULL,      -- exempted lightened held
    settled_by text COLLATE "C" NOT NULL,      -- the decision's `by`
    matter     text COLLATE "C",
    category   text,
    rule       text COLLATE "C",
    about      text[] COLLATE "C" NOT NULL,    -- refs
    instrument text COLLATE "C",
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,                  -- infinity
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX precedent_code ON precedent (code);
CREATE INDEX precedent_matter ON precedent (matter) WHERE matter IS NOT NULL;
CREATE INDEX precedent_category ON precedent (category) WHERE category IS NOT NULL;
CREATE INDEX precedent_rule ON precedent (rule) WHERE rule IS NOT NULL;
CREATE INDEX precedent_text ON precedent USING gin (quanze.pairs(ARRAY[title, text]));

-- Assessments of units by others, from the day on which they were made.
CREATE TABLE assessment (
    assessment text COLLATE "C" NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    made_by    text COLLATE "C" NOT NULL,      -- the decision's `by`
    period     text COLLATE "C" NOT NULL,      -- 2026 2026-H1 2026-Q3 2026-09
    score      integer NOT NULL,               -- 0 to 100
    text       text,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,                  -- infinity
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX assessment_assessment ON assessment (assessment);
CREATE INDEX assessment_unit ON assessment (unit, period);
