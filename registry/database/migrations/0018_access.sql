-- Who may log in, and as what. Not part of the log and left alone by a replay; who changed accounts when is kept in
-- `access.change`, to which rows are only added. Secrets are kept as hashes: of passwords by argon2id, of what is
-- random (sessions, tokens) by SHA-256.
CREATE SCHEMA access;

-- An account is disabled, never deleted: decisions name it as who recorded them.
CREATE TABLE access.account (
    name        text COLLATE "C" PRIMARY KEY,   -- in small letters (registry.access.accounts.normal)
    origin      text COLLATE "C" NOT NULL CHECK (origin IN ('local', 'provider', 'proxy')),
    issuer      text COLLATE "C",               -- of the identity provider, with what it calls the person
    subject     text COLLATE "C",
    password    text COLLATE "C",               -- argon2id with its parameters; null: none to log in with
    made_at     timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    UNIQUE (issuer, subject)
);

-- A role for a unit and all below it; for the whole registry where unit is null.
CREATE TABLE access.role (
    account  text COLLATE "C" NOT NULL REFERENCES access.account ON DELETE CASCADE,
    role     text COLLATE "C" NOT NULL CHECK (role IN ('clerk', 'editor', 'organizer', 'auditor', 'administrator')),
    unit     text COLLATE "C",
    given_by text COLLATE "C" NOT NULL CHECK (given_by IN ('administrator', 'provider')), -- the provider's change at each log-in
    UNIQUE NULLS NOT DISTINCT (account, role, unit, given_by)
);

CREATE TABLE access.session (
    hash     bytea PRIMARY KEY,                 -- SHA-256 of what the cookie has
    number   bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    account  text COLLATE "C" NOT NULL REFERENCES access.account ON DELETE CASCADE,
    how      text COLLATE "C" NOT NULL CHECK (how IN ('password', 'provider')),
    id_token text,                              -- with which the provider is asked to end its own session
    began_at timestamptz NOT NULL DEFAULT now(),
    seen_at  timestamptz NOT NULL DEFAULT now(), -- to the minute
    ends_at  timestamptz NOT NULL
);
CREATE INDEX session_account ON access.session (account);
CREATE INDEX session_ends ON access.session (ends_at);

-- A token acts in one role of its account for one unit, and only as long as the account has that role (for `of_unit`,
-- in whose territory the unit was when the token was made).
CREATE TABLE access.token (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       bytea NOT NULL UNIQUE,           -- SHA-256
    account    text COLLATE "C" NOT NULL REFERENCES access.account ON DELETE CASCADE,
    label      text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    role       text COLLATE "C" NOT NULL,
    unit       text COLLATE "C",
    of_unit    text COLLATE "C",
    made_at    timestamptz NOT NULL DEFAULT now(),
    ends_at    timestamptz NOT NULL,
    used_at    timestamptz,                     -- to the minute
    revoked_at timestamptz
);
CREATE INDEX token_account ON access.token (account);

-- A log-in that was sent on to the identity provider and has not come back yet.
CREATE TABLE access.pending_login (
    hash     bytea PRIMARY KEY,                 -- SHA-256 of what the browser's cookie has
    state    text COLLATE "C" NOT NULL,
    nonce    text COLLATE "C" NOT NULL,
    verifier text COLLATE "C" NOT NULL,         -- of PKCE
    next     text NOT NULL,                     -- where the reader wanted to go
    made_at  timestamptz NOT NULL DEFAULT now()
);

-- How often somebody tried to log in since when. The key is a hash of an account's name or of an address, so that
-- neither addresses nor passwords typed in place of a name are kept.
CREATE TABLE access.attempt (
    key   bytea PRIMARY KEY,
    tries integer NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attempt_since ON access.attempt (since);

-- Who changed which account, when, and how.
CREATE TABLE access.change (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    by      text NOT NULL,
    via     text COLLATE "C" NOT NULL,          -- command page environment provider proxy
    account text COLLATE "C" NOT NULL,
    what    text COLLATE "C" NOT NULL,
    detail  text NOT NULL DEFAULT ''
);
CREATE INDEX change_account ON access.change (account, number);

CREATE FUNCTION access.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'rows of access.change are only added'; END$$;
CREATE TRIGGER change_is_kept BEFORE UPDATE OR DELETE ON access.change
FOR EACH ROW EXECUTE FUNCTION access.refuse_change();
CREATE TRIGGER change_is_not_emptied BEFORE TRUNCATE ON access.change
FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change();
