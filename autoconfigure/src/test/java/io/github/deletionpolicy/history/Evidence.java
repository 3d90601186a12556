package io.github.deletionpolicy.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * All that is known of a history: what clients were told, what triggers have seen of each
 * row, what listeners heard, and what the database shows at the end.
 *
 * @param calls what clients asked and were told
 * @param journal every change of a row that was committed, in its order for each row
 * @param notifications what listeners were notified of, in transactions that were
 * committed
 * @param operations what is recorded at the end, by the token
 * @param keys the keys that are recorded at the end
 * @param strays chunks of no operation
 * @param rows the rows at the end
 * @param now the end, by the database's clock
 */
record Evidence(List<ClientCall> calls, List<Change> journal, List<Notification> notifications,
		List<Recorded> operations, List<RecordedKey> keys, List<String> strays, Map<Row, State> rows, Instant now) {

	static Evidence of(JdbcTemplate jdbc, Log log, Instant now) {
		Map<Row, State> rows = new TreeMap<>();
		for (Relation relation : Relation.values()) {
			jdbc.query(
					"SELECT id, parent_id, legal_hold, %s FROM %s".formatted(
							relation.isTimed() ? "deletion_time" : "CAST(NULL AS timestamptz)", relation.table()),
					(rs) -> {
						rows.put(new Row(relation, rs.getLong(1)),
								new State(instant(rs, 4), rs.getObject(2, Long.class), rs.getBoolean(3)));
					});
		}
		return new Evidence(log.calls(), jdbc.query("SELECT * FROM journal ORDER BY id", (rs, row) -> Change.from(rs)),
				jdbc.query("SELECT * FROM heard",
						(rs, row) -> new Notification(new Row(Relation.of(rs.getString("relation")), rs.getLong("key")),
								rs.getObject("operation", UUID.class), instant(rs, "token"), rs.getLong("txid"))),
				jdbc.query("""
						SELECT o.id, l.table_name, o.token, o.purge_at, o.mode FROM deletion_operation o
						JOIN deletion_table l ON l.id = o.table_id""",
						(rs, row) -> new Recorded(rs.getObject(1, UUID.class), Relation.of(rs.getString(2)),
								instant(rs, 3), instant(rs, 4), rs.getString(5))),
				jdbc.query(
						"""
								SELECT c.operation_id, l.table_name, k, c.root, c.next_attempt, c.state, c.last_error FROM deletion_chunk c
								JOIN deletion_table l ON l.id = c.table_id CROSS JOIN unnest(c.keys_bigint) k""",
						(rs, row) -> new RecordedKey(rs.getObject(1, UUID.class),
								new Row(Relation.of(rs.getString(2)), rs.getLong(3)), rs.getBoolean(4),
								"next attempt %s, %s %s".formatted(rs.getString(5), rs.getString(6), rs.getString(7)))),
				jdbc.queryForList(
						"SELECT CAST(c AS text) FROM deletion_chunk c WHERE NOT EXISTS (SELECT FROM deletion_operation o WHERE o.id = c.operation_id)",
						String.class),
				rows, now);
	}

	Map<Row, List<Change>> changes() {
		return this.journal.stream().collect(Collectors.groupingBy(Change::row));
	}

	Map<String, List<Change>> asked() {
		Map<String, List<Change>> asked = new HashMap<>();
		this.journal.stream()
			.filter(Change::isByClient)
			.forEach((change) -> asked.computeIfAbsent(change.asked(), (tag) -> new ArrayList<>()).add(change));
		return asked;
	}

	private static @Nullable Instant instant(ResultSet rs, int column) throws SQLException {
		OffsetDateTime time = rs.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	private static @Nullable Instant instant(ResultSet rs, String column) throws SQLException {
		return instant(rs, rs.findColumn(column));
	}

	/**
	 * A row.
	 */
	record Row(Relation relation, long key) implements Comparable<Row> {

		@Override
		public int compareTo(Row other) {
			int byRelation = this.relation.compareTo(other.relation);
			return (byRelation != 0) ? byRelation : Long.compare(this.key, other.key);
		}

		@Override
		public String toString() {
			return this.relation.table() + " " + this.key;
		}

	}

	/**
	 * What a row is like.
	 */
	record State(@Nullable Instant time, @Nullable Long parent, boolean held) {
	}

	/**
	 * A change of a row.
	 */
	record Change(long id, Row row, String action, @Nullable State before, @Nullable State after, int oldKind,
			String actor, String asked, long txid, Instant at) {

		static Change from(ResultSet rs) throws SQLException {
			String action = rs.getString("action");
			State before = action.equals("INSERT") ? null : new State(instant(rs, "old_time"),
					rs.getObject("old_parent", Long.class), rs.getBoolean("old_hold"));
			State after = action.equals("DELETE") ? null : new State(instant(rs, "new_time"),
					rs.getObject("new_parent", Long.class), rs.getBoolean("new_hold"));
			String asked = rs.getString("asked");
			return new Change(rs.getLong("id"), new Row(Relation.of(rs.getString("relation")), rs.getLong("key")),
					action, before, after, rs.getInt("old_kind"), rs.getString("actor"), (asked != null) ? asked : "",
					rs.getLong("txid"), Objects.requireNonNull(instant(rs, "at")));
		}

		@Nullable Instant oldTime() {
			return (this.before != null) ? this.before.time() : null;
		}

		@Nullable Instant newTime() {
			return (this.after != null) ? this.after.time() : null;
		}

		boolean isByWorker() {
			return this.actor.equals("worker");
		}

		boolean isByClient() {
			return this.actor.equals("client");
		}

		boolean isRemoval() {
			return this.after == null;
		}

	}

	/**
	 * What a listener was notified of a row.
	 */
	record Notification(Row row, UUID operation, @Nullable Instant token, long txid) {
	}

	/**
	 * An operation in the ledger.
	 */
	record Recorded(UUID id, Relation relation, @Nullable Instant token, @Nullable Instant purgeAt, String mode) {
	}

	/**
	 * A key in the ledger.
	 */
	record RecordedKey(UUID operation, Row row, boolean root, String fate) {
	}

}
