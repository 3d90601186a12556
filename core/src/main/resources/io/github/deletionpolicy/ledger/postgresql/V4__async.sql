-- One row per asynchronous delete: what it is to delete, and how far it has come. It walks the
-- primary key upwards once. selection is the condition on a row as a list of words, never a
-- piece of SQL. Keys are texts, spelled as dates in ISO 8601 and numbers in full; after_key is
-- the highest key that was visited, last_key the highest one when the delete was accepted, and
-- left_keys those of rows that could not be deleted yet, one behind the other. A row without
-- ended_at is at work or waits for its first batch.
CREATE TABLE deletion_async (
	operation_id      uuid PRIMARY KEY,
	format            smallint NOT NULL,
	table_id          integer NOT NULL,
	mode              text NOT NULL CHECK (mode IN ('HARD', 'SOFT')),
	source            text NOT NULL CHECK (source IN ('CALL', 'TABLE', 'FALLBACK')),
	reason            text,
	accepted_at       timestamptz NOT NULL,
	selection         text[] NOT NULL,
	takes_along       boolean NOT NULL,
	including_deleted boolean NOT NULL,
	batch_size        integer NOT NULL,
	pause_micros      bigint NOT NULL,
	key_columns       text[] NOT NULL,
	first_key         text[],
	last_key          text[],
	estimated_rows    bigint NOT NULL,
	state             text NOT NULL CHECK (state IN ('ACCEPTED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
	after_key         text[],
	visited           bigint NOT NULL DEFAULT 0,
	done              bigint NOT NULL DEFAULT 0,
	failed            bigint NOT NULL DEFAULT 0,
	fraction          double precision NOT NULL DEFAULT 0,
	left_keys         text[] NOT NULL DEFAULT '{}',
	attempts          integer NOT NULL DEFAULT 0,
	next_attempt      timestamptz NOT NULL,
	last_error        text,
	moved_at          timestamptz,
	ended_at          timestamptz
);

CREATE INDEX deletion_async_ended ON deletion_async (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX deletion_async_open ON deletion_async (next_attempt) WHERE ended_at IS NULL;

-- Rows that were restored one by one while the delete was at work: it does not mark them again.
-- Keys are as in deletion_chunk.
CREATE TABLE deletion_async_spared (
	operation_id uuid NOT NULL,
	table_id     integer NOT NULL,
	keys_bigint  bigint[],
	keys_uuid    uuid[],
	keys_json    jsonb,
	CHECK (num_nonnulls(keys_bigint, keys_uuid, keys_json) = 1)
);

CREATE INDEX deletion_async_spared_rows ON deletion_async_spared (operation_id, table_id);

-- For those who watch: failed ones are few, and stand among many that are done.
CREATE INDEX deletion_async_failed ON deletion_async (ended_at) WHERE state = 'FAILED';
