-- What is said of certificates and forms beside their names, and which units are monitoring points.
ALTER TABLE matter
    ADD COLUMN materials text[] NOT NULL DEFAULT '{}',     -- of a certificate: what to bring
    ADD COLUMN procedure text,                             -- of a certificate: how it is done
    ADD COLUMN online    text,                             -- of a certificate: a service's name or a URL
    ADD COLUMN asks      text[] NOT NULL DEFAULT '{}';     -- of a form: the fields that it asks for
ALTER TABLE unit ADD COLUMN monitored boolean NOT NULL DEFAULT false;
CREATE INDEX unit_monitored ON unit (code) WHERE monitored;
