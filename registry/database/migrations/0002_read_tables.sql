-- What the log says, ready to be asked. Every row has its validity in days (valid_from up to but not including
-- valid_to) and the positions between which the log knew it (known_from up to but not including known_to;
-- the largest bigint: still known). An as-of question is: valid_from <= D < valid_to and known_from <= P < known_to.
-- Codes are those that the decisions name; reading a dissolved unit as its successor is the question's work.
-- These tables are made twice: in "live", and by a replay in a schema of its own; nothing here names its schema.

-- One row for each stretch of days with the same attributes. From its dissolution on a unit has a row with
-- dissolved = true and its successor (null: none). Days before its registration have no row.
CREATE TABLE unit (
    code         text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    level        text COLLATE "C" NOT NULL,    -- central province prefecture county township village
    kind         text COLLATE "C" NOT NULL,    -- government party department dispatched village
    function     text COLLATE "C",             -- a unit of kind government without one has 'government' here
    parent       text COLLATE "C",
    guided_by    text COLLATE "C",
    stationed_at text COLLATE "C",
    aliases      text[] NOT NULL,
    dissolved    boolean NOT NULL,
    successor    text COLLATE "C",
    position     bigint NOT NULL,              -- of its registration
    province     text COLLATE "C" NOT NULL,    -- first two characters of the code
    valid_from   date NOT NULL,
    valid_to     date NOT NULL,                -- infinity: open
    known_from   bigint NOT NULL,
    known_to     bigint NOT NULL
);
CREATE INDEX unit_code ON unit (code, valid_from);
CREATE INDEX unit_parent ON unit (parent);
CREATE INDEX unit_successor ON unit (successor) WHERE successor IS NOT NULL;
CREATE INDEX unit_function ON unit (function, level) WHERE function IS NOT NULL;
CREATE INDEX unit_stationed_at ON unit (stationed_at) WHERE stationed_at IS NOT NULL;

-- In force from issue to repeal.
CREATE TABLE instrument (
    number      text COLLATE "C" NOT NULL,
    title       text NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    issuer      text COLLATE "C",
    replaced_by text COLLATE "C",
    position    bigint NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date NOT NULL,
    known_from  bigint NOT NULL,
    known_to    bigint NOT NULL
);
CREATE INDEX instrument_number ON instrument (number);

-- One row for each stretch of days with the same attributes; together they cover all days, for a matter is
-- known by name before it begins. in_law: between its `at` and its retirement.
CREATE TABLE matter (
    code           text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    name           text NOT NULL,
    category       text,
    aliases        text[] NOT NULL,
    basis          text[] NOT NULL,
    lawful_holders jsonb NOT NULL,             -- [{"level":…, "function":…}, …]
    requires       text[] COLLATE "C" NOT NULL,
    needs          text[] COLLATE "C" NOT NULL,
    power_kind     text COLLATE "C",
    issuer         text,
    alternative    text,
    in_law         boolean NOT NULL,
    retired        boolean NOT NULL,
    position       bigint NOT NULL,
    valid_from     date NOT NULL,              -- -infinity for the first stretch
    valid_to       date NOT NULL,
    known_from     bigint NOT NULL,
    known_to       bigint NOT NULL
);
CREATE INDEX matter_code ON matter (code, valid_from);
CREATE INDEX matter_kind ON matter (kind, code);

-- Lifted holdings by law: one row for a matter and each level and function that holds it.
CREATE TABLE lawful_holder (
    matter     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,      -- duty, power …: the matter's
    level      text COLLATE "C" NOT NULL,
    function   text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,                -- of the decision that defined the matter
    valid_from date NOT NULL,                  -- of this unbroken stretch of being held by law
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX lawful_holder_function ON lawful_holder (function, level);
CREATE INDEX lawful_holder_matter ON lawful_holder (matter);

-- Powers vested in one unit by name. In force also needs its instrument in force.
CREATE TABLE vesting (
    power      text COLLATE "C" NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    instrument text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX vesting_power ON vesting (power);
CREATE INDEX vesting_unit ON vesting (unit);

CREATE TABLE list (
    code       text COLLATE "C" NOT NULL,
    title      text NOT NULL,
    polarity   text COLLATE "C" NOT NULL,      -- positive negative
    covers     text COLLATE "C" NOT NULL,      -- a matter kind
    audience   text COLLATE "C" NOT NULL,      -- a level
    scope      text COLLATE "C",               -- null: nationwide
    instrument text COLLATE "C" NOT NULL,
    closed     boolean NOT NULL,               -- false for a negative list
    assigns    text COLLATE "C",               -- lead share assist devolved entrusted
    quota      integer,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,      -- of the scope; '' nationwide
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX list_code ON list (code);
CREATE INDEX list_scope ON list (scope);

-- In force also needs its list in force. A subject LIST#ITEM is list || '#' || item.
CREATE TABLE item (
    list        text COLLATE "C" NOT NULL,
    item        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    matter      text COLLATE "C",              -- exactly one of matter, category, terms
    category    text,
    terms       text[],
    roles       text[] NOT NULL,               -- lead and share where none are given; they count on negative lists
    grantor     text COLLATE "C",              -- the item's `from`
    brings      text[] NOT NULL,
    issuer      text,
    alternative text,
    position    bigint NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date NOT NULL,
    known_from  bigint NOT NULL,
    known_to    bigint NOT NULL
);
CREATE INDEX item_list ON item (list, item);
CREATE INDEX item_matter ON item (matter) WHERE matter IS NOT NULL;

-- Duties delegated, powers granted and burdens imposed: one row for each stretch of days with the same resources.
-- valid_to is the earliest of until and the recorded end. In force also needs its recipient to exist.
-- An annulled delegation has no row still known.
CREATE TABLE delegation (
    ref        text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,      -- duty power form inspection mechanism workgroup: the matter's
    matter     text COLLATE "C" NOT NULL,
    sender     text COLLATE "C" NOT NULL,      -- the decision's `from`
    recipient  text COLLATE "C" NOT NULL,      -- the decision's `to`
    role       text COLLATE "C",               -- lead share assist; null but for duties
    mode       text COLLATE "C",               -- null for burdens
    instrument text COLLATE "C" NOT NULL,
    began      date NOT NULL,                  -- the delegation's `at`
    until      date,
    ended      date,                           -- the recorded end
    end_reason text COLLATE "C",
    due_on     date,
    brings     text[] NOT NULL,                -- its own and what was allotted by valid_from
    under      text COLLATE "C",
    proposal   text COLLATE "C",
    position   bigint NOT NULL,                -- of the decision that made it
    province   text COLLATE "C" NOT NULL,      -- of the recipient
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX delegation_ref ON delegation (ref);
CREATE INDEX delegation_recipient ON delegation (recipient, valid_from);
CREATE INDEX delegation_matter ON delegation (matter, recipient);

CREATE TABLE demand (
    ref        text COLLATE "C" NOT NULL,
    matter     text COLLATE "C" NOT NULL,
    sender     text COLLATE "C" NOT NULL,
    recipient  text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,                  -- the day of the demand; valid_to is infinity
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX demand_ref ON demand (ref);
CREATE INDEX demand_recipient ON demand (recipient);

-- A proposal has one row before its answer's day and, once answered, one from that day on (answer: admitted, refused).
CREATE TABLE proposal (
    proposal   text COLLATE "C" NOT NULL,
    matter     text COLLATE "C" NOT NULL,
    sender     text COLLATE "C" NOT NULL,
    recipient  text COLLATE "C" NOT NULL,
    role       text COLLATE "C",
    mode       text COLLATE "C",
    instrument text COLLATE "C" NOT NULL,
    brings     text[] NOT NULL,
    due_on     date,
    answer     text COLLATE "C",
    answered_by text COLLATE "C",
    answered_on date,
    reason     text,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX proposal_proposal ON proposal (proposal);
CREATE INDEX proposal_recipient ON proposal (recipient);

CREATE TABLE report (
    report     text COLLATE "C" NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    text       text NOT NULL,
    about      text COLLATE "C",
    outcome    text COLLATE "C",               -- of the latest answer by valid_from
    answered_by text COLLATE "C",
    answer     text,
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX report_report ON report (report);
CREATE INDEX report_unit ON report (unit);

CREATE TABLE waiver (
    rule       text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    waived_by  text COLLATE "C" NOT NULL,      -- the decision's `by`
    reason     text NOT NULL,
    instrument text COLLATE "C",
    position   bigint NOT NULL,
    province   text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL
);
CREATE INDEX waiver_unit ON waiver (unit, rule, subject);
