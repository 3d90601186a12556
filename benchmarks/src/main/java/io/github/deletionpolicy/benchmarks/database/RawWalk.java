package io.github.deletionpolicy.benchmarks.database;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Up the primary key of {@code users} in chunks, each in a transaction of its own, as
 * somebody would write it by hand: the highest key of a chunk is where the next one
 * begins.
 *
 * @since 0.1
 */
public final class RawWalk {

	/**
	 * As many rows as the product takes in a transaction.
	 */
	private static final int CHUNK = 1000;

	private final Database database;

	private final Form form;

	private final String action;

	private final String condition;

	private final Object[] parameters;

	/**
	 * Create a walk.
	 * @param database where
	 * @param form how a chunk is found
	 * @param action what is done to the rows, up to the condition
	 * @param condition which rows
	 * @param parameters the values in the condition
	 */
	public RawWalk(Database database, Form form, String action, String condition, Object... parameters) {
		this.database = database;
		this.form = form;
		this.action = action;
		this.condition = condition;
		this.parameters = parameters;
	}

	/**
	 * Walk to the end.
	 * @param rows how many rows are to be changed
	 * @throws IllegalStateException if it is another number
	 */
	public void run(long rows) {
		long done = 0;
		Chunk chunk = new Chunk(0, 0L);
		while (chunk.upTo() != null) {
			long after = chunk.upTo();
			chunk = (this.form == Form.RANGE) ? range(after) : keys(after);
			done += chunk.rows();
		}
		if (done != rows) {
			throw new IllegalStateException("%d rows of %d were changed".formatted(done, rows));
		}
	}

	private Chunk keys(long after) {
		String sql = """
				WITH done AS (%s WHERE id = ANY(ARRAY(SELECT id FROM users WHERE id > ? AND %s ORDER BY id LIMIT %d)) RETURNING id)
				SELECT count(*), max(id) FROM done"""
			.formatted(this.action, this.condition, CHUNK);
		Chunk chunk = this.database.transactions()
			.execute((status) -> this.database.jdbc()
				.queryForObject(sql, (rs, row) -> new Chunk(rs.getLong(1), rs.getObject(2, Long.class)), with(after)));
		return Objects.requireNonNull(chunk);
	}

	private Chunk range(long after) {
		Chunk chunk = this.database.transactions().execute((status) -> {
			List<Long> bound = this.database.jdbc()
				.queryForList("SELECT id FROM users WHERE id > ? AND %s ORDER BY id OFFSET %d LIMIT 1"
					.formatted(this.condition, CHUNK - 1), Long.class, with(after));
			Long upTo = bound.isEmpty() ? null : bound.get(0);
			int rows = this.database.jdbc()
				.update(this.action + " WHERE id > ? AND id <= ? AND " + this.condition,
						with(after, (upTo != null) ? upTo : Long.MAX_VALUE));
			return new Chunk(rows, upTo);
		});
		return Objects.requireNonNull(chunk);
	}

	private Object[] with(Object... keys) {
		Object[] all = Arrays.copyOf(keys, keys.length + this.parameters.length);
		System.arraycopy(this.parameters, 0, all, keys.length, this.parameters.length);
		return all;
	}

	/**
	 * How a chunk is found.
	 */
	public enum Form {

		/** The keys of a chunk as an array, in one statement. */
		KEYS,
		/** The highest key of a chunk first, and then all rows up to it. */
		RANGE

	}

	private record Chunk(long rows, @Nullable Long upTo) {
	}

}
