-- What a decision bears on is found from what it names: who passed something on, what stands on a document, who grants
-- by a list.
CREATE INDEX delegation_sender ON delegation (sender, matter);
CREATE INDEX delegation_under ON delegation (under) WHERE under IS NOT NULL;
CREATE INDEX delegation_instrument ON delegation (instrument);
CREATE INDEX item_grantor ON item (grantor) WHERE grantor IS NOT NULL;
CREATE INDEX list_instrument ON list (instrument);
CREATE INDEX vesting_instrument ON vesting (instrument);
