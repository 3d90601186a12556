package io.github.deletionpolicy.purge.batch;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeTools;
import io.github.deletionpolicy.purge.batch.ClaimSql.Claim;
import io.github.deletionpolicy.purge.batch.ClaimSql.Span;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.RowMapperResultSetExtractor;

/**
 * What a worker does inside one transaction where nothing is in the way, which is nearly
 * always: set it up, claim, delete and settle in a single round trip. Only for tables
 * whose rows take nothing along. What it cannot do is left to {@link CarefulBatch}.
 */
public class OptimisticBatch {

	private final PurgeTools tools;

	private final ClaimSql claims;

	private final DueTable due;

	private final Node root;

	private final Table table;

	private final Sql hold;

	private final WorkerTransaction entrance;

	public OptimisticBatch(PurgeTools tools, DueTable due, Node root, Sql hold, WorkerTransaction entrance) {
		this.tools = tools;
		this.claims = tools.inline();
		this.due = due;
		this.root = root;
		this.table = root.table();
		this.hold = hold;
		this.entrance = entrance;
	}

	/**
	 * Purge the rows of the chunk that has been due for longest, if all of them can go.
	 * @param span what is due
	 * @param room how many keys it may have
	 * @return what was done, once the transaction commits
	 * @throws NotAllGoneException if a row is still there, or was gone already; the
	 * transaction must be rolled back then
	 */
	public Done purgeOne(Span span, int room) {
		String array = this.claims.keyArray(this.table);
		return purge(this.claims.takeOne(this.due, this.table, span, room, this.table.noCascadingKeyIntoIt()),
				(array != null) ? keysIn(array) : pairs(false), room);
	}

	/**
	 * Purge the rows of the chunks that have been due for longest, if all of them can go.
	 * @param span what is due
	 * @param chunks how many chunks
	 * @param room how many keys they may have together; if it is as many, chunks with
	 * several keys are left out
	 * @return what was done, once the transaction commits
	 * @throws NotAllGoneException as {@link #purgeOne} does
	 */
	public Done purgeMany(Span span, int chunks, int room) {
		boolean single = chunks >= room;
		boolean alone = this.tools.settings().concurrency() == 1;
		return purge(this.claims.takeMany(this.due, this.table, span, Math.min(chunks, room), single, alone,
				this.table.noCascadingKeyIntoIt()), pairs(single), room);
	}

	private String keysIn(String array) {
		return "%s WHERE %s = ANY(%s) AND %s = (SELECT token FROM claimed)".formatted(
				isTold() ? " USING (SELECT operation_id AS dp_operation, token AS dp_token FROM claimed) AS d" : "",
				this.table.key().get(0).toSql("t"), array, this.root.requireDeletionTime().toSql("t"));
	}

	/**
	 * In the order of the keys, which is mostly that of the rows.
	 */
	private String pairs(boolean single) {
		String keys = single ? "%s FROM claimed c".formatted(this.claims.onlyKey(this.table))
				: "k.* FROM claimed c CROSS JOIN %s".formatted(this.claims.keys(this.table));
		return " USING (SELECT c.operation_id AS dp_operation, c.token AS dp_token, %s ORDER BY %s) AS d WHERE %s AND %s = d.dp_token"
			.formatted(keys, this.table.keyAliases(""), this.table.keyEquals("t", "d"),
					this.root.requireDeletionTime().toSql("t"));
	}

	private boolean isTold() {
		return this.tools.listeners().areThere();
	}

	private Done purge(Sql claimed, String rows, int room) {
		boolean told = isTold();
		Sql statement = this.entrance.ahead()
			.add("WITH ")
			.add(claimed)
			.add(" DELETE FROM %s AS t".formatted(this.table.name().toSql()))
			.add(rows + " AND (")
			.add(this.hold)
			.add(") IS NOT TRUE AND %s%s; %s".formatted(this.claims.isNoted(),
					told ? " RETURNING d.dp_operation, d.dp_token, " + this.table.selectKey("t") : "",
					this.claims.claim()));
		Done done = statement.execute(this.tools.jdbc(), (prepared) -> run(prepared, told));
		if (done.removed() != done.claim().keys() || done.removed() > room) {
			throw new NotAllGoneException();
		}
		this.tools.listeners().tell(this.table, done.rows());
		return done;
	}

	private Done run(PreparedStatement statement, boolean told) throws SQLException {
		statement.execute();
		for (int i = 0; i < WorkerTransaction.STATEMENTS_AHEAD; i++) {
			statement.getMoreResults();
		}
		List<PurgedRow> rows = told ? read(statement.getResultSet()) : List.of();
		long removed = told ? rows.size() : statement.getUpdateCount();
		statement.getMoreResults();
		try (ResultSet claim = statement.getResultSet()) {
			claim.next();
			return new Done(Claim.from(claim), removed, rows, this.root.name().toString());
		}
	}

	private List<PurgedRow> read(ResultSet removed) throws SQLException {
		return new RowMapperResultSetExtractor<>((rs, row) -> new PurgedRow(rs.getObject("dp_operation", UUID.class),
				rs.getObject("dp_token", OffsetDateTime.class).toInstant(), KeyValues.read(rs, this.table)))
			.extractData(removed);
	}

	/**
	 * What a transaction did.
	 *
	 * @param claim what it claimed
	 * @param removed how many rows it removed
	 * @param rows the rows, if anybody wants to know
	 * @param table their table
	 */
	public record Done(Claim claim, long removed, List<PurgedRow> rows, String table) {

		public boolean isNothing() {
			return this.claim.chunks() == 0;
		}

		public PurgeResult result() {
			return PurgeResult.of(Map.of(this.table, this.removed));
		}

	}

	/**
	 * Rolls back what went too far: chunks were taken, and not all of their rows could
	 * be, or they were more than a batch.
	 */
	static class NotAllGoneException extends RuntimeException {

		NotAllGoneException() {
			super(null, null, false, false);
		}

	}

}
