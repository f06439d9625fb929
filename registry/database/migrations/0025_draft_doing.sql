-- What a draft was last begun to become: two who share one may press different buttons, and only one of them counts.
ALTER TABLE drafts.draft ADD COLUMN doing text COLLATE "C" CHECK (doing IN ('recorded', 'proposed'));
