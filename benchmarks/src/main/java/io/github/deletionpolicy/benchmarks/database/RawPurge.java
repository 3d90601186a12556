package io.github.deletionpolicy.benchmarks.database;

import java.lang.reflect.Array;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.deletionpolicy.benchmarks.measure.Load;
import org.jspecify.annotations.Nullable;

/**
 * The purge that somebody would write by hand who knows which rows are due: by key and
 * token, in chunks, each in a transaction of its own. What it needs to know is read
 * before the time is taken.
 *
 * @since 0.1
 */
public final class RawPurge {

	/**
	 * As many rows as the product removes in a transaction.
	 */
	private static final int CHUNK = 1000;

	private final Database database;

	private final String sql;

	private final long rows;

	private final List<Object[]> chunks = new ArrayList<>();

	private RawPurge(Database database, String sql, long rows) {
		this.database = database;
		this.sql = sql;
		this.rows = rows;
	}

	/**
	 * Prepare to purge rows that were deleted in one call, in the order of their keys.
	 * @param database where
	 * @param snapshot the table, laid out
	 * @return the purge
	 */
	public static RawPurge inBulk(Database database, Snapshot snapshot) {
		TableShape shape = snapshot.shape();
		String byKey = "DELETE FROM " + shape.table() + " WHERE id = ANY(%s) AND deletion_time = ?";
		String sql = switch (shape) {
			case BIGINT, TEXT -> byKey.formatted("?");
			case UUID -> byKey.formatted("CAST(CAST(? AS text[]) AS uuid[])");
			case PAIR -> """
					DELETE FROM users_by_pair t USING unnest(?, ?) AS d (tenant, id)
					WHERE t.tenant = d.tenant AND t.id = d.id AND t.deletion_time = ?""";
		};
		RawPurge purge = new RawPurge(database, sql, snapshot.rows());
		OffsetDateTime token = database.client()
			.sql("SELECT min(deletion_time) FROM " + shape.table())
			.query(OffsetDateTime.class)
			.single();
		List<Object[]> keys = database.jdbc()
			.query("SELECT %s FROM %s ORDER BY %s".formatted(shape.key(), shape.table(), shape.key()),
					(rs, row) -> (shape == TableShape.PAIR) ? new Object[] { rs.getInt(1), rs.getLong(2) }
							: new Object[] { (shape == TableShape.BIGINT) ? (Object) rs.getLong(1) : rs.getString(1) });
		purge.chunk(keys, token);
		return purge;
	}

	/**
	 * Prepare to purge rows that were deleted one by one, the longest due first.
	 * @param database where
	 * @param snapshot the table, laid out
	 * @return the purge
	 */
	public static RawPurge oneByOne(Database database, Snapshot snapshot) {
		RawPurge purge = new RawPurge(database, """
				DELETE FROM users USING unnest(?, CAST(? AS timestamptz[])) AS d (id, token)
				WHERE users.id = d.id AND users.deletion_time = d.token""", snapshot.rows());
		purge.chunk(database.jdbc()
			.query("SELECT id, CAST(deletion_time AS text) FROM users ORDER BY deletion_time",
					(rs, row) -> new Object[] { rs.getLong(1), rs.getString(2) }),
				null);
		return purge;
	}

	private void chunk(List<Object[]> rows, @Nullable Object token) {
		for (int from = 0; from < rows.size(); from += CHUNK) {
			List<Object[]> part = rows.subList(from, Math.min(rows.size(), from + CHUNK));
			int columns = part.get(0).length;
			Object[] parameters = new Object[(token != null) ? columns + 1 : columns];
			for (int column = 0; column < columns; column++) {
				parameters[column] = column(part, column);
			}
			if (token != null) {
				parameters[columns] = token;
			}
			this.chunks.add(parameters);
		}
	}

	private static Object column(List<Object[]> rows, int column) {
		Object first = rows.get(0)[column];
		Object values = Array.newInstance(first.getClass(), rows.size());
		for (int i = 0; i < rows.size(); i++) {
			Array.set(values, i, rows.get(i)[column]);
		}
		return values;
	}

	/**
	 * Purge.
	 * @param connections how many work at it
	 * @throws IllegalStateException if a row is left
	 */
	public void run(int connections) {
		AtomicInteger next = new AtomicInteger();
		AtomicLong removed = new AtomicLong();
		Load.onThreads(connections, () -> {
			for (int i = next.getAndIncrement(); i < this.chunks.size(); i = next.getAndIncrement()) {
				Object[] parameters = this.chunks.get(i);
				this.database.inTransaction(() -> removed.addAndGet(this.database.jdbc().update(this.sql, parameters)));
			}
		});
		if (removed.get() != this.rows) {
			throw new IllegalStateException("%d rows of %d were purged".formatted(removed.get(), this.rows));
		}
	}

}
