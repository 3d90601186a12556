package io.github.deletionpolicy.purge;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.ledger.ChunkRef;
import io.github.deletionpolicy.ledger.DueChunks.DueTable;
import io.github.deletionpolicy.ledger.InlineClaims.Span;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.RowMapper;

/**
 * What a worker does inside one transaction where nothing is in the way, which is nearly
 * always: set it up, claim, delete and settle in a single round trip. Only for tables
 * whose rows take nothing along. What it cannot do is left to {@link PurgeBatch}.
 */
class SwiftBatch {

	/**
	 * Whoever was still writing when the claim was made has a lower number.
	 */
	private static final String HORIZON = "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS dp_horizon";

	private static final String REMOVED = "(SELECT count(*) FROM deleted) AS dp_removed";

	private final PurgeTools tools;

	private final DueTable due;

	private final Node root;

	private final Table table;

	private final Sql hold;

	private final Entrance entrance;

	SwiftBatch(PurgeTools tools, DueTable due, Node root, Sql hold, Entrance entrance) {
		this.tools = tools;
		this.due = due;
		this.root = root;
		this.table = root.table();
		this.hold = hold;
		this.entrance = entrance;
	}

	/**
	 * Purge the rows of the chunk that has been due for longest.
	 * @param span what is due
	 * @param room how many keys it may have
	 * @param backOff when to try again what could not be removed
	 * @return what was done, once the transaction commits
	 */
	Done purgeOne(Span span, int room, BackOff backOff) {
		String array = this.tools.inline().keyArray(this.table);
		Sql statement = this.entrance.ahead()
			.add("WITH ")
			.add(this.tools.inline().lockOne(this.due, this.table, span, room, this.table.hasNoCascadingKeyIntoIt()))
			.add(", deleted AS (DELETE FROM %s AS t".formatted(this.table.name().toSql()));
		if (array != null) {
			statement.add(" WHERE %s = ANY(%s)".formatted(this.table.key().get(0).toSql("t"), array));
		}
		else {
			statement.add(" USING (SELECT k.* FROM claimed c CROSS JOIN %s) AS d WHERE %s"
				.formatted(this.tools.inline().keys(this.table), this.table.keyEquals("t", "d")));
		}
		statement.add(" AND ")
			.add(stillDue("(SELECT token FROM claimed)"))
			.add(" RETURNING %s), ".formatted(isTold() ? this.table.selectKey("t") : "true"))
			.add(this.tools.inline().removeOne())
			.add(" SELECT x.operation_id, x.id, x.key_count, x.attempts, x.next_attempt, x.token, %s, %s"
				.formatted(HORIZON, REMOVED))
			.add(isTold() ? ", d.* FROM claimed x LEFT JOIN deleted d ON true" : " FROM claimed x");
		List<One> found = statement.listLast(this.tools.jdbc(), One.reader(this.table, isTold()));
		if (found.isEmpty()) {
			return Done.NOTHING;
		}
		tell(found.stream().map(One::row).toList());
		One one = found.get(0);
		Settlement settlement = new Settlement(this.root, this.hold, PurgeBatch.STILL_THERE, backOff);
		PurgeResult result = (one.removed() == one.chunk().keyCount()) ? PurgeResult.of(removed(one.removed()))
				: settlement.settle(this.tools.chunks(), List.of(one.chunk()), (chunk) -> one.removed(),
						removed(one.removed()));
		return new Done(result, 1, one.chunk().keyCount(), one.chunk().due(), one.horizon());
	}

	/**
	 * Purge the rows of the chunks that have been due for longest, if all of them can go.
	 * @param span what is due
	 * @param room how many keys they may have together
	 * @return what was done, once the transaction commits
	 * @throws NotAllGoneException if a row is still there, or was gone already; the
	 * transaction must be rolled back then
	 */
	Done purgeMany(Span span, int room) {
		boolean alone = this.tools.settings().concurrency() == 1;
		Sql statement = this.entrance.ahead()
			.add("WITH ")
			.add(this.tools.inline()
				.removeMany(this.due, this.table, span, room, alone, this.table.hasNoCascadingKeyIntoIt()))
			.add(", deleted AS (DELETE FROM %s AS t USING (SELECT c.operation_id, c.token, k.* FROM claimed c CROSS JOIN %s ORDER BY %s) AS d WHERE %s AND "
				.formatted(this.table.name().toSql(), this.tools.inline().keys(this.table), this.table.keyAliases("k"),
						this.table.keyEquals("t", "d")))
			.add(stillDue("d.token"))
			.add(" RETURNING %s)"
				.formatted(isTold() ? "d.operation_id, d.token, " + this.table.selectKey("t") : "true"))
			.add(" SELECT x.*, %s, %s".formatted(HORIZON, REMOVED))
			.add((isTold() ? ", d.*" : "")
					+ " FROM (SELECT count(*) AS dp_chunks, coalesce(sum(key_count), 0) AS dp_keys, max(next_attempt) AS dp_up_to FROM claimed) x")
			.add(isTold() ? " LEFT JOIN deleted d ON true" : "");
		List<Many> found = statement.listLast(this.tools.jdbc(), Many.reader(this.table, isTold()));
		Many many = found.get(0);
		Instant upTo = many.upTo();
		if (upTo == null) {
			return Done.NOTHING;
		}
		if (many.removed() != many.keys()) {
			throw new NotAllGoneException();
		}
		tell(found.stream().map(Many::row).toList());
		return new Done(PurgeResult.of(removed(many.removed())), many.chunks(), many.keys(), upTo, many.horizon());
	}

	private Sql stillDue(String token) {
		return Sql.of("%s = %s AND (".formatted(this.root.requireDeletionTime().toSql("t"), token))
			.add(this.hold)
			.add(") IS NOT TRUE");
	}

	private boolean isTold() {
		return this.tools.listeners().areThere();
	}

	private void tell(List<@Nullable PurgedRow> rows) {
		this.tools.listeners().tell(this.table, rows.stream().filter(Objects::nonNull).toList());
	}

	private Map<String, Long> removed(long count) {
		return (count > 0) ? Map.of(this.root.name().toString(), count) : Map.of();
	}

	private static @Nullable PurgedRow row(ResultSet rs, Table table, boolean told) throws SQLException {
		if (!told || rs.getObject(Table.FIRST_KEY) == null) {
			return null;
		}
		return new PurgedRow(rs.getObject("operation_id", UUID.class),
				rs.getObject("token", OffsetDateTime.class).toInstant(), PurgedRow.readKey(rs, table));
	}

	/**
	 * What a transaction did.
	 *
	 * @param result what became of the rows
	 * @param chunks how many chunks they were in
	 * @param keys how many they were
	 * @param upTo what was due by then and free is gone
	 * @param horizon transactions with a lower number may bring in more of it
	 */
	record Done(PurgeResult result, long chunks, long keys, Instant upTo, long horizon) {

		static final Done NOTHING = new Done(PurgeResult.NOTHING, 0, 0, Instant.MIN, 0);

		boolean isNothing() {
			return this.chunks == 0;
		}

	}

	/**
	 * Rolls back what went too far: all chunks were taken, and not all of their rows
	 * could be.
	 */
	static class NotAllGoneException extends RuntimeException {

		NotAllGoneException() {
			super(null, null, false, false);
		}

	}

	private record One(ChunkRef chunk, long horizon, long removed, @Nullable PurgedRow row) {

		static RowMapper<One> reader(Table table, boolean told) {
			return (rs, row) -> new One(ChunkRef.from(rs, row), rs.getLong("dp_horizon"), rs.getLong("dp_removed"),
					SwiftBatch.row(rs, table, told));
		}

	}

	private record Many(long chunks, long keys, @Nullable Instant upTo, long horizon, long removed,
			@Nullable PurgedRow row) {

		static RowMapper<Many> reader(Table table, boolean told) {
			return (rs, row) -> {
				OffsetDateTime upTo = rs.getObject("dp_up_to", OffsetDateTime.class);
				return new Many(rs.getLong("dp_chunks"), rs.getLong("dp_keys"),
						(upTo != null) ? upTo.toInstant() : null, rs.getLong("dp_horizon"), rs.getLong("dp_removed"),
						SwiftBatch.row(rs, table, told));
			};
		}

	}

}
