-- Ids that look alike are found by how they read: of which letters they are made, whatever their width or composition.
-- registry/recording/lookalikes.py does the same to new ids; both are compared by a test. Only ids that are not written
-- plainly are in the index, which is almost always none.
CREATE FUNCTION log.plain(id text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
    normalize(id, NFKC),
    '([{【〖〈《〘)]}】〗〉》〙‐‑‒–—―−○◯•・‧‘’＇АВЕКМНОРСТХавекмнорстхІіЈјЅѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοу'
        || U&'\0020\00A0\00AD\200B\200C\200D\2060\FEFF',
    '〔〔〔〔〔〔〔〔〕〕〕〕〕〕〕〕-------〇〇···''''''ABEKMHOPCTXabekmhopctxIiJjSsABEZHIKMNOPTYXoy'
);

CREATE FUNCTION log.is_written_oddly(id text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(id, 1) <> '@' AND (
    id IS NOT NFKC NORMALIZED
    OR id ~ U&'[][(){}【〖〈《〘】〗〉》〙\2010-\2015\2212\25CB\25EF\2022\30FB\2027\2018\2019\0391-\03BF\0405-\0458\0020\00A0\00AD\200B-\200D\2060\FEFF]'
);

CREATE INDEX tag_written_oddly ON log.tag (log.plain(tag)) WHERE log.is_written_oddly(tag);
