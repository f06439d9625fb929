-- Units but villages, and matters, are found as their names sound.
CREATE INDEX unit_sounds ON unit USING gin (quanze.sounds(name || aliases)) WHERE level <> 'village';
CREATE INDEX matter_sounds ON matter USING gin (quanze.sounds(name || aliases));
