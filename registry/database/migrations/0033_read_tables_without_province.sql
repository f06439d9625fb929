-- Kept for a partition or a distribution by province. Nothing ever read it, partitions measure worse, and where it is
-- wanted it follows from the code beside it: the first two characters (docs/explanation/scale.md).
ALTER TABLE unit DROP COLUMN province;
ALTER TABLE vesting DROP COLUMN province;
ALTER TABLE list DROP COLUMN province;
ALTER TABLE delegation DROP COLUMN province;
ALTER TABLE demand DROP COLUMN province;
ALTER TABLE proposal DROP COLUMN province;
ALTER TABLE report DROP COLUMN province;
ALTER TABLE waiver DROP COLUMN province;
ALTER TABLE precedent DROP COLUMN province;
ALTER TABLE assessment DROP COLUMN province;
ALTER TABLE rectification DROP COLUMN province;
ALTER TABLE rectification_answer DROP COLUMN province;
