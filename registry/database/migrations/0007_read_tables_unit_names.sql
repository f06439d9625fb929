-- Units are searched by any part of any name they have had: all of them, and those that are no villages.
CREATE INDEX unit_names ON unit USING gin (quanze.pairs(name || aliases));
CREATE INDEX unit_area_names ON unit USING gin (quanze.pairs(name || aliases)) WHERE level <> 'village';
