package io.github.deletionpolicy.operator;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Shows single operations of the ledger, whatever has become of them. Each query reads a
 * limited number of chunks.
 *
 * @param jdbc runs the queries
 * @param catalog describes tables
 * @param ledger where the ledger's tables are
 * @since 0.1
 */
public record RecordedOperations(JdbcOperations jdbc, Catalog catalog, LedgerTables ledger) {

	/**
	 * How many chunks are counted, at most: a million rows that were deleted at once.
	 */
	private static final int CHUNK_CAP = 1000;

	/**
	 * Largest page of chunks.
	 */
	public static final int PAGE_CAP = 100;

	/**
	 * How many keys of a chunk are shown, at most.
	 */
	private static final int KEY_CAP = 10;

	/**
	 * Find an operation.
	 * @param operationId the operation
	 * @return the operation; empty if nothing is recorded for it
	 */
	public Optional<RecordedOperation> find(UUID operationId) {
		List<Part> parts = Sql
			.of("""
					SELECT l.schema_name, l.table_name, c.root, sum(c.key_count) AS key_count, count(*) AS chunk_count,
						coalesce(string_agg(DISTINCT CASE WHEN c.purging_since IS NULL THEN c.state ELSE 'PURGING' END, ','), '') AS stages
					FROM (
						SELECT table_id, root, key_count, state, purging_since FROM %s WHERE operation_id = ?
						ORDER BY id LIMIT ?) c
					JOIN %s l ON l.id = c.table_id GROUP BY l.schema_name, l.table_name, c.root"""
				.formatted(this.ledger.chunks(), this.ledger.tables()), operationId, CHUNK_CAP)
			.list(this.jdbc, (rs, row) -> new Part(LedgerRow.table(rs).toString(), rs.getBoolean("root"),
					rs.getLong("key_count"), rs.getLong("chunk_count"), rs.getString("stages")));
		return Optional.ofNullable(Sql
			.of("""
					SELECT o.id, l.schema_name, l.table_name, o.mode, o.source, EXTRACT(epoch FROM o.delay) AS delay, o.reason,
						o.token, o.purge_at FROM %s o JOIN %s l ON l.id = o.table_id WHERE o.id = ?"""
				.formatted(this.ledger.operations(), this.ledger.tables()), operationId)
			.first(this.jdbc, (rs, row) -> operation(rs, parts)));
	}

	/**
	 * Find the asynchronous delete of an operation. A hard one has no other record.
	 * @param operationId the operation
	 * @return how it stands; empty if it is not an asynchronous delete, or was removed
	 */
	public Optional<AsyncSummary> findAsync(UUID operationId) {
		return new AsyncDeletes(this.jdbc, this.ledger).find(operationId);
	}

	private static RecordedOperation operation(ResultSet rs, List<Part> parts) throws SQLException {
		DeletionMode mode = DeletionMode.valueOf(rs.getString("mode"));
		Instant purgeAt = Instants.find(rs, "purge_at");
		double seconds = rs.getDouble("delay");
		Duration delay = rs.wasNull() ? null : Duration.ofNanos(Math.round(seconds * 1e6) * 1000);
		long rows = parts.stream().filter(Part::root).mapToLong(Part::rows).sum();
		Map<String, Long> cascaded = parts.stream()
			.filter((part) -> !part.root())
			.collect(Collectors.toMap(Part::table, Part::rows, Long::sum, TreeMap::new));
		return new RecordedOperation(rs.getObject("id", UUID.class), LedgerRow.table(rs), mode,
				ModeSource.valueOf(rs.getString("source")), delay, rs.getString("reason"), Instants.get(rs, "token"),
				purgeAt, rows, cascaded, parts.stream().mapToLong(Part::chunks).sum() >= CHUNK_CAP,
				stage(mode, purgeAt != null, delay != null, parts));
	}

	private static Stage stage(DeletionMode mode, boolean hasPurgeAt, boolean delayed, List<Part> parts) {
		if (mode == DeletionMode.SOFT) {
			boolean restored = hasPurgeAt || parts.isEmpty();
			boolean cancelled = delayed && parts.stream().anyMatch(Part::root);
			return restored ? Stage.RESTORED : cancelled ? Stage.CANCELLED : Stage.SOFT;
		}
		return Stream.of(Stage.PURGING, Stage.FAILED, Stage.BLOCKED, Stage.HELD)
			.filter((stage) -> parts.stream().anyMatch((part) -> part.stages().contains(stage.name())))
			.findFirst()
			.orElse(parts.isEmpty() ? Stage.PURGED : Stage.PENDING);
	}

	/**
	 * List the chunks of an operation in the order in which they were recorded.
	 * @param operationId the operation
	 * @param after the {@link ChunkPage#next()} of the previous page; {@code null} for
	 * the first one
	 * @param limit how many to list, from 1 to {@link #PAGE_CAP}
	 * @return one page
	 * @throws InvalidDataAccessApiUsageException if {@code after} is not a cursor or
	 * {@code limit} is out of range
	 */
	public ChunkPage chunks(UUID operationId, @Nullable String after, int limit) {
		PageCursor.requireLimit("a page of an operation", limit, PAGE_CAP);
		List<RecordedChunk> found = Sql
			.of("""
					SELECT c.id, l.schema_name, l.table_name, c.root, c.key_count, c.state, c.next_attempt, c.attempts,
						c.last_error, c.purging_since, CASE
							WHEN c.keys_bigint IS NOT NULL THEN (
								SELECT array_agg(ARRAY[CAST(k AS text)]) FROM unnest(c.keys_bigint[1:%1$d]) AS k)
							WHEN c.keys_uuid IS NOT NULL THEN (
								SELECT array_agg(ARRAY[CAST(k AS text)]) FROM unnest(c.keys_uuid[1:%1$d]) AS k)
							ELSE (
								SELECT array_agg(ARRAY(SELECT jsonb_array_elements_text(e.key)))
								FROM (SELECT key FROM jsonb_array_elements(c.keys_json) AS x (key) LIMIT %1$d) e) END AS keys
					FROM %2$s c JOIN %3$s l ON l.id = c.table_id WHERE c.operation_id = ? AND c.id > ?
					ORDER BY c.id LIMIT ?"""
				.formatted(KEY_CAP, this.ledger.chunks(), this.ledger.tables()), operationId,
					(after != null) ? cursor(after) : Long.MIN_VALUE, limit + 1)
			.list(this.jdbc, (rs, row) -> chunk(rs));
		String next = (found.size() > limit) ? String.valueOf(found.get(limit - 1).id()) : null;
		return new ChunkPage(found.stream().limit(limit).map(this::named).toList(), next);
	}

	private static long cursor(String text) {
		try {
			return Long.parseLong(text);
		}
		catch (NumberFormatException ex) {
			throw PageCursor.unknown(text, ex);
		}
	}

	private static RecordedChunk chunk(ResultSet rs) throws SQLException {
		Array keys = rs.getArray("keys");
		return new RecordedChunk(rs.getLong("id"), LedgerRow.table(rs), rs.getBoolean("root"), rs.getLong("key_count"),
				LedgerRow.state(rs), Instants.find(rs, "next_attempt"), rs.getInt("attempts"),
				rs.getString("last_error"), List.of(),
				(keys != null) ? Stream.of((String[][]) keys.getArray()).map(Arrays::asList).toList() : List.of());
	}

	/**
	 * The ledger holds values only; the columns are those that the table has now.
	 */
	private RecordedChunk named(RecordedChunk chunk) {
		List<String> columns = (this.catalog.find(chunk.table()) != null)
				? this.catalog.table(chunk.table()).key().stream().map(Column::name).toList() : List.of();
		return new RecordedChunk(chunk.id(), chunk.table(), chunk.root(), chunk.rows(), chunk.state(),
				chunk.nextAttempt(), chunk.attempts(), chunk.lastError(), columns, chunk.keys());
	}

	/**
	 * What an operation holds of one table.
	 *
	 * @param root whether the rows were selected by the delete, which did not cascade to
	 * them
	 * @param stages what their chunks have come to, separated by commas
	 */
	private record Part(String table, boolean root, long rows, long chunks, String stages) {
	}

	/**
	 * How far an operation has come.
	 */
	public enum Stage {

		/** Its rows wait for their time or the next run. */
		PENDING,
		/** The hold condition kept rows at the last attempt, and nothing worse did. */
		HELD,
		/** A lock, a foreign key or a live dependant kept rows at the last attempt. */
		BLOCKED,
		/** Removing rows raised another error at the last attempt. */
		FAILED,
		/** A tree is being purged in several transactions. */
		PURGING,
		/** Its rows have been purged; none is left in the ledger. */
		PURGED,
		/** Its rows have all been restored, deleted again or removed by other means. */
		RESTORED,
		/** Its purge was cancelled; its rows stay deleted. */
		CANCELLED,
		/** It was soft from the beginning, or only dependants without a root are left. */
		SOFT

	}

	/**
	 * One operation.
	 *
	 * @param id the operation
	 * @param table the table that was deleted from
	 * @param mode what it is now: a cancelled or restored one is soft
	 * @param source where the mode came from
	 * @param delay the delay; {@code null} for a soft delete
	 * @param reason the reason that the caller gave; {@code null} for none
	 * @param deletionTime the deletion time that its rows carry
	 * @param purgeAt when it is due; {@code null} if it is not to be purged
	 * @param rows how many rows that were asked for are left in the ledger
	 * @param cascaded how many that the delete cascaded to are left, by
	 * {@code schema.table}
	 * @param atLeast whether there may be more of both
	 * @param stage how far it has come
	 */
	public record RecordedOperation(UUID id, TableName table, DeletionMode mode, ModeSource source,
			@Nullable Duration delay, @Nullable String reason, Instant deletionTime, @Nullable Instant purgeAt,
			long rows, Map<String, Long> cascaded, boolean atLeast, Stage stage) {
	}

	/**
	 * Rows of one table in an operation that wait together.
	 *
	 * @param id its number
	 * @param table the table
	 * @param root whether the rows were selected by the delete, which did not cascade to
	 * them
	 * @param rows how many they are
	 * @param state what keeps them
	 * @param nextAttempt when they are tried next; {@code null} if they are not tried by
	 * themselves
	 * @param attempts how often that failed
	 * @param lastError what the last attempt said; {@code null} if it said nothing
	 * @param keyColumns the columns of the table's primary key; empty if there is no such
	 * table any more
	 * @param keys the first keys, each with a value per column
	 */
	public record RecordedChunk(long id, TableName table, boolean root, long rows, PendingPurges.State state,
			@Nullable Instant nextAttempt, int attempts, @Nullable String lastError, List<String> keyColumns,
			List<List<String>> keys) {
	}

	/**
	 * One page of chunks.
	 *
	 * @param chunks the chunks
	 * @param next cursor of the page that follows; {@code null} on the last one
	 */
	public record ChunkPage(List<RecordedChunk> chunks, @Nullable String next) {
	}

}
