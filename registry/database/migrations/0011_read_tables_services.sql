-- Services: one application for several matters, handed in at the window of a level ("window" is a word of SQL).
ALTER TABLE matter
    ADD COLUMN includes     text[] NOT NULL DEFAULT '{}',  -- of a service: the matters that it does
    ADD COLUMN window_level text;                          -- of a service: where it is handed in
CREATE INDEX matter_service ON matter (code) WHERE kind = 'service';
