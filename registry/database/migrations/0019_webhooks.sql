-- Who is told of decisions and findings at an address of theirs, and how far that has come. The secret must be readable to
-- sign with it: who can read this database can sign as this registry.
CREATE SCHEMA webhook;
CREATE TABLE webhook.endpoint (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url          text NOT NULL,
    feed         text NOT NULL CHECK (feed IN ('decisions', 'findings')),
    within       text,                         -- a unit's code: only what is about its territory
    internal     boolean NOT NULL,             -- may be an address of a private network, and without TLS
    secret       text NOT NULL,
    position     bigint NOT NULL,              -- delivered up to here
    generation   integer NOT NULL DEFAULT 0,   -- goes up when somebody moves the position or has it go on
    added_at     timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    attempts     integer NOT NULL DEFAULT 0,   -- at the message under way
    next_at      timestamptz,                  -- when it is sent again
    problem      text,                         -- why it was not taken
    stopped_at   timestamptz                   -- the receiver said that it is gone
);
