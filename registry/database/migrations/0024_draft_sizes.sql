-- What a list of drafts needs, and what they come to, without reading what is in them: of a thousand that is a gigabyte.
ALTER TABLE drafts.draft
    ADD COLUMN kind text COLLATE "C" NOT NULL GENERATED ALWAYS AS (content ->> 'kind') STORED,
    ADD COLUMN done text COLLATE "C" GENERATED ALWAYS AS (outcome ->> 'what') STORED, -- recorded, proposed; null: neither
    ADD COLUMN bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(content::text)) STORED;
