-- Orders to put findings right: one row for each stretch of days on which an order stands the same.
CREATE TABLE rectification (
    ref        text COLLATE "C" NOT NULL,
    rule       text COLLATE "C" NOT NULL,      -- with subject and unit: the finding
    subject    text COLLATE "C" NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    ordered_by text COLLATE "C" NOT NULL,      -- the decision's `by`
    text       text NOT NULL,
    instrument text COLLATE "C",
    began      date NOT NULL,                  -- the order's `at`
    due_on     date NOT NULL,                  -- its day, or that of the latest answer that extends it
    done       boolean NOT NULL,               -- an answer says done
    overdue    boolean NOT NULL,               -- none does, and the day has passed
    outcome    text COLLATE "C",               -- of the latest answer: done extended disputed
    position   bigint NOT NULL,                -- of the order
    province   text COLLATE "C" NOT NULL,      -- of the unit
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX rectification_ref ON rectification (ref);
CREATE INDEX rectification_unit ON rectification (unit);
CREATE INDEX rectification_subject ON rectification (subject);

CREATE TABLE rectification_answer (
    ref        text COLLATE "C" NOT NULL,
    answered_by text COLLATE "C" NOT NULL,     -- the decision's `by`
    text       text NOT NULL,
    outcome    text COLLATE "C" NOT NULL,
    due_on     date,                           -- the new day, where it extends
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,                  -- its day; valid_to is infinity
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX rectification_answer_ref ON rectification_answer (ref);
