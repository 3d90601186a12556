package io.github.deletionpolicy.purge.batch;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Claims chunks inside the statement that deletes their rows: the parts of a {@code WITH}
 * that name the ledger. A transaction that was not let in claims nothing.
 */
public record ClaimSql(LedgerTables ledger) {

	/**
	 * Holds, until the transaction ends, what was claimed: how many chunks and keys, and
	 * the latest instant that one was due at, in microseconds.
	 */
	private static final String SETTING = "deletion_policy.claim";

	private static final String NOTED = """
			noted AS MATERIALIZED (
				SELECT set_config('%s', concat_ws(' ', count(*), sum(key_count),
					CAST(extract(epoch FROM max(next_attempt)) * 1000000 AS bigint)), true) AS claim FROM claimed)"""
		.formatted(SETTING);

	/**
	 * Leaves out all that became due at the same instant as the first chunk too many:
	 * nobody knows how much that is.
	 */
	private static final String BEFORE_THE_LAST = "max(next_attempt) - interval '1 microsecond'";

	/**
	 * Return the expressions {@code claimed}, the chunk that has been due for longest,
	 * and {@code noted}. The chunk is removed from the ledger, so all is to be rolled
	 * back unless each of its rows is deleted.
	 * @param span what is due, and from where to look
	 * @param room how many keys it may have
	 * @param condition what else must be so
	 * @return the expressions; {@code claimed} has the columns
	 * {@code operation_id, token, key_count, next_attempt} and the keys
	 */
	public Sql takeOne(DueTable due, Table table, Span span, int room, Sql condition) {
		return Sql
			.of("first AS MATERIALIZED (SELECT c.operation_id, c.id FROM %s c WHERE ".formatted(this.ledger.chunks()))
			.add(due(due, span, condition))
			.add(" ORDER BY c.next_attempt LIMIT 1 FOR UPDATE SKIP LOCKED), ")
			.add(remove())
			.add(", first f WHERE c.operation_id = f.operation_id AND c.id = f.id AND c.key_count <= ? AND ", room)
			.add(readable(table));
	}

	/**
	 * Return the expressions {@code claimed}, the chunks that have been due for longest,
	 * and {@code noted}. They are removed from the ledger, as one is by {@link #takeOne}.
	 * @param span what is due, and from where to look
	 * @param limit how many chunks
	 * @param single whether to take only such as have a single key
	 * @param alone whether no other worker claims at the same time: what is due is taken
	 * by one range then, without the locks that keep two from waiting for each other
	 * @param condition what else must be so
	 * @return the expressions
	 */
	public Sql takeMany(DueTable due, Table table, Span span, int limit, boolean single, boolean alone, Sql condition) {
		Sql these = due(due, span, condition).add(single ? " AND c.key_count = 1" : "");
		if (!alone) {
			return Sql
				.of("first AS MATERIALIZED (SELECT c.operation_id, c.id FROM %s c WHERE "
					.formatted(this.ledger.chunks()))
				.add(these)
				.add(" ORDER BY c.next_attempt LIMIT ? FOR UPDATE SKIP LOCKED), ", limit)
				.add(remove())
				.add(", first f WHERE c.operation_id = f.operation_id AND c.id = f.id AND ")
				.add(readable(table));
		}
		return Sql
			.of("edge AS MATERIALIZED (SELECT CASE WHEN count(*) > ? THEN %s ELSE max(next_attempt) END AS at"
				.formatted(BEFORE_THE_LAST), limit)
			.add(" FROM (SELECT c.next_attempt FROM %s c WHERE ".formatted(this.ledger.chunks()))
			.add(these)
			.add(" ORDER BY c.next_attempt LIMIT ?) f), ", limit + 1)
			.add(remove())
			.add(" WHERE ")
			.add(these)
			.add(" AND c.next_attempt <= (SELECT at FROM edge) AND ")
			.add(readable(table));
	}

	private static Sql due(DueTable due, Span span, Sql condition) {
		return Sql
			.of(WorkerSlots.isOpen() + " AND c.table_id = ? AND c.next_attempt <= ? AND c.next_attempt >= ? AND ",
					due.id(), Instants.parameter(span.now()), span.since())
			.add(condition);
	}

	private String remove() {
		return "claimed AS (DELETE FROM %s c USING %s o".formatted(this.ledger.chunks(), this.ledger.operations());
	}

	/**
	 * Whether a record can be read is asked of what was found: it is nearly always true,
	 * which the server does not know, and would take another index for.
	 */
	private static Sql readable(Table table) {
		KeyFormat keys = KeyFormat.of(table);
		return Sql.of("o.id = c.operation_id AND o.format <= ? AND " + keys.fits(table)
				+ " RETURNING c.operation_id, o.token, c.key_count, c.next_attempt, c." + keys.column() + "), " + NOTED,
				LedgerTables.FORMAT);
	}

	/**
	 * Return the keys in {@code claimed} as a relation {@code k} with the columns
	 * {@code dp_k1, dp_k2, …}, to be joined to {@code claimed c}.
	 * @return the item of a FROM clause
	 */
	public String keys(Table table) {
		return KeyFormat.of(table).unnest(table);
	}

	/**
	 * Return the keys in {@code claimed c}, whose chunks have one each, as a select list.
	 * @return the list {@code dp_k1, dp_k2, …}
	 */
	public String onlyKey(Table table) {
		return KeyFormat.of(table).only(table);
	}

	/**
	 * Return the keys of the only chunk in {@code claimed} as an array.
	 * @return the array; {@code null} if the key has several columns
	 */
	public @Nullable String keyArray(Table table) {
		return KeyFormat.of(table).array(table, "claimed");
	}

	/**
	 * Return the condition that makes a statement with {@code noted} leave word of the
	 * claim.
	 * @return the condition, which is true
	 */
	public String isNoted() {
		return "(SELECT claim IS NOT NULL FROM noted)";
	}

	/**
	 * Return the query for what an earlier statement of the transaction has claimed.
	 * @return the query, for {@link Claim#from}
	 */
	public String claim() {
		return "SELECT current_setting('%s', true), CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
			.formatted(SETTING);
	}

	/**
	 * What was claimed.
	 *
	 * @param chunks how many chunks
	 * @param keys how many keys they have
	 * @param upTo the latest instant that one of them was due at
	 * @param horizon transactions with a lower number may record chunks that were due
	 * before
	 */
	public record Claim(long chunks, long keys, Instant upTo, long horizon) {

		/**
		 * Nothing was due, or nobody was let in.
		 */
		public static final Claim NOTHING = new Claim(0, 0, Instant.MIN, 0);

		/**
		 * Read a claim.
		 * @return the claim
		 */
		public static Claim from(ResultSet rs) throws SQLException {
			String[] noted = StringUtils.tokenizeToStringArray(rs.getString(1), " ");
			return (noted.length < 3) ? NOTHING : new Claim(Long.parseLong(noted[0]), Long.parseLong(noted[1]),
					Instant.EPOCH.plus(Long.parseLong(noted[2]), ChronoUnit.MICROS), rs.getLong(2));
		}

	}

	/**
	 * What is due, and where it begins: what lies before has been removed, and the index
	 * may still be full of it.
	 *
	 * @param now what is due by then
	 * @param from the earliest attempt to look at; {@code null} for all
	 */
	public record Span(Instant now, @Nullable Instant from) {

		OffsetDateTime since() {
			return (this.from != null) ? Instants.parameter(this.from) : OffsetDateTime.MIN;
		}

	}

}
