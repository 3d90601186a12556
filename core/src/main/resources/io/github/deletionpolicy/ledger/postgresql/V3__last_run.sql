-- The last run of the purge, whichever node it was on. One row, in a table of its own:
-- every batch shares the row of deletion_purge_state. braked_at is when a run stopped the
-- purge because the one before lay too far from now; it holds as long as
-- deletion_purge_state.paused_at says the same instant.
CREATE TABLE deletion_last_run (
	single       boolean PRIMARY KEY DEFAULT true CHECK (single),
	began_at     timestamptz,
	ended_at     timestamptz,
	node         text,
	rows_removed bigint,
	braked_at    timestamptz
);

INSERT INTO deletion_last_run DEFAULT VALUES;

-- When a run last removed rows of a table, and since when runs find due rows there and
-- remove none.
CREATE TABLE deletion_last_purge (
	table_id   integer PRIMARY KEY,
	removed_at timestamptz,
	vain_since timestamptz
);

-- What was tried in vain, wherever its next attempt stands among the others.
CREATE INDEX deletion_chunk_kept ON deletion_chunk (table_id, state) WHERE state IS NOT NULL;
