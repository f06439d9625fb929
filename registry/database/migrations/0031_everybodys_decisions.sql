-- What names no unit, a matter as a rule, is everybody's: whoever sees but a territory finds it without reading the log.
-- An item without a unit is its list's, and is found by it. No tag has the character that stands between them here.
CREATE FUNCTION log.names_no_unit(tags text[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    written text := E'\x1f' || array_to_string(tags, E'\x1f');
BEGIN
    RETURN strpos(written, E'\x1f@unit:') = 0 AND strpos(written, E'\x1funit:') = 0 AND strpos(written, E'\x1f@list:') = 0;
END $$;

CREATE INDEX decision_names_no_unit ON log.decision (position) WHERE log.names_no_unit(tags);
CREATE INDEX list_names_no_unit ON log.decision (position) WHERE type = 'ListAdopted' AND log.names_no_unit(tags);
