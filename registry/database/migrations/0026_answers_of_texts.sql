-- What was answered of texts in lists, rows, towns and days, beside that of names: each for what it is likely to hold
-- for again.
ALTER TABLE handed_in.answer ADD COLUMN subject text COLLATE "C" NOT NULL DEFAULT ''; -- '' any list, a kind, a document
ALTER TABLE handed_in.answer DROP CONSTRAINT answer_pkey;
ALTER TABLE handed_in.answer ADD PRIMARY KEY (county, kind, subject, name);
