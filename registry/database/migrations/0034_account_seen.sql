-- When somebody logged in as an account was last there: sessions know it, but are deleted when they end.
ALTER TABLE access.account ADD COLUMN seen_at timestamptz;
UPDATE access.account a SET seen_at = (SELECT max(s.seen_at) FROM access.session s WHERE s.account = a.name);
