package io.github.deletionpolicy.ledger;

import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.DueChunks.DueTable;
import org.jspecify.annotations.Nullable;

/**
 * Claims chunks inside the statement that deletes their rows: the parts of a {@code WITH}
 * that name the ledger. A transaction that was not let in claims nothing.
 *
 * @since 0.1
 */
public class InlineClaims {

	/**
	 * Joins the operation {@code o} to a chunk {@code c}; records of newer versions are
	 * left to newer nodes.
	 */
	private static final String READABLE = "o.id = c.operation_id AND o.format <= ?";

	private final LedgerTables ledger;

	/**
	 * Create the claims.
	 * @param ledger where the ledger's tables are
	 */
	public InlineClaims(LedgerTables ledger) {
		this.ledger = ledger;
	}

	/**
	 * Return the expression {@code claimed}: the chunk that has been due for longest,
	 * locked, with the columns
	 * {@code operation_id, id, key_count, attempts, next_attempt, token} and its keys.
	 * @param due the table
	 * @param table its description
	 * @param span what is due, and from where to look
	 * @param room how many keys it may have
	 * @param condition what else must be so
	 * @return the expression
	 */
	public Sql lockOne(DueTable due, Table table, Span span, int room, Sql condition) {
		return Sql
			.of("claimed AS MATERIALIZED (SELECT c.operation_id, c.id, c.key_count, c.attempts, c.next_attempt, o.token, c.%s"
				.formatted(KeyFormat.of(table).column()))
			.add(" FROM %s c JOIN %s o ON %s WHERE ".formatted(this.ledger.chunks(), this.ledger.operations(),
					READABLE), LedgerTables.FORMAT)
			.add(due(due, table, span, condition))
			.add(" AND c.key_count <= ? ORDER BY c.next_attempt LIMIT 1 FOR UPDATE OF c SKIP LOCKED)", room);
	}

	/**
	 * Return the expression that removes the chunk in {@code claimed} if each of its keys
	 * stands for a row in {@code deleted}.
	 * @return the expression
	 */
	public String removeOne() {
		return """
				settled AS (
					DELETE FROM %s c USING claimed x WHERE (SELECT count(*) FROM deleted) = x.key_count
					AND c.operation_id = x.operation_id AND c.id = x.id)""".formatted(this.ledger.chunks());
	}

	/**
	 * Return the expression {@code claimed}: chunks that have been due for longest,
	 * removed from the ledger, with the columns {@code operation_id, token, key_count,
	 * next_attempt} and their keys. To be rolled back unless all their rows are deleted.
	 * @param due the table
	 * @param table its description
	 * @param span what is due, and from where to look
	 * @param room how many keys they may have together
	 * @param alone whether no other worker claims at the same time; saves the locks that
	 * keep two from waiting for each other
	 * @param condition what else must be so
	 * @return the expression
	 */
	public Sql removeMany(DueTable due, Table table, Span span, int room, boolean alone, Sql condition) {
		Sql first = Sql
			.of("first AS MATERIALIZED (SELECT c.operation_id, c.id, c.next_attempt, c.key_count FROM %s c WHERE "
				.formatted(this.ledger.chunks()))
			.add(due(due, table, span, condition))
			.add(" ORDER BY c.next_attempt, c.id LIMIT ?%s), ".formatted(alone ? "" : " FOR UPDATE SKIP LOCKED"), room);
		String fitting = "(SELECT *, sum(key_count) OVER (ORDER BY next_attempt, id) AS total FROM first) f";
		String remove = "claimed AS (DELETE FROM %s c USING %s o".formatted(this.ledger.chunks(),
				this.ledger.operations());
		String returning = " AND %s RETURNING c.operation_id, o.token, c.key_count, c.next_attempt, c.%s)"
			.formatted(READABLE, KeyFormat.of(table).column());
		if (!alone) {
			return first.add(remove + ", " + fitting)
				.add(" WHERE total <= ? AND c.operation_id = f.operation_id AND c.id = f.id", room)
				.add(returning, LedgerTables.FORMAT);
		}
		return first
			.add("edge AS MATERIALIZED (SELECT next_attempt, id FROM %s WHERE total <= ?".formatted(fitting), room)
			.add(" ORDER BY next_attempt DESC, id DESC LIMIT 1), " + remove + " WHERE ")
			.add(due(due, table, span, Sql.of("c.next_attempt <= (SELECT next_attempt FROM edge)")))
			.add(" AND (c.next_attempt, c.id) <= (SELECT next_attempt, id FROM edge)")
			.add(returning, LedgerTables.FORMAT);
	}

	private static Sql due(DueTable due, Table table, Span span, Sql condition) {
		return Sql
			.of(Lanes.isOpen() + " AND c.table_id = ? AND c.next_attempt <= ? AND c.next_attempt >= ? AND ", due.id(),
					Instants.parameter(span.now()), span.since())
			.add(KeyFormat.of(table).fits(table) + " AND ")
			.add(condition);
	}

	/**
	 * Return the keys in {@code claimed} as a relation {@code k} with the columns
	 * {@code dp_k1, dp_k2, …}, to be joined to {@code claimed c}.
	 * @param table the table
	 * @return the item of a FROM clause
	 */
	public String keys(Table table) {
		return KeyFormat.of(table).unnest(table);
	}

	/**
	 * Return the keys of the only chunk in {@code claimed} as an array.
	 * @param table the table
	 * @return the array; {@code null} if the key has several columns
	 */
	public @Nullable String keyArray(Table table) {
		return KeyFormat.of(table).array(table, "claimed");
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
