-- The token that the rows of a chunk carried before; null if they were live. Dependants
-- that carried the same one move along with them.
ALTER TABLE deletion_chunk ADD COLUMN superseded timestamptz;

-- When the first transaction committed of a tree that is purged in several ones: from then
-- on its root, the only row of the chunk, cannot be restored.
ALTER TABLE deletion_chunk ADD COLUMN purging_since timestamptz;

-- Dependants that go with a root, by table.
CREATE INDEX deletion_chunk_dependants ON deletion_chunk (table_id) WHERE NOT root;
