package io.github.deletionpolicy.purge;

import java.time.Instant;
import java.util.Collection;

import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Keeps in the ledger when the purge ran last, on any node, and what became of each table
 * in it. Nobody waits for anybody here: who finds that another node is writing leaves it
 * at that, since both would say much the same.
 */
record LastRuns(JdbcOperations jdbc, LedgerTables ledger) {

	/**
	 * Read the database's clock, and beside it when the purge ran last.
	 */
	Look look() {
		return Sql
			.of("""
					SELECT clock_timestamp() AS now, r.ended_at, r.braked_at, s.paused_at FROM %s s LEFT JOIN %s r ON r.single = s.single
					"""
				.formatted(this.ledger.state(), this.ledger.lastRun()))
			.list(this.jdbc,
					(rs, row) -> new Look(Instants.get(rs, "now"), Instants.find(rs, "ended_at"),
							Instants.find(rs, "braked_at"), Instants.find(rs, "paused_at")))
			.get(0);
	}

	/**
	 * Pause the purge of all tables, and note that it was not an operator who did so.
	 * @return whether this call did so, and no other one
	 */
	boolean brake(Look look) {
		Instant ended = look.endedAt();
		return ended != null && Sql
			.of("""
					WITH state AS (SELECT single FROM %1$s FOR NO KEY UPDATE SKIP LOCKED),
						run AS (SELECT single FROM %2$s WHERE ended_at = ? AND braked_at IS NULL FOR NO KEY UPDATE SKIP LOCKED),
						paused AS (
							UPDATE %1$s s SET paused_at = clock_timestamp() FROM state, run
							WHERE s.single = state.single AND s.single = run.single RETURNING s.paused_at)
					UPDATE %2$s r SET braked_at = paused.paused_at FROM paused
					"""
				.formatted(this.ledger.state(), this.ledger.lastRun()), Instants.parameter(ended))
			.update(this.jdbc) > 0;
	}

	/**
	 * Note that somebody has resumed the purge: the clock is taken as it is from now on.
	 */
	void release(Look look) {
		Instant braked = look.brakedAt();
		if (braked != null) {
			Sql.of("UPDATE %s SET braked_at = NULL, ended_at = clock_timestamp() WHERE braked_at = ?"
				.formatted(this.ledger.lastRun()), Instants.parameter(braked)).update(this.jdbc);
		}
	}

	/**
	 * Note that a run has come to now.
	 */
	void note(Run run) {
		Sql.of("""
				WITH free AS (SELECT single FROM %1$s WHERE braked_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)
				UPDATE %1$s r SET began_at = ?, ended_at = clock_timestamp(), node = ?, rows_removed = ?
				FROM free WHERE r.single = free.single
				""".formatted(this.ledger.lastRun()), Instants.parameter(run.beganAt()), run.node(), run.rows())
			.update(this.jdbc);
		if (!run.tables().isEmpty()) {
			noteTables(run.tables());
		}
	}

	private void noteTables(Collection<TableRun> tables) {
		Integer[] ids = tables.stream().map(TableRun::table).toArray(Integer[]::new);
		Boolean[] removed = tables.stream().map(TableRun::removed).toArray(Boolean[]::new);
		Boolean[] vain = tables.stream().map(TableRun::inVain).toArray(Boolean[]::new);
		Sql.of("""
				INSERT INTO %1$s (table_id) SELECT t.id FROM unnest(CAST(? AS integer[])) AS t (id)
				WHERE NOT EXISTS (SELECT FROM %1$s p WHERE p.table_id = t.id) ORDER BY t.id ON CONFLICT DO NOTHING
				""".formatted(this.ledger.lastPurges()), (Object) ids).update(this.jdbc);
		Sql.of("""
				WITH free AS (
					SELECT p.table_id, t.removed, t.vain FROM %1$s p
					JOIN unnest(CAST(? AS integer[]), CAST(? AS boolean[]), CAST(? AS boolean[])) AS t (id, removed, vain)
						ON t.id = p.table_id
					FOR NO KEY UPDATE OF p SKIP LOCKED)
				UPDATE %1$s p SET removed_at = CASE WHEN free.removed THEN clock_timestamp() ELSE p.removed_at END,
					vain_since = CASE WHEN free.vain THEN coalesce(p.vain_since, clock_timestamp()) END
				FROM free WHERE free.table_id = p.table_id
				"""
			.formatted(this.ledger.lastPurges()), ids, removed, vain).update(this.jdbc);
	}

	/**
	 * What a run sees before it begins.
	 *
	 * @param now the database's clock
	 * @param endedAt when the last run ended; {@code null} if none is recorded
	 * @param brakedAt when a run stopped the purge; {@code null} if none did
	 * @param pausedAt when the purge of all tables was paused; {@code null} if it is not
	 */
	record Look(Instant now, @Nullable Instant endedAt, @Nullable Instant brakedAt, @Nullable Instant pausedAt) {

		/**
		 * Return whether a run has paused the purge and nobody has resumed it.
		 */
		boolean isBraked() {
			return this.brakedAt != null && this.brakedAt.equals(this.pausedAt);
		}

	}

	/**
	 * What to record of a run.
	 *
	 * @param beganAt when it began, by the database's clock
	 * @param node where it runs
	 * @param rows how many rows it has removed
	 * @param tables what became of the tables that had due rows
	 */
	record Run(Instant beganAt, String node, long rows, Collection<TableRun> tables) {
	}

	/**
	 * What became of a table in a run that found due rows there.
	 *
	 * @param table the table's number
	 * @param removed whether rows were removed
	 * @param inVain whether none was, and the hold condition is not the reason
	 */
	record TableRun(int table, boolean removed, boolean inVain) {
	}

}
