package io.github.deletionpolicy.purge.batch;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.ClaimSql.Claim;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.RowMapperResultSetExtractor;

/**
 * Purges rows in a single round trip, as if nothing were in the way, which is nearly
 * always so: set the transaction up, claim, delete and settle. Only for tables whose rows
 * cascade to no others. It is rolled back unless all rows go.
 */
public record OptimisticBatch(Database database, ClaimSql claims, WorkerTransaction transaction,
		PurgeListeners listeners, TableWork work) implements Batch {

	@Override
	public boolean run(boolean skipLocked) {
		TableProgress progress = this.work.progress();
		Done done = this.database.plain()
			.execute((status) -> (progress.claimSize() > 1) ? purgeMany(progress.claimSize()) : purgeOne());
		Claim claim = done.claim();
		if (claim.chunks() == 0) {
			return false;
		}
		progress.done(PurgeResult.of(Map.of(table().name().toString(), done.removed())));
		progress.claimed(claim.chunks(), claim.keys());
		progress.reached(claim.upTo(), claim.horizon());
		return true;
	}

	/**
	 * Purge the rows of the chunk that has been due for longest.
	 */
	private Done purgeOne() {
		String array = this.claims.keyArray(table());
		TableProgress progress = this.work.progress();
		return purge(this.claims.takeOne(this.work.due(), table(), progress.span(), progress.rootsPerBatch(), mayGo()),
				(array != null) ? keysIn(array) : pairs(false), progress.rootsPerBatch());
	}

	/**
	 * Purge the rows of the chunks that have been due for longest. If as many chunks as
	 * rows may go, chunks with several keys are left out.
	 */
	private Done purgeMany(int chunks) {
		TableProgress progress = this.work.progress();
		int room = progress.rootsPerBatch();
		boolean single = chunks >= room;
		return purge(this.claims.takeMany(this.work.due(), table(), progress.span(), Math.min(chunks, room), single,
				this.transaction.isOnlyOne(), mayGo()), pairs(single), room);
	}

	/**
	 * Leaves what a hold condition may keep that is unknown here to the careful batch.
	 */
	private Sql mayGo() {
		Sql condition = table().noCascadingKeyIntoIt();
		return this.work.holding().isEmpty() ? condition.add(" AND NOT c.hold") : condition;
	}

	private String keysIn(String array) {
		return "%s WHERE %s = ANY(%s) AND %s = (SELECT token FROM claimed)".formatted(
				this.listeners.areThere()
						? " USING (SELECT operation_id AS dp_operation, token AS dp_token FROM claimed) AS d" : "",
				table().key().get(0).toSql("t"), array, this.work.root().requireDeletionTime().toSql("t"));
	}

	/**
	 * In the order of the keys, which is mostly that of the rows.
	 */
	private String pairs(boolean single) {
		String keys = single ? "%s FROM claimed c".formatted(this.claims.onlyKey(table()))
				: "k.* FROM claimed c CROSS JOIN %s".formatted(this.claims.keys(table()));
		return " USING (SELECT c.operation_id AS dp_operation, c.token AS dp_token, %s ORDER BY %s) AS d WHERE %s AND %s = d.dp_token"
			.formatted(keys, table().keyAliases(""), table().keyEquals("t", "d"),
					this.work.root().requireDeletionTime().toSql("t"));
	}

	private Table table() {
		return this.work.table();
	}

	private Done purge(Sql claimed, String rows, int room) {
		boolean returning = this.listeners.areThere();
		Sql statement = this.transaction.ahead(this.work.due())
			.add("WITH ")
			.add(claimed)
			.add(" DELETE FROM %s AS t".formatted(table().name().toSql()))
			.add(rows + " AND (")
			.add(this.work.hold())
			.add(") IS NOT TRUE AND %s%s; %s; %s".formatted(this.claims.isNoted(),
					returning ? " RETURNING d.dp_operation, d.dp_token, " + table().selectKey("t") : "",
					WorkerTransaction.CHECK_CONSTRAINTS, this.claims.claim()));
		Done done = statement.execute(this.database.jdbc(), (prepared) -> execute(prepared, returning));
		if (done.removed() != done.claim().keys() || done.removed() > room) {
			throw new NotAllGoneException();
		}
		this.listeners.rowsPurged(table(), done.rows());
		return done;
	}

	private Done execute(PreparedStatement statement, boolean returning) throws SQLException {
		WorkerTransaction.execute(statement);
		List<PurgedRow> rows = returning ? read(statement.getResultSet()) : List.of();
		long removed = returning ? rows.size() : statement.getUpdateCount();
		statement.getMoreResults();
		statement.getMoreResults();
		try (ResultSet claim = statement.getResultSet()) {
			claim.next();
			return new Done(Claim.from(claim), removed, rows);
		}
	}

	private List<PurgedRow> read(ResultSet removed) throws SQLException {
		return new RowMapperResultSetExtractor<>((rs, row) -> new PurgedRow(rs.getObject("dp_operation", UUID.class),
				rs.getObject("dp_token", OffsetDateTime.class).toInstant(), KeyValues.read(rs, table())))
			.extractData(removed);
	}

	/**
	 * What a transaction did.
	 *
	 * @param claim what it claimed
	 * @param removed how many rows it removed
	 * @param rows the rows, if a listener is there
	 */
	private record Done(Claim claim, long removed, List<PurgedRow> rows) {
	}

	/**
	 * Rolls back a batch that took chunks of which not all rows went, or more rows than a
	 * batch may remove.
	 */
	private static final class NotAllGoneException extends RuntimeException {

		NotAllGoneException() {
			super(null, null, false, false);
		}

	}

}
