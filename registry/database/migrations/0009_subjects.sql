-- Decisions about a finding are found by its subject, too: what a waiver names cannot be annulled. Later ones are tagged
-- when they are recorded; leaves and proofs have no tags in them.
CREATE TEMPORARY TABLE subject ON COMMIT DROP AS
SELECT position, '@' || CASE
        WHEN subject NOT LIKE '%#%' THEN 'ref:' || subject
        WHEN subject LIKE 'LAW#%' THEN 'matter:' || substr(subject, 5)
        ELSE 'item:' || subject
    END COLLATE "C" AS tag
FROM (
    SELECT position, convert_from(data, 'UTF8')::json ->> 'subject' AS subject
    FROM log.decision WHERE type IN ('FindingWaived', 'WaiverLifted')
) d;
INSERT INTO log.tag (tag, position) SELECT tag, position FROM subject ON CONFLICT DO NOTHING;
UPDATE log.decision d SET tags = d.tags || s.tag FROM subject s WHERE s.position = d.position AND s.tag <> ALL (d.tags);
