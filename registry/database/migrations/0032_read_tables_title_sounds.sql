-- Lists and documents are found as their titles sound.
CREATE INDEX list_sounds ON list USING gin (quanze.sounds(ARRAY[title]));
CREATE INDEX instrument_sounds ON instrument USING gin (quanze.sounds(ARRAY[title]));
